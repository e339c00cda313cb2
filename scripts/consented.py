"""Write the lists of the people who allow learning from them, for `python -m recsys train`.

  python scripts/consented.py                           into artifacts/consented.jsonl.gz
  python -m recsys train --with-local                   learns from these too

Only people who said yes with /privacy training are in the file, and of them only which anime, which
score and where it stands: no id, no name, no time, no message. Whoever takes the yes back, or is
erased, is missing the next time; training refuses a file that is older than a day. Throw it away
afterwards.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import _environment  # noqa: F401 - finds the project

from bot.admin.opening import opened, url_of
from bot.admin.tool import CannotError, Speaker, run_tool, with_json
from bot.services.privacy import consented

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    return run_tool(_parser().parse_args(arguments), _work)


async def _work(options: argparse.Namespace, out: Speaker) -> None:
    async with opened(url_of(options)) as database:
        people = await consented.gather(database)
    found = consented.count(people)
    out.say(people=found.people, entries=found.entries, dry_run=options.dry_run)
    if not options.dry_run:
        try:
            consented.write(people, options.out, datetime.now(UTC))
        except OSError as error:
            message = f"{options.out} cannot be written: {error.strerror}."
            raise CannotError(message) from error
        out.say(out=str(options.out))
    verb = "would be" if options.dry_run else "are"
    out.say(
        f"{found.people:,} people allow learning from their lists, which {verb} in {options.out}: "
        f"{found.entries:,} entries."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python scripts/consented.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("artifacts/consented.jsonl.gz"),
        metavar="FILE",
        help="where to write it (default: %(default)s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing, only count")
    with_json(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
