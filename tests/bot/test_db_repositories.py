"""What is written is read back, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from bot.db.shown import PickRow
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from bot.db import Database, Transaction

SNOWFLAKE = 2**63 - 1  # the largest id that Discord's 64 bits can give
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


async def put(tx: Transaction, user_id: int, entry: Entry, now: datetime = NOW) -> None:
    revision = await tx.users.advance(user_id, now)
    await tx.entries.put(user_id, entry, revision=revision, source="command", now=now)


async def show(tx: Transaction, user_id: int, *anime_ids: int, now: datetime = NOW) -> int:
    await tx.users.ensure(user_id, now)
    return await tx.shown.add(
        user_id=user_id,
        guild_id=SNOWFLAKE,
        kind="recommend",
        model="m1",
        query={"k": len(anime_ids)},
        picks=[PickRow(anime_id, 1 / anime_id, 7.5, {"new": True}) for anime_id in anime_ids],
        shown=len(anime_ids),
        now=now,
    )


async def test_an_entry_is_read_back_as_it_was_written(database: Database) -> None:
    entry = Entry(5114, 10, Status.COMPLETED)
    async with database.write() as tx:
        await put(tx, SNOWFLAKE, entry)
    async with database.read() as tx:
        assert await tx.entries.get(SNOWFLAKE, 5114) == entry
        assert await tx.entries.get(SNOWFLAKE, 1) is None
        assert await tx.entries.get(1, 5114) is None


@pytest.mark.parametrize("status", list(Status))
async def test_every_status_can_be_stored(database: Database, status: Status) -> None:
    async with database.write() as tx:
        await put(tx, 1, Entry(1, None, status))
    async with database.read() as tx:
        assert await tx.entries.all(1) == (Entry(1, None, status),)


async def test_entries_come_in_the_order_they_changed_even_if_the_clock_runs_backwards(
    database: Database,
) -> None:
    async with database.write() as tx:
        for minutes, anime_id in enumerate([30, 10, 20, 10]):
            await put(tx, 1, Entry(anime_id, 5), NOW - timedelta(minutes=minutes))
    async with database.read() as tx:
        assert [e.anime_id for e in await tx.entries.all(1)] == [30, 20, 10]
        assert [e.anime_id for e in await tx.entries.newest(1, offset=0, limit=2)] == [10, 20]
        assert [e.anime_id for e in await tx.entries.newest(1, offset=2, limit=2)] == [30]


async def test_the_summary_counts_all_entries_and_averages_the_scores(database: Database) -> None:
    async with database.write() as tx:
        for entry in Entry(1, 7), Entry(2, 10), Entry(3, None, Status.PLANNED):
            await put(tx, 1, entry)
        await put(tx, 2, Entry(1, 1))
    async with database.read() as tx:
        summary = await tx.entries.summary(1)
        nobody = await tx.entries.summary(3)
    assert (summary.total, summary.rated, summary.mean) == (3, 2, 8.5)
    assert (nobody.total, nobody.rated, nobody.mean) == (0, 0, None)


async def test_each_change_gives_the_person_another_version(database: Database) -> None:
    versions = []
    async with database.read() as tx:
        versions.append(await tx.users.version(1))
    async with database.write() as tx:
        await tx.users.ensure(1, NOW)
        versions.append(await tx.users.version(1))
        await put(tx, 1, Entry(1, 5))
        versions.append(await tx.users.version(1))
        await put(tx, 1, Entry(1, 5))
        versions.append(await tx.users.version(1))
        await tx.users.ensure(1, NOW)
        assert await tx.users.version(1) == versions[-1]
    assert versions[0] is None
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    "entry",
    [Entry(1, 0), Entry(1, 11), Entry(1, -1)],
    ids=["zero", "eleven", "minus one"],
)
async def test_the_database_itself_refuses_a_score_that_is_none(
    database: Database, entry: Entry
) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await put(tx, 1, entry)
    async with database.read() as tx:
        assert await tx.users.version(1) is None


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def rate_and_fail() -> None:
        async with database.write() as tx:
            await put(tx, 1, Entry(1, 5))
            message = "halfway"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="halfway"):
        await rate_and_fail()
    async with database.read() as tx:
        assert await tx.entries.all(1) == ()


async def test_a_shown_list_is_read_back_with_its_picks_in_order(database: Database) -> None:
    async with database.write() as tx:
        list_id = await show(tx, 7, 30, 10, 20)
    async with database.read() as tx:
        shown = await tx.shown.get(list_id)
        assert await tx.shown.get(list_id + 1) is None
    assert shown is not None
    assert (shown.user_id, shown.guild_id, shown.kind) == (7, SNOWFLAKE, "recommend")
    assert (shown.model, shown.query, shown.created_at) == ("m1", {"k": 3}, NOW)
    assert shown.picks == tuple(PickRow(a, 1 / a, 7.5, {"new": True}) for a in (30, 10, 20))


async def test_an_empty_list_is_stored_too(database: Database) -> None:
    async with database.write() as tx:
        list_id = await show(tx, 7)
    async with database.read() as tx:
        shown = await tx.shown.get(list_id)
    assert shown is not None
    assert shown.picks == ()


async def test_an_outcome_is_recorded_on_ones_own_list_only(database: Database) -> None:
    async with database.write() as tx:
        mine, yours = await show(tx, 1, 10, 20), await show(tx, 2, 10, 20)
        for list_id in mine, yours:
            await tx.shown.set_outcome(
                user_id=1, list_id=list_id, anime_id=20, outcome="rated", now=NOW
            )
        lists = [await tx.shown.get(list_id) for list_id in (mine, yours)]
    assert [[pick.outcome for pick in shown.picks] for shown in lists if shown] == [
        [None, "rated"],
        [None, None],
    ]


async def test_the_latest_list_with_an_anime_is_the_newest_of_that_person(
    database: Database,
) -> None:
    async with database.write() as tx:
        await show(tx, 1, 10, now=NOW - timedelta(days=40))
        newest = [await show(tx, 1, 10, 20), await show(tx, 1, 10)][-1]
        await show(tx, 1, 20)
        await show(tx, 2, 10)
        recently = NOW - timedelta(days=30)
        assert await tx.shown.latest_with(1, 10, recently) == newest
        assert await tx.shown.latest_with(1, 30, recently) is None
        assert await tx.shown.latest_with(1, 10, NOW + timedelta(days=1)) is None


async def test_the_id_of_a_list_is_never_used_again(database: Database) -> None:
    async with database.write() as tx:
        await tx.shown.get(await show(tx, 1, 10))
        old = await show(tx, 1, 10)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM shown_list")
    async with database.write() as tx:
        assert await show(tx, 2, 10) > old


async def test_the_settings_of_a_server_are_replaced_and_forgotten(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.guilds.settings(SNOWFLAKE) == {}
        await tx.guilds.put(SNOWFLAKE, {"locale": "ja"}, NOW)
        await tx.guilds.put(SNOWFLAKE, {"adult": True}, NOW)
        assert await tx.guilds.settings(SNOWFLAKE) == {"adult": True}
        await tx.guilds.remove(SNOWFLAKE)
        assert await tx.guilds.settings(SNOWFLAKE) == {}


async def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(
    database: Database,
) -> None:
    tokyo = timezone(timedelta(hours=9))
    async with database.write() as tx:
        list_id = await show(tx, 1, 10, now=NOW.astimezone(tokyo))
        shown = await tx.shown.get(list_id)
    assert shown is not None
    assert shown.created_at == NOW
    assert shown.created_at.tzinfo is UTC


async def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        async with database.write() as tx:
            await tx.users.ensure(1, NOW.replace(tzinfo=None))
