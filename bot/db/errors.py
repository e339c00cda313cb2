"""What can be wrong with a database, said in one sentence."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from typing import Literal

from sqlalchemy import exc


class Fault(StrEnum):
    """The kind of trouble; a service turns it into words for the person."""

    BUSY = "busy"
    READ_ONLY = "read_only"
    FULL = "full"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    VERSION = "version"
    ADDRESS = "address"
    ERASED = "erased"
    OTHER = "other"


class DatabaseError(Exception):
    """The database cannot do what was asked.

    Nothing of the transaction that met it was kept.

    Attributes:
        fault: the kind of trouble.
    """

    def __init__(self, fault: Fault, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = fault


SETTING = "OSUSUME_DATABASE_URL"

# SQLite's primary result codes, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_CANTOPEN: Fault.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Fault.UNREACHABLE,
    sqlite3.SQLITE_PERM: Fault.REFUSED,
    sqlite3.SQLITE_AUTH: Fault.REFUSED,
}

# PostgreSQL's SQLSTATE, the longest prefix wins:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_SQLSTATE = {
    "25006": Fault.READ_ONLY,
    "28": Fault.REFUSED,
    "3D000": Fault.ADDRESS,
    "40": Fault.BUSY,
    "42501": Fault.REFUSED,
    "53": Fault.BUSY,
    "53100": Fault.FULL,
    "55000": Fault.UNREACHABLE,  # "not currently accepting connections"
    "55P03": Fault.BUSY,
    "57": Fault.UNREACHABLE,
    "57014": Fault.BUSY,
    "58": Fault.UNREACHABLE,
    "08": Fault.UNREACHABLE,
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
}

_SENTENCES = {
    Fault.BUSY: "The database {where} is locked by another program or overloaded: close what else "
    "uses it, or try again in a moment.",
    Fault.READ_ONLY: "The database {where} cannot be written to: give the bot the right to write "
    "the file and its folder, or point it at a server that accepts writes.",
    Fault.FULL: "The disk of the database {where} is full: make room, then try again.",
    Fault.DAMAGED: "The file {where} is damaged or is not a database: restore a backup, or move it "
    "away so that a new one is made.",
    Fault.UNREACHABLE: "The database {where} cannot be reached ({why}): check that the server runs "
    "or the file may be opened, and that {setting} is right.",
    Fault.REFUSED: "The database {where} refuses the bot ({why}): check the user, the password and "
    "the rights in {setting}.",
    Fault.ADDRESS: "The database {where} does not exist: create it, or correct {setting}.",
    Fault.ERASED: "Somebody asked {where} for a change and was erased before it was made.",
    Fault.OTHER: "The database {where} failed ({why}).",
}


def sentence(fault: Fault, where: str, why: str = "") -> str:
    """The sentence for one kind of trouble with the database at `where`."""
    return _SENTENCES[fault].format(where=where, why=why, setting=SETTING)


def as_database_error(error: BaseException, where: str) -> DatabaseError | None:
    """What an exception of SQLAlchemy, of a driver or of the network means for the database.

    Returns:
        None where the exception is not the database's condition but a mistake in our code, such
        as a broken constraint or wrong SQL: that must stay visible as what it is.
    """
    fault: Fault | None
    cause: BaseException = error
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        cause = error.orig
    if isinstance(error, exc.TimeoutError | TimeoutError):
        # SQLAlchemy's is a full pool; the built-in one a queue of writers, or a silent server.
        fault = Fault.BUSY
    elif isinstance(cause, sqlite3.Error):
        fault = _fault_of_sqlite(cause)
    elif (state := _sqlstate(cause)) is not None:
        prefixes = [prefix for prefix in _SQLSTATE if state.startswith(prefix)]
        fault = _SQLSTATE[max(prefixes, key=len)] if prefixes else None
    elif isinstance(cause, OSError) or _lost_connection(error) or _is_of_asyncpg(cause):
        fault = Fault.UNREACHABLE
    else:
        fault = None
    if fault is None:
        return None
    why = str(cause).strip().partition("\n")[0] or type(cause).__name__
    return DatabaseError(fault, sentence(fault, where, why))


def is_broken_constraint(error: BaseException) -> bool:
    """Whether a driver says that a row breaks a rule of its table: a mistake in our code."""
    return isinstance(error, sqlite3.IntegrityError) or (_sqlstate(error) or "").startswith("23")


def _fault_of_sqlite(error: sqlite3.Error) -> Fault | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)  # the low byte; the rest says more about the same
    return None


def _sqlstate(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def _is_of_asyncpg(error: BaseException) -> bool:
    """Whether asyncpg itself, not the server, says that a connection cannot be used."""
    return type(error).__module__.startswith("asyncpg.exceptions")


def _lost_connection(error: BaseException) -> bool:
    return isinstance(error, exc.DBAPIError) and error.connection_invalidated


class translated:  # noqa: N801 - used as a function; a generator would take three times as long
    """Turn whatever the database raises inside the block into a `DatabaseError`."""

    __slots__ = ("_where",)

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: object
    ) -> Literal[False]:
        """End, perhaps by raising."""
        if isinstance(error, Exception) and not isinstance(error, DatabaseError):
            known = as_database_error(error, self._where)
            if known is not None:
                raise known from error
        return False
