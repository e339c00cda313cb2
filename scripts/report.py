"""What people did about the picks they were shown: hit rates by position, dial and model.

  python scripts/report.py                    everything there is
  python scripts/report.py --days 30          lists of the last 30 days
  python scripts/report.py --kind recommend   one kind of list alone
  python scripts/report.py --json             for another program

A hit is a pick that was rated, seen or planned, out of those on pages that were turned to. Beside
it stand the scores, 1 to 10, that people gave whole lists, and how near predicted ratings came to
those given. Nobody's id is read out.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.report import show_report
from bot.admin.tool import run_tool, whole, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("recommend", "next", "similar", "opposite", "blend")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/report.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--days", type=whole(1, 36_500), metavar="N", help="only lists of the last N days"
    )
    parser.add_argument("--kind", choices=KINDS, help="only lists of this kind")
    parser.add_argument("--url", help="a database URL, instead of that in the settings")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    with_json(parser)
    return run_tool(parser.parse_args(arguments), show_report)


if __name__ == "__main__":
    sys.exit(main())
