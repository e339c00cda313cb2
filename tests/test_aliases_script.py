"""The script with which an admin sees what people miss, and adds names."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.db import Database
from recsys.catalog import Catalog

ROOT = Path(__file__).parents[1]
MONSTER = 19


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{(tmp_path / 'a.sqlite3').as_posix()}"


@pytest.fixture
def database(url):
    """A database with its tables and two texts that were missed."""

    async def make():
        from bot.services.missed import MissedTitles

        opened = await Database.open(url)
        for typed in ("Flibber Jib", "flibber jib", "zorbulon quest", "monster"):
            await MissedTitles(opened).count(typed)
        await opened.close()

    asyncio.run(make())
    return url


def run(url, *arguments):
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "aliases.py", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        cwd=ROOT,
        env={**os.environ, "OSUSUME_DATABASE_URL": url, "PYTHONUTF8": "1"},
    )


def output(url, *arguments):
    done = run(url, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_what_is_missed_to_a_name_and_back(database):
    lines = output(database, "missed", "--all").splitlines()
    assert lines[0].split()[0] == "2"
    assert lines[0].endswith("flibber jib")
    assert len(lines) == 3

    tried = output(database, "add", "Flibber Jib", str(MONSTER), "--dry-run")
    assert "would be a name of Monster (2004, TV, id 19)" in tried
    assert json.loads(output(database, "list", "--json")) == []

    added = output(database, "add", "Flibber Jib", "Monster")
    assert "“Flibber Jib” is now a name of Monster (2004, TV, id 19)." in added
    assert json.loads(output(database, "list", "--json")) == [
        {"text": "Flibber Jib", "anime_id": MONSTER, "title": "Monster"}
    ]
    missed = json.loads(output(database, "missed", "--json"))
    assert [(one["text"], one["count"]) for one in missed] == [
        ("zorbulon quest", 1)  # "monster" is found today
    ]

    assert "would no longer" in output(database, "remove", "flibber jib", "--dry-run")
    assert "is no longer" in output(database, "remove", "flibber jib")
    again = run(database, "remove", "flibber jib")
    assert again.returncode == 1
    assert "No added name is “flibber jib”" in again.stderr


def test_a_title_that_is_not_sure_is_asked_back_and_one_that_is_nothing_refused(database):
    unsure = run(database, "add", "flibber jib", "86")
    assert unsure.returncode == 1
    assert "may mean several anime" in unsure.stderr
    assert "id:86 " in unsure.stderr
    nothing = run(database, "add", "flibber jib", "zqxjkvbwpfgh")
    assert nothing.returncode == 1
    assert "Nothing is called anything like" in nothing.stderr
    empty = run(database, "add", " ", str(MONSTER))
    assert empty.returncode == 1
    assert "at least one visible character" in empty.stderr
    assert json.loads(output(database, "list", "--json")) == []


def test_a_name_by_which_another_anime_is_found_needs_to_be_forced(database):
    popular = max(Catalog.load(), key=lambda anime: anime.members)
    refused = run(database, "add", "steins gate", str(popular.id))
    assert refused.returncode == 1
    assert "“steins gate” finds Steins;Gate (2011, TV, id 9253) today" in refused.stderr
    told = json.loads(output(database, "add", "steins gate", str(popular.id), "--force", "--json"))
    assert told == {
        "text": "steins gate",
        "anime_id": popular.id,
        "title": popular.title,
        "added": True,
        "dry_run": False,
        "finds": popular.id,
    }


@pytest.mark.parametrize("arguments", [[], ["add", "x"], ["dance"], ["missed", "--limit", "0"]])
def test_a_wrong_command_line_says_what_is_right(url, arguments):
    done = run(url, *arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_a_database_that_the_bot_has_not_made_yet_is_not_made_here(url, tmp_path):
    done = run(url, "list")
    assert done.returncode == 1
    assert "There is no database" in done.stderr
    assert not (tmp_path / "a.sqlite3").exists()
    (tmp_path / "a.sqlite3").touch()
    older = run(url, "list", "--json")
    assert older.returncode == 1
    assert "python scripts/db.py upgrade" in older.stderr
    assert "scripts/db.py upgrade" in json.loads(older.stdout)["error"]
    missing = run(f"sqlite:///{(tmp_path / 'no' / 'a.db').as_posix()}", "list")
    assert missing.returncode == 1
    assert "Traceback" not in missing.stderr
    wrong = run("mysql://x", "list")
    assert wrong.returncode == 2
    assert "OSUSUME_DATABASE_URL should start with" in wrong.stderr


def test_the_database_may_be_named_before_or_after_the_command(database):
    for words in (["--url", database, "list"], ["list", "--url", database]):
        assert run("sqlite:///nowhere.sqlite3", *words).stdout == "No name was added yet.\n"


def test_the_help_shows_the_commands():
    done = run("sqlite://", "--help")
    assert done.returncode == 0
    for command in ("missed", "add", "list", "remove"):
        assert f"aliases.py {command}" in done.stdout
