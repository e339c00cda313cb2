"""SIGKILL at random moments while ratings are written: is every acknowledged one there?

  python benchmarks/kill.py                        200 kills on SQLite, in a new file
  python benchmarks/kill.py --postgres             on PostgreSQL, a server of its own
  python benchmarks/kill.py --url postgresql://... on one that is there

A process rates for four people at once and prints each rating once it was acknowledged; after a
random while it is killed. Then the database is opened again as the bot opens it, every rating that
was acknowledged is looked for, and the database is checked. Prints how many ratings and kills there
were, and what was lost: 0, or the exit status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.db import Database  # noqa: E402 - after the path
from bot.db.check import problems  # noqa: E402
from tests.bot.postgres import server  # noqa: E402
from tests.bot.test_db_kill import kill_a_writer  # noqa: E402

if TYPE_CHECKING:
    from recsys.profile import Entry


async def look_for(url: str, acknowledged: list[tuple[int, Entry]]) -> tuple[int, list[str]]:
    """How many of the ratings are gone, and what is wrong with the database."""
    database = await Database.open(url)
    try:
        async with database.read() as tx:
            lost = [
                entry
                for person, entry in acknowledged
                if await tx.entries.get(person, entry.anime_id) != entry
            ]
        return len(lost), await problems(database)
    finally:
        await database.close()


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="database URL; by default a new SQLite file")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL for it")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    kills = ratings = lost = 0
    troubles: list[str] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = options.url or f"sqlite:///{Path(folder).as_posix()}/kill.sqlite3"
        if options.postgres:
            url = stack.enter_context(server())
        asyncio.run(look_for(url, []))  # makes the tables
        first = random.SystemRandom().randrange(10**9, 10**12)
        started = time.perf_counter()
        for kill in range(options.kills):
            acknowledged = kill_a_writer(url, first + kill * 10_000, rng)
            gone, wrong = asyncio.run(look_for(url, acknowledged))
            kills, ratings, lost = kills + 1, ratings + len(acknowledged), lost + gone
            troubles += wrong
            if sys.stderr.isatty():
                print(f"\r{kills} kills, {ratings:,} ratings, {lost} lost", end="", file=sys.stderr)
        took = time.perf_counter() - started
    name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    print(
        f"{name}: {kills} kills, {ratings:,} ratings acknowledged, {lost} lost, "
        f"{len(troubles)} troubles of the database; {took:.0f} s"
    )
    for trouble in troubles[:10]:
        print(f"  {trouble}")
    return 1 if lost or troubles else 0


if __name__ == "__main__":
    sys.exit(main())
