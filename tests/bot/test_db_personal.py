"""The contract: what is kept of people can be exported and erased, whoever adds a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import JSON, Column, ForeignKey, Integer, MetaData, Table

from bot.db.models import Base
from bot.db.personal import Impersonal, Personal, declared, personal_tables, without
from tests.bot.filling import Filler, everything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.db import Database

AKI, MIO = 987654321098765432, 876543210987654321

# What a column is called that holds the id of a person, or of several.
KEY = re.compile(
    r"(^|_)(user|owner|member|person|people|author|creator|inviter|invited|host|voter|participant"
    r"|friend|sender|recipient|asker|actor|admin|moderator)(_?ids?)?$|(^|_)(by|for|from|to)(_id)?$"
)
TABLES = Base.metadata.sorted_tables


def undeclared(tables: Iterable[Table]) -> list[str]:
    """What a table lacks of the contract, a sentence each; this is what guards new tables."""
    found: list[str] = []
    for table in tables:
        how = declared(table)
        if how is None:
            found.append(f"{table.name} is neither @personal nor @impersonal")
            continue
        known = how.columns if isinstance(how, Personal) else ()
        for column in table.columns:
            above = [declared(key.column.table) for key in column.foreign_keys]
            people = any(isinstance(one, Personal) for one in above)
            if column.name in known:
                continue
            if people or KEY.search(column.name):
                found.append(f"{table.name}.{column.name} holds a person unmentioned")
            if isinstance(column.type, JSON) and column.name not in how.plain:
                found.append(f"{table.name}.{column.name}: may ids of people stand in it?")
    return found


def test_every_table_says_whose_its_rows_are() -> None:
    assert undeclared(TABLES) == []


def test_the_walk_finds_a_table_that_says_nothing_or_too_little() -> None:
    metadata = MetaData()
    user = Base.metadata.tables["user"].to_metadata(metadata)
    visit = Table("visit", metadata, Column("user_id", Integer, ForeignKey(user.c.id)))
    assert undeclared([visit]) == ["visit is neither @personal nor @impersonal"]
    # Declared, and then given a column that the declaration does not know.
    entry = Base.metadata.tables["entry"]
    column: Column[int] = Column("invited_by", Integer)
    entry.append_column(column)
    try:
        assert undeclared([entry]) == ["entry.invited_by holds a person unmentioned"]
    finally:
        entry._columns.remove(column)


@pytest.mark.parametrize(
    "name", ["user_id", "owner_id", "member_ids", "created_by", "host", "voter_id", "invited_by"]
)
def test_the_name_of_a_column_tells_that_it_holds_a_person(name: str) -> None:
    assert KEY.search(name)


@pytest.mark.parametrize("name", ["anime_id", "list_id", "guild_id", "id", "text", "user_agent"])
def test_other_names_do_not(name: str) -> None:
    assert not KEY.search(name)


@pytest.mark.parametrize("one", personal_tables(), ids=lambda one: one.table.name)
def test_a_row_of_a_person_goes_with_the_person(one: Personal) -> None:
    """Nobody can write a row for a person who has none, and none stays when theirs goes."""
    for name in (*one.owners, *((one.parent,) if one.parent else ())):
        if one.table.name == "user":
            continue
        keys = one.table.c[name].foreign_keys
        assert keys, f"{one.table.name}.{name} refers to no table"
        for key in keys:
            assert isinstance(declared(key.column.table), Personal)
            assert key.ondelete == "CASCADE", f"{one.table.name}.{name} would stay behind"


@pytest.mark.parametrize("one", personal_tables(), ids=lambda one: one.table.name)
def test_a_mention_can_be_taken_out(one: Personal) -> None:
    for name in one.mentions:
        column = one.table.c[name]
        assert isinstance(column.type, JSON) or column.nullable, f"{column} cannot become null"


def test_kinds_are_told_apart_and_reasons_are_given() -> None:
    kinds = [one.kind for one in personal_tables()]
    assert len(set(kinds)) == len(kinds)
    for table in TABLES:
        how = declared(table)
        if isinstance(how, Impersonal):
            assert how.because.endswith(".")


async def test_a_row_is_read_out_with_every_column_of_every_table(database: Database) -> None:
    async with database.engine.begin() as connection:
        filler = Filler(connection)
        await filler.fill(AKI, MIO)
        await filler.fill(MIO, AKI)
    async with database.read(streams=True) as tx:
        for one in await tx.privacy.kept(AKI):
            assert one.count == 1, f"{one.table} is counted wrong"
            rows = [row async for row in tx.privacy.rows(AKI, one.kind)]
            (row,) = rows
            table = Base.metadata.tables[one.table]
            assert set(row) == set(table.columns.keys())
            keys = filler._keys[table, AKI]
            assert {name: row[name] for name in keys} == keys


async def test_an_erased_person_is_nowhere_and_others_are_as_they_were(database: Database) -> None:
    async with database.engine.begin() as connection:
        await Filler(connection).fill(MIO, MIO)
    before = await everything(database)
    async with database.engine.begin() as connection:
        await Filler(connection, first=5000).fill(AKI, MIO)
    assert any(str(AKI) in row for rows in (await everything(database)).values() for row in rows)
    async with database.erasing(AKI) as tx:
        gone = await tx.privacy.erase(AKI)
    assert [one.count for one in gone] == [1] * len(personal_tables())
    after = await everything(database)
    for table, rows in before.items():
        if isinstance(declared(Base.metadata.tables[table]), Personal):
            assert after[table] == rows, f"{table} lost a row of somebody else, or kept one"
    assert not any(str(AKI) in row for rows in after.values() for row in rows)


async def test_who_is_mentioned_by_others_is_taken_out_of_their_rows(database: Database) -> None:
    async with database.engine.begin() as connection:
        filler = Filler(connection)
        await filler.fill(AKI, AKI)
        await filler.fill(MIO, AKI)
    async with database.erasing(AKI) as tx:
        await tx.privacy.erase(AKI)
    rows = await everything(database)
    assert not any(str(AKI) in row for found in rows.values() for row in found)
    async with database.read() as tx:
        assert {one.count for one in await tx.privacy.kept(MIO)} == {1}


def test_an_id_is_taken_out_of_json_however_it_is_written() -> None:
    value = {
        "members": [1, AKI, str(AKI), MIO],
        "votes": {str(AKI): 3, str(MIO): 4},
        "host": AKI,
        "deep": [{"who": str(AKI), "is": True}],
        "count": 1,
    }
    assert without(value, AKI) == {
        "members": [1, MIO],
        "votes": {str(MIO): 4},
        "host": None,
        "deep": [{"who": None, "is": True}],
        "count": 1,
    }
    assert without({"flag": True, "list": [True]}, 1) == {"flag": True, "list": [True]}
