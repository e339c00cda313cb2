"""When the database fails, the person reads a sentence, and nothing is lost."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.db import Database
from bot.locales import strings
from bot.services import Services, UserError
from bot.services.errors import KEYS
from bot.settings import Settings
from recsys.profile import Entry, Profile, Status
from tests.bot.builders import CLANNAD, MONSTER, engine
from tests.bot.pragmas import pragma

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

AKI = 10**18


@pytest_asyncio.fixture
async def over_sqlite(sqlite_url: str) -> AsyncIterator[Services]:
    database = await Database.open(sqlite_url)
    services = Services(Settings(database_url=sqlite_url), engine(), database)
    await services.ratings.rate(AKI, MONSTER, 9)
    yield services
    await services.close()


@pytest.fixture
def other_program(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Something else that has the bot's file open."""
    connection = sqlite3.connect(tmp_path / "osusume.sqlite3", isolation_level=None)
    yield connection
    connection.close()


def everything_that_writes(services: Services) -> list[Any]:
    return [
        services.ratings.rate(AKI, CLANNAD, 3),
        services.ratings.set_status(AKI, MONSTER, Status.DROPPED),
        services.ratings.unrate(AKI, MONSTER),
        services.ratings.restore(AKI, MONSTER, None),
        services.picks.recommend(AKI, None),
        services.picks.similar(AKI, None, [MONSTER]),
        services.picks.outcome(AKI, 1, MONSTER, "seen"),
        services.guilds.forget(1),
    ]


async def fill(services: Services) -> None:
    for n in range(10_000):
        await services.picks.recommend(AKI + n, None, k=25)


async def test_a_locked_database_is_said_to_be_busy_and_the_rating_can_be_repeated(
    over_sqlite: Services, other_program: sqlite3.Connection
) -> None:
    other_program.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserError, match="storage_busy"):
        await over_sqlite.ratings.rate(AKI, CLANNAD, 3)
    # Reading goes on meanwhile.
    assert await over_sqlite.ratings.profile(AKI) == Profile((Entry(MONSTER, 9),))
    other_program.execute("ROLLBACK")
    assert (await over_sqlite.ratings.rate(AKI, CLANNAD, 3)).count == 2


@pytest.mark.parametrize(
    ("statement", "key"),
    [("query_only = ON", "storage_read_only"), ("max_page_count = 1", "storage_full")],
)
async def test_a_disk_that_takes_nothing_is_named_and_the_list_stays_as_it_was(
    over_sqlite: Services, caplog: pytest.LogCaptureFixture, statement: str, key: str
) -> None:
    end = await pragma(over_sqlite.database, statement)
    if key == "storage_full":
        # Pages that are there are used up first; only what needs a new one fails.
        with pytest.raises(UserError, match=key):
            await fill(over_sqlite)
    else:
        for asking in everything_that_writes(over_sqlite):
            with pytest.raises(UserError, match=key):
                await asking
    end()
    assert await over_sqlite.ratings.profile(AKI) == Profile((Entry(MONSTER, 9),))
    assert "osusume.sqlite3" in caplog.text
    assert next(r.levelno for r in caplog.records if r.name == "bot.services.errors") == (
        logging.ERROR
    )


@pytest.mark.postgres
async def test_a_server_that_is_gone_is_said_to_fail_and_found_again_when_it_is_back(
    postgres_url: str,
) -> None:
    database = await Database.open(postgres_url)
    services = Services(Settings(database_url=postgres_url), engine(), database)
    await services.ratings.rate(AKI, MONSTER, 9)
    name = database.engine.url.database
    admin = await Database.open(postgres_url.replace(str(name), "postgres"), upgrade=False)
    async with admin.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
    for asking in everything_that_writes(services):
        with pytest.raises(UserError, match="storage_failed"):
            await asking
    async with admin.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert (await services.ratings.rate(AKI, CLANNAD, 3)).count == 2
    await admin.close()
    await services.close()


def test_every_key_that_the_services_raise_has_a_sentence() -> None:
    english = strings("en-US")
    params = {"low": 1, "high": 10, "id": 5, "most": 3, "seconds": 7, "count": 2}
    params |= {"site": "AniList", "name": "aki"}
    for key in KEYS:
        assert english(f"errors.{key}", **params)
