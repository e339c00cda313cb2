"""The database's tables: brought up to date or back, checked, moved from SQLite to PostgreSQL.

  python scripts/db.py current                       at which revision it is
  python scripts/db.py check                         whether it is sound, up to date and as expected
  python scripts/db.py upgrade --dry-run             what an upgrade would do
  python scripts/db.py upgrade                       the bot does this too, when it starts
  python scripts/db.py downgrade 0003                back, before an older version of the bot
  python scripts/db.py copy --to postgresql://...    every row, read back and compared

copy works in either direction. It leaves the source as it is; the target has to be empty.

Exit status: 0 when it was done, 1 when it was not or something is wrong with the database, 2 when
the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.databases import manage_database
from bot.admin.tool import run_tool, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    return run_tool(_parser().parse_args(arguments), manage_database)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python scripts/db.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    current = commands.add_parser("current", help="say at which revision the database is")
    check = commands.add_parser("check", help="say what is wrong with the database, if anything")
    upgrade = commands.add_parser("upgrade", help="bring the tables up to date")
    upgrade.add_argument("revision", nargs="?", default="head", help="up to this one only")
    downgrade = commands.add_parser("downgrade", help="go back to an older revision")
    downgrade.add_argument("revision", help='go back to this one; "base" removes every table')
    downgrade.add_argument("--yes", action="store_true", help="do not ask")
    copy = commands.add_parser("copy", help="copy every row into another, empty database")
    copy.add_argument("--to", required=True, metavar="URL", help="the other database")
    copy.add_argument(
        "--while-running", action="store_true", help="even if a bot is running on the database"
    )
    for command in (current, check, upgrade, downgrade, copy):
        command.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
        command.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
        with_json(command)
    for command in (upgrade, downgrade, copy):
        command.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    return parser


if __name__ == "__main__":
    sys.exit(main())
