"""Bundles of trained weights: which there are, which one answers, another one, back again.

  python scripts/model.py list                    the shelf; * marks the one that answers
  python scripts/model.py verify [FOLDER...]      every byte against the manifest
  python scripts/model.py add FOLDER --activate   put a bundle on the shelf and use it
  python scripts/model.py activate NAME           use another one of the shelf
  python scripts/model.py rollback                use the one before again

The shelf is the folder OSUSUME_BUNDLE_SHELF. A running bot follows within ten seconds. A bundle is
what `python -m recsys train --out FOLDER` writes.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.model import manage_models
from bot.admin.tool import run_tool, with_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/model.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="list the shelf")
    verify = commands.add_parser("verify", help="check bundles byte for byte")
    verify.add_argument("bundle", type=Path, nargs="*", help="folders; by default all there are")
    add = commands.add_parser("add", help="put a bundle on the shelf")
    add.add_argument("bundle", type=Path, metavar="FOLDER")
    add.add_argument("--activate", action="store_true", help="and use it")
    activate = commands.add_parser("activate", help="use a bundle of the shelf")
    activate.add_argument("name", metavar="NAME")
    back = commands.add_parser("rollback", help="use the bundle before the active one")
    for command in (listing, verify, add, activate, back):
        command.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
        with_json(command)
    for command in (add, activate, back):
        command.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    return run_tool(parser.parse_args(arguments), manage_models)


if __name__ == "__main__":
    sys.exit(main())
