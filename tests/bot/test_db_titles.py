"""Names that an admin added and texts that nothing was found for, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import inspect

from bot.db import Database, migrate
from bot.db.aliases import Alias
from bot.db.missed import Missed
from recsys.profile import Entry
from tests.bot.test_db_repositories import NOW, SNOWFLAKE, put, show

TODAY = date(2026, 1, 2)


async def test_a_name_added_twice_is_there_once_and_can_be_taken_away(database: Database) -> None:
    first, second = Alias("nijigen", 5), Alias("にじげん", 3)
    async with database.write() as tx:
        for alias in (first, second, first):
            await tx.aliases.add(alias, NOW)
    async with database.read() as tx:
        assert await tx.aliases.all() == (second, first)
    async with database.write() as tx:
        await tx.aliases.remove(first)
        await tx.aliases.remove(Alias("never there", 5))
    async with database.read() as tx:
        assert await tx.aliases.all() == (second,)


async def test_a_missed_text_is_counted_with_its_first_and_last_day(database: Database) -> None:
    later = TODAY + timedelta(days=3)
    async with database.write() as tx:
        await tx.missed.count("wobble", TODAY)
        await tx.missed.count("quux", later)
        await tx.missed.count("wobble", later)
    async with database.read() as tx:
        assert await tx.missed.top(10) == (
            Missed("wobble", 2, TODAY, later),
            Missed("quux", 1, later, later),
        )
        assert len(await tx.missed.top(1)) == 1
    async with database.write() as tx:
        await tx.missed.remove("wobble")
    async with database.read() as tx:
        assert [missed.text for missed in await tx.missed.top(10)] == ["quux"]


async def test_too_many_missed_texts_leave_those_wanted_most_and_last(database: Database) -> None:
    async with database.write() as tx:
        for number in range(6):
            await tx.missed.count(f"text {number}", TODAY + timedelta(days=number))
        await tx.missed.count("text 0", TODAY)
        await tx.missed.prune(6, 3)
        assert len(await tx.missed.top(10)) == 6
        await tx.missed.prune(5, 3)
        assert [one.text for one in await tx.missed.top(10)] == ["text 0", "text 5", "text 4"]


async def test_preferences_are_kept_beside_the_list(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.users.preferences(SNOWFLAKE) == {}
        await tx.users.put_preferences(SNOWFLAKE, {"titles": "native"}, NOW)
        await put(tx, SNOWFLAKE, Entry(1, 5))
        await tx.users.put_preferences(SNOWFLAKE, {"titles": "english"}, NOW)
    async with database.read() as tx:
        assert await tx.users.preferences(SNOWFLAKE) == {"titles": "english"}
        assert await tx.entries.all(SNOWFLAKE) == (Entry(1, 5),)
        version = await tx.users.version(SNOWFLAKE)
        assert version is not None
        assert version.revision == 1  # a preference is no change of the list


async def test_the_tables_of_the_first_version_are_brought_up_with_all_that_is_in_them(
    empty_url: str,
) -> None:
    database = await Database.open(empty_url, upgrade=False)
    await migrate.upgrade(database.engine, database.where, "0001")
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
        await tx.users.put_preferences(1, {"titles": "native"}, NOW)
        list_id = await show(tx, 1, 10)
    assert await migrate.upgrade(database.engine, database.where)
    async with database.write() as tx:
        assert await tx.entries.all(1) == (Entry(1, 5),)
        assert await tx.users.preferences(1) == {"titles": "native"}
        assert await tx.shown.get(list_id) is not None
        await tx.aliases.add(Alias("a name", 1), NOW)
        await tx.missed.count("a text", TODAY)
    await migrate.downgrade(database.engine, database.where, "0001")
    async with database.engine.connect() as connection:
        left = set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
    assert not left & {"alias", "missed_query"}
    async with database.read() as tx:
        assert await tx.entries.all(1) == (Entry(1, 5),)
    await database.close()
