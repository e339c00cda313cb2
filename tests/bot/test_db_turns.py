"""Writers of one SQLite file share commits, and what is brief does not leave the event loop."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot.db import Database, DatabaseError, Fault
from bot.db.brief import BriefConnection
from bot.db.driver import driver_of
from recsys.profile import Entry
from tests.bot.test_db_repositories import put

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

PEOPLE = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ratings.sqlite3"


@pytest.fixture
async def database(path: Path) -> AsyncGenerator[Database]:
    database = await Database.open(f"sqlite:///{path}")
    yield database
    await database.close()


async def rate(database: Database, person: int, score: int = 7) -> None:
    """One writer."""
    async with database.write() as tx:
        await put(tx, person, Entry(1, score))


def rated(path: Path) -> set[int]:
    """Who has a rating, as another process sees it."""
    with closing(sqlite3.connect(path)) as other:
        return {person for (person,) in other.execute("SELECT user_id FROM entry")}


async def counting(database: Database, statement: str) -> list[str]:
    """The statements of the writing connection that begin so, from now on."""
    found: list[str] = []

    def heard(sql: str) -> None:
        if sql.startswith(statement):
            found.append(sql)

    async with database.write() as tx:
        driver = driver_of(tx.entries._connection)
        assert isinstance(driver, BriefConnection)
        await driver.set_trace_callback(heard)
    return found


async def test_many_writers_at_once_are_all_kept_and_share_transactions(
    database: Database, path: Path
) -> None:
    begun = await counting(database, "BEGIN IMMEDIATE")
    await asyncio.gather(*(rate(database, person) for person in range(1, PEOPLE + 1)))
    assert rated(path) == set(range(1, PEOPLE + 1))
    assert 1 <= len(begun) <= PEOPLE // 4


async def test_whoever_returns_has_their_change_on_the_disk(database: Database, path: Path) -> None:
    async def one(person: int) -> None:
        await rate(database, person)
        assert person in rated(path)

    await asyncio.gather(*(one(person) for person in range(1, PEOPLE + 1)))


async def test_closing_waits_for_what_is_being_written(database: Database, path: Path) -> None:
    writers = [asyncio.create_task(rate(database, person)) for person in range(1, 6)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writers)
    assert rated(path) == {1, 2, 3, 4, 5}


async def test_whoever_cancels_everything_can_still_close(database: Database, path: Path) -> None:
    """As the simulated Discord does at its end, with all that the bot has begun."""
    kept: set[int] = set()

    async def one(person: int) -> None:
        await rate(database, person)
        kept.add(person)

    for round_ in range(8):
        first = 1 + round_ * 10
        writers = [asyncio.create_task(one(person)) for person in range(first, first + 10)]
        for _ in range(round_):
            await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.wait(writers)
    await rate(database, 999)
    async with asyncio.timeout(20):
        await database.close()
    assert rated(path) >= kept | {999}


async def test_one_writer_that_fails_takes_nothing_from_the_others(
    database: Database, path: Path
) -> None:
    async def failing(person: int) -> None:
        with suppress(ZeroDivisionError):
            async with database.write() as tx:
                await put(tx, person, Entry(1, 5))
                raise ZeroDivisionError

    people = range(1, PEOPLE + 1)
    await asyncio.gather(*(failing(one) if one % 3 == 0 else rate(database, one) for one in people))
    assert rated(path) == {one for one in people if one % 3}


async def test_one_that_is_cancelled_takes_nothing_from_the_others(
    database: Database, path: Path
) -> None:
    inside = asyncio.Event()

    async def never() -> None:
        async with database.write() as tx:
            await put(tx, 999, Entry(1, 5))
            inside.set()
            await asyncio.Event().wait()

    stuck = asyncio.create_task(never())
    await inside.wait()
    others = [asyncio.create_task(rate(database, person)) for person in range(1, 6)]
    leaving = asyncio.create_task(rate(database, 998))
    await asyncio.sleep(0)
    leaving.cancel()
    stuck.cancel()
    await asyncio.gather(*others)
    await asyncio.gather(stuck, leaving, return_exceptions=True)
    assert rated(path) == {1, 2, 3, 4, 5}
    await rate(database, 6)
    assert 6 in rated(path)


async def test_where_sqlite_undoes_everything_nobody_is_told_that_it_was_kept(
    database: Database, path: Path
) -> None:
    async def emptied(person: int) -> None:
        async with database.write() as tx:
            await put(tx, person, Entry(1, 5))
            # As SQLite does by itself when the disk is full.
            await tx.entries._connection.exec_driver_sql("ROLLBACK")
            raise DatabaseError(Fault.FULL, "full")

    people = range(1, 11)
    outcomes = await asyncio.gather(
        *(emptied(one) if one == 5 else rate(database, one) for one in people),
        return_exceptions=True,
    )
    kept = {one for one, outcome in zip(people, outcomes, strict=True) if outcome is None}
    assert rated(path) == kept
    assert all(isinstance(outcome, DatabaseError | None) for outcome in outcomes)
    await rate(database, 20)
    assert 20 in rated(path)


async def test_an_erasure_waits_for_what_others_are_writing(database: Database, path: Path) -> None:
    await rate(database, 1)

    async def erase() -> None:
        async with database.erasing(1) as tx:
            await tx.privacy.erase(1)

    people = range(2, 12)
    async with database.write() as tx:  # meanwhile they queue, the erasure among them
        writers = [erase() if one == 6 else rate(database, one) for one in people]
        tasks = [asyncio.create_task(writer) for writer in writers]
        await asyncio.sleep(0.01)
        await put(tx, 20, Entry(1, 9))
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks)
    assert rated(path) == {*people, 20} - {6}


async def test_what_somebody_else_writes_is_waited_for_without_holding_the_event_loop(
    database: Database, path: Path
) -> None:
    await rate(database, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(rate(database, 2))
        for _ in range(20):  # the loop turns meanwhile
            await asyncio.sleep(0.001)
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
    assert rated(path) == {1, 2}


async def threads_of(database: Database, work: Callable[[Any], Any]) -> set[int]:
    """In which threads SQLite evaluates a function of ours while something is asked of it."""
    seen: set[int] = set()

    def here(value: int) -> int:
        seen.add(threading.get_ident())
        return value

    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.create_function("here", 1, here)
        await work(connection)
    return seen


async def test_a_brief_statement_runs_where_it_is_asked_for(database: Database) -> None:
    async def one(connection: Any) -> None:
        await connection.execute(text("SELECT here(1)"))

    assert await threads_of(database, one) == {threading.get_ident()}


async def test_a_long_answer_is_read_in_the_thread_but_whole(database: Database) -> None:
    found: list[int] = []

    async def many(connection: Any) -> None:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        # Begins with SELECT, as what the repositories ask does.
        rows = await connection.execute(text(f"SELECT here(i) FROM ({numbers} SELECT i FROM n)"))
        found.extend(number for (number,) in rows)

    seen = await threads_of(database, many)
    assert found == list(range(1, 5001))
    assert threading.get_ident() in seen
    assert len(seen) == 2


async def test_what_took_long_the_last_time_goes_to_the_thread(database: Database) -> None:
    pauses = iter([0.1, 0.0, 0.0])

    async def thrice(connection: Any) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        where: list[int] = []

        def slowly(_: int) -> int:
            where.append(threading.get_ident())
            time.sleep(next(pauses))
            return 1

        await driver.create_function("slowly", 1, slowly)
        for _ in range(3):
            await connection.execute(text("SELECT slowly(1)"))
        ours = threading.get_ident()
        # Long: the next goes to the thread. It was brief there: the one after comes back.
        assert [one == ours for one in where] == [True, False, True]

    await threads_of(database, thrice)
