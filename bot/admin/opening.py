"""Which settings and which database a script works on, and opening the latter to read it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.admin.tool import CannotError
from bot.db import Database, migrate
from bot.db.engine import missing_file
from bot.settings import SettingsError, load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from bot.settings import Settings

USUAL = Path(".env")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that ``--env-file`` and the environment give.

    Raises:
        SettingsError: they cannot be read, or a file was named that is not there. Without the
            option there need not be one.
    """
    file: Path = options.env_file
    if file != USUAL and not file.exists():
        message = f"There is no file {file}: correct --env-file, or leave it out for {USUAL}."
        raise SettingsError(message)
    return load_settings(file)


def url_of(options: argparse.Namespace) -> str:
    """The database that a script is to work on.

    Raises:
        SettingsError: the settings cannot be read.
    """
    return options.url or settings_of(options).database_url


def refuse_missing(url: str) -> None:
    """Say that a database is not there, instead of making an empty one.

    Raises:
        CannotError: it is not there.
    """
    missing = missing_file(url)
    if missing is not None:
        message = (
            f"There is no database {missing}. Give its URL with --url, or set "
            "OSUSUME_DATABASE_URL; the bot makes one when it starts."
        )
        raise CannotError(message)


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Database]:
    """A database whose tables are those of this version. They are left as they are.

    Raises:
        CannotError: it is not there, or its tables are of another version.
        DatabaseError: it cannot be used.
    """
    refuse_missing(url)
    database = await Database.open(url, upgrade=False)
    try:
        await migrate.refuse_foreign(database.engine, database.where)
        if await migrate.current(database.engine, database.where) != migrate.head():
            message = (
                f"The tables of {database.where} are not those of this version. Run: python "
                "scripts/db.py upgrade"
            )
            raise CannotError(message)
        yield database
    finally:
        await database.close()
