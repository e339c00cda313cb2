"""SQLite has one writer at a time: who writes when, and whose changes reach the disk together.

The writers of one process queue here, in order and without polling, instead of in SQLite's busy
handler, which sleeps and is not fair. A commit waits for the disk, and while it does nobody can
write. So those who wait by then write into one transaction, each within a savepoint of their own,
and one commit serves them all (group commit: DeWitt et al. 1984, "Implementation Techniques for
Main Memory Database Systems", section 5.1). Nobody is told that their change is kept before it is.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.db.kept import undo
from bot.db.waiting import WaitingLine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.db.driver import Driver
    from bot.db.kept import KeptConnections

QUEUE_SECONDS = 30.0  # how long a writer waits for its turn: a crowd passes, a dead disk does not

_PART = "part"  # the savepoint of whoever's turn it is


@dataclass(eq=False, slots=True)
class _Batch:
    """A transaction that several write into.

    Attributes:
        connection: whose transaction it is.
        driver: the same, without SQLAlchemy.
        waiting: for it to be committed, each for themselves; they are given None, or why it was
            not.
    """

    connection: AsyncConnection
    driver: Driver
    waiting: list[asyncio.Future[BaseException | None]] = field(
        default_factory=list["asyncio.Future[BaseException | None]"]
    )

    def ended(self) -> asyncio.Future[BaseException | None]:
        """Resolves when it was committed, or not; whoever is cancelled over it harms nobody."""
        mine: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self.waiting.append(mine)
        return mine

    def end(self, error: BaseException | None) -> None:
        """Tell everybody."""
        for one in self.waiting:
            if not one.done():
                one.set_result(error)


class Turns:
    """The writers of one SQLite database, one after the other.

    Args:
        connections: of the database.
    """

    def __init__(self, connections: KeptConnections) -> None:
        self._connections = connections
        self._turn = WaitingLine()
        self._batch: _Batch | None = None
        self._begun: asyncio.Queue[_Batch] = asyncio.Queue()
        self._committer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Have a task commit what is written; whoever writes needs not live so long."""
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all(), name="committer")
            if self._batch is not None:  # the one before was cancelled over it
                self._begun.put_nowait(self._batch)

    async def close(self) -> None:
        """Commit what was written, and let the task end.

        Raises:
            TimeoutError: somebody who writes does not come to an end.
        """
        try:
            async with self.alone():
                pass
        finally:
            if self._committer is not None:
                self._committer.cancel()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that may be committed together with those of others.

        What is done in the block is undone where it raises; after the block it is on the disk.

        Raises:
            TimeoutError: it did not come to its turn.
            sqlalchemy.exc.SQLAlchemyError: the database did not take it; nothing was kept.
        """
        async with self._mine():
            self.start()
            batch = self._batch or await self._begin()
            ended = batch.ended()
            try:
                await batch.driver.run(f"SAVEPOINT {_PART}")
                yield batch.connection
                await batch.driver.run(f"RELEASE {_PART}")
            except BaseException as error:
                await self._undo(batch, error)
                raise
        if (error := await ended) is not None:
            raise error

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Nobody else writes, and everything written before is on the disk.

        Raises:
            TimeoutError: it did not come to its turn.
        """
        while True:
            async with self._mine():
                self.start()
                batch = self._batch
                if batch is None:
                    yield
                    return
                ended = batch.ended()
            await ended

    @asynccontextmanager
    async def _mine(self) -> AsyncGenerator[None]:
        if not self._turn.acquire_now():
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def _begin(self) -> _Batch:
        connection, driver = await self._connections.take()
        try:
            await driver.begin_to_write()
        except BaseException:
            await undo(connection, driver)
            raise
        self._batch = batch = _Batch(connection, driver)
        self._begun.put_nowait(batch)
        return batch

    async def _commit_all(self) -> None:
        """Commit one batch after the other.

        It queues behind those who wait when one is begun: they take part.
        """
        while True:
            batch = await self._begun.get()
            async with self._turn:
                if self._batch is batch:
                    await self._commit(batch)

    async def _commit(self, batch: _Batch) -> None:
        self._batch = None
        error: BaseException | None = None
        try:
            await batch.driver.commit()
        except BaseException as caught:  # noqa: BLE001 - it is raised where it matters
            error = caught
        await self._let_go(batch, error)
        if isinstance(error, asyncio.CancelledError):
            raise error

    async def _undo(self, batch: _Batch, error: BaseException) -> None:
        """Take back what one of them wrote, or all, where SQLite did so already."""
        if self._batch is not batch:
            return
        if batch.driver.begun:
            await batch.driver.run(f"ROLLBACK TO {_PART}")
            await batch.driver.run(f"RELEASE {_PART}")
        else:
            # A full disk, say. Nobody's part is kept, and nobody was told that it was.
            self._batch = None
            await self._let_go(batch, error)

    async def _let_go(self, batch: _Batch, error: BaseException | None) -> None:
        try:
            if error is None:
                await self._connections.give(batch.connection, batch.driver)
            else:
                await undo(batch.connection, batch.driver)
        finally:
            batch.end(error)
