"""What runs prepared statements on a connection, in the same transaction as SQLAlchemy's."""

# What goes to a driver and comes from it may be anything.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

OPTION: Final = "driver"
"""The execution option of a connection whose transactions are begun and ended by its driver."""


class Driver(Protocol):
    """A connection to SQLite or PostgreSQL, as near to it as Python comes.

    Whatever goes wrong is raised as the driver raises it; `bot.db.errors` knows all of it.
    """

    @property
    def begun(self) -> bool:
        """Whether a transaction is open."""
        ...

    async def usable(self) -> bool:
        """Whether it is still a connection; one that has rested is tried."""
        ...

    async def begin_to_write(self) -> None:
        """Begin a transaction, waiting for whoever writes now where there is one writer."""
        ...

    async def commit(self) -> None:
        """End the transaction; what was written is on the disk."""
        ...

    async def rollback(self) -> None:
        """End whatever was begun, wherever it was left, as if nothing had been written."""
        ...

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and read the rows of its answer."""
        ...

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it changed."""
        ...

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each set of values."""
        ...


def driver_of(connection: AsyncConnection) -> Driver | None:
    """What drives a connection; None where SQLAlchemy begins and ends its transactions."""
    return connection.sync_connection.get_execution_options().get(OPTION)  # pyright: ignore[reportOptionalMemberAccess]
