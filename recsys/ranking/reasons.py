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
        self._is_disliked = np.array([is_disliked(entry) for entry in seen.entries], np.bool_)

    def reasons(self, rows: NDArray[np.intp], most: int = REASONS) -> list[tuple[Reason, ...]]:
        """The entries that brought each pick up, most telling first.

        A contribution is x_i · B_ij of the model's sum. For an anime that the model does not know
        it is the cosine of content, times how much the entry speaks for anime like it. What was
        disliked or dropped may add to a score too, and is never given as a reason.

        Args:
            rows: the picks', of the catalog.
            most: at most how many of each.
        """
        seen, scorer, model = self._seen, self._scorer, self._scorer.model
        targets = scorer.item_of_row[rows]
        known = targets >= 0
        found: list[tuple[Reason, ...]] = [()] * len(rows)
        if isinstance(model, LinearModel) and known.any():
            of_known = model.contributions_to(self._items, targets[known])
            for i, parts in zip(np.flatnonzero(known).tolist(), of_known, strict=True):
                found[i] = self._largest(parts, self._places, most)
        for i, row in enumerate(rows.tolist()):
            if not known[i]:
                parts = scorer.content.cosines(seen.rows, row) * seen.tastes
                found[i] = self._largest(parts, np.arange(len(seen.entries)), most)
            elif not isinstance(model, LinearModel):
                parts = model.contributions(self._items, int(targets[i]))
                found[i] = self._largest(parts, self._places, most)
        return found

    def _largest(
        self, parts: NDArray[np.floating], places: NDArray[np.intp], most: int
    ) -> tuple[Reason, ...]:
        """The largest parts [m] above zero as reasons, of the entries at some places [m]."""
        fit = np.where(self._is_disliked[places], 0, parts)
        order = np.argsort(-fit, kind="stable")[:most]
        reasons: list[Reason] = []
        for part, place in zip(fit[order].tolist(), places[order].tolist(), strict=True):
            if part > 0:
                entry = self._seen.entries[place]
                reasons.append(Reason(entry.anime_id, part, entry.score))
        return tuple(reasons)

    def against(self, rows: NDArray[np.intp], most: int = AGAINST) -> list[tuple[Reason, ...]]:
        """The disliked entries that speak against each pick, most telling first.

        Args:
            rows: the picks', of the catalog.
            most: at most how many of each.

        Returns:
            What each takes off the predicted rating, in points of the scale (so below zero): the
            exact term of the rating head's sum, as `rating_terms` gives it. Other models have no
            such sum, and give nothing.
        """
        seen, model = self._seen, self._scorer.model
        found: list[tuple[Reason, ...]] = [()] * len(rows)
        rated = (seen.items >= 0) & np.isfinite(seen.scores)
        disliked = np.flatnonzero(rated & self._is_disliked)
        targets = self._scorer.item_of_row[rows]
        known = np.flatnonzero(targets >= 0)
        if not len(disliked) or not len(known) or not isinstance(model, LinearModel):
            return found
        residuals = np.zeros(len(rated), np.float32)
        residuals[rated] = model.biases.residuals_of_user(seen.items[rated], seen.scores[rated])
        of_known = model.rating_weights.columns(seen.items[disliked], targets[known])
        of_known *= residuals[disliked] * np.float32(model.residual_scale)
        for i, parts in zip(known.tolist(), of_known, strict=True):
            order = np.argsort(parts, kind="stable")[:most]
            chosen = zip(parts[order].tolist(), disliked[order].tolist(), strict=True)
            found[i] = tuple(
                Reason(seen.entries[place].anime_id, part, seen.entries[place].score)
                for part, place in chosen
                if part <= -_TELLING
            )
        return found


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
    weights = model.rating_weights.columns(items, np.array([target]))[0]
    residuals = model.biases.residuals_of_user(items, scores)
    return residuals * weights * np.float32(model.residual_scale)


def is_disliked(entry: Entry) -> bool:
    """Whether an entry was dropped, or scored under the middle of the scale."""
    return entry.status == Status.DROPPED or (entry.score is not None and entry.score < _LIKED)
