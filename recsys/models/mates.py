"""What a person has of a candidate's franchise, and which of its mates are candidates too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.person import RATED, RESIDUAL, TASTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts
    from recsys.models.person import Person

OF_FRANCHISE = (
    "franchise entries", "franchise share", "franchise taste", "franchise residual",
    "franchise begun", "is next", "orders ahead", "earlier seen", "earlier missing", "mates",
    "rank of best mate", "is best mate", "order below best mate", "earlier mates",
)  # fmt: skip

LOGS = np.log1p(np.arange(1 << 15)).astype(np.float32)
"""log(1 + i) of ranks and counts."""

FRANCHISE, ORDER, BEFORE, SIZE = range(4)
"""Columns of `Mates.columns`."""

# Added to a count of ratings before it divides.
_DOUBT = 0.3


@dataclass(frozen=True, slots=True)
class Mates:
    """Which of n anime belong together, and in what order.

    Attributes:
        many: how many franchises there are.
        columns: int32 [n, 4], all that is asked of an anime, so that one look finds it. In their
            order: `FRANCHISE`, dense numbers; `ORDER`, position within the franchise; `BEFORE`,
            how many of the franchise come before it, not counting equals; `SIZE`, how many the
            franchise has.
    """

    many: int
    columns: NDArray[np.int32]

    @classmethod
    def of(cls, facts: ItemFacts) -> Mates:
        """Sorts them out."""
        sizes = np.bincount(facts.franchise)
        starts = facts.franchise.astype(np.int64) << 16
        keys = starts + np.maximum(facts.order, 0)
        ordered = np.sort(keys)
        before = np.searchsorted(ordered, keys) - np.searchsorted(ordered, starts)
        columns = (facts.franchise, facts.order, before, sizes[facts.franchise])
        return cls(len(sizes), np.stack(columns, axis=1).astype(np.int32))

    def write(
        self,
        items: NDArray[np.intp],
        person: Person,
        candidates: NDArray[np.intp],
        order: NDArray[np.float32],
        out: NDArray[np.float32],
    ) -> None:
        """`OF_FRANCHISE`.

        Args:
            items: [m] positions of the entries.
            person: how they rate them.
            candidates: [k] positions, best first.
            order: float32 [k], their scores.
            out: float32 [OF_FRANCHISE, k], to be written.
        """
        mine = self.columns.take(items, axis=0)
        its = np.ascontiguousarray(self.columns.take(candidates, axis=0).T)
        k = len(candidates)
        each = np.arange(k)
        # A franchise goes by its best candidate; all that have none go by k.
        best = np.full(self.many, k)
        best[its[FRANCHISE, ::-1]] = each[::-1]  # of equals the last assignment stands: the best
        best_mate = best.take(its[FRANCHISE])
        group = best.take(mine[:, FRANCHISE])
        rated, residual, taste = (
            np.bincount(group, person.weights[row], k + 1).take(best_mate)
            for row in (RATED, RESIDUAL, TASTE)
        )
        entries = np.bincount(group, minlength=k + 1).take(best_mate)
        begun = entries > 0
        latest = np.full(k + 1, -1, np.int32)
        np.maximum.at(latest, group, mine[:, ORDER])
        ahead = its[ORDER] - latest.take(best_mate)
        # In a row with a stretch for each franchise, in the order of their best candidates.
        is_best = best_mate == each
        starts = np.zeros(k + 1, np.intp)
        np.cumsum(is_best * its[SIZE], out=starts[1:])
        start = starts.take(best_mate)
        place = start + its[BEFORE]
        seen_before = _between(starts.take(group) + mine[:, BEFORE], start, place)
        LOGS.take(entries, out=out[0], mode="clip")
        np.divide(entries, its[SIZE], out=out[1], casting="unsafe")
        np.divide(taste, np.maximum(entries, 1), out=out[2], casting="unsafe")
        np.divide(residual, rated + _DOUBT, out=out[3], casting="unsafe")
        out[4] = begun
        out[5] = begun & (ahead == 1)
        np.multiply(np.minimum(np.maximum(ahead, -4), 4), begun, out=out[6])
        LOGS.take(seen_before, out=out[7], mode="clip")
        LOGS.take(its[BEFORE] - seen_before, out=out[8], mode="clip")
        mates = np.bincount(best_mate, minlength=k)
        LOGS.take(mates.take(best_mate), out=out[9], mode="clip")
        LOGS.take(best_mate, out=out[10], mode="clip")
        out[11] = is_best
        np.subtract(order, order.take(best_mate), out=out[12])
        LOGS.take(_between(place, start, place), out=out[13], mode="clip")


def _between(
    places: NDArray[np.intp], start: NDArray[np.intp], stop: NDArray[np.intp]
) -> NDArray[np.intp]:
    """How many of some places lie in each span, less its stop: intp [spans]."""
    below = np.bincount(places + 1, minlength=int(stop.max()) + 1).cumsum()
    return below.take(stop) - below.take(start)
