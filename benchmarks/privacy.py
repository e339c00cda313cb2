"""How long it takes to hand over and to erase everything about one person.

  python benchmarks/privacy.py                      20,000 entries and 500 lists of picks, on SQLite
  python benchmarks/privacy.py --url postgresql://... on an empty PostgreSQL database

Beside them 50 other people with a hundredth of that, so that a table is more than one person's. The
longest turn of the event loop is measured too: for so long nobody else is answered. By the clock it
means something on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot import memory
from bot.db import Database
from bot.db.shown import PickRow
from bot.services.privacy import PrivacyService
from recsys.catalog import Anime, Catalog
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Result = TypeVar("Result")

PERSON = 987654321098765432
DISCORD = 10 * 1024 * 1024  # bytes that a message carries
BESIDE = 50
_TICK = 0.001  # seconds


@dataclass
class Measured:
    """What one kind of work took, in seconds by the clock and of the processor."""

    times: list[float]
    processor: list[float]
    turn: float = 0.0
    held: float = 0.0

    def __str__(self) -> str:
        return (
            f"median {statistics.median(self.times):6.3f} s, worst {max(self.times):6.3f} s, "
            f"processor {statistics.median(self.processor):6.3f} s; longest turn of the event loop "
            f"{1000 * self.turn:.0f} ms of the processor, {1000 * self.held:.0f} ms by the clock"
        )


async def timed(measured: Measured, work: Callable[[], Awaitable[Result]]) -> Result:
    """Do the work and note how long it took, and the longest wait of another task meanwhile."""
    done = asyncio.Event()

    async def tick() -> None:
        while not done.is_set():
            before, busy = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_TICK)
            measured.held = max(measured.held, time.perf_counter() - before - _TICK)
            measured.turn = max(measured.turn, time.thread_time() - busy)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    started, busy = time.perf_counter(), time.process_time()
    result = await work()
    measured.times.append(time.perf_counter() - started)
    measured.processor.append(time.process_time() - busy)
    done.set()
    await ticking
    return result


async def fill(database: Database, person: int, entries: int, lists: int, picks: int) -> None:
    """A person who has rated, planned and refused, and was shown lists."""
    now = datetime.now(UTC)
    detail = {"reasons": [[n, 0.125 * n, 9] for n in range(1, 4)], "range": [6.5, 8.75]}
    shown = [PickRow(n, 1 / n, 7.5, detail) for n in range(1, picks + 1)]
    async with database.write() as tx:
        revision = await tx.users.advance(person, now)
        for number in range(1, entries + 1):
            entry = Entry(number, number % 10 + 1, Status.COMPLETED)
            await tx.entries.put(person, entry, revision=revision, source="benchmark", now=now)
        for _ in range(lists):
            await tx.shown.add(
                user_id=person,
                guild_id=1,
                kind="recommend",
                model="benchmark",
                query={"k": picks},
                picks=shown,
                shown=picks,
                now=now,
            )


async def run(options: argparse.Namespace, url: str) -> None:
    """Fill, export and erase, several times."""
    catalog = Catalog(
        Anime(n, f"A Title of Usual Length, Season {n}", type="TV", episodes=12)
        for n in range(1, options.entries + 1)
    )
    database = await Database.open(url)
    export, erase = Measured([], []), Measured([], [])
    size = files = 0
    try:
        service = PrivacyService(database, catalog)
        for other in range(1, BESIDE + 1):
            await fill(database, other, options.entries // 100, options.lists // 100, 25)
        # As the bot does: no full collection while somebody is being answered.
        memory.set_aside()
        collector = asyncio.create_task(memory.QuietCollector(lambda: 1).watch())
        for _ in range(options.repeats):
            await fill(database, PERSON, options.entries, options.lists, 25)
            messages = await timed(export, lambda: service.export(PERSON, DISCORD))
            size = sum(len(file.content) for message in messages for file in message)
            files = sum(map(len, messages))
            gone = await timed(erase, lambda: service.erase(PERSON))
            if sum(one.count for one in gone) <= options.entries:
                raise SystemExit("not everything was erased")
            if (await service.report(PERSON)).kept:
                raise SystemExit("something is left")
        collector.cancel()
    finally:
        await database.close()
    rows = options.entries + options.lists * 26
    print(
        f"{database.engine.dialect.name}: {options.entries:,} entries and {options.lists:,} lists "
        f"of 25 picks ({rows:,} rows), {options.repeats} times"
    )
    print(f"  export  {export}; {files} files, {size / 1e6:.2f} MB")
    print(f"  erase   {erase}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="database URL; by default a new file of SQLite")
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--lists", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = options.url or f"sqlite:///{Path(folder, 'osusume.sqlite3').as_posix()}"
        asyncio.run(run(options, url))


if __name__ == "__main__":
    main()
