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

# Added to a count of ratings before it divides.
_DOUBT = 0.3


@dataclass(frozen=True, slots=True)
class Mates:
    """Which of n anime belong together, and in what order.

    Attributes:
        franchise: int32 [n], dense numbers.
        many: how many franchises there are.
        order: int16 [n], position within the franchise.
        size: float32 [n], of the franchise of each anime.
        before: int64 [n], how many of its franchise come before it.
        place: int32 [n], where it stands among all anime, sorted by franchise and, within it, by
            order; equals share the first place.
        start: int32 [n], where its franchise starts there.
    """

    franchise: NDArray[np.int32]
    many: int
    order: NDArray[np.int16]
    size: NDArray[np.float32]
    before: NDArray[np.int64]
    place: NDArray[np.int32]
    start: NDArray[np.int32]

    @classmethod
    def of(cls, facts: ItemFacts) -> Mates:
        """Sorts them out."""
        sizes = np.bincount(facts.franchise)
        starts = facts.franchise.astype(np.int64) << 16
        keys = starts + np.maximum(facts.order, 0)
        ordered = np.sort(keys)
        place, start = np.searchsorted(ordered, keys), np.searchsorted(ordered, starts)
        return cls(
            franchise=facts.franchise,
            many=len(sizes),
            order=facts.order,
            size=sizes[facts.franchise].astype(np.float32),
            before=place - start,
            place=place.astype(np.int32),
            start=start.astype(np.int32),
        )

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
        mine, its = self.franchise.take(items), self.franchise.take(candidates)
        rated, residual, taste = (
            np.bincount(mine, person.weights[row], self.many).take(its)
            for row in (RATED, RESIDUAL, TASTE)
        )
        entries = np.bincount(mine, minlength=self.many).take(its)
        begun = entries > 0
        latest = np.full(self.many, -1, np.int16)
        np.maximum.at(latest, mine, self.order.take(items))
        ahead = self.order.take(candidates) - latest.take(its)
        place, start = self.place.take(candidates), self.start.take(candidates)
        seen_before = self._between(self.place.take(items), start, place)
        mates = np.bincount(its, minlength=self.many).take(its)
        each = np.arange(len(candidates))
        best = np.empty(self.many, np.intp)
        best[its[::-1]] = each[::-1]  # of equals the last assignment stands: the best
        best_mate = best.take(its)
        LOGS.take(entries, out=out[0], mode="clip")
        np.divide(entries, self.size.take(candidates), out=out[1], casting="unsafe")
        np.divide(taste, np.maximum(entries, 1), out=out[2], casting="unsafe")
        np.divide(residual, rated + _DOUBT, out=out[3], casting="unsafe")
        out[4] = begun
        out[5] = begun & (ahead == 1)
        np.multiply(np.minimum(np.maximum(ahead, -4), 4), begun, out=out[6])
        LOGS.take(seen_before, out=out[7], mode="clip")
        LOGS.take(self.before.take(candidates) - seen_before, out=out[8], mode="clip")
        LOGS.take(mates, out=out[9], mode="clip")
        LOGS.take(best_mate, out=out[10], mode="clip")
        out[11] = best_mate == each
        np.subtract(order, order.take(best_mate), out=out[12])
        LOGS.take(self._between(place, start, place), out=out[13], mode="clip")

    def _between(
        self, places: NDArray[np.int32], start: NDArray[np.int32], stop: NDArray[np.int32]
    ) -> NDArray[np.intp]:
        """How many of some places lie in each span, less its stop: intp [spans]."""
        below = np.zeros(len(self.place) + 1, np.intp)
        np.cumsum(np.bincount(places, minlength=len(self.place)), out=below[1:])
        return below.take(stop) - below.take(start)
