"""Whatever is wrong with a database is said in one sentence, and nothing is half written."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from bot.db import Database, DatabaseError, Fault, postgres
from bot.db.driver import driver_of
from bot.db.errors import SETTING
from recsys.profile import Entry
from tests.bot.pragmas import pragma
from tests.bot.test_db_repositories import put

if TYPE_CHECKING:
    from pathlib import Path

RATED = Entry(1, 5)


async def opening(url: str) -> DatabaseError:
    """What opening a database raises."""
    with pytest.raises(DatabaseError) as raised:
        await Database.open(url)
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "sqlalche.me" not in sentence
    return raised.value


async def writing(database: Database, entry: Entry = RATED) -> DatabaseError:
    """What writing a rating raises."""
    with pytest.raises(DatabaseError) as raised:
        async with database.write() as tx:
            await put(tx, 1, entry)
    return raised.value


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not a database URL"),
        ("", "is not a database URL"),
        ("mysql://localhost/osusume", "use sqlite or postgresql"),
        ("postgresql://localhost/osusume?colour=red", "an option that is not known"),
    ],
)
async def test_a_wrong_url_is_refused_with_the_name_of_the_setting(url: str, words: str) -> None:
    error = await opening(url)
    assert error.fault is Fault.ADDRESS
    assert words in str(error)
    assert SETTING in str(error)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = await opening(f"sqlite:///{tmp_path / 'missing' / 'a.sqlite3'}")
    assert f"folder {tmp_path / 'missing'}" in str(error)
    assert not (tmp_path / "missing").exists()


async def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    error = await opening(f"sqlite:///{tmp_path}")
    assert error.fault is Fault.UNREACHABLE
    assert str(tmp_path) in str(error)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    path.write_text("my diary\n" * 1000, encoding="utf-8")
    error = await opening(f"sqlite:///{path}")
    assert error.fault is Fault.DAMAGED
    assert str(path) in str(error)
    assert path.read_text(encoding="utf-8").startswith("my diary")


async def test_a_database_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    await (await Database.open(f"sqlite:///{path}")).close()
    error = await opening(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert error.fault is Fault.READ_ONLY


async def test_a_database_in_memory_works_like_one_in_a_file() -> None:
    database = await Database.open("sqlite://")
    async with database.write() as tx:
        await put(tx, 1, RATED)
    async with database.read() as tx:
        assert await tx.entries.all(1) == (RATED,)
    await database.close()


async def test_a_locked_database_says_so_and_works_again_when_it_is_free(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    database = await Database.open(url)
    other = sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert (await writing(database)).fault is Fault.BUSY
    assert (await opening(url)).fault is Fault.BUSY
    async with database.read() as tx:
        assert await tx.entries.all(1) == ()
    other.execute("ROLLBACK")
    other.close()
    async with database.write() as tx:
        await put(tx, 1, RATED)
    await database.close()


async def test_a_disk_that_turns_read_only_says_so(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    await pragma(database, "query_only = ON")
    assert (await writing(database)).fault is Fault.READ_ONLY
    await pragma(database, "query_only = OFF")
    async with database.write() as tx:
        await put(tx, 1, RATED)
    await database.close()


async def test_a_full_disk_says_so_and_leaves_nothing_half_written(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    async with database.engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    await pragma(database, f"max_page_count = {pages}")
    fault = None
    kept = 0
    while fault is None:
        try:
            async with database.write() as tx:
                for anime_id in range(kept * 100, kept * 100 + 100):
                    await put(tx, 1, Entry(anime_id, 5))
            kept += 1
        except DatabaseError as error:
            fault = error.fault
    assert fault is Fault.FULL
    async with database.read() as tx:
        assert len(await tx.entries.all(1)) == kept * 100
    await database.close()


async def test_a_file_damaged_while_it_is_used_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    database = await Database.open(f"sqlite:///{path}")
    async with database.write() as tx:
        for anime_id in range(2000):
            await put(tx, 1, Entry(anime_id, 5))
    await database.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert (await opening(f"sqlite:///{path}")).fault is Fault.DAMAGED


@pytest.mark.parametrize(
    ("host", "fault"),
    [("127.0.0.1:1", Fault.UNREACHABLE), ("no-such-host.invalid", Fault.UNREACHABLE)],
)
async def test_a_server_that_is_not_there_is_named_without_the_password(
    host: str, fault: Fault
) -> None:
    error = await opening(f"postgresql://somebody:hunter2@{host}/ratings")
    assert error.fault is fault
    assert host in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.postgres
async def test_a_database_that_the_server_does_not_have_is_named(postgres_url: str) -> None:
    error = await opening(postgres_url + "_missing")
    assert error.fault is Fault.ADDRESS
    assert "does not exist" in str(error)


@pytest.mark.postgres
async def test_a_user_that_the_server_does_not_know_is_refused(postgres_url: str) -> None:
    error = await opening(postgres_url.replace("//postgres@", "//stranger:hunter2@"))
    assert error.fault is Fault.REFUSED
    assert "hunter2" not in str(error)


@pytest.mark.postgres
async def test_a_server_that_only_reads_is_refused(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    async with database.engine.begin() as connection:
        name = (await connection.exec_driver_sql("SELECT current_database()")).scalar_one()
        await connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        )
    await database.close()
    assert (await opening(postgres_url)).fault is Fault.READ_ONLY


@pytest.mark.postgres
async def test_connections_that_the_server_cut_are_made_again(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    killer = await Database.open(postgres_url)
    async with killer.engine.begin() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await killer.close()
    await asyncio.sleep(0.1)  # until the news has come
    async with database.write() as tx:
        await put(tx, 1, RATED)
    async with database.read() as tx:
        assert await tx.entries.all(1) == (RATED,)
    await database.close()


@pytest.mark.postgres
async def test_a_connection_that_rested_is_tried_before_it_is_used(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "REST_SECONDS", 0.0)
    database = await Database.open(postgres_url)
    async with database.read() as tx:
        driver: Any = driver_of(tx.entries._connection)
    # As where the server's machine was switched off: nobody says that it is gone.
    driver._connection._transport.abort()
    async with database.read() as tx:
        assert driver_of(tx.entries._connection) is not driver
        assert await tx.entries.all(1) == ()
    await database.close()
