"""A list that is brought, taken away and brought again is the same list, in each format."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.db.imports import Difference
from bot.importing import read_list
from bot.importing.sites import Sites
from bot.services.privacy import PrivacyService
from recsys.profile import Entry, Status
from tests.bot import lists
from tests.bot.test_services_imports import AKI, MIO, Bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.db import Database

_ENOUGH = 8 << 20

# Every status with and without a score, an anime newer than the catalog, and every id of a list of
# some size.
ROWS = [
    (19, "Monster", 9, "completed"),
    (2167, "Clannad", None, "planned"),
    (4224, "Toradora!", 4, "dropped"),
    (9253, "Steins;Gate", 10, "watching"),
    (1535, "Death Note", None, "on_hold"),
    (1, "Cowboy Bebop", 1, "on_hold"),
    (86, "Shaman King", None, "not_interested"),
    (41457, "86", 7, "planned"),
    (61_000, "Next Season", 8, "completed"),
    *((1000 + n, f"Thriller of Night {n}", n + 1, "completed") for n in range(8)),
]


@pytest_asyncio.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    made = Bench(database, Sites())
    yield made
    await made.imports.close()


async def exported(bench: Bench, user_id: int = AKI) -> dict[str, bytes]:
    privacy = PrivacyService(bench.database, bench.engine.catalog)
    messages = await privacy.export(user_id, _ENOUGH)
    return {file.name: file.content for files in messages for file in files}


def refused_nothing(entry: Entry) -> bool:
    """Whether MyAnimeList has words for it."""
    return entry.status is not Status.NOT_INTERESTED or entry.score is not None


@pytest.mark.parametrize("ending", [".json", ".csv", ".xml"])
async def test_import_export_import_gives_the_same_entries(bench: Bench, ending: str) -> None:
    await bench.take(lists.ours_json(*ROWS))
    first = await bench.entries()
    assert len(first) == len(ROWS)
    files = await exported(bench)
    (name,) = (name for name in files if name.removesuffix(".gz").endswith(ending))

    # Into an empty list, of somebody else.
    status = await bench.bring(files[name], MIO)
    await bench.imports.apply(MIO, status.job_id, file_wins=True)
    second = await bench.entries(MIO)
    if ending == ".xml":
        first = {i: entry for i, entry in first.items() if refused_nothing(entry)}
    assert second == first

    # Back into the list that it came from: nothing changes.
    again = await bench.bring(files[name])
    assert again.difference == Difference(0, 0, len(first))


@pytest.mark.parametrize("ending", [".json", ".csv", ".xml"])
async def test_what_other_sites_gave_survives_the_same_way(bench: Bench, ending: str) -> None:
    for data in (
        lists.mal_xml((19, "Monster", 9, "Completed"), (2167, "Clannad", 0, "Plan to Watch")),
        lists.anilist_download((104_224, 85, 2), (109_253, 35, 3)),
        lists.anime_planet(("Death Note", 4.5, "stalled"), ("Cowboy Bebop", 0, "watching")),
        lists.simkl((86, "Shaman King", 7, "hold")),
        b"title,rating/5\n86,4\n",
    ):
        await bench.take(data)
    first = await bench.entries()
    assert len(first) == 8
    files = await exported(bench)
    (name,) = (name for name in files if name.removesuffix(".gz").endswith(ending))
    await bench.imports.apply(MIO, (await bench.bring(files[name], MIO)).job_id, file_wins=True)
    assert await bench.entries(MIO) == first


async def test_a_compressed_export_is_read_back_too(bench: Bench) -> None:
    await bench.take(lists.ours_json(*ROWS))
    for content in (await exported(bench)).values():
        assert read_list(gzip.compress(content)).lines == read_list(content).lines
