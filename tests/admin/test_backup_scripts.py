"""backup, restore and db, as an admin runs them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.admin.backups import backups_in, name_of, superfluous
from bot.db import migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.admin.conftest import Done

    Script = Callable[..., Done]

MOMENT = "'2026-01-01 00:00:00'"


def people(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute('SELECT id FROM "user" ORDER BY id')]


def run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)


def add(path: Path, user_id: int) -> None:
    run(
        path,
        'INSERT INTO "user" (id, preferences, revision, seen_on, created_at, updated_at) '
        f"VALUES ({user_id}, '{{}}', 1, '2026-01-01', {MOMENT}, {MOMENT})",
    )


@pytest.fixture
def database(home: Path, script: Script) -> Path:
    """A database with two people, where the scripts look for it."""
    done = script("db", "upgrade")
    assert done.status == 0, done.err
    path = home / "osusume.sqlite3"
    for user_id in 11, 22:
        add(path, user_id)
    return path


def test_a_backup_is_made_checked_and_put_back(database: Path, script: Script) -> None:
    made = script("backup", "--json")
    assert made.status == 0, made.err
    assert made.facts["rows"]["user"] == 2
    assert made.facts["revision"] == migrate.head()
    run(database, 'DELETE FROM "user" WHERE id = 22')
    add(database, 33)

    tried = script("restore", "latest", "--dry-run")
    assert tried.status == 0
    assert "1 people of the backup are not in the database today" in tried.out
    assert people(database) == [11, 33]

    unsaid = script("restore", "latest", "--yes")
    assert unsaid.status == 1
    assert "--gone keep-out" in unsaid.err
    assert people(database) == [11, 33]

    done = script("restore", "latest", "--yes", "--gone", "bring-back")
    assert done.status == 0, done.err
    assert people(database) == [11, 22]
    assert "each read back and the same" in done.out

    # What was there before is a backup as well, and not what "latest" means.
    (before,) = [path for path in backups_in(database.parent / "backups") if "before" in path.name]
    assert people(before) == [11, 33]
    again = script("restore", "latest", "--yes", "--gone", "keep-out", "--json", "--no-backup")
    assert again.facts["file"] == made.facts["file"]


def test_people_who_were_erased_since_stay_out_when_that_is_said(
    database: Path, script: Script
) -> None:
    assert script("backup").status == 0
    run(database, 'DELETE FROM "user" WHERE id = 22')
    assert script("restore", "latest", "--yes", "--gone", "keep-out").status == 0
    assert people(database) == [11]


def test_restoring_asks_first_and_takes_nothing_for_a_yes(database: Path, script: Script) -> None:
    assert script("backup").status == 0
    add(database, 33)
    for arguments in [], ["--json"]:
        done = script("restore", "latest", *arguments)
        assert done.status == 1
        assert "Nothing was changed" in done.err
    assert people(database) == [11, 22, 33]


def test_into_a_new_place_a_backup_is_restored_without_a_question_about_the_gone(
    database: Path, script: Script, home: Path
) -> None:
    assert script("backup").status == 0
    url = f"sqlite:///{(home / 'new.sqlite3').as_posix()}"
    assert script("restore", "latest", "--url", url, "--dry-run").status == 0
    assert not (home / "new.sqlite3").exists()
    lost = script("restore", "latest", "--url", url, "--yes", "--gone", "bring-back")
    assert lost.status == 0, lost.err
    assert people(home / "new.sqlite3") == [11, 22]


def test_a_dry_run_writes_nothing(database: Path, script: Script, home: Path) -> None:
    done = script("backup", "--dry-run", "--json")
    assert done.status == 0
    assert done.facts["would_write"].startswith("backups")
    assert not (home / "backups").exists()


def test_old_backups_are_thrown_away_and_other_files_are_not(
    database: Path, script: Script, home: Path
) -> None:
    folder = home / "backups"
    folder.mkdir()
    now = datetime.now(UTC)
    for days in 1, 2, 3, 40:
        (folder / name_of("0001", now - timedelta(days=days))).write_bytes(b"old")
    (folder / "holiday.sqlite3").write_bytes(b"mine")
    killed, running = (folder / f".{name_of(part, now)}.part" for part in ("0001", "0002"))
    for part in killed, running:
        part.write_bytes(b"half")
    os.utime(killed, (0, 0))
    done = script("backup", "--keep", "3", "--json")
    assert done.status == 0, done.err
    assert len(done.facts["thrown_away"]) == 2
    assert len(backups_in(folder)) == 3
    assert (folder / "holiday.sqlite3").exists()
    assert not killed.exists()
    assert running.exists()


@pytest.mark.parametrize(
    ("ages", "keep", "days", "stay"),
    [
        ([0], 1, 1, [0]),
        ([0, 1, 2], 1, 30, [0]),
        ([0, 1, 2, 3], 3, 30, [0, 1, 2]),
        ([0, 1, 31, 400], 9, 30, [0, 1]),
        ([400], 1, 1, [400]),  # the newest stays however old it is
    ],
)
def test_how_many_and_how_old_backups_may_get(
    tmp_path: Path, ages: list[int], keep: int, days: int, stay: list[int]
) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    paths = {age: tmp_path / name_of("0003", now - timedelta(days=age)) for age in ages}
    going = superfluous(paths.values(), keep, days)
    assert {age for age, path in paths.items() if path not in going} == set(stay)


def test_what_cannot_be_done_gets_a_sentence(database: Path, script: Script, home: Path) -> None:
    assert "no backup in" in script("restore", "latest", "--yes").err
    assert "cannot be read" in script("restore", "nowhere.sqlite3", "--yes").err
    (home / "file").write_text("in the way", encoding="utf-8")
    assert "cannot be used" in script("backup", "--to", home / "file" / "below").err
    empty = home / "empty.sqlite3"
    url = f"sqlite:///{empty.as_posix()}"
    for arguments in ["backup"], ["db", "current"], ["db", "copy", "--to", "sqlite:///b.sqlite3"]:
        done = script(*arguments, "--url", url)
        assert done.status == 1
        assert f"There is no database {empty}" in done.err
        assert not empty.exists(), "looking for a database made one"
    assert "Would run 0001" in script("db", "upgrade", "--dry-run", "--url", url).out
    assert not empty.exists()
    empty.touch()
    assert "is empty" in script("backup", "--url", url).err
    for done in (
        script("restore", "nowhere.sqlite3", "--yes"),
        script("backup", "--url", "mysql://x"),
        script("db", "current", "--url", "sqlite:////no/such/folder/a.db"),
    ):
        assert done.status == 1
        assert "Traceback" not in done.err
    (home / ".env").write_text("OSUSUME_DATABASE_URL=oracle://x\n", encoding="utf-8")
    assert script("backup").status == 2
    for name in "backup", "restore", "db":
        assert script(name, "--help").status == 0
        assert script(name, "--nonsense").status == 2


def test_the_tables_go_up_and_down_and_say_where_they_are(database: Path, script: Script) -> None:
    assert script("db", "current", "--json").facts["revision"] == migrate.head()
    assert "sound and up to date" in script("db", "check").out
    tried = script("db", "downgrade", "0002", "--dry-run", "--json")
    assert [step[:4] for step in tried.facts["steps"]][-1] == "0003"
    assert script("db", "current", "--json").facts["revision"] == migrate.head()
    unasked = script("db", "downgrade", "0002")
    assert unasked.status == 1
    assert "--yes" in unasked.err
    assert script("db", "downgrade", "0002", "--yes").status == 0
    old = script("db", "check")
    assert old.status == 1
    assert "is at revision 0002" in old.out
    assert "Would run 0003" in script("db", "upgrade", "--dry-run").out
    assert script("db", "upgrade", "--json").facts["revision"] == migrate.head()
    assert "nothing to do" in script("db", "upgrade").out
    assert people(database) == [11, 22]
    wrong = script("db", "upgrade", "nonsense")
    assert wrong.status == 1
    assert "no revision nonsense" in wrong.err


def test_a_copy_is_made_into_an_empty_database_only_and_says_what_it_checked(
    database: Path, script: Script, home: Path
) -> None:
    target = home / "copy.sqlite3"
    url = f"sqlite:///{target.as_posix()}"
    tried = script("db", "copy", "--to", url, "--dry-run", "--json")
    assert tried.facts["rows"]["user"] == 2
    assert not target.exists()
    done = script("db", "copy", "--to", url, "--json")
    assert done.status == 0, done.err
    assert done.facts["rows"]["user"] == 2
    assert len(done.facts["sha256"]["user"]) == 64
    assert people(target) == [11, 22]
    again = script("db", "copy", "--to", url)
    assert again.status == 1
    assert "already holds 2 rows" in again.err


def test_a_database_on_which_a_bot_runs_is_not_copied_unless_that_is_said(
    database: Path, script: Script, home: Path
) -> None:
    url = f"sqlite:///{(home / 'copy.sqlite3').as_posix()}"
    with closing(sqlite3.connect(f"{database}.leader", isolation_level=None)) as bot:
        bot.execute("BEGIN EXCLUSIVE")  # as the process that leads holds it
        refused = script("db", "copy", "--to", url)
        assert refused.status == 1
        assert "stop it first" in refused.err
        assert script("db", "copy", "--to", url, "--while-running").status == 0
    assert people(home / "copy.sqlite3") == [11, 22]
