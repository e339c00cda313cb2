"""From the first migration to the last and back, on both databases, with rows in every table."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, inspect, select

from bot.db import Database, DatabaseError, migrate
from bot.db.copying import copy_rows, one_moment, tables_of
from tests.bot.filling import Filler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

PEOPLE = (987654321098765432, 876543210987654321)
REVISIONS = [step.partition(":")[0] for step in migrate.steps(None)]

Rows = dict[str, list[dict[str, Any]]]


class AsItWas(Filler):
    """Fills the tables as they are in the database, of whichever revision."""

    async def fill_reflected(self, tables: Sequence[Table], user_id: int) -> None:
        for table in tables:
            row: dict[str, Any] = {}
            for column in table.columns:
                keys = [self._keys[key.column.table, user_id] for key in column.foreign_keys]
                if keys:
                    (key,) = column.foreign_keys
                    row[column.name] = keys[0][key.column.name]
                elif table.name == "user" and column.name == "id":
                    row[column.name] = user_id
                elif (value := self.reflected(table, column)) is not None:
                    row[column.name] = value
            result = await self._connection.execute(insert(table).values(row))
            made = zip(table.primary_key.columns.keys(), result.inserted_primary_key, strict=True)
            self._keys[table, user_id] = {**row, **dict(made)}


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_url, upgrade=False)
    yield opened
    await opened.close()


async def filled(database: Database, revision: str, tmp_path: Path) -> None:
    """Make the tables of a revision, with rows of two people in each."""
    await migrate.upgrade(database.engine, database.where, revision)
    made = await Database.open(f"sqlite:///{tmp_path / f'{revision}.sqlite3'}", upgrade=False)
    try:
        await migrate.upgrade(made.engine, made.where, revision)
        async with made.alone() as connection:
            filler = AsItWas(connection)
            tables = await tables_of(connection)
            for user_id in PEOPLE:
                await filler.fill_reflected(tables, user_id)
        # SQLite's checks are written as we wrote them, so rows are made there and copied.
        async with one_moment(made) as source, database.alone() as target:
            await copy_rows(source, target)
    finally:
        await made.close()


async def rows_of(connection: AsyncConnection) -> Rows:
    return {
        table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
        for table in await tables_of(connection)
    }


async def all_rows(database: Database) -> Rows:
    async with one_moment(database) as connection:
        return await rows_of(connection)


def in_common(one: Rows, other: Rows) -> list[tuple[str, list[Any], list[Any]]]:
    """What two states of a database both have: tables, and of those the columns."""
    found: list[tuple[str, list[Any], list[Any]]] = []
    for name in one.keys() & other.keys():
        if not one[name] or not other[name]:
            found.append((name, one[name], other[name]))
            continue
        columns = sorted(one[name][0].keys() & other[name][0].keys())
        here, there = (
            sorted(repr([row[column] for column in columns]) for row in rows)
            for rows in (one[name], other[name])
        )
        found.append((name, here, there))
    return found


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_database_of_every_age_comes_up_to_date_with_all_its_rows(
    database: Database, revision: str, tmp_path: Path
) -> None:
    await filled(database, revision, tmp_path)
    before = await all_rows(database)
    assert all(before.values()), "a table has no rows, and so proves nothing"
    await migrate.upgrade(database.engine, database.where)
    assert await migrate.differences(database.engine, database.where) == []
    for name, was, now in in_common(before, await all_rows(database)):
        assert was == now, f"the rows of {name} changed"
    async with database.read() as tx:
        for user_id in PEOPLE:
            kept = {one.kind: one.count for one in await tx.privacy.kept(user_id)}
            assert kept["person"] == kept["entries"] == kept["shown_picks"] == 1


async def test_every_step_up_and_down_again_keeps_what_both_sides_know(
    database: Database, tmp_path: Path
) -> None:
    await filled(database, REVISIONS[0], tmp_path)
    states = [await all_rows(database)]
    for revision in REVISIONS[1:]:
        await migrate.upgrade(database.engine, database.where, revision)
        states.append(await all_rows(database))
    for was, now in itertools.pairwise(states):
        for name, left, right in in_common(was, now):
            assert left == right, f"the rows of {name} changed on the way up"
    for number in range(len(REVISIONS) - 2, -1, -1):
        await migrate.downgrade(database.engine, database.where, REVISIONS[number])
        now = await all_rows(database)
        assert {name: columns(rows) for name, rows in now.items() if rows} == {
            name: columns(rows) for name, rows in states[number].items() if rows
        }
        for name, left, right in in_common(states[number], now):
            assert left == right, f"the rows of {name} changed on the way down"
    await migrate.downgrade(database.engine, database.where, "base")
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    assert names == ["alembic_version"]


def columns(rows: list[dict[str, Any]]) -> set[str]:
    return set(rows[0])


async def test_going_back_and_forth_at_once_ends_up_to_date(
    database: Database, tmp_path: Path
) -> None:
    await filled(database, REVISIONS[-1], tmp_path)
    await migrate.downgrade(database.engine, database.where, REVISIONS[0])
    await migrate.upgrade(database.engine, database.where)
    assert await migrate.differences(database.engine, database.where) == []
    async with database.read() as tx:
        assert len(await tx.entries.all(PEOPLE[0])) == 1


async def test_who_was_there_before_retention_was_last_seen_when_their_row_or_list_says(
    database: Database, tmp_path: Path
) -> None:
    await filled(database, "0002", tmp_path)
    await migrate.upgrade(database.engine, database.where)
    rows = await all_rows(database)
    shown = {row["user_id"]: row["created_at"].date() for row in rows["shown_list"]}
    for person in rows["user"]:
        expected = max(person["updated_at"].date(), shown[person["id"]])
        assert str(person["seen_on"]) == str(expected)
        assert person["training_since"] is None  # nobody has consented by an upgrade


def test_the_steps_are_named_in_their_order_and_a_wrong_one_gets_a_sentence() -> None:
    assert sorted(REVISIONS) == REVISIONS
    assert migrate.steps("0002", "0002") == []
    (one,) = migrate.steps("0001", "0002")
    assert one.startswith("0002: ")
    assert [s[:4] for s in migrate.steps("0003", "0001", down=True)] == ["0003", "0002"]
    with pytest.raises(DatabaseError, match="no revision nonsense"):
        migrate.steps("0001", "nonsense")
    with pytest.raises(DatabaseError, match="earlier: downgrade"):
        migrate.steps("0003", "0001")
    with pytest.raises(DatabaseError, match="later: upgrade"):
        migrate.steps("0001", "0003", down=True)
