"""A page of a list of picks, with what the person did about each of them since."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.services.errors import storage
from bot.services.hints import HintKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Database
    from bot.services.picks import PickService
    from bot.services.profiles import Profiles
    from bot.services.shown import StoredList
    from recsys.picks import Pick, Relaxation
    from recsys.profile import Entry

# Quality falls steeply with fewer: see the tables by list length in docs/evaluation/.
THIN = 10
_SCORES = 5


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    Attributes:
        found: the whole list.
        page: which, 0 for the first; the nearest one to that asked for.
        pages: how many there are, at least 1.
        picks: those of the page.
        entries: what the person has on their list now about picks of the page, by anime id.
        undoable: ids of those whose last change came of this very list, and can be taken back.
        hints: what they said about picks of the page, by anime id.
        stale: whether they said something since that would change the picks.
        thin: whether little is known of them, so that more ratings would help most.
        relaxation: where the list is empty, which one part of the filters to give up.
        answered_by: which model made the list; None for the one that ships.
        scores: where they scored this list, what they gave this and those before, the last first.
    """

    found: StoredList
    page: int
    pages: int
    picks: tuple[Pick, ...]
    entries: Mapping[int, Entry] = field(default_factory=dict[int, "Entry"])
    undoable: frozenset[int] = frozenset()
    hints: Mapping[int, HintKind] = field(default_factory=dict[int, HintKind])
    stale: bool = False
    thin: bool = False
    relaxation: Relaxation | None = None
    answered_by: str | None = None
    scores: tuple[int, ...] = ()


class PageService:
    """Opens pages. Only a page that was opened counts as shown."""

    def __init__(self, database: Database, picks: PickService, profiles: Profiles) -> None:
        self._database = database
        self._picks = picks
        self._profiles = profiles

    async def open(
        self, found: StoredList, page: int, size: int, *, public: bool = False
    ) -> ListPage:
        """Open a page for the list's owner.

        Args:
            found: the list.
            page: 0 for the first. One that does not exist gives the nearest.
            size: picks a page.
            public: whether it is for everybody's eyes: then it says nothing of what its owner did.

        Raises:
            UserError: the database cannot be read, or did not take it.
        """
        pages = max(1, math.ceil(len(found.picks) / size))
        page = min(max(page, 0), pages - 1)
        end = min((page + 1) * size, len(found.picks))
        await self._saw(found, end)
        picks = found.picks[page * size : end]
        answered_by = self._picks.answered_by(found.model)
        relaxation = None if picks else await self._picks.relaxation(found.user_id, found)
        if public:
            return ListPage(
                found, page, pages, picks, relaxation=relaxation, answered_by=answered_by
            )
        with storage():
            async with self._database.read() as tx:
                profile, hints = await self._profiles.within(tx, found.user_id)
                scored = found.score is not None
                scores = await tx.shown.scores(found.user_id, _SCORES) if scored else ()
        ids = {pick.anime.id for pick in picks}
        entries = {e.anime_id: e for e in profile.entries if e.anime_id in ids}
        said = ((anime_id, kind_of(hints, anime_id)) for anime_id in ids)
        personal = found.kind in {"recommend", "next"}
        return ListPage(
            found,
            page,
            pages,
            picks,
            entries=entries,
            undoable=frozenset(
                anime_id
                for anime_id in ids & found.undo.keys()
                if found.undo[anime_id][1] == entries.get(anime_id)
            ),
            hints={anime_id: kind for anime_id, kind in said if kind is not None},
            # What was answered on the cards of /start is no part of what a list was asked for.
            stale=personal and replace(hints, asked=()) != found.query.hints,
            thin=personal and sum(entry.is_seen for entry in profile.entries) < THIN,
            relaxation=relaxation,
            answered_by=answered_by,
            scores=scores,
        )

    async def _saw(self, found: StoredList, count: int) -> None:
        if count <= found.shown:
            return
        with storage():
            async with self._database.write() as tx:
                await tx.shown.saw(found.user_id, found.list_id, count)
                tx.meter.picks_shown(found.kind, count - found.shown)
