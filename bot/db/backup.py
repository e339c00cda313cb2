"""A backup is one file of SQLite, of whichever kind the database is, and restores into either.

SQLite is copied page by page while it is in use (https://www.sqlite.org/backup.html). PostgreSQL
is read as it was at one moment, row by row. Both are opened and checked before they count.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from bot.db import migrate
from bot.db.check import problems
from bot.db.copying import copy_rows, counts, one_moment, remove_rows
from bot.db.database import Database
from bot.db.errors import DatabaseError, Fault, translated
from bot.db.models import User
from bot.db.privacy import PrivacyRepository

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@dataclass(frozen=True, slots=True)
class Inside:
    """What a backup holds.

    Attributes:
        revision: of its tables.
        rows: of each table.
    """

    revision: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        rows: of each table.
        left_out: how many people of the backup were left out.
    """

    rows: dict[str, int]
    left_out: int


async def back_up(database: Database, path: Path) -> Inside:
    """Write a backup of a database that may be in use, and open it to see that it is whole.

    Args:
        database: of any revision that this version knows.
        path: of the file, which must not exist. It is there whole or not at all.

    Raises:
        DatabaseError: the database cannot be read, or is empty, or what was written is not sound.
        OSError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        if database.engine.dialect.name == "sqlite":
            source = Path(database.engine.url.database or "")
            with translated(database.where):
                await asyncio.to_thread(_copy_pages, source, temporary)
        else:
            await _copy_through(database, temporary)
        found = await inside(temporary)
        _finish(temporary, path)
    finally:
        _remove(temporary)
    return found


async def inside(path: Path) -> Inside:
    """Open a backup, check it whole, and count what it holds. The file stays as it is.

    Raises:
        DatabaseError: it is no backup, damaged, or of a newer version of the bot.
    """
    async with _opened(path) as (database, revision), one_moment(database) as connection:
        rows = await counts(connection)
    return Inside(revision, rows)


async def gone_since(path: Path, database: Database) -> int:
    """How many people of a backup are no longer in a database: they were erased since.

    Raises:
        DatabaseError: one of them cannot be read.
    """
    async with _opened(path) as (backup, _):
        return len(await _gone(backup, database))


async def restore(path: Path, database: Database, *, without_gone: bool) -> Restored:
    """Replace all that a database holds by what a backup holds, in one transaction.

    Whoever reads meanwhile sees the one or the other. The bot may run; it notices that people's
    lists changed.

    Args:
        path: of the backup, of this or an older revision.
        database: with its tables up to date.
        without_gone: leave out the people who are not in the database today.

    Raises:
        DatabaseError: the backup cannot be used, or the database does not take it. Nothing changed.
        CopyError: what was written is not what was read. Nothing changed.
    """
    async with _opened(path) as (backup, _), one_moment(backup) as source:
        gone = await _gone(backup, database) if without_gone else frozenset[int]()
        with translated(database.where):
            async with database.alone() as target:
                newest = await target.scalar(select(func.max(User.revision))) or 0
                await remove_rows(target)
                found = await copy_rows(source, target)
                for user_id in gone:
                    await PrivacyRepository(target).erase(user_id)
                # A bot that runs keeps people's lists by their revision: one that it may have kept
                # must not come again with another list.
                await target.execute(update(User).values(revision=User.revision + newest + 1))
    return Restored({name: content.rows for name, content in found.items()}, len(gone))


def _copy_pages(source: Path, target: Path) -> None:
    _make_private(target)
    address = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        # In one go: who writes meanwhile is not kept waiting, for a log has no need of it, whereas
        # a copy in several steps begins anew with every write.
        reader.backup(writer)
        # One file, without a log beside it.
        writer.execute("PRAGMA journal_mode = DELETE")


async def _copy_through(database: Database, path: Path) -> None:
    revision = await migrate.current(database.engine, database.where)
    if revision is None:
        raise DatabaseError(Fault.ADDRESS, f"The database {database.where} is empty.")
    await asyncio.to_thread(_make_private, path)
    target = await Database.open(_url(path), upgrade=False)
    try:
        await migrate.upgrade(target.engine, target.where, revision)
        with translated(target.where):
            async with one_moment(database) as source, target.alone() as connection:
                await copy_rows(source, connection)
    finally:
        await target.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


@asynccontextmanager
async def _opened(path: Path) -> AsyncGenerator[tuple[Database, str]]:
    """A backup, brought up to date in a copy of its own, checked; and the revision that it has."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="osusume-backup-"))
    try:
        copy = folder / "copy.sqlite3"
        try:
            await asyncio.to_thread(shutil.copyfile, path, copy)
        except OSError as error:
            message = f"The backup {path} cannot be read: {error.strerror}."
            raise DatabaseError(Fault.ADDRESS, message) from error
        try:
            database = await Database.open(_url(copy), upgrade=False)
        except DatabaseError as error:
            if error.fault is not Fault.DAMAGED:
                raise
            # Not of the copy, which is gone in a moment.
            message = f"{path} is damaged or is no backup of the bot's database: take another one."
            raise DatabaseError(Fault.DAMAGED, message) from error
        try:
            database.where = str(path)  # what messages are to name
            revision = await migrate.current(database.engine, database.where)
            if revision is None:
                raise DatabaseError(Fault.DAMAGED, f"{path} is no backup of the bot's database.")
            await migrate.upgrade(database.engine, database.where)
            if found := await problems(database):
                raise DatabaseError(Fault.DAMAGED, f"{path} is damaged. {found[0]}")
            yield database, revision
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _gone(backup: Database, database: Database) -> frozenset[int]:
    async with one_moment(backup) as connection:
        then = frozenset(await connection.scalars(select(User.id)))
    async with one_moment(database) as connection:
        now = frozenset(await connection.scalars(select(User.id)))
    return then - now


def _url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _finish(temporary: Path, path: Path) -> None:
    """Reach the disk, and take the place in one step."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.rename(path)
    if os.name != "nt":  # Windows has no folder to open
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _make_private(path: Path) -> None:
    """An empty file that only its owner may read."""
    _remove(path)
    path.touch(mode=0o600)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
