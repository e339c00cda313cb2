"""PostgreSQL without what SQLAlchemy puts around each statement."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

REST_SECONDS: Final = 1.0
"""A connection that was not used for so long may be to a server that was restarted."""


class PostgresDriver:
    """A connection of asyncpg; see `bot.db.driver.Driver`.

    asyncpg prepares each statement once for each connection, and then sends its values alone.
    """

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - an `asyncpg.Connection`
        self._connection = connection
        self._used = monotonic()

    @property
    def begun(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.is_in_transaction()

    async def usable(self) -> bool:
        """Whether it is still a connection."""
        if self._connection.is_closed():
            return False
        if monotonic() - self._used > REST_SECONDS:
            try:
                await self._connection.execute("SELECT 1")
            except Exception:  # noqa: BLE001 - whatever is wrong, another one is opened
                return False
            self._used = monotonic()
        return True

    async def begin_to_write(self) -> None:
        """Begin a transaction."""
        await self._connection.execute("BEGIN")

    async def commit(self) -> None:
        """End the transaction; what was written is on the disk."""
        await self._connection.execute("COMMIT")
        self._used = monotonic()

    async def rollback(self) -> None:
        """End whatever was begun, wherever it was left, as if nothing had been written."""
        # Unasked: of a BEGIN whose answer nobody waited for, asyncpg does not know yet.
        await self._connection.execute("ROLLBACK")

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and read the rows of its answer."""
        found = await self._connection.fetch(sql, *values)
        self._used = monotonic()
        return [tuple(row) for row in found]

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it changed."""
        status = await self._connection.execute(sql, *values)
        # "UPDATE 3", "INSERT 0 1", "SAVEPOINT"
        _, _, count = status.rpartition(" ")
        return int(count) if count.isdecimal() else 0

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each set of values."""
        await self._connection.executemany(sql, rows)
