"""The names that an admin added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from bot.db.models import Alias as AliasRow
from bot.db.upsert import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


class Alias(NamedTuple):
    """A further name of an anime.

    Attributes:
        text: the name.
        anime_id: MyAnimeList id.
    """

    text: str
    anime_id: int


class AliasRepository:
    """Rows of `alias`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> tuple[Alias, ...]:
        """Every name, by anime and then by name."""
        result = await self._connection.execute(
            select(AliasRow.text, AliasRow.anime_id).order_by(AliasRow.anime_id, AliasRow.text)
        )
        return tuple(Alias(*row) for row in result)

    async def add(self, alias: Alias, now: datetime) -> None:
        """Store a name; one that is there already stays as it is."""
        statement = insert(self._connection, AliasRow).values(
            anime_id=alias.anime_id, text=alias.text, created_at=now
        )
        await self._connection.execute(statement.on_conflict_do_nothing())

    async def remove(self, alias: Alias) -> None:
        """Take a name away; one that is not there is no error."""
        await self._connection.execute(
            delete(AliasRow).where(AliasRow.anime_id == alias.anime_id, AliasRow.text == alias.text)
        )
