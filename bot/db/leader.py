"""Which of several processes does what only one may do: sync the commands, remove old rows.

The database decides, by a lock that it drops by itself when its holder dies: in PostgreSQL an
advisory lock of a session, in SQLite the write lock of a small database of its own beside the file.
Nothing depends on a clock.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import exc, text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = logging.getLogger(__name__)

_KEY = 0x6F737573756D65  # "osusume": advisory locks are numbers, shared by all users of a database


class Leadership:
    """The lock, ours or somebody else's. Ask `claim` before each job.

    Args:
        engine: of the database that the processes share.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None  # PostgreSQL: holds the lock
        self._file: sqlite3.Connection | None = None  # SQLite: holds the lock
        self._turn = asyncio.Lock()

    async def claim(self) -> bool:
        """Whether this process leads, after trying to take the lead if nobody has it.

        A database that does not answer has no leader: jobs wait until it is back.
        """
        async with self._turn:
            if self._engine.dialect.name == "sqlite":
                return await self._claim_file()
            return await self._claim_session()

    async def release(self) -> None:
        """Let another process lead."""
        async with self._turn:
            if self._connection is not None:
                with suppress(exc.SQLAlchemyError, OSError):
                    # Closed for good: a session that went back to the pool would keep the lock.
                    await self._connection.invalidate()
                    await self._connection.close()
                self._connection = None
            if self._file is not None:
                self._file.close()
                self._file = None

    async def _claim_session(self) -> bool:
        try:
            if self._connection is not None:
                await self._connection.execute(text("SELECT 1"))  # still the same session?
                await self._connection.commit()
                return True
            connection = await self._engine.connect()
            try:
                # Without a transaction left open, which would hold back the server's clean-up.
                got = await connection.scalar(
                    text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}
                )
                await connection.commit()
            except BaseException:
                await connection.invalidate()
                await connection.close()
                raise
            if got:
                self._connection = connection
                return True
            await connection.close()
        except (exc.SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning(
                "No leader can be chosen: the database does not answer (%s)", type(error).__name__
            )
            if self._connection is not None:
                with suppress(exc.SQLAlchemyError, OSError):
                    await self._connection.invalidate()
                    await self._connection.close()
                self._connection = None
        return False

    async def _claim_file(self) -> bool:
        if self._file is not None:
            return True
        database = self._engine.url.database
        if not database or database == ":memory:" or database.startswith("file:"):
            return True  # nobody else can open it
        path = Path(database)
        attempt = _Attempt(path.with_name(f"{path.name}.leader"))
        try:
            self._file = await asyncio.to_thread(attempt.run)
        except asyncio.CancelledError:
            attempt.give_up()
            raise
        return self._file is not None


class _Attempt:
    """One try for a file's lock, in a thread that goes on when the one who waits is cancelled.

    The lock is either handed over or dropped here and now: sqlite3's connections hold themselves
    by their cache of statements, so that one whom nobody has stays open until the next collection.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._wanted = True
        self._connection: sqlite3.Connection | None = None

    def run(self) -> sqlite3.Connection | None:
        """A connection that holds the lock; None where somebody else does or nobody waits."""
        connection = _lock(self._path)
        with self._turn:
            if self._wanted:
                self._connection = connection
                return connection
        if connection is not None:
            connection.close()
        return None

    def give_up(self) -> None:
        """Drop the lock, now or as soon as the thread has it."""
        with self._turn:
            self._wanted = False
            if self._connection is not None:
                self._connection.close()


def _lock(path: Path) -> sqlite3.Connection | None:
    """A connection that holds a file's write lock; None where somebody else does."""
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    except (sqlite3.Error, OSError):
        if connection is not None:
            connection.close()
        return None
    return connection
