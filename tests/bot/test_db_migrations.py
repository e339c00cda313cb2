"""The tables are brought up to date, and back, without losing a row."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import inspect, text

from bot.db import Database, DatabaseError, Fault, migrate
from bot.db.__main__ import main
from recsys.profile import Entry
from tests.bot.test_db_repositories import NOW, put, show

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# A change of a table that others refer to, the kind that SQLite can only do by copying it.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def copied():
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def upgrade():
    with op.batch_alter_table("user", recreate=copied()) as table:
        table.add_column(sa.Column("nickname", sa.String(32)))
    {then}


def downgrade():
    with op.batch_alter_table("user", recreate=copied()) as table:
        table.drop_column("nickname")
"""


@pytest_asyncio.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """One of its own for each test: these change the tables."""
    opened = await Database.open(empty_url)
    yield opened
    await opened.close()


def later_version(folder: Path, then: str = "") -> Path:
    """The migrations of a later version of the bot."""
    scripts = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts)
    change = NEXT.format(head=migrate.head(), then=then)
    (scripts / "versions" / "9999_next.py").write_text(change, encoding="utf-8")
    return scripts


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda c: inspect(c).get_table_names()))


async def revision(database: Database) -> str | None:
    return await migrate.current(database.engine, database.where)


async def test_the_tables_are_those_of_the_models(database: Database) -> None:
    assert await migrate.differences(database.engine, database.where) == []
    assert await revision(database) == migrate.head()


async def test_a_table_that_differs_from_its_model_is_noticed(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text('ALTER TABLE "user" ADD COLUMN extra INTEGER'))
        await connection.execute(text("DROP INDEX ix_entry_user_id_revision"))
    found = await migrate.differences(database.engine, database.where)
    assert len(found) == 2
    assert "extra" in "".join(found)
    assert "ix_entry_user_id_revision" in "".join(found)


async def test_one_can_go_down_to_nothing_and_up_again(database: Database) -> None:
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
        await show(tx, 1, 10)
    await migrate.downgrade(database.engine, database.where, "base")
    assert await tables(database) == {"alembic_version"}
    assert await migrate.upgrade(database.engine, database.where)
    assert await migrate.differences(database.engine, database.where) == []
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))


async def test_a_second_upgrade_has_nothing_to_do(database: Database) -> None:
    assert not await migrate.upgrade(database.engine, database.where)


async def test_altering_the_users_keeps_their_entries(database: Database, tmp_path: Path) -> None:
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
        list_id = await show(tx, 1, 10)
    scripts = later_version(tmp_path)
    for move in migrate.upgrade, migrate.downgrade:
        target = "head" if move is migrate.upgrade else migrate.head()
        await move(database.engine, database.where, target, scripts=scripts)
        async with database.read() as tx:
            assert await tx.entries.all(1) == (Entry(1, 5),)
            assert await tx.shown.get(list_id) is not None
    assert await migrate.differences(database.engine, database.where) == []


async def test_after_a_migration_foreign_keys_hold_again(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.write() as tx:
            await tx.entries.put(404, Entry(1, 5), revision=1, source="test", now=NOW)


@pytest.mark.parametrize(
    "then",
    ["raise RuntimeError('half way')", 'op.execute("DELETE FROM nowhere")'],
    ids=["a bug", "wrong SQL"],
)
async def test_a_migration_that_fails_half_way_changes_nothing(
    database: Database, tmp_path: Path, then: str
) -> None:
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
    with pytest.raises(Exception, match=r"half way|nowhere"):
        await migrate.upgrade(
            database.engine, database.where, scripts=later_version(tmp_path, then)
        )
    assert await revision(database) == migrate.head()
    assert await migrate.differences(database.engine, database.where) == []
    async with database.read() as tx:
        assert await tx.entries.all(1) == (Entry(1, 5),)


async def test_a_migration_that_would_orphan_rows_is_refused(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
    scripts = later_version(tmp_path, """op.execute('DELETE FROM "user"')""")
    with pytest.raises(DatabaseError, match="refer to nothing"):
        await migrate.upgrade(database.engine, database.where, scripts=scripts)
    assert await revision(database) == migrate.head()
    async with database.read() as tx:
        assert await tx.entries.all(1) == (Entry(1, 5),)
    await database.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    async with database.write() as tx:
        await put(tx, 1, Entry(1, 5))
    await migrate.upgrade(database.engine, database.where, scripts=later_version(tmp_path))
    with pytest.raises(DatabaseError, match="newer version of the bot") as raised:
        await Database.open(empty_url)
    assert raised.value.fault is Fault.VERSION
    assert await revision(database) == "9999"
    async with database.read() as tx:
        assert await tx.entries.all(1) == (Entry(1, 5),)


async def test_a_database_with_another_programs_tables_is_refused(empty_url: str) -> None:
    foreign = await Database.open(empty_url, upgrade=False)
    async with foreign.engine.begin() as connection:
        await connection.execute(text('CREATE TABLE "user" (name VARCHAR(10))'))
    with pytest.raises(DatabaseError, match="another program"):
        await Database.open(empty_url)
    assert await tables(foreign) == {"user"}
    await foreign.close()


async def test_bots_that_start_at_the_same_time_migrate_once(empty_url: str) -> None:
    opened = await asyncio.gather(*(Database.open(empty_url) for _ in range(8)))
    for database in opened:
        assert await migrate.differences(database.engine, database.where) == []
        await database.close()


async def test_who_makes_the_database_at_the_same_moment_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    # A new file has no log to write ahead to yet, and SQLite does not wait to give it one.
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(Database.open(f"sqlite:///{path}"))
        await asyncio.sleep(0.3)
        assert not opening.done()
        other.execute("COMMIT")
        database = await opening
    assert await migrate.differences(database.engine, database.where) == []
    await database.close()


def test_the_command_goes_up_and_down_and_says_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"--url=sqlite:///{tmp_path / 'a.sqlite3'}"
    assert main([url, "current"]) == 0
    assert "is empty" in capsys.readouterr().out
    assert main([url, "check"]) == 1
    assert "upgrade" in capsys.readouterr().out
    assert main([url, "upgrade"]) == 0
    assert main([url, "check"]) == 0
    assert "sound and up to date" in capsys.readouterr().out
    assert main([url, "downgrade", "base"]) == 0
    assert "is empty" in capsys.readouterr().out
    assert main([url, "upgrade", "nonsense"]) == 1
    assert "nonsense" in capsys.readouterr().err


def test_the_check_finds_orphans_and_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.sqlite3"
    url = f"--url=sqlite:///{path}"
    assert main([url, "upgrade"]) == 0
    with sqlite3.connect(path) as connection:  # foreign keys are off by default
        connection.execute(
            "INSERT INTO entry VALUES (1, 1, 5, 2, 'test', 1, '2026-01-01', '2026-01-01')"
        )
    connection.close()
    assert main([url, "check"]) == 1
    assert "A row of entry refers to a row of user that is gone" in capsys.readouterr().out

    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096  # one page of a table or an index
    path.write_bytes(content)
    assert main([url, "check"]) == 1
    captured = capsys.readouterr()
    assert "damaged" in captured.out + captured.err
