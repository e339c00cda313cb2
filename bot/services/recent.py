"""The lists of picks that were shown last, kept in memory: most taps come within a minute.

What a list was asked for and what is on it never changes once it is stored, and is most of what has
to be read for a tap: twenty picks, each with its reasons. What came of them does change, perhaps
by another process, and is read each time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.services.shown import undo_from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.shown import ListState
    from bot.services.shown import StoredList

LISTS = 512
"""How many are kept: what a busy bot shows in a few minutes."""


class RecentLists:
    """Lists by their id, those that were asked for last.

    Args:
        size: at most how many.
    """

    def __init__(self, size: int = LISTS) -> None:
        self._size = size
        self._known: OrderedDict[int, StoredList] = OrderedDict()

    def get(self, list_id: int) -> StoredList | None:
        """A list as it was when it was kept; None where it is not."""
        found = self._known.get(list_id)
        if found is not None:
            self._known.move_to_end(list_id)
        return found

    def keep(self, found: StoredList) -> None:
        """Remember a list, and let go of the one that nobody asked for the longest."""
        self._known[found.list_id] = found
        self._known.move_to_end(found.list_id)
        while len(self._known) > self._size:
            self._known.popitem(last=False)

    def drop(self, list_id: int) -> None:
        """Let go of a list that is gone."""
        self._known.pop(list_id, None)

    def forget(self, user_id: int) -> None:
        """Keep nothing in memory of a person who was erased."""
        for list_id in [one.list_id for one in self._known.values() if one.user_id == user_id]:
            del self._known[list_id]


def as_of_now(found: StoredList, states: Sequence[ListState]) -> StoredList:
    """A list with what came of it.

    Args:
        found: the list as it was.
        states: what the database says now, see `bot.db.shown.ShownRepository.state`.
    """
    acted = [(one.anime_id, one) for one in states if one.anime_id is not None]
    undo = ((anime_id, undo_from_json(anime_id, one.undo)) for anime_id, one in acted)
    return replace(
        found,
        shown=states[0].shown,
        score=states[0].score,
        outcomes={anime_id: one.outcome for anime_id, one in acted if one.outcome is not None},
        undo={anime_id: both for anime_id, both in undo if both is not None},
    )
