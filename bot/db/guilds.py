"""The Discord servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select

from bot.db.models import Guild
from bot.db.prepared import Prepared
from bot.db.upsert import insert, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


_ROW = rows_of(Guild).c
_SETTINGS = Prepared(select(_ROW.settings).where(_ROW.id == bindparam("guild")))


class GuildRepository:
    """Rows of `guild`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def settings(self, guild_id: int) -> dict[str, Any]:
        """What the server's admin chose; empty for a server without a row."""
        return await _SETTINGS.value(self._connection, {"guild": guild_id}) or {}

    async def begin(self, guild_id: int, now: datetime) -> dict[str, Any]:
        """Begin a change of a server's settings, making its row where there is none.

        Until the transaction ends, another change of the same server waits.

        Returns:
            What its admin chose so far.
        """
        statement = insert(self._connection, Guild).values(
            id=guild_id, settings={}, created_at=now, updated_at=now
        )
        statement = statement.on_conflict_do_update(
            index_elements=[Guild.id], set_={"updated_at": now}
        )
        result = await self._connection.execute(statement.returning(Guild.settings))
        return result.scalar_one()

    async def put(self, guild_id: int, settings: Mapping[str, Any], now: datetime) -> None:
        """Replace the server's settings."""
        changed = {"settings": dict(settings), "updated_at": now}
        statement = insert(self._connection, Guild).values(id=guild_id, created_at=now, **changed)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[Guild.id], set_=changed)
        )

    async def remove(self, guild_id: int) -> None:
        """Forget the server."""
        await self._connection.execute(delete(Guild).where(Guild.id == guild_id))
