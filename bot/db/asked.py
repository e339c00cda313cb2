"""What `/start` asks about: shown lists of their own kind, which grow by a card at a time.

A list is a round of questions, and each of its picks a title that was asked about. Which card the
title stands on, whether the person is done with that card, and whether they said that they have
not seen it, is its detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from bot.db.models import Entry as EntryRow
from bot.db.models import ShownList, ShownPick
from bot.db.prepared import Prepared
from bot.db.upsert import rows_of
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

KIND = "start"

_CARD, _DONE, _UNSEEN = "card", "done", "unseen"

_ENTRY = rows_of(EntryRow).c
_LIST = rows_of(ShownList).c
_PICK = rows_of(ShownPick).c
_ALL = Prepared(
    select(_PICK.list_id, _PICK.position, _PICK.anime_id, _PICK.outcome, _PICK.undo, _PICK.detail)
    .join(rows_of(ShownList), _PICK.list_id == _LIST.id)
    .where(_LIST.user_id == bindparam("user"), _LIST.kind == KIND)
    .order_by(_PICK.list_id, _PICK.position)
)
_ENTRIES = Prepared(
    select(_ENTRY.anime_id, _ENTRY.score, _ENTRY.status)
    .join(rows_of(ShownPick), _PICK.anime_id == _ENTRY.anime_id)
    .where(_ENTRY.user_id == bindparam("user"), _PICK.list_id == bindparam("list"))
)
_SAY = (
    update(rows_of(ShownPick))
    .where(
        _PICK.list_id == bindparam("list"),
        _PICK.position >= bindparam("first"),
        _PICK.position <= bindparam("last"),
    )
    .values(detail=bindparam("said"))
)
_SAY_OF_ALL = Prepared(_SAY)
_SAY_OF_UNSEEN = Prepared(_SAY.where(_PICK.outcome.is_(None)))
_ADD = Prepared(insert(rows_of(ShownPick)))
_DROP = Prepared(
    delete(rows_of(ShownPick)).where(
        _PICK.list_id == bindparam("list"), _PICK.position >= bindparam("place")
    )
)
_GROWN = Prepared(
    update(rows_of(ShownList)).where(_LIST.id == bindparam("list")).values(shown=bindparam("count"))
)


class Asked(NamedTuple):
    """One title that was asked about.

    Attributes:
        list_id: the round that it belongs to.
        position: 0 for the round's first.
        anime_id: MyAnimeList id.
        outcome: what came of it, as for any shown pick.
        undo: the entry before and after that, as for any shown pick.
        detail: as stored; the properties say what it means.
    """

    list_id: int
    position: int
    anime_id: int
    outcome: str | None
    undo: Sequence[Any] | None
    detail: Mapping[str, Any]

    @property
    def card(self) -> int:
        """Which card of the round it stands on, 0 for the first."""
        return self.detail.get(_CARD, self.position)  # a card once held a single title

    @property
    def is_done(self) -> bool:
        """Whether the person went on from that card."""
        return _CARD not in self.detail or _DONE in self.detail

    @property
    def is_answered(self) -> bool:
        """Whether they said that they have seen it, or that they have not."""
        return self.outcome is not None or _UNSEEN in self.detail


def new_card(card: int) -> dict[str, Any]:
    """The detail of a title on a card that is about to be shown."""
    return {_CARD: card}


class AskedRepository:
    """The rows of `shown_list` and `shown_pick` that are questions, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, user_id: int) -> tuple[Asked, ...]:
        """Every title that a person was asked about, the latest last."""
        rows = await _ALL.rows(self._connection, {"user": user_id})
        return tuple([Asked(*row) for row in rows])

    async def answered(self, user_id: int) -> tuple[int, ...]:
        """MyAnimeList ids of what a person has answered, the latest last."""
        return tuple([one.anime_id for one in await self.all(user_id) if one.is_answered])

    async def entries(self, user_id: int, list_id: int) -> dict[int, Entry]:
        """What a person has on their list of the titles of a round, by MyAnimeList id."""
        rows = await _ENTRIES.rows(self._connection, {"user": user_id, "list": list_id})
        return {row[0]: Entry(row[0], row[1], Status(row[2])) for row in rows}

    async def close(self, card: Sequence[Asked]) -> None:
        """Store that a person is done with a card: what nothing came of they have not seen."""
        done = {**new_card(card[0].card), _DONE: True}
        await self._say(_SAY_OF_ALL, card, done)
        await self._say(_SAY_OF_UNSEEN, card, {**done, _UNSEEN: True})

    async def reopen(self, card: Sequence[Asked]) -> None:
        """Take that back."""
        await self._say(_SAY_OF_ALL, card, new_card(card[0].card))

    async def append(
        self, list_id: int, position: int, card: int, anime_ids: Sequence[int]
    ) -> None:
        """Add a card at the end of a round.

        Args:
            list_id: the round.
            position: of its first title, as many as the round had.
            card: which card it is.
            anime_ids: its titles.
        """
        await _ADD.run_many(
            self._connection,
            [
                {
                    "list_id": list_id,
                    "position": place,
                    "anime_id": anime_id,
                    "score": 0.0,
                    "detail": new_card(card),
                }
                for place, anime_id in enumerate(anime_ids, start=position)
            ],
        )
        await self._grown(list_id, position + len(anime_ids))

    async def drop(self, list_id: int, position: int) -> None:
        """Take a card off the end of a round, whose first title has this position."""
        await _DROP.run(self._connection, {"list": list_id, "place": position})
        await self._grown(list_id, position)

    async def _say(
        self, statement: Prepared, card: Sequence[Asked], detail: Mapping[str, Any]
    ) -> None:
        # The titles of a card stand one after the other.
        first, last = card[0].position, card[-1].position
        await statement.run(
            self._connection,
            {"list": card[0].list_id, "first": first, "last": last, "said": dict(detail)},
        )

    async def _grown(self, list_id: int, size: int) -> None:
        await _GROWN.run(self._connection, {"list": list_id, "count": size})
