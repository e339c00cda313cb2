"""Bundles on the shelf, and the figures."""

import asyncio

import pytest

from bot.db import Database
from recsys.bundle import save_bundle
from recsys.models import registry
from tests.recsys.conftest import planted_ratings


def bundle(path, people):
    """A bundle that the bot can answer with; another number of people gives another one."""
    kind = registry.model_class("neighbours")
    model = kind.fit(planted_ratings(people=people), kind.settings_type())
    save_bundle(path, *registry.parts(model))
    return path


def test_add_activate_and_roll_back(script, home):
    first, second = (
        script("model", "add", bundle(home / name, value), "--activate", "--json").facts["added"]
        for name, value in (("a", 40), ("b", 50))
    )
    listed = script("model", "list", "--json").facts
    assert {one["name"] for one in listed["bundles"]} == {first, second}
    assert listed["active"] == second
    assert script("model", "rollback", "--json").facts["active"] == first
    assert script("model", "activate", second).status == 0
    assert f"*  {second}" in script("model", "list").out


def test_a_dry_run_changes_nothing(script, home):
    bundle(home / "a", 40)
    assert script("model", "add", "a", "--dry-run").status == 0
    assert not (home / "bundles").exists()
    name = script("model", "add", "a", "--json").facts["added"]
    assert script("model", "activate", name, "--dry-run").status == 0
    assert script("model", "list", "--json").facts["active"] is None


def test_verify_names_the_damaged_one(script, home):
    assert script("model", "verify").status == 0
    name = script("model", "add", bundle(home / "a", 40), "--json").facts["added"]
    (file,) = (home / "bundles" / name).glob("*.safetensors")
    file.write_bytes(b"x")
    done = script("model", "verify")
    assert done.status == 1
    assert file.name in done.out


@pytest.mark.parametrize("arguments", [("activate", "nothing"), ("add", "nowhere"), ("rollback",)])
def test_what_cannot_be_done_is_a_sentence(script, home, arguments):
    done = script("model", *arguments)
    assert done.status == 1
    assert done.err.strip().endswith((".", "empty to use the one that ships."))
    assert "Traceback" not in done.err


def test_a_path_that_wins_over_the_shelf_is_mentioned(script, home):
    (home / ".env").write_text("OSUSUME_BUNDLE_PATH=elsewhere\n", encoding="utf-8")
    done = script("model", "add", bundle(home / "a", 40))
    assert "OSUSUME_BUNDLE_PATH is set" in done.out


def test_stats_count_what_is_there(script, home):
    async def fill():
        database = await Database.open("sqlite+aiosqlite:///osusume.sqlite3")
        await database.close()

    asyncio.run(fill())
    done = script("stats", "--json")
    assert done.status == 0, done.err
    assert done.facts["people"] == done.facts["entries"] == 0
    assert done.facts["bytes"] > 0
    assert "people" in script("stats").out


def test_stats_of_a_database_without_tables_say_what_to_do(script, home):
    (home / "osusume.sqlite3").touch()
    done = script("stats")
    assert done.status == 1
    assert "upgrade" in done.err
