"""Look at everything that can be wrong with the bot, and say what mends it.

  python scripts/doctor.py          one line a part, and below what is wrong what to do
  python scripts/doctor.py --json   the same for a program

It changes nothing, and can run beside the bot. Without a token it looks at what the local bot
needs.

Exit status: 0 when nothing is bad, 1 when something is, 2 when a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.doctor import examine
from bot.admin.tool import run_tool, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/doctor.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    with_json(parser)
    return run_tool(parser.parse_args(arguments), examine)


if __name__ == "__main__":
    sys.exit(main())
