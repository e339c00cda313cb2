"""SQLite statements that are over at once run where they are asked for, on the event loop.

aiosqlite gives every connection a thread and sends each call of the driver there and back. For a
statement that takes twenty microseconds the way is fifty times the work, and one rating is some
twenty of them, all while it keeps other writers waiting: on a busy loop each of the ways takes as
long as everything else that is ready to run. So what is brief runs at once, and the thread is left
what may take its time: what waits for the disk (COMMIT) or for another process (a BEGIN IMMEDIATE
that is not granted at once), what touches many rows, and whatever took long the last time.
"""

# What goes to the driver and comes from it may be anything.
# ruff: noqa: ANN401

from __future__ import annotations

import sqlite3
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

# What a statement may take on the loop and be let on it again: of the processor, and by the clock,
# which on a busy machine runs on while somebody else is computing.
BRIEF_SECONDS: Final = 0.002
BRIEF_WAIT: Final = 0.05
BRIEF_ROWS: Final = 200  # more are read, and more sets of values written, in the thread

_BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
_BRIEF = ("SELECT", "INSERT", "UPDATE", "BEGIN", "SAVEPOINT", "RELEASE")
_REMEMBERED = 1000
_PRIMARY = 0xFF  # the part of an extended result code that says what kind it is


class BriefConnection(aiosqlite.Connection):
    """A connection of aiosqlite whose brief statements do not leave the event loop.

    It is also a `bot.db.driver.Driver`, which says what the methods are.

    Args:
        connector: opens the connection, which must not mind the thread.
        long: statements that took long the last time; the connections of an engine share it.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection], long: set[str]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy wants it of connections that it makes itself
        self._long = long
        # One is only counted on the loop and the other only in the thread.
        self._sent = self._done = 0

    @property
    def begun(self) -> bool:
        """Whether a transaction is open."""
        return self._conn.in_transaction

    async def usable(self) -> bool:
        """Whether it is still a connection."""
        return self._running

    async def begin_to_write(self) -> None:
        """Begin a transaction, waiting for whoever writes now."""
        await self._execute(self._conn.execute, _BEGIN_TO_WRITE)

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement and read the rows of its answer."""
        if not self._may_be_now(sql):
            cursor = await self._execute(self._conn.execute, sql, values)
            return await self._execute(cursor.fetchall)
        return await self._fetch(self._time(self._conn.execute, sql, values).fetchall)

    async def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it changed."""
        if not self._may_be_now(sql):
            return (await self._execute(self._conn.execute, sql, values)).rowcount
        return self._time(self._conn.execute, sql, values).rowcount

    async def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each set of values."""
        await self._execute(self._conn.executemany, sql, rows)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a method of the driver; everything that aiosqlite asks of it comes through here."""
        how = self._HOW.get(fn.__name__)
        if how is None or not self._is_free():
            return await self._send(fn, *args, **kwargs)
        return await how(self, fn, *args)

    def _is_free(self) -> bool:
        """Whether it is there and its thread has nothing to do.

        What the thread was given comes first, though nobody may wait for it any more.
        """
        return self._sent == self._done and self._running

    def _may_be_now(self, sql: str) -> bool:
        """Whether a statement may be run at once, on the event loop."""
        return sql not in self._long and sql.startswith(_BRIEF) and self._is_free()

    async def _at_once(self, fn: Any) -> Any:
        return fn()

    async def _close(self, fn: Any) -> Any:
        """A cursor has nothing to wait for; the last connection of a file does."""
        return fn() if isinstance(fn.__self__, sqlite3.Cursor) else await self._send(fn)

    async def _fetch(self, fn: Any) -> list[Any]:
        rows = fn.__self__.fetchmany(BRIEF_ROWS)
        return rows if len(rows) < BRIEF_ROWS else rows + await self._send(fn)

    async def _run(self, fn: Any, sql: str, *values: Any) -> Any:
        if sql == _BEGIN_TO_WRITE:
            return self._begin_now(fn.__self__) or await self._send(fn, sql, *values)
        if self._may_be_now(sql):
            return self._time(fn, sql, *values)
        return await self._send(self._time, fn, sql, *values)

    async def _run_many(self, fn: Any, sql: str, values: Any) -> Any:
        if len(values) > BRIEF_ROWS:
            return await self._send(fn, sql, values)
        return await self._run(fn, sql, values)

    def _time(self, fn: Any, sql: str, *values: Any) -> Any:
        began, started = time.monotonic(), time.thread_time()
        try:
            return fn(sql, *values)
        finally:
            waited = time.monotonic() - began
            # Nobody works for longer than the clock says: mostly it need not be asked for.
            worked = waited if waited < BRIEF_SECONDS else time.thread_time() - started
            if worked < BRIEF_SECONDS and waited < BRIEF_WAIT:
                self._long.discard(sql)
            elif len(self._long) < _REMEMBERED:
                self._long.add(sql)

    @staticmethod
    def _begin_now(cursor: Any) -> Any:
        """Begin to write if nobody else does; None where that has to be waited for."""
        ((patience,),) = cursor.execute("PRAGMA busy_timeout").fetchall()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            return cursor.execute(_BEGIN_TO_WRITE)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            return None
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")

    async def _send(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """To the thread and back."""
        self._sent += 1
        work = partial(fn, *args, **kwargs)
        return await super()._execute(self._count, work)  # pyright: ignore[reportUnknownMemberType]

    def _count(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            self._done += 1

    _HOW: ClassVar[dict[str, Callable[..., Awaitable[Any]]]] = {
        "cursor": _at_once,
        "rollback": _at_once,
        "fetchone": _at_once,
        "close": _close,
        "fetchall": _fetch,
        "execute": _run,
        "executemany": _run_many,
    }


def brief_connections() -> Callable[..., BriefConnection]:
    """What opens the connections of one engine, given what `sqlite3.connect` is."""
    long: set[str] = set()

    def connect(*args: Any, **kwargs: Any) -> BriefConnection:
        return BriefConnection(
            partial(sqlite3.connect, *args, **{**kwargs, "check_same_thread": False}), long
        )

    return connect
