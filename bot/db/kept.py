"""Connections to SQLite that are kept from one transaction to the next.

To take a connection out of SQLAlchemy's pool, to begin, and to give it back, each time told to
every listener, takes ten times as long as what is asked within. So a few stay taken out, and their
transactions are begun and ended by hand.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from bot.db.brief import driver_of
from bot.db.engine import BY_HAND

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.db.brief import BriefConnection

KEPT: Final = 4  # at rest; a crowd takes more, and gives them back to the pool


class KeptConnections:
    """The connections of one SQLite database.

    Args:
        engine: with the pool that they come from.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(**{BY_HAND: True})
        # A database in memory is its only connection: nobody may keep that.
        in_memory = engine.url.database in {None, "", ":memory:"}
        self._most = 0 if in_memory else KEPT
        self._idle: list[AsyncConnection] = []

    async def take(self) -> tuple[AsyncConnection, BriefConnection]:
        """A connection without a transaction, and what drives it."""
        connection = self._idle.pop() if self._idle else await self._engine.connect()
        return connection, cast("BriefConnection", driver_of(connection))

    async def give(self, connection: AsyncConnection) -> None:
        """Give one back, which has no transaction any more."""
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            await connection.close()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that reads."""
        connection, driver = await self.take()
        try:
            await driver.begin()
            yield connection
            await driver.rollback()
        except BaseException:
            await connection.close()  # which undoes whatever is open
            raise
        await self.give(connection)

    async def close(self) -> None:
        """Give all that are at rest back to the pool."""
        self._most = 0
        while self._idle:
            await self._idle.pop().close()
