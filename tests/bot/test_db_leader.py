"""One of several processes leads, and when it dies another does."""

import asyncio
import gc
import sys
import threading

import pytest

from bot.db import Database

HOLD = """
import asyncio, sys
from bot.db import Database

async def main():
    database = await Database.open(sys.argv[1], upgrade=False)
    print(await database.leadership.claim(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_first_leads_and_keeps_the_lead(database: Database, database_url: str) -> None:
    second = await Database.open(database_url)
    try:
        assert await database.leadership.claim()
        assert not await second.leadership.claim()
        assert await database.leadership.claim()
    finally:
        await second.close()


async def test_a_released_lead_can_be_taken(database: Database, database_url: str) -> None:
    second = await Database.open(database_url)
    try:
        assert await database.leadership.claim()
        await database.leadership.release()
        assert await second.leadership.claim()
        assert not await database.leadership.claim()
    finally:
        await second.close()


async def test_whoever_stops_while_claiming_leaves_neither_lock_nor_thread(
    sqlite_url: str, request: pytest.FixtureRequest
) -> None:
    before = set(threading.enumerate())
    gc.disable()  # nothing may wait for a collection to drop the lock
    request.addfinalizer(gc.enable)
    for number in range(40):
        database = await Database.open(sqlite_url, upgrade=number == 0)
        claiming = asyncio.create_task(database.leadership.claim())
        for _ in range(10 * number):  # wherever it is by then
            await asyncio.sleep(0)
        claiming.cancel()
        await asyncio.wait([claiming])
        await database.close()
    # asyncio's own threads end with the process; any other that is no daemon would keep it alive.
    left = set(threading.enumerate()) - before
    assert all(one.daemon or one.name.startswith("asyncio_") for one in left)
    after = await Database.open(sqlite_url)
    for _ in range(100):  # a thread may still be opening the file
        if await after.leadership.claim():
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("a lock was left")
    await after.close()


async def test_a_killed_leader_is_followed(database: Database, database_url: str) -> None:
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, database_url), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert (await other.stdout.readline()).strip() == b"True"
        assert not await database.leadership.claim()
    finally:
        other.kill()
        await other.wait()
    for _ in range(100):  # PostgreSQL notices a moment later
        if await database.leadership.claim():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody leads")


async def test_leading_does_not_stop_anybody_from_writing(
    database: Database, database_url: str
) -> None:
    assert await database.leadership.claim()
    second = await Database.open(database_url)
    try:
        await second.check_writable()
    finally:
        await second.close()
