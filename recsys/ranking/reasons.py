"""Why a pick was made, and what speaks against it: exact terms of the model's sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.linear import LinearModel
from recsys.picks import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from recsys.ranking.answer import Answer
    from recsys.ranking.scoring import Scorer, Seen

REASONS = 3
"""How many reasons a card has room for."""
AGAINST = 2
"""How many objections."""

# A twentieth of a point off a predicted rating is not worth a sentence.
_TELLING = 0.05


class Explainer:
    """Explains the picks of one list, for one person."""

    def __init__(self, scorer: Scorer, seen: Seen, answer: Answer) -> None:
        """Takes whose list it is, what scored it, and what it said."""
        self._scorer = scorer
        self._seen = seen
        self._linear = answer.linear
        self._places = np.flatnonzero(seen.items >= 0)

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

        def give(
            picks: NDArray[np.intp], parts: NDArray[np.float32], places: NDArray[np.intp]
        ) -> None:
            parts[:, seen.is_disliked.take(places)] = 0
            for pick, told in zip(picks.tolist(), _largest(parts, places, most), strict=True):
                found[pick] = tuple(self._reason(place, part) for place, part in told if part > 0)

        mine, others = np.flatnonzero(known), np.flatnonzero(~known)
        if len(mine) and self._linear is not None:
            give(mine, self._linear.contributions_to(targets[mine]), self._places)
        elif len(mine) and not isinstance(model, LinearModel):
            items = seen.items[self._places]
            parts = [model.contributions(items, target) for target in targets[mine].tolist()]
            give(mine, np.stack(parts), self._places)
        if len(others):
            cosines = [scorer.content.cosines(seen.rows, row) for row in rows[others].tolist()]
            give(others, np.stack(cosines) * seen.tastes, np.arange(len(seen.entries)))
        return found

    def against(self, rows: NDArray[np.intp], most: int = AGAINST) -> list[tuple[Reason, ...]]:
        """The disliked entries that speak against each pick, most telling first.

        Args:
            rows: the picks', of the catalog.
            most: at most how many of each.

        Returns:
            What each takes off the predicted rating, in points of the scale (so below zero): the
            exact term of the rating head's sum (`LinearAnswer.rating_terms`). Other models have no
            such sum, and give nothing.
        """
        found: list[tuple[Reason, ...]] = [()] * len(rows)
        if self._linear is None:
            return found
        of_model = np.flatnonzero(self._seen.is_disliked[self._places])
        targets = self._scorer.item_of_row[rows]
        known = np.flatnonzero(targets >= 0)
        if not len(of_model) or not len(known):
            return found
        parts = self._linear.rating_terms(of_model, targets[known])
        np.negative(parts, out=parts)
        told = _largest(parts, self._places[of_model], most)
        for pick, objections in zip(known.tolist(), told, strict=True):
            found[pick] = tuple(
                self._reason(place, -part) for place, part in objections if part >= _TELLING
            )
        return found

    def _reason(self, place: int, part: float) -> Reason:
        entry = self._seen.entries[place]
        return Reason(entry.anime_id, part, entry.score)


def _largest(
    parts: NDArray[np.float32], places: NDArray[np.intp], most: int
) -> Iterator[list[tuple[int, float]]]:
    """The largest of each row, as places and values, largest first; ties in the order of columns.

    A few are taken of many, which is quicker one by one than by sorting all.

    Args:
        parts: float32 [k, m], in one piece; they are changed.
        places: intp [m], of each column.
        most: at most how many of each row.
    """
    k, m = parts.shape
    count = min(most, m)
    rows = m * np.arange(k)
    best = np.empty((count, k), np.intp)
    values = np.empty((count, k), np.float32)
    flat = parts.reshape(-1)  # the same numbers, for the parts lie together
    for column, value in zip(best, values, strict=True):
        parts.argmax(axis=1, out=column)
        at = rows + column
        flat.take(at, out=value)
        flat[at] = -np.inf
    for of_row, value in zip(places.take(best).T.tolist(), values.T.tolist(), strict=True):
        yield list(zip(of_row, value, strict=True))
