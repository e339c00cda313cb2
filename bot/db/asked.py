"""The questions of `/start`: shown lists of their own kind, which grow by one pick at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from bot.db.models import ShownList, ShownPick
from bot.db.prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

KIND = "start"


_UNSEEN = {"unseen": True}
_ANSWERS = Prepared(
    select(ShownPick.anime_id, ShownPick.outcome, ShownPick.detail)
    .join(ShownList, ShownPick.list_id == ShownList.id)
    .where(ShownList.user_id == bindparam("user"), ShownList.kind == KIND)
    .order_by(ShownPick.list_id, ShownPick.position)
)


class Asked(NamedTuple):
    """One question.

    Attributes:
        list_id: the round that it belongs to.
        position: 0 for the round's first.
        anime_id: MyAnimeList id.
        outcome: what came of it, as for any shown pick.
    """

    list_id: int
    position: int
    anime_id: int
    outcome: str | None


class AskedRepository:
    """The rows of `shown_list` and `shown_pick` that are questions, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, user_id: int) -> tuple[Asked, ...]:
        """Every question that a person was asked, the latest last."""
        result = await self._connection.execute(
            select(ShownPick.list_id, ShownPick.position, ShownPick.anime_id, ShownPick.outcome)
            .join(ShownList, ShownPick.list_id == ShownList.id)
            .where(ShownList.user_id == user_id, ShownList.kind == KIND)
            .order_by(ShownPick.list_id, ShownPick.position)
        )
        return tuple(Asked(*row) for row in result)

    async def answered(self, user_id: int) -> tuple[int, ...]:
        """MyAnimeList ids of the questions that a person has answered, the latest last."""
        rows = await _ANSWERS.rows(self._connection, {"user": user_id})
        return tuple(
            anime_id
            for anime_id, outcome, detail in rows
            if outcome is not None or detail == _UNSEEN
        )

    async def answer_unseen(self, list_id: int, position: int) -> None:
        """Store that a person has not seen what a question is about."""
        await self._put_detail(list_id, position, _UNSEEN)

    async def reopen(self, list_id: int, position: int) -> None:
        """Take that back."""
        await self._put_detail(list_id, position, {})

    async def append(self, list_id: int, position: int, anime_id: int) -> None:
        """Add a question at the end of a round."""
        await self._connection.execute(
            insert(ShownPick).values(
                list_id=list_id, position=position, anime_id=anime_id, score=0.0, detail={}
            )
        )
        await self._grown(list_id, position + 1)

    async def drop(self, list_id: int, position: int) -> None:
        """Take a question off the end of a round."""
        await self._connection.execute(
            delete(ShownPick).where(ShownPick.list_id == list_id, ShownPick.position == position)
        )
        await self._grown(list_id, position)

    async def _put_detail(self, list_id: int, position: int, detail: dict[str, bool]) -> None:
        await self._connection.execute(
            update(ShownPick)
            .where(ShownPick.list_id == list_id, ShownPick.position == position)
            .values(detail=detail)
        )

    async def _grown(self, list_id: int, size: int) -> None:
        await self._connection.execute(
            update(ShownList).where(ShownList.id == list_id).values(shown=size)
        )
