"""Statements that go to the driver directly do what SQLAlchemy would do with them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    Table,
    bindparam,
    delete,
    exc,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import sqlite

from bot.db import Database
from bot.db.driver import driver_of
from bot.db.prepared import Prepared, upsert
from bot.db.types import BigId, Json, JsonOrNull, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

THING = Table(
    "thing",
    MetaData(),
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("said", Json),
    Column("maybe", JsonOrNull),
    Column("at", UtcDateTime),
    Column("share", Float),
)
COLUMN = THING.c
ADD = Prepared(insert(THING).returning(COLUMN.id))
ALL = select(THING).where(COLUMN.count >= bindparam("least")).order_by(COLUMN.id).limit(1000)
PUT = upsert(
    THING,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["id"], set_={"count": COLUMN.count + statement.excluded.count}
    ),
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
# PostgreSQL's text has every character but this one.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the time zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
THINGS = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "count": st.integers(0, 10**6),
        "said": JSON,
        "maybe": JSON,
        "at": st.none() | MOMENTS,
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)


@pytest_asyncio.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    database = await Database.open(empty_url, upgrade=False)
    async with database.engine.begin() as connection:
        await connection.run_sync(THING.create)
    yield database
    await database.close()


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection as the repositories get it."""
    async with database.write() as tx:
        connection = tx.entries._connection
        assert driver_of(connection) is not None
        yield connection


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_written_and_read_is_what_sqlalchemy_writes_and_reads(
    empty_url: str, at_once: bool
) -> None:
    reading = Prepared(ALL)

    async def check(things: list[dict[str, Any]]) -> None:
        database = await Database.open(empty_url, upgrade=False)
        try:
            ours, theirs, written = await both_ways(database, things)
        finally:
            await database.close()
        assert ours == theirs == written

    async def both_ways(database: Database, things: list[dict[str, Any]]) -> list[list[Any]]:
        async with database.engine.begin() as other:
            await other.run_sync(THING.drop, checkfirst=True)
            await other.run_sync(THING.create)
        async with writing(database) as connection:
            if at_once:
                await Prepared(insert(THING)).run_many(connection, things)
            else:
                for thing in things:
                    assert await ADD.value(connection, thing) == thing["id"]
            ours = [tuple(row) for row in await reading.rows(connection, {"least": 10})]
        async with database.engine.begin() as other:
            theirs = [tuple(row) for row in await other.execute(ALL, {"least": 10})]
            await other.execute(delete(THING))
            if things:
                await other.execute(insert(THING), things)
            written = [tuple(row) for row in await other.execute(ALL, {"least": 10})]
        return [ours, theirs, written]

    @settings(deadline=None, max_examples=15)
    @given(st.lists(THINGS, max_size=5, unique_by=lambda thing: thing["id"]))
    def prove(things: list[dict[str, Any]]) -> None:
        asyncio.run(check(things))

    prove()


async def test_what_is_undone_leaves_nothing_and_the_connection_works_on(
    database: Database,
) -> None:
    async def failing(number: int, statement: str) -> None:
        async with writing(database) as connection:
            await ADD.value(connection, {"id": number, "count": 1})
            await connection.execute(text(statement))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing(1, "SELECT 1")
    with pytest.raises(exc.ProgrammingError if _is_postgres(database) else exc.OperationalError):
        await failing(2, "SELECT nothing FROM nowhere")
    async with database.engine.connect() as connection:
        assert (await connection.execute(select(THING))).all() == []
    async with writing(database) as connection:
        await ADD.value(connection, {"id": 3, "count": 1})
    async with database.engine.connect() as connection:
        assert (await connection.execute(select(COLUMN.id))).scalars().all() == [3]


async def test_whoever_is_cancelled_in_the_middle_leaves_nothing_behind(
    database: Database,
) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with writing(database) as connection:
            await ADD.value(connection, {"id": 1, "count": 1})
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    for number in range(20):  # each connection that there is
        async with writing(database) as connection:
            await ADD.value(connection, {"id": 2 + number, "count": 1})
    async with database.engine.connect() as connection:
        ids = (await connection.execute(select(COLUMN.id))).scalars().all()
    assert sorted(ids) == list(range(2, 22))


def _is_postgres(database: Database) -> bool:
    return database.engine.dialect.name == "postgresql"


async def test_a_conflict_is_settled_and_counted(database: Database) -> None:
    async with writing(database) as connection:
        for _ in range(3):
            assert await PUT.run(connection, {"id": 1, "count": 2}) == 1
        assert await Prepared(select(COLUMN.count)).value(connection, {}) == 6
        gone = Prepared(delete(THING).where(COLUMN.id == bindparam("which")))
        assert [await gone.run(connection, {"which": 1}) for _ in range(2)] == [1, 0]
        assert await Prepared(select(COLUMN.count)).row(connection, {}) is None


async def test_a_broken_constraint_is_raised_as_sqlalchemys_without_the_values(
    database: Database,
) -> None:
    async def twice() -> None:
        async with writing(database) as connection:
            for _ in range(2):
                await ADD.run(connection, {"id": 77_777, "count": 1, "at": NOW})

    with pytest.raises(exc.IntegrityError) as raised:
        await twice()
    if not _is_postgres(database):  # whose server says which key it was
        assert "77777" not in str(raised.value)


async def test_a_long_answer_is_whole(database: Database) -> None:
    people = range(700)
    async with writing(database) as connection:
        await Prepared(insert(THING)).run_many(
            connection, [{"id": one, "count": one % 2} for one in people]
        )
        found = await Prepared(ALL).rows(connection, {"least": 0})
    assert [row[0] for row in found] == list(people)


def test_a_default_that_only_python_knows_is_refused() -> None:
    table = Table(
        "other",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("n", Integer, default=3),
    )
    with pytest.raises(TypeError, match="default"):
        Prepared(insert(table))._for(sqlite.dialect(), {"id": 1})
