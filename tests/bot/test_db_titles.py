"""Names that an admin added and texts that nothing was found for, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.db.aliases import Alias
from bot.db.missed import Missed
from recsys.profile import Entry
from tests.bot.test_db_repositories import NOW, SNOWFLAKE, put

if TYPE_CHECKING:
    from bot.db import Database

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
