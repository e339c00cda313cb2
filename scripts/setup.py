"""Set the bot up: check the token, write .env, make the database, send the commands to Discord.

  python scripts/setup.py                          asks for the token, which is not shown
  python scripts/setup.py --token-file token.txt   asks nothing; - reads standard input
  python scripts/setup.py --guild 1234             commands in one server only, while you develop
  python scripts/setup.py --dry-run                says what it would do

It ends by printing the invite link. Run twice, it changes nothing the second time. A token on the
command line would be in the shell's history and in the list of processes, so there is no option
for one.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.setup import set_up
from bot.admin.tool import run_tool, whole, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/setup.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--token-file", metavar="FILE", help="file with the token; - reads stdin")
    parser.add_argument("--ask-token", action="store_true", help="ask for a token again")
    parser.add_argument("--database-url", metavar="URL", help="where ratings are kept")
    parser.add_argument("--guild", type=whole(), metavar="ID", help="register commands here only")
    parser.add_argument("--private", action="store_true", help="say nothing about public bots")
    parser.add_argument("--no-sync", action="store_true", help="send no commands")
    parser.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    with_json(parser)
    return run_tool(parser.parse_args(arguments), set_up)


if __name__ == "__main__":
    sys.exit(main())
