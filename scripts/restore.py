"""Put a backup in the place of what the database holds, also while the bot runs.

  python scripts/restore.py latest --dry-run     checks the newest backup and says what would happen
  python scripts/restore.py latest               asks once, then restores
  python scripts/restore.py backups/osusume-20260301T120000Z-0005.sqlite3 --yes

The backup is opened and checked first; one of an older version is brought up to date on the way,
one of a newer version is refused. What is there now is backed up before, into the same folder. All
of it is one transaction: it is done, or nothing is changed. A damaged file of SQLite has to be
moved away first; the restored one is made anew.

People who erased their data after the backup was made are in it still. Where there are such,
--gone says what becomes of them: keep-out, or bring-back where the database has lost them.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.backups import BRING_BACK, KEEP_OUT, restore_backup
from bot.admin.tool import run_tool, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    return run_tool(_parser().parse_args(arguments), restore_backup)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python scripts/restore.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help='a backup, or "latest"')
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("backups"),
        metavar="FOLDER",
        help="where backups are (default: %(default)s)",
    )
    parser.add_argument(
        "--gone",
        choices=(KEEP_OUT, BRING_BACK),
        help="what becomes of people who are in the backup and no longer in the database",
    )
    parser.add_argument(
        "--no-backup", action="store_true", help="do not back up what is there before"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    with_json(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
