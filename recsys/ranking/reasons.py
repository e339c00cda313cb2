"""Why a pick was made, and what speaks against it: exact terms of the model's sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.linear import LinearModel
from recsys.picks import Reason
from recsys.profile import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.profile import Entry
    from recsys.ranking.scoring import Scorer, Seen

_REASONS = 3
_AGAINST = 2
# A score under the middle of the scale is no reason to like anything.
_LIKED = 6
# A twentieth of a point off a predicted rating is not worth a sentence.
_TELLING = 0.05


def reasons_for(scorer: Scorer, seen: Seen, row: int) -> tuple[Reason, ...]:
    """The entries that brought a pick up, most telling first.

    A contribution is x_i · B_ij of the model's sum. For an anime that the model does not know it
    is the cosine of content, times how much the entry speaks for anime like it. What was
    disliked or dropped may add to a score too, and is never given as a reason.
    """
    target = int(scorer.item_of_row[row])
    if target >= 0:
        places = np.flatnonzero(seen.items >= 0)
        parts = scorer.model.contributions(seen.items[places], target)
    else:
        places = np.arange(len(seen.entries))
        parts = scorer.content.cosines(seen.rows, row) * seen.tastes
    reasons: list[Reason] = []
    for i in np.argsort(-parts, kind="stable").tolist():
        if parts[i] <= 0 or len(reasons) == _REASONS:
            break
        entry = seen.entries[places[i]]
        if not is_disliked(entry):
            reasons.append(Reason(entry.anime_id, float(parts[i]), entry.score))
    return tuple(reasons)


def reasons_against(scorer: Scorer, seen: Seen, row: int) -> tuple[Reason, ...]:
    """The disliked entries that speak against a pick, most telling first.

    Returns:
        What each takes off the predicted rating, in points of the scale (so below zero): its
        rating's distance from what its biases predict, times the weight between the two. It is
        the exact term of the rating head's sum; other models have no such sum, and give nothing.
    """
    target = int(scorer.item_of_row[row])
    places = np.flatnonzero((seen.items >= 0) & np.isfinite(seen.scores))
    if target < 0 or not len(places) or not isinstance(scorer.model, LinearModel):
        return ()
    disliked = [n for n, place in enumerate(places) if is_disliked(seen.entries[place])]
    if not disliked:
        return ()
    parts = rating_terms(scorer.model, seen.items[places], seen.scores[places], target)[disliked]
    order = np.argsort(parts, kind="stable")[:_AGAINST]
    against = [(seen.entries[places[disliked[n]]], float(parts[n])) for n in order.tolist()]
    return tuple(Reason(e.anime_id, part, e.score) for e, part in against if part <= -_TELLING)


def rating_terms(
    model: LinearModel, items: NDArray[np.intp], scores: NDArray[np.float32], target: int
) -> NDArray[np.float32]:
    """What each rating adds to the rating predicted of one anime, beside the biases.

    Args:
        model: whose rating head predicts.
        items: intp [m], positions of what was rated, each once.
        scores: float32 [m], 1 to 10.
        target: position of the anime.

    Returns:
        float32 [m], in points. Their sum and the biases' prediction make the predicted rating,
        before it is kept within 1 to 10.
    """
    level = model.biases.mean + model.biases.of_user(items, scores) + model.biases.anime[items]
    residuals = (scores - level).astype(np.float32)
    weights = model.rating_weights.column(items, target)
    return residuals * weights * np.float32(model.residual_scale)


def is_disliked(entry: Entry) -> bool:
    """Whether an entry was dropped, or scored under the middle of the scale."""
    return entry.status == Status.DROPPED or (entry.score is not None and entry.score < _LIKED)
