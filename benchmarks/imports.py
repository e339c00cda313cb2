"""How fast a long list is brought, applied and undone, and how long the event loop is held.

    python benchmarks/imports.py [--entries 20000] [--postgres URL]

Makes a list in MyAnimeList's XML, over ids of the shipped catalog and beyond, and brings it to an
empty database: read in a process of its own, staged, compared, applied in one transaction, brought
again unchanged, undone; then a list of titles without ids, whose matching takes longest. Prints for
each step the seconds that passed, the seconds of processor time (which other work on the machine
does not lengthen) and the longest that the event loop was held, to be compared with that of doing
nothing; and the largest memory. In the same run: the seconds of a plain loop that parses the file
with `xml.etree` and writes row by row with `sqlite3`, with the ratio of the two.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot import memory  # noqa: E402
from bot.db import Database  # noqa: E402
from bot.importing.sites import Sites  # noqa: E402
from bot.services.imports import ImportService  # noqa: E402
from bot.services.titles import TitleService  # noqa: E402
from recsys.catalog import Catalog  # noqa: E402
from recsys.titles import TitleIndex  # noqa: E402
from tests.bot.lists import anime_planet, mal_xml  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from recsys.catalog import Anime

AKI = 1
STATUSES = ("Completed", "Plan to Watch", "Watching", "Dropped", "On-Hold")


def processor() -> float:
    """Seconds of processor time, of this process and of the readers that it started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Lag:
    """The longest time for which the event loop was held."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.spent = 0.0

    async def watch(self, every: float = 0.002) -> None:
        """Look until cancelled."""
        while True:
            start = time.perf_counter()
            await asyncio.sleep(every)
            self.longest = max(self.longest, time.perf_counter() - start - every)

    async def timed(self, name: str, work: Awaitable[object]) -> float:
        """Do something and print how long it took."""
        self.longest = 0.0
        start, spent = time.perf_counter(), processor()
        await work
        took, spent = time.perf_counter() - start, processor() - spent
        held = self.longest * 1000
        print(f"  {name:<22} {took:6.2f} s, {spent:5.2f} s of processor; loop held {held:4.0f} ms")
        self.spent += spent
        return took


def long_list(catalog: Catalog, entries: int) -> bytes:
    """A list over the catalog, and beyond its ids where that is too short."""
    ids = [*(one.id for one in catalog), *range(100_000, 100_000 + entries)][:entries]
    rows = ((i, f"Title {i}", i % 11, STATUSES[i % 5]) for i in ids)
    return mal_xml(*rows)


async def ours(url: str, data: bytes, catalog: Catalog, titles: TitleIndex) -> float:
    """Bring, apply and undo a list; the seconds until it is on the person's own list."""
    database = await Database.open(url)
    service = ImportService(database, catalog, TitleService(catalog, titles), Sites())
    lag = Lag()
    packed = gzip.compress(data)
    watching = asyncio.create_task(lag.watch())

    async def bring() -> int:
        job_id = await service.bring_file(AKI, packed)
        while (await service.status(AKI, job_id)).is_running:
            await service.wait(job_id, 60)
        return job_id

    async def brought() -> None:
        jobs.append(await bring())

    jobs: list[int] = []
    await lag.timed("doing nothing", asyncio.sleep(2))
    lag.spent = 0.0
    total = await lag.timed("read and stage", brought())
    total += await lag.timed("preview", service.status(AKI, jobs[0]))
    total += await lag.timed("apply", service.apply(AKI, jobs[0], file_wins=True))
    print(f"  {'until it is imported':<22} {total:6.2f} s, {lag.spent:5.2f} s of processor")
    await lag.timed("bring the same again", brought())
    await lag.timed("undo", service.undo(AKI, jobs[0]))
    watching.cancel()
    await service.close()
    await database.close()
    return total


def plain(path: Path, data: bytes) -> float:
    """The same by the book: a tree, and a statement for each row."""
    start = time.perf_counter()
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE entry (user_id, anime_id, score, status, PRIMARY KEY (user_id, anime_id))"
    )
    for anime in ET.fromstring(data).iter("anime"):  # noqa: S314 - our own file
        connection.execute(
            "INSERT OR REPLACE INTO entry VALUES (1, ?, ?, ?)",
            (
                int(anime.findtext("series_animedb_id") or 0),
                int(anime.findtext("my_score") or 0),
                anime.findtext("my_status"),
            ),
        )
    connection.commit()
    connection.close()
    return time.perf_counter() - start


def reader_memory(packed: bytes) -> int:
    """The megabytes that a process takes to read a file, its interpreter included."""
    code = (
        "import pathlib, re, sys; from bot.importing.__main__ import main; main();"
        "status = pathlib.Path('/proc/self/status').read_text();"
        "print(re.search(r'VmHWM:\\s*(\\d+) kB', status)[1], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=packed, capture_output=True, check=True, cwd=ROOT
    )
    return int(done.stderr) // 1024


def popular(catalog: Catalog, count: int) -> list[Anime]:
    """What most people have on their lists."""
    return list(islice(sorted(catalog, key=lambda one: -one.members), count))


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--titles", type=int, default=2_000, help="lines of the list of titles")
    parser.add_argument("--postgres", help="an empty database to measure too")
    options = parser.parse_args()
    catalog = Catalog.load()
    titles = TitleIndex(catalog)
    memory.set_aside()  # as the bot does: a collection over the catalog would hold the loop
    data = long_list(catalog, options.entries)
    print(f"{options.entries} entries, {len(data) / 1e6:.1f} MB of XML")
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite")
        took = await ours(f"sqlite:///{folder}/ours.sqlite3", data, catalog, titles)
        peer = plain(Path(folder) / "plain.sqlite3", data)
        print(f"  a plain loop {peer:.2f} s; ours takes {took / peer:.1f} times as long")
        print(f"SQLite, {options.titles} titles without ids")
        rows = (
            (one.english or one.title, 4.0, "watched") for one in popular(catalog, options.titles)
        )
        url = f"sqlite:///{folder}/titles.sqlite3"
        await ours(url, anime_planet(*rows), catalog, titles)
    if options.postgres:
        print("PostgreSQL")
        await ours(options.postgres, data, catalog, titles)
    if sys.platform == "linux":
        print(f"largest memory of the reading process {reader_memory(gzip.compress(data))} MB")


if __name__ == "__main__":
    asyncio.run(main())
