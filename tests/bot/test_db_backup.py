"""Backups hold everything as it was at one moment, and restore into either kind of database."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.db import Database, DatabaseError, backup, migrate
from bot.db.copying import CopyError, contents, copy_rows, one_moment, tables_of
from recsys.profile import Entry
from tests.bot.filling import Filler, everything
from tests.bot.test_db_repositories import NOW, put

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.services import Services

AKI, MIO = 987654321098765432, 876543210987654321


@pytest_asyncio.fixture
async def other(postgres_url: str, sqlite_url: str, database: Database) -> AsyncIterator[Database]:
    """An empty database of the other kind."""
    kind = database.engine.dialect.name
    opened = await Database.open(postgres_url if kind == "sqlite" else sqlite_url)
    yield opened
    await opened.close()


async def fill(database: Database) -> None:
    async with database.engine.begin() as connection:
        filler = Filler(connection)
        await filler.fill(AKI, MIO)
        await filler.fill(MIO, AKI)


async def content(database: Database) -> dict[str, tuple[int, str]]:
    async with one_moment(database) as connection:
        found = await contents(connection, await tables_of(connection))
    return {name: (one.rows, one.digest) for name, one in found.items()}


async def copy(source: Database, target: Database) -> None:
    async with one_moment(source) as reader, target.alone() as writer:
        await copy_rows(reader, writer)


async def test_a_copy_into_the_other_kind_of_database_is_the_same_to_the_last_value(
    database: Database, other: Database
) -> None:
    await fill(database)
    await copy(database, other)
    assert await content(other) == await content(database)
    assert all(rows for rows, _ in (await content(other)).values())


async def test_numbers_go_on_where_the_source_was_so_no_old_button_finds_a_new_list(
    database: Database, other: Database
) -> None:
    await fill(database)

    async def add(where: Database) -> int:
        async with where.write() as tx:
            return await tx.shown.add(
                user_id=AKI,
                guild_id=None,
                kind="similar",
                model="m",
                query={},
                picks=[],
                shown=0,
                now=NOW,
            )

    last = await add(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM shown_list WHERE id = :id"), {"id": last})
    await copy(database, other)
    assert await add(other) == last + 1


async def test_a_value_that_changed_on_the_way_is_noticed_and_nothing_is_kept(
    database: Database, other: Database
) -> None:
    await fill(database)
    async with other.write() as tx:  # what somebody else wrote meanwhile
        await tx.missed.count("zorbulon", NOW.date())
    before = await content(other)
    with pytest.raises(CopyError, match="The table missed_query holds 2 rows"):
        await copy(database, other)
    assert await content(other) == before


async def test_a_backup_restores_into_an_empty_database_of_either_kind(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await fill(database)
    path = tmp_path / "one.sqlite3"
    inside = await backup.back_up(database, path)
    assert inside.revision == migrate.head()
    assert all(inside.rows.values())
    done = await backup.restore(path, other, without_gone=False)
    assert done.rows == inside.rows
    now, then = await everything(other), await everything(database)
    for table in then.keys() - {"user"}:  # people's revisions are raised, see below
        assert len(now[table]) == len(then[table])


async def test_a_backup_is_of_one_moment_though_the_bot_goes_on_writing(
    database: Database, tmp_path: Path
) -> None:
    """Each write adds one entry to two people; a backup with an odd number is of two moments."""
    async with database.write() as tx:
        for person in AKI, MIO:
            await put(tx, person, Entry(1, 5))
    stop = asyncio.Event()

    async def keep_writing() -> int:
        number = 1
        while not stop.is_set():
            number += 1
            async with database.write() as tx:
                for person in AKI, MIO:
                    await put(tx, person, Entry(number, 5))
        return number

    writer = asyncio.create_task(keep_writing())
    counts = []
    for number in range(2):
        await asyncio.sleep(0.02)
        inside = await backup.back_up(database, tmp_path / f"{number}.sqlite3")
        counts.append(inside.rows["entry"])
    stop.set()
    written = await writer
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)
    assert counts[-1] > counts[0] >= 2
    assert counts[-1] <= 2 * written


async def test_restoring_brings_back_what_was_and_undoes_what_came_since(
    services: Services, tmp_path: Path
) -> None:
    database = services.database
    ids = [anime.id for anime in services.catalog]
    await services.ratings.rate(AKI, ids[0], 9)
    path = tmp_path / "one.sqlite3"
    await backup.back_up(database, path)
    await services.ratings.rate(AKI, ids[0], 1)
    await services.ratings.rate(MIO, ids[1], 1)
    assert (await services.ratings.profile(AKI)).entries[0].score == 1  # and is in memory now
    await backup.restore(path, database, without_gone=False)
    assert [entry.score for entry in (await services.ratings.profile(AKI)).entries] == [9]
    assert (await services.ratings.profile(MIO)).entries == ()
    # The bot was not restarted, and its memory must not bring the older list back.
    await services.ratings.rate(AKI, ids[2], 3)
    assert [entry.score for entry in (await services.ratings.profile(AKI)).entries] == [9, 3]


async def test_people_who_erased_their_data_since_can_be_kept_out(
    services: Services, tmp_path: Path
) -> None:
    ids = [anime.id for anime in services.catalog]
    for person in AKI, MIO:
        await services.ratings.rate(person, ids[0], 9)
    path = tmp_path / "one.sqlite3"
    await backup.back_up(services.database, path)
    await services.privacy.erase(AKI)
    assert await backup.gone_since(path, services.database) == 1
    done = await backup.restore(path, services.database, without_gone=True)
    assert done.left_out == 1
    rows = await everything(services.database)
    assert not any(str(AKI) in row for found in rows.values() for row in found)
    assert len((await services.ratings.profile(MIO)).entries) == 1


async def test_a_restoration_that_fails_half_way_changes_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database)
    path = tmp_path / "one.sqlite3"
    await backup.back_up(database, path)
    async with database.write() as tx:
        await put(tx, AKI, Entry(77, 7))
    before = await content(database)

    async def fail(*_: object) -> None:
        message = "the power went"
        raise RuntimeError(message)

    monkeypatch.setattr("bot.db.copying._number_on", fail)  # after every row was written
    with pytest.raises(RuntimeError, match="the power went"):
        await backup.restore(path, database, without_gone=False)
    assert await content(database) == before


async def test_a_backup_of_an_older_version_is_brought_up_to_date_and_a_newer_one_refused(
    database: Database, tmp_path: Path
) -> None:
    old = await Database.open(f"sqlite:///{tmp_path / 'old.sqlite3'}", upgrade=False)
    await migrate.upgrade(old.engine, old.where, "0001")
    async with old.engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO \"user\" VALUES (7, NULL, '{}', 3, '2026-01-01 00:00:00', "
            "'2026-01-02 00:00:00')"
        )
    path = tmp_path / "backup.sqlite3"
    assert (await backup.back_up(old, path)).revision == "0001"
    await old.close()
    await backup.restore(path, database, without_gone=False)
    async with database.read() as tx:
        assert await tx.users.version(7) is not None
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="newer version of the bot"):
        await backup.restore(path, database, without_gone=False)
    with closing(sqlite3.connect(path)) as connection:  # was only looked at
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (1,)


async def test_a_damaged_backup_is_refused(database: Database, tmp_path: Path) -> None:
    await fill(database)
    path = tmp_path / "one.sqlite3"
    await backup.back_up(database, path)
    whole, place = path.read_bytes(), 20_480
    before = await content(database)
    for broken in (
        whole[:place] + b"\xff" * 4096 + whole[place + 4096 :],
        whole[:place],
        b"no database at all",
    ):
        path.write_bytes(broken)
        with pytest.raises(DatabaseError, match=r"one\.sqlite3.*damaged|damaged"):
            await backup.restore(path, database, without_gone=False)
    assert await content(database) == before


async def test_a_file_that_is_no_backup_of_ours_and_one_that_is_not_there_are_refused(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    with pytest.raises(DatabaseError, match="no backup of the bot's database"):
        await backup.inside(path)
    with pytest.raises(DatabaseError, match="cannot be read"):
        await backup.inside(tmp_path / "nowhere.sqlite3")


async def test_a_backup_that_cannot_be_finished_leaves_no_file(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        message = "the disk is gone"
        raise OSError(message)

    monkeypatch.setattr("bot.db.backup.inside", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        await backup.back_up(database, tmp_path / "one.sqlite3")
    assert list(tmp_path.glob("*one*")) == []  # noqa: ASYNC240 - a test may wait


async def test_a_backup_is_one_file_that_opens_by_itself(
    database: Database, tmp_path: Path
) -> None:
    await fill(database)
    await backup.back_up(database, tmp_path / "one.sqlite3")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(tmp_path / "one.sqlite3", moved / "one.sqlite3")
    with closing(sqlite3.connect(moved / "one.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (2,)
    assert [path.name for path in moved.iterdir()] == ["one.sqlite3"]
