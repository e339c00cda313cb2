"""The slash commands as Discord has them.

  python scripts/commands.py diff              what differs from this version's
  python scripts/commands.py sync              send this version's
  python scripts/commands.py clear             take all of them away
  python scripts/commands.py sync --guild 1234     in one server, where they appear at once

Without --guild it is the server of OSUSUME_TEST_GUILD_ID, or everywhere; --everywhere says so in
any case. The bot does this by itself at its start; Discord allows 200 new commands a day.

Exit status: 0 when it was done (diff: nothing differs), 1 when not, 2 when a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.commands import manage_commands
from bot.admin.tool import run_tool, whole, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/commands.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (
        ("diff", "say what differs from what Discord has"),
        ("sync", "send this version's commands"),
        ("clear", "take every command away"),
    ):
        command = commands.add_parser(name, help=does)
        where = command.add_mutually_exclusive_group()
        where.add_argument("--guild", type=whole(), metavar="ID", help="in this server only")
        where.add_argument("--everywhere", action="store_true", help="in every server")
        command.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
        with_json(command)
        if name != "diff":
            command.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    return run_tool(parser.parse_args(arguments), manage_commands)


if __name__ == "__main__":
    sys.exit(main())
