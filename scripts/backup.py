"""Back the database up while the bot runs, and check the backup by opening it.

  python scripts/backup.py                       into the folder backups, keeping the last 7
  python scripts/backup.py --to /mnt/safe --keep 30 --days 30
  python scripts/restore.py latest               puts the newest one back

A backup is one file of SQLite, also where the database is PostgreSQL, and restores into either. It
is written beside its place and moves there when it was opened and found sound, so a file that is
there is whole. Then those that are too many or too old are thrown away: people whom the bot has
erased are in no backup any longer than that. Let cron or a systemd timer start it once a day.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.backups import make_backup
from bot.admin.tool import run_tool, whole, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    return run_tool(_parser().parse_args(arguments), make_backup)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python scripts/backup.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("backups"),
        metavar="FOLDER",
        help="where backups are (default: %(default)s)",
    )
    parser.add_argument(
        "--keep", type=whole(), default=7, metavar="N", help="how many stay (default: 7)"
    )
    parser.add_argument(
        "--days", type=whole(), default=30, metavar="N", help="how old one may get (default: 30)"
    )
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    with_json(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
