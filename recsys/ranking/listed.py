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
        row_of = facts.row_of
        places = [row_of.get(entry.anime_id, -1) for entry in entries]
        if -1 in places:
            entries = tuple(e for e, row in zip(entries, places, strict=True) if row >= 0)
            places = [row for row in places if row >= 0]
        # None becomes NaN.
        given = np.array([entry.score for entry in entries], np.float32)
        statuses = np.fromiter((entry.status for entry in entries), np.int8, len(entries))
        unseen = (statuses == Status.PLANNED) | (statuses == Status.NOT_INTERESTED)
        return cls(
            entries=entries,
            rows=np.array(places, np.intp),
            scores=np.where(given == 0, np.float32(np.nan), given),
            statuses=statuses,
            is_seen=~(unseen & np.isnan(given)),
        )

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
