"""How far a candidate lies from what a person usually has: type, time, makers and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.item_facts import OTHER_TYPE
from recsys.models.person import IMAGINED, LIKED, ONE, RATED, RESIDUAL, TASTE
from recsys.moments import moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts
    from recsys.models.person import Person

OF_USUAL = (
    "share of type", "taste for type", "years over mean", "years over latest", "share of year",
    "ids over latest", "ids over last", "share of ids", "labels", "labels by taste",
    "labels liked", "residual of labels",
)  # fmt: skip
OF_MAKERS = ("share of studio", "adult as usual")

_FIRST_YEAR, _YEARS = 1950, 90
_IDS = 80  # bins of a thousand ids
_FLOOR = 0.01  # of a share whose logarithm is taken
# Of the entries, the share that is older than the latest, and better known than the least.
_LATE, _WELL_KNOWN = 0.95, 0.9

# One histogram counts types, years, ids and studios. Before and after the years and the ids is a
# bin that stays empty: there a smoothed count fades out.
_YEAR = OTHER_TYPE + 2
_ID = _YEAR + _YEARS + 1
_STUDIO = _ID + _IDS + 1
_SMOOTHED = slice(_YEAR, _STUDIO - 1)


@dataclass(frozen=True, slots=True)
class Habits:
    """Where a person's entries lie, as numbers.

    Attributes:
        fame: mean logarithm of popularity.
        fame_deviation: its standard deviation.
        least_fame: a tenth of the entries lie below.
        year: mean, in the unit that it came in.
        year_deviation: its standard deviation.
        late_year: a twentieth of the entries are newer.
        late_id: likewise.
        last_id: the largest.
    """

    fame: float
    fame_deviation: float
    least_fame: float
    year: float
    year_deviation: float
    late_year: float
    late_id: float
    last_id: float

    @classmethod
    def of(cls, columns: NDArray[np.float32]) -> Habits:
        """Reads them off float32 [3, m]: logarithms of popularity, years and ids."""
        fame, years, ids = np.sort(columns, axis=1)
        last = len(ids) - 1
        late = int(_LATE * last)
        return cls(
            *moments(fame),
            float(fame[last - int(_WELL_KNOWN * last)]),
            *moments(years),
            float(years[late]),
            float(ids[late]),
            float(ids[last]),
        )


@dataclass(frozen=True, slots=True)
class Usual:
    """What n anime are, to be compared with what a person usually has.

    Attributes:
        bins: int16 [n, 4], where type, year, id and studio of each stand in one histogram.
        many: how many bins that has.
        labels: uint8 [n, ⌈l / 8⌉], genres and tags, a bit each.
        label_weights: float32 [8 ⌈l / 8⌉], how rare each is.
        label_scale: float32 [n], what makes the weighted labels of each a vector of length 1.
        mean_labels: float32 [8 ⌈l / 8⌉], the mean of those vectors.
    """

    bins: NDArray[np.int16]
    many: int
    labels: NDArray[np.uint8]
    label_weights: NDArray[np.float32]
    label_scale: NDArray[np.float32]
    mean_labels: NDArray[np.float32]

    @classmethod
    def of(cls, facts: ItemFacts, ids: NDArray[np.float32]) -> Usual:
        """Prepares n anime, whose ids are given in thousands, float32 [n]."""
        year = (facts.year - _FIRST_YEAR).astype(np.intp).clip(0, _YEARS - 1)
        identity = ids.astype(np.intp).clip(0, _IDS - 1)
        bins = (facts.type, _YEAR + year, _ID + identity, _STUDIO + facts.studio)
        has = np.unpackbits(facts.labels, axis=1).astype(np.float32)
        weights = np.log(len(has) / (1 + has.sum(axis=0))).astype(np.float32)
        scale = 1 / np.maximum(np.sqrt(has @ weights**2), np.float32(1e-6))
        return cls(
            bins=np.stack(bins, axis=1).astype(np.int16),
            many=_STUDIO + int(facts.studio.max(initial=0)) + 1,
            labels=facts.labels,
            label_weights=weights,
            label_scale=scale,
            mean_labels=scale @ has * weights / np.float32(max(len(has), 1)),
        )

    def write(
        self,
        items: NDArray[np.intp],
        person: Person,
        candidates: NDArray[np.intp],
        out: NDArray[np.float32],
        of_makers: NDArray[np.float32],
    ) -> None:
        """`OF_USUAL` and `OF_MAKERS`, less what `Habits` tells.

        Args:
            items: [m] positions of the entries.
            person: how they rate them.
            candidates: [k] positions.
            out: float32 [OF_USUAL, k], to be written.
            of_makers: float32 [OF_MAKERS, k], to be written.
        """
        mine, its = self.bins.take(items, axis=0), self.bins.take(candidates, axis=0)
        share = np.bincount(mine.reshape(-1), minlength=self.many)
        kinds = mine[:, 0]
        liking = np.bincount(kinds, person.weights[TASTE], OTHER_TYPE + 1)
        liking /= share[: OTHER_TYPE + 1] + IMAGINED
        share = share / np.float32(len(items))
        around = share[_YEAR - 1 : _STUDIO - 2] + share[_YEAR + 1 : _STUDIO]
        share[_SMOOTHED] = np.log(0.5 * share[_SMOOTHED] + 0.25 * around + _FLOOR)
        share[_STUDIO] = 0  # an unknown studio is shared with nobody
        out[0], out[4], out[7], of_makers[0] = share.take(its.T)
        out[1] = liking.take(its[:, 0])
        self._write_labels(items, person, candidates, out[8:])

    def _write_labels(
        self,
        items: NDArray[np.intp],
        person: Person,
        candidates: NDArray[np.intp],
        out: NDArray[np.float32],
    ) -> None:
        m = len(items)
        both = np.concatenate([items, candidates])
        packed = self.labels.take(both, axis=0)
        has = np.unpackbits(packed).reshape(m + len(candidates), -1).astype(np.float32)
        scale = self.label_scale.take(both)
        # Rated, residual, usual, taste, liked: each a direction in the space of labels.
        sums = (person.weights[: LIKED + 1] * scale[:m]) @ has[:m]
        sums *= self.label_weights
        sums[ONE:] *= person.usual[:3]
        sums[LIKED] -= sums[ONE]
        sums[ONE] -= self.mean_labels
        sums *= self.label_weights
        found = (has[m:] @ np.ascontiguousarray(sums.T)).T
        found *= scale[m:]
        out[:3] = found[ONE:]
        out[3] = found[RESIDUAL] / (found[RATED] + 1)
