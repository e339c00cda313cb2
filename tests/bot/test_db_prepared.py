"""Statements that go to SQLite directly do what SQLAlchemy would do with them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, delete, exc, insert, select

from bot.db import Database
from bot.db.brief import driver_of
from bot.db.prepared import Prepared, upsert
from bot.db.types import BigId, Json, JsonOrNull, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

THING = Table(
    "thing",
    MetaData(),
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("said", Json),
    Column("maybe", JsonOrNull),
    Column("at", UtcDateTime),
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
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
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
    }
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    database = await Database.open(f"sqlite:///{tmp_path / 'a.sqlite3'}", upgrade=False)
    async with database.alone() as connection:
        await connection.run_sync(THING.create)
    yield database
    await database.close()


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_written_and_read_is_what_sqlalchemy_writes_and_reads(
    tmp_path_factory: pytest.TempPathFactory, at_once: bool
) -> None:
    folder = tmp_path_factory.mktemp("prepared")
    reading = Prepared(ALL)

    async def check(things: list[dict[str, Any]]) -> None:
        database = await Database.open(f"sqlite:///{folder / 'a.sqlite3'}", upgrade=False)
        async with database.alone() as connection:
            await connection.run_sync(THING.drop, checkfirst=True)
            await connection.run_sync(THING.create)
            if at_once:
                await Prepared(insert(THING)).run_many(connection, things)
            else:
                for thing in things:
                    assert await ADD.value(connection, thing) == thing["id"]
            ours = await reading.rows(connection, {"least": 10})
            theirs = [tuple(row) for row in await connection.execute(ALL, {"least": 10})]
            await connection.execute(delete(THING))
            if things:
                await connection.execute(insert(THING), things)
            written = [tuple(row) for row in await connection.execute(ALL, {"least": 10})]
        await database.close()
        assert ours == theirs == written

    @settings(deadline=None, max_examples=25)
    @given(st.lists(THINGS, max_size=5, unique_by=lambda thing: thing["id"]))
    def prove(things: list[dict[str, Any]]) -> None:
        asyncio.run(check(things))

    prove()


async def test_a_conflict_is_settled_and_counted(database: Database) -> None:
    async with database.alone() as connection:
        for _ in range(3):
            assert await PUT.run(connection, {"id": 1, "count": 2}) == 1
        assert await Prepared(select(COLUMN.count)).value(connection, {}) == 6
        gone = Prepared(delete(THING).where(COLUMN.id == bindparam("which")))
        assert [await gone.run(connection, {"which": 1}) for _ in range(2)] == [1, 0]
        assert await Prepared(select(COLUMN.count)).row(connection, {}) is None


async def test_a_broken_constraint_is_raised_as_sqlalchemys_without_the_values(
    database: Database,
) -> None:
    async with database.alone() as connection:
        assert driver_of(connection) is not None
        await ADD.run(connection, {"id": 77_777, "count": 1, "at": NOW})
        with pytest.raises(exc.IntegrityError) as raised:
            await ADD.run(connection, {"id": 77_777, "count": 1, "at": NOW})
    assert "77777" not in str(raised.value)


async def test_a_long_answer_is_whole(database: Database) -> None:
    people = range(700)
    async with database.alone() as connection:
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
        Prepared(insert(table))._for({"id": 1})
