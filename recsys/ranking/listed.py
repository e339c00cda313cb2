"""A person's profile as arrays: looked up in the catalog once, for all that is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.profile import Profile, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.profile import Entry
    from recsys.ranking.facts import Facts

NOBODY = Profile()

# NumPy takes a plain number in a tenth of the time of a member of an Enum.
_PLANNED, _NOT_INTERESTED = int(Status.PLANNED), int(Status.NOT_INTERESTED)
_DROPPED = int(Status.DROPPED)


@dataclass(frozen=True, slots=True)
class Listed:
    """The m entries of a profile that the catalog has.

    Attributes:
        entries: as in the profile, the newest last.
        rows: intp [m], of the catalog.
        scores: float32 [m], 1 to 10, NaN where not rated.
        statuses: int8 [m], numbers of `recsys.profile.Status`.
        is_seen: bool [m], `Entry.is_seen` of each.
    """

    entries: tuple[Entry, ...]
    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    statuses: NDArray[np.int8]
    is_seen: NDArray[np.bool_]

    @classmethod
    def of(cls, facts: Facts, profile: Profile = NOBODY) -> Listed:
        """Looks a profile up; what the catalog lacks is left out."""
        entries = profile.entries
        m = len(entries)
        rows = facts.rows(np.fromiter([entry.anime_id for entry in entries], np.int64, m))
        # None becomes NaN.
        given = np.array([entry.score for entry in entries], np.float32)
        statuses = np.fromiter([entry.status for entry in entries], np.int8, m)
        unseen = (statuses == _PLANNED) | (statuses == _NOT_INTERESTED)
        listed = cls(
            entries=entries,
            rows=rows,
            scores=np.where(given == 0, np.float32(np.nan), given),
            statuses=statuses,
            is_seen=~(unseen & np.isnan(given)),
        )
        return listed.where(rows >= 0)

    @property
    def is_refused(self) -> NDArray[np.bool_]:
        """Which entries close their whole franchise: dropped, or not wanted; bool [m]."""
        return (self.statuses == _DROPPED) | (self.statuses == _NOT_INTERESTED)

    def without(self, anime_ids: frozenset[int]) -> Listed:
        """The same less some anime, as when a reason is switched off."""
        if not anime_ids:
            return self
        return self.where(np.array([e.anime_id not in anime_ids for e in self.entries], np.bool_))

    def where(self, kept: NDArray[np.bool_]) -> Listed:
        """The entries of a mask [m]."""
        if kept.all():
            return self
        return Listed(
            entries=tuple(self.entries[place] for place in np.flatnonzero(kept).tolist()),
            rows=self.rows[kept],
            scores=self.scores[kept],
            statuses=self.statuses[kept],
            is_seen=self.is_seen[kept],
        )
