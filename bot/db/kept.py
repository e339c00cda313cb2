"""Connections that are kept from one transaction to the next.

To take a connection out of SQLAlchemy's pool, to begin, and to give it back, each time told to
every listener, takes longer than what is asked within. So a few stay taken out, and their
transactions are begun and ended by their drivers.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from bot.db.brief import BriefConnection
from bot.db.driver import OPTION, Driver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

KEPT: Final = 8  # at rest; a crowd takes more, and gives them back to the pool


class KeptConnections:
    """The connections of one database.

    Args:
        engine: with the pool that they come from.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        sqlite = engine.dialect.name == "sqlite"
        # SQLAlchemy must neither begin nor end anything. For SQLite `bot.db.engine` sees to that.
        self._engine = engine if sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        # A database in memory is its only connection: nobody may keep that.
        in_memory = sqlite and engine.url.database in {None, "", ":memory:"}
        self._most = 0 if in_memory else KEPT
        self._idle: list[tuple[AsyncConnection, Driver]] = []

    async def take(self) -> tuple[AsyncConnection, Driver]:
        """A connection without a transaction, and what drives it."""
        while self._idle:
            connection, driver = self._idle.pop()
            usable = False
            try:
                usable = await driver.usable()
            finally:
                if not usable:
                    await _drop(connection)
            if usable:
                return connection, driver
        connection = await self._engine.connect()
        raw: Any = (await connection.get_raw_connection()).driver_connection
        driver = raw if isinstance(raw, BriefConnection) else _postgres(raw)
        return await connection.execution_options(**{OPTION: driver}), driver

    async def give(self, connection: AsyncConnection, driver: Driver) -> None:
        """Give one back, which has no transaction any more."""
        if len(self._idle) < self._most:
            self._idle.append((connection, driver))
        else:
            await connection.close()

    def reading(self) -> _Reading:
        """A connection that reads, without a transaction."""
        return _Reading(self)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that writes: committed at its end, undone where the block raises."""
        connection, driver = await self.take()
        try:
            await driver.begin_to_write()
            yield connection
            await driver.commit()
        except BaseException:
            await undo(connection, driver)
            raise
        await self.give(connection, driver)

    async def close(self) -> None:
        """Give all that are at rest back to the pool."""
        self._most = 0
        while self._idle:
            connection, _ = self._idle.pop()
            await connection.close()


class _Reading:
    """The block of `KeptConnections.reading`. Of every click several, so no generator."""

    __slots__ = ("_connection", "_connections", "_driver")

    def __init__(self, connections: KeptConnections) -> None:
        self._connections = connections

    async def __aenter__(self) -> AsyncConnection:
        self._connection, self._driver = await self._connections.take()
        return self._connection

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            await self._connections.give(self._connection, self._driver)
        else:
            await undo(self._connection, self._driver)


async def undo(connection: AsyncConnection, driver: Driver) -> None:
    """End a connection's transaction as if it had not been, and give it back to the pool.

    A connection that cannot even do that is let go for good: nobody may find it in the middle of
    somebody else's transaction.
    """
    try:
        await driver.rollback()
    except BaseException as error:
        await _drop(connection)
        if not isinstance(error, Exception):
            raise  # cancelled
    else:
        await connection.close()


async def _drop(connection: AsyncConnection) -> None:
    await connection.invalidate()
    await connection.close()


def _postgres(connection: Any) -> Driver:  # noqa: ANN401 - asyncpg's, which need not be installed
    from bot.db.postgres import PostgresDriver

    return PostgresDriver(connection)
