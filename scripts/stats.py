"""How much the bot is used: people, entries, lists shown, in numbers that are about nobody.

  python scripts/stats.py             totals, and what came in the last 7 days
  python scripts/stats.py --days 30

What people did about their picks, by position, dial and model, is in scripts/report.py.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.stats import show_stats
from bot.admin.tool import run_tool, whole, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/stats.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--days", type=whole(1, 36_500), default=7, metavar="N", help="how many days count as new"
    )
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    with_json(parser)
    return run_tool(parser.parse_args(arguments), show_stats)


if __name__ == "__main__":
    sys.exit(main())
