"""`python -m bot.db upgrade|downgrade|current|check`: the tables, without starting the bot."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from bot.db import migrate
from bot.db.check import problems
from bot.db.database import Database
from bot.db.errors import DatabaseError
from bot.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0 when all is well, 1 when the database is not what it should be.
    """
    options = _parser().parse_args(arguments)
    try:
        url: str = options.url or load_settings().database_url
        return asyncio.run(_run(options, url))
    except (DatabaseError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


async def _run(options: argparse.Namespace, url: str) -> int:
    database = await Database.open(url, upgrade=False)
    try:
        if options.command == "check":
            found = await problems(database)
            _say("\n".join(found) or f"The database {database.where} is sound and up to date.")
            return 1 if found else 0
        if options.command == "upgrade":
            await migrate.upgrade(database.engine, database.where, options.revision)
        elif options.command == "downgrade":
            await migrate.downgrade(database.engine, database.where, options.revision)
        revision = await migrate.current(database.engine, database.where)
        state = "empty" if revision is None else f"at revision {revision}"
        _say(f"The database {database.where} is {state}; the newest is {migrate.head()}.")
    finally:
        await database.close()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.db", description=__doc__)
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    commands = parser.add_subparsers(dest="command", required=True)
    upgrade = commands.add_parser("upgrade", help="bring the tables up to date")
    upgrade.add_argument("revision", nargs="?", default="head", help="up to this one only")
    downgrade = commands.add_parser(
        "downgrade", help="go back to an older revision; what it does not know is lost"
    )
    downgrade.add_argument("revision", help='go back to this one; "base" removes every table')
    commands.add_parser("current", help="say at which revision the database is")
    commands.add_parser("check", help="say what is wrong with the database, if anything")
    return parser


if __name__ == "__main__":
    sys.exit(main())
