"""The one door to the database: transactions with repositories in them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import text

from bot.db.aliases import AliasRepository
from bot.db.asked import AskedRepository
from bot.db.began import Erasures, beginning
from bot.db.engine import BUSY_SECONDS, describe, make_engine, parse_url
from bot.db.entries import EntryRepository
from bot.db.errors import SETTING, DatabaseError, Fault, sentence, translated
from bot.db.guilds import GuildRepository
from bot.db.hints import HintRepository
from bot.db.imports import ImportRepository
from bot.db.kept import KeptConnections
from bot.db.leader import Leadership
from bot.db.merges import MergeRepository
from bot.db.missed import MissedRepository
from bot.db.outcomes import OutcomeRepository
from bot.db.privacy import PrivacyRepository
from bot.db.revision import current, newest
from bot.db.shown import ShownRepository
from bot.db.turns import Turns
from bot.db.users import UserRepository
from bot.observing.meter import Meter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_SCRUB_MILLISECONDS = 200


class Transaction:
    """The repositories of one transaction, each made when it is asked for: most need one or two."""

    def __init__(self, connection: AsyncConnection, users: UserRepository, meter: Meter) -> None:
        self.users = users
        self.meter = meter
        self._connection = connection

    @cached_property
    def entries(self) -> EntryRepository:
        """What people have on their lists."""
        return EntryRepository(self._connection)

    @cached_property
    def guilds(self) -> GuildRepository:
        """What admins chose for their servers."""
        return GuildRepository(self._connection)

    @cached_property
    def shown(self) -> ShownRepository:
        """The lists of picks."""
        return ShownRepository(self._connection)

    @cached_property
    def asked(self) -> AskedRepository:
        """What `/start` asked about."""
        return AskedRepository(self._connection)

    @cached_property
    def outcomes(self) -> OutcomeRepository:
        """What came of picks."""
        return OutcomeRepository(self._connection)

    @cached_property
    def hints(self) -> HintRepository:
        """Wishes for more and less."""
        return HintRepository(self._connection)

    @cached_property
    def aliases(self) -> AliasRepository:
        """Names that admins gave."""
        return AliasRepository(self._connection)

    @cached_property
    def missed(self) -> MissedRepository:
        """What was not found."""
        return MissedRepository(self._connection)

    @cached_property
    def privacy(self) -> PrivacyRepository:
        """Whatever is kept of a person."""
        return PrivacyRepository(self._connection)

    @cached_property
    def imports(self) -> ImportRepository:
        """Lists that are being brought along."""
        return ImportRepository(self._connection)

    @cached_property
    def merges(self) -> MergeRepository:
        """What an import would change."""
        return MergeRepository(self._connection)


class Database:
    """SQLite or PostgreSQL behind one pool; nobody outside this package asks which.

    Attributes:
        where: the database in words, without a password.
        leadership: which of several processes leads.
        meter: is told how long transactions take.
    """

    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self.where = describe(url)
        self.leadership = Leadership(engine)
        self.meter = Meter()
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._kept = KeptConnections(engine)
        self._turns = Turns(self._kept) if url.get_backend_name() == "sqlite" else None
        self._erasures = Erasures()
        self._scrub_due = False

    @classmethod
    async def open(cls, url: str, *, upgrade: bool = True) -> Self:
        """Connect, and bring the tables up to date.

        Args:
            url: a database URL; see `bot.settings`.
            upgrade: False leaves the tables as they are.

        Raises:
            DatabaseError: the database cannot be used; the message says what to do.
        """
        parsed = parse_url(url)
        database = cls(parsed, make_engine(parsed))
        if database._turns is not None:
            database._turns.start()  # here, so that no command's task is its owner
        try:
            await database._first_contact()
            if upgrade:
                await database._bring_up_to_date()
                await database.check_writable()
        except BaseException:
            await database.close()
            raise
        return database

    async def _bring_up_to_date(self) -> None:
        wanted = newest()
        if wanted is not None and await current(self._engine, self.where) == wanted:
            return  # the usual start
        from bot.db import migrate

        await migrate.upgrade(self._engine, self.where)

    async def _first_contact(self) -> None:
        try:
            await self.ping()
        except TypeError as error:
            # What follows the ? of a URL becomes arguments of the driver's connect().
            raise DatabaseError(
                Fault.ADDRESS, f"{SETTING} has an option that is not known: {error}."
            ) from error

    @property
    def engine(self) -> AsyncEngine:
        """For migrations and maintenance."""
        return self._engine

    async def close(self) -> None:
        """Let what is being written reach the disk; give back every connection, and the lead."""
        try:
            with suppress(TimeoutError):
                if self._turns is not None:
                    await self._turns.close()
        finally:
            try:
                await self.leadership.release()
            finally:
                await self._kept.close()
                await self._engine.dispose()

    async def check_writable(self) -> None:
        """Ask the database whether it would take a change, without making one.

        Raises:
            DatabaseError: it would not.
        """
        with translated(self.where):
            async with self._alone(), self._writer.begin() as connection:
                # Deletes nothing. Merely beginning to write is not enough: SQLite takes BEGIN
                # IMMEDIATE on a read-only file for BEGIN.
                await connection.execute(text("DELETE FROM alembic_version WHERE 1 = 0"))

    async def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            DatabaseError: there is none.
        """
        with translated(self.where):
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def read(self, *, streams: bool = False) -> AsyncGenerator[Transaction]:
        """Read. Each statement sees what is committed by then.

        A transaction would not change that on PostgreSQL, and to begin and to end one is most of
        the way to the database.

        Args:
            streams: whether what is read may be more than memory should hold.

        Raises:
            DatabaseError: the database cannot answer.
        """
        with self.meter.timed_database("read"), translated(self.where):
            async with self._reading(streams=streams) as connection:
                yield Transaction(connection, UserRepository(connection, self._nobody), self.meter)

    def _reading(self, *, streams: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._engine.connect() if streams else self._kept.reading()

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """A transaction that writes: committed when the block ends, undone when it raises.

        After the block the change is on the disk.

        Raises:
            DatabaseError: the database did not take the change; nothing of it was kept.
        """
        number = beginning()

        def refuse(user_id: int) -> None:
            if self._erasures.since(user_id, number):
                raise DatabaseError(Fault.ERASED, sentence(Fault.ERASED, self.where))

        with self.meter.timed_database("write"), translated(self.where):
            async with (self._turns or self._kept).writing() as connection:
                yield Transaction(connection, UserRepository(connection, refuse), self.meter)

    @asynccontextmanager
    async def erasing(self, user_id: int) -> AsyncGenerator[Transaction]:
        """A transaction that takes a person away.

        Whatever of theirs is being written is waited for, and what began before the end of this
        and was not written yet is refused, in this process.

        Raises:
            DatabaseError: the database did not take it; the person is still there, whole.
        """
        self._erasures.begin(user_id)
        try:
            with translated(self.where):
                async with self._alone(), self._writer.begin() as connection:
                    users = UserRepository(connection, self._nobody)
                    # Their row first: whoever else writes for them holds it.
                    await users.lock(user_id)
                    yield Transaction(connection, users, self.meter)
        except BaseException:
            self._erasures.undo(user_id)
            raise
        self._erasures.done(user_id)

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[AsyncConnection]:
        """A connection that writes, for maintenance that knows tables and no repositories.

        Raises:
            DatabaseError: the database did not take the change; nothing of it was kept.
        """
        with translated(self.where):
            async with self._alone(), self._writer.begin() as connection:
                yield connection

    async def scrub(self, *, if_due: bool = False) -> None:
        """Let go of the older states that SQLite keeps beside its file.

        Its log holds what pages were before. While somebody reads them it has to stay; then this
        is due, and does nothing until it is called again.

        Args:
            if_due: only where it could not be done the last time.

        Raises:
            DatabaseError: the database does not answer.
        """
        if self._turns is None or (if_due and not self._scrub_due):
            return  # PostgreSQL recycles its log by itself
        self._scrub_due = True
        with translated(self.where):
            async with self._alone(), self._engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                # Not for long: everybody who wants to write is waiting.
                await driver.execute(f"PRAGMA busy_timeout = {_SCRUB_MILLISECONDS}")
                try:
                    done = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        ((busy, *_),) = done
        self._scrub_due = bool(busy)

    @staticmethod
    def _nobody(_user_id: int) -> None:
        """Refuse nobody."""

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        """No other writer of this process, where the database has one at a time."""
        if self._turns is None:
            yield
            return
        async with self._turns.alone():
            yield
