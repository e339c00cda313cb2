"""How to connect, and what every connection is told first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, exc, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from bot.db import documents
from bot.db.brief import brief_connections
from bot.db.driver import OPTION
from bot.db.errors import SETTING, DatabaseError, Fault

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 2.0  # Discord waits three for an answer
_AGAIN_SECONDS = 0.01
CONNECT_SECONDS = 10.0

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_PACKAGES = {"sqlite+aiosqlite": "aiosqlite", "postgresql+asyncpg": "asyncpg"}

_WRITE_AHEAD = "PRAGMA journal_mode = WAL"  # readers and the writer do not block each other
_PRAGMAS = (
    # First, because the next one may have to wait for another process.
    f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}",
    _WRITE_AHEAD,
    "PRAGMA synchronous = FULL",  # in WAL mode, NORMAL would lose commits in a power cut
    "PRAGMA fullfsync = ON",  # macOS: fsync alone does not reach the disk
    "PRAGMA foreign_keys = ON",
    # What is deleted is overwritten: an erased person's ratings do not stay in free pages.
    "PRAGMA secure_delete = ON",
)


def parse_url(text: str) -> URL:
    """Read a database URL and choose the asynchronous driver.

    Raises:
        DatabaseError: it is no URL, or names a database that the bot cannot use.
    """
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise DatabaseError(
            Fault.ADDRESS,
            f"{SETTING} is not a database URL: write sqlite:///osusume.sqlite3, or "
            "postgresql://user:password@host/database.",
        ) from None
    driver = _DRIVERS.get(url.drivername, url.drivername)
    if driver not in _PACKAGES:
        raise DatabaseError(
            Fault.ADDRESS,
            f"{SETTING} names {url.drivername}, which the bot cannot use: "
            "use sqlite or postgresql.",
        )
    url = url.set(drivername=driver)
    # libpq's name for it, which every hosting provider prints; asyncpg calls it ssl.
    mode = url.query.get("sslmode")
    if mode is not None and driver == "postgresql+asyncpg":
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url


def describe(url: URL) -> str:
    """Where the database is, in words that hold no password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    port = f":{url.port}" if url.port else ""
    return f"{url.database or url.username or ''} on {url.host or 'localhost'}{port}"


def missing_file(text: str) -> Path | None:
    """The file that a URL names and that is not there yet; connecting would make it.

    Raises:
        DatabaseError: it is no URL, or names a database that the bot cannot use.
    """
    path = _file(parse_url(text))
    return None if path is None or path.exists() else path


def _file(url: URL) -> Path | None:
    """The file of a database; None where it is none, or none that is named plainly."""
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return None
    return None if name.startswith("file:") else Path(name)


def make_engine(url: URL) -> AsyncEngine:
    """An engine for SQLite or PostgreSQL whose connections are set up alike.

    Raises:
        DatabaseError: the driver is not installed, or the file's folder does not exist.
    """
    sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any]
    if sqlite:
        _check_folder(url)
        in_memory = not url.database or url.database == ":memory:"
        options = {
            # Each connection is a thread. A database in memory belongs to one connection, which
            # everybody then takes in turn.
            "poolclass": AsyncAdaptedQueuePool,
            "pool_size": 1 if in_memory else 16,
            "max_overflow": 0,
            "pool_timeout": BUSY_SECONDS * 5,
            # Python's sqlite3 would begin transactions late and end them early; we say BEGIN.
            "connect_args": {
                "isolation_level": None,
                "timeout": BUSY_SECONDS,
                "async_creator_fn": brief_connections(),
            },
        }
    else:
        options = {
            "pool_size": 10,
            "max_overflow": 10,
            "pool_timeout": BUSY_SECONDS * 5,
            "pool_pre_ping": True,  # a server that was restarted is found again by itself
            "connect_args": {
                "timeout": CONNECT_SECONDS,
                "command_timeout": CONNECT_SECONDS,
                "server_settings": {
                    "application_name": "osusume",
                    "lock_timeout": f"{int(BUSY_SECONDS * 1000)}ms",
                },
            },
        }
    try:
        # A parameter in an error message would be somebody's rating in a log.
        engine = create_async_engine(
            url,
            hide_parameters=True,
            json_serializer=documents.write,
            json_deserializer=documents.read,
            **options,
        )
    except ModuleNotFoundError:
        package = _PACKAGES[url.drivername]
        raise DatabaseError(
            Fault.ADDRESS,
            f"{SETTING} needs the Python package {package}, which is not installed: "
            f"pip install {package}.",
        ) from None
    if sqlite:
        path = _file(url)
        if path is not None:
            event.listen(engine.sync_engine, "do_connect", lambda *_: _make_private(path))
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


def _check_folder(url: URL) -> None:
    """SQLite makes a missing file, but not its folder, and its own error does not say which."""
    path = _file(url)
    if path is None:
        return
    folder = path.parent
    if not folder.is_dir():
        raise DatabaseError(
            Fault.ADDRESS,
            f"The folder {folder} for the database does not exist: create it, or correct "
            f"{SETTING}.",
        )


def _make_private(path: Path) -> None:
    """Make a missing file one that only its owner may read; SQLite goes by it for those beside it.

    What is there already keeps its mode, which somebody may have chosen.
    """
    if not path.exists():
        with suppress(OSError):  # SQLite has the words for it
            path.touch(mode=0o600)


def _on_sqlite_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            if pragma is _WRITE_AHEAD:
                _write_ahead(cursor)
            else:
                cursor.execute(pragma)
        cursor.close()
    except BaseException:
        # The pool never gets to know of this connection, and its thread would stay behind.
        connection.close()
        raise


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch to the log; a new file while another process does the same, or writes its first.

    SQLite does not wait for that one, whatever its time for waiting: it says at once that the file
    is locked, for two that wait for each other would wait for ever.
    """
    until = monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute(_WRITE_AHEAD)
        except Exception as error:
            if "locked" not in str(error) or monotonic() >= until:
                raise
        else:
            return
        await_only(asyncio.sleep(_AGAIN_SECONDS))


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if OPTION in options:
        return  # its driver has begun already
    # A transaction that reads first and writes later can fail however long it waits, because
    # somebody else wrote in between. One that will write says so at its start.
    writes = options.get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
