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

REASONS = 3
"""How many reasons a card has room for."""
AGAINST = 2
"""How many objections."""

# A score under the middle of the scale is no reason to like anything.
_LIKED = 6
# A twentieth of a point off a predicted rating is not worth a sentence.
_TELLING = 0.05


class Explainer:
    """Explains the picks of one list, for one person."""

    def __init__(self, scorer: Scorer, seen: Seen) -> None:
        """Takes whose list it is, and what scored it."""
        self._scorer = scorer
        self._seen = seen
        self._places = np.flatnonzero(seen.items >= 0)
        self._items = seen.items[self._places]
        # The entries with ratings, less their biases, among them the disliked ones.
        rated = (seen.items >= 0) & np.isfinite(seen.scores)
        self._disliked = [p for p in np.flatnonzero(rated).tolist() if is_disliked(seen.entries[p])]
        self._residuals = np.empty(0, np.float32)
        if self._disliked and isinstance(scorer.model, LinearModel):
            residuals = scorer.model.biases.residuals_of_user(seen.items[rated], seen.scores[rated])
            of_place = np.zeros(len(seen.items), np.float32)
            of_place[rated] = residuals
            self._residuals = of_place[self._disliked]

    def reasons(self, row: int, most: int = REASONS) -> tuple[Reason, ...]:
        """The entries that brought a pick up, most telling first.

        A contribution is x_i · B_ij of the model's sum. For an anime that the model does not know
        it is the cosine of content, times how much the entry speaks for anime like it. What was
        disliked or dropped may add to a score too, and is never given as a reason.

        Args:
            row: the pick's, of the catalog.
            most: at most how many.
        """
        seen, scorer = self._seen, self._scorer
        target = int(scorer.item_of_row[row])
        if target >= 0:
            parts = scorer.model.contributions(self._items, target)
        else:
            parts = scorer.content.cosines(seen.rows, row) * seen.tastes
        reasons: list[Reason] = []
        for i in np.argsort(-parts, kind="stable").tolist():
            if parts[i] <= 0 or len(reasons) == most:
                break
            entry = seen.entries[self._places[i] if target >= 0 else i]
            if not is_disliked(entry):
                reasons.append(Reason(entry.anime_id, float(parts[i]), entry.score))
        return tuple(reasons)

    def against(self, row: int, most: int = AGAINST) -> tuple[Reason, ...]:
        """The disliked entries that speak against a pick, most telling first.

        Args:
            row: the pick's, of the catalog.
            most: at most how many.

        Returns:
            What each takes off the predicted rating, in points of the scale (so below zero): the
            exact term of the rating head's sum, as `rating_terms` gives it. Other models have no
            such sum, and give nothing.
        """
        target = int(self._scorer.item_of_row[row])
        model = self._scorer.model
        if target < 0 or not self._disliked or not isinstance(model, LinearModel):
            return ()
        weights = model.rating_weights.column(self._seen.items[self._disliked], target)
        parts = self._residuals * weights * np.float32(model.residual_scale)
        found = [(p, self._disliked[i]) for i, p in enumerate(parts.tolist()) if p <= -_TELLING]
        entries = [(part, self._seen.entries[place]) for part, place in sorted(found)[:most]]
        return tuple(Reason(entry.anime_id, part, entry.score) for part, entry in entries)


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
    weights = model.rating_weights.column(items, target)
    residuals = model.biases.residuals_of_user(items, scores)
    return residuals * weights * np.float32(model.residual_scale)


def is_disliked(entry: Entry) -> bool:
    """Whether an entry was dropped, or scored under the middle of the scale."""
    return entry.status == Status.DROPPED or (entry.score is not None and entry.score < _LIKED)
