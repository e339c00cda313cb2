"""How every connection is set up, whichever of the pool it is."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from bot.db import Database
from bot.db.engine import describe, parse_url

if TYPE_CHECKING:
    from pathlib import Path

DURABLE = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: an acknowledged rating survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 2000,
    "fullfsync": 1,
}


async def test_every_sqlite_connection_is_durable_and_holds_foreign_keys(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)  # migrates on one of them with other settings
    all_here = asyncio.Barrier(5)  # as many as the pool has, so that each is looked at

    async def look() -> dict[str, object]:
        async with database.engine.connect() as connection:
            await all_here.wait()
            answers = [await connection.exec_driver_sql(f"PRAGMA {name}") for name in DURABLE]
            return dict(zip(DURABLE, [a.scalar_one() for a in answers], strict=True))

    assert await asyncio.gather(*(look() for _ in range(5))) == [DURABLE] * 5
    await database.close()


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
async def test_people_s_ratings_are_for_the_owner_of_a_new_file_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        database = await Database.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")
        assert modes(tmp_path) == {".sqlite3": 0o600, ".sqlite3-wal": 0o600, ".sqlite3-shm": 0o600}
        await database.close()
        (tmp_path / "new.sqlite3").chmod(0o640)  # as somebody wants it
        await (await Database.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")).close()
    finally:
        os.umask(before)
    assert modes(tmp_path) == {".sqlite3": 0o640}


def modes(folder: Path) -> dict[str, int]:
    """Who may do what with the files of a database, by their endings."""
    return {path.suffix: path.stat().st_mode & 0o777 for path in folder.glob("new.*")}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d?sslmode=require", "postgresql+asyncpg://u:p@h/d?ssl=require"),
        ("postgresql+asyncpg://u:p@h:6543/d", "postgresql+asyncpg://u:p@h:6543/d"),
    ],
)
def test_the_usual_ways_to_write_a_url_are_understood(given: str, used: str) -> None:
    assert parse_url(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://somebody:hunter2@db.example:6543/ratings", "ratings on db.example:6543"),
        ("postgres://somebody:hunter2@db.example", "somebody on db.example"),
        ("sqlite:///data/a.sqlite3", "data/a.sqlite3"),
        ("sqlite://", ":memory:"),
    ],
)
def test_a_database_is_described_without_its_password(url: str, words: str) -> None:
    assert describe(parse_url(url)) == words
