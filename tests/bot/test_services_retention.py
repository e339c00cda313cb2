"""Who has left is forgotten after a while; who uses the bot never is."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services import Services
from bot.services.privacy import Presence, PrivacyService, Retention
from bot.settings import Settings
from tests.bot.builders import MONSTER, STEINS_GATE

if TYPE_CHECKING:
    from pathlib import Path

AKI, MIO = 11, 22
DAYS = 8


class World:
    """The services, and a clock that the test turns."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.now = datetime.now(UTC)  # people are stored with the true time when they come
        self.presence = Presence(services.database, lambda: self.now)
        privacy = PrivacyService(services.database, services.catalog, lambda: self.now)
        self.retention = Retention(services.database, privacy, DAYS, lambda: self.now)

    async def days(self, count: int, *seen: int) -> int:
        """Let days pass on which the bot runs and some people use it; how many were erased."""
        gone = 0
        for _ in range(count):
            self.now += timedelta(days=1)
            for user_id in seen:
                self.presence.saw(user_id)
            await self.presence.write()
            gone += await self.retention.run()
        return gone

    async def listed(self, user_id: int) -> int:
        return len((await self.services.ratings.profile(user_id)).entries)


@pytest.fixture
async def world(services: Services) -> World:
    for user_id in AKI, MIO:
        await services.ratings.rate(user_id, STEINS_GATE, 9)
        await services.ratings.rate(user_id, MONSTER, 7)
    made = World(services)
    await made.retention.run()
    return made


async def test_who_was_not_seen_for_so_many_days_is_erased_and_who_was_is_not(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert await world.days(DAYS, AKI) == 0
    assert await world.listed(MIO) == 2
    with caplog.at_level(logging.INFO):
        assert await world.days(1, AKI) == 1
    assert await world.listed(MIO) == 0
    assert await world.listed(AKI) == 2
    (said,) = [one.getMessage() for one in caplog.records if "Erased" in one.getMessage()]
    assert said == "Erased 1 people whom the bot has not seen on 8 days of running"
    assert str(MIO) not in said
    assert await world.days(3 * DAYS, AKI) == 0


async def test_whoever_merely_looks_is_not_gone(world: World) -> None:
    """Being seen writes no entry; it keeps them all the same."""
    await world.days(DAYS - 1)
    assert await world.days(DAYS, AKI, MIO) == 0
    assert await world.listed(AKI) == await world.listed(MIO) == 2


async def test_days_on_which_the_bot_was_off_do_not_count(world: World) -> None:
    await world.days(DAYS - 1)
    world.now += timedelta(days=1000)  # it was off
    assert await world.days(1) == 0
    assert await world.days(2) == 2


async def test_a_clock_that_jumps_ahead_takes_nobody_for_gone(world: World) -> None:
    await world.days(3, AKI)
    world.now += timedelta(days=36_500)
    assert await world.retention.run() == 0
    world.now -= timedelta(days=36_500)
    assert await world.days(DAYS - 5, AKI) == 0
    assert await world.listed(MIO) == 2


async def test_running_many_times_a_day_counts_once(world: World) -> None:
    for _ in range(3 * DAYS):
        assert await world.retention.run() == 0
    assert await world.listed(MIO) == 2


async def test_a_new_bot_and_one_that_keeps_all_erase_nobody(services: Services) -> None:
    await services.ratings.rate(AKI, STEINS_GATE, 9)
    now = datetime.now(UTC)
    for day in range(20):
        moment = now + timedelta(days=day)
        job = Retention(services.database, services.privacy, 0, lambda at=moment: at)
        assert await job.run() == 0
    assert (await services.ratings.profile(AKI)).entries


async def test_somebody_who_comes_back_at_that_moment_is_left_alone(world: World) -> None:
    await world.days(DAYS)
    world.now += timedelta(days=1)
    since = world.now.date() - timedelta(days=DAYS)
    world.presence.saw(MIO)
    await world.presence.write()
    # The job had looked them up before.
    assert await world.services.privacy.erase(MIO, unless_seen_since=since) == ()
    assert await world.listed(MIO) == 2


async def test_somebody_without_a_row_gets_none_from_being_looked_for(world: World) -> None:
    nobody = 404
    world.presence.saw(nobody)
    await world.presence.write()
    assert await world.services.privacy.erase(nobody, unless_seen_since=world.now.date()) == ()
    async with world.services.database.read() as tx:
        assert await tx.users.version(nobody) is None


async def test_the_days_that_are_kept_do_not_grow(world: World) -> None:
    await world.days(3 * DAYS, AKI)
    async with world.services.database.engine.connect() as connection:
        count = (await connection.exec_driver_sql("SELECT count(*) FROM service_day")).scalar_one()
    assert count == DAYS + 1


async def test_the_bot_looks_for_who_has_left_as_soon_as_it_runs(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{(tmp_path / 'a.sqlite3').as_posix()}")
    services = await Services.open(settings)
    try:
        async with asyncio.timeout(10):
            while True:
                async with services.database.engine.connect() as connection:
                    days = await connection.exec_driver_sql("SELECT day FROM service_day")
                    if days.scalars().all() == [datetime.now(UTC).date().isoformat()]:
                        break
                await asyncio.sleep(0.01)
    finally:
        await services.close()


async def test_a_process_that_does_not_lead_removes_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def follow() -> bool:
        return False

    monkeypatch.setattr(world.services.database.leadership, "claim", follow)
    ran = asyncio.Event()

    async def run() -> int:
        ran.set()
        return 0

    monkeypatch.setattr(world.retention, "run", run)
    task = asyncio.create_task(world.retention.watch(every=0.001))
    await asyncio.sleep(0.05)
    assert not ran.is_set()
    monkeypatch.undo()
    monkeypatch.setattr(world.retention, "run", run)
    async with asyncio.timeout(10):
        await ran.wait()
    task.cancel()
    await asyncio.wait({task})
