"""Setting the bot up, and looking at what is wrong with it."""

import stat
import sys
from datetime import timedelta

import pytest

from bot.settings import load_settings
from tests.admin.fake_discord import APPLICATION, TOKEN


def test_one_command_does_everything_and_says_what_comes_next(script, discord, home, token_file):
    done = script("setup", "--token-file", token_file)
    assert done.status == 0, done.err
    assert TOKEN not in done.out + done.err
    env = home / ".env"
    assert load_settings(env).discord_token.get_secret_value() == TOKEN
    if sys.platform != "win32":
        assert stat.S_IMODE(env.stat().st_mode) == 0o600
        assert stat.S_IMODE((home / "osusume.sqlite3").stat().st_mode) == 0o600
    assert (home / "osusume.sqlite3").exists()
    assert discord.syncs == 1
    assert {"recommend", "rate"} <= {c["name"] for c in discord.commands[None]}
    assert f"client_id={APPLICATION}" in done.out
    assert "permissions=0" in done.out
    assert "scope=bot+applications.commands" in done.out
    assert "python scripts/osusume.py run" in done.out


def test_running_it_twice_changes_nothing(script, discord, home, token_file):
    script("setup", "--token-file", token_file)
    before = (home / ".env").read_bytes()
    done = script("setup", "--token-file", token_file, "--json")
    assert done.status == 0, done.err
    assert done.facts["written"] == []
    assert done.facts["commands"] == "current"
    assert (home / ".env").read_bytes() == before
    assert discord.syncs == 1


def test_it_needs_no_token_when_there_is_one(script, discord, configured):
    done = script("setup")
    assert done.status == 0, done.err
    assert discord.syncs == 1


def test_what_stood_in_the_file_stays(script, discord, home, token_file):
    (home / ".env").write_text("# mine\nOSUSUME_LOG_LEVEL=DEBUG\n", encoding="utf-8")
    assert script("setup", "--token-file", token_file).status == 0
    text = (home / ".env").read_text(encoding="utf-8")
    assert text.startswith("# mine\nOSUSUME_LOG_LEVEL=DEBUG\n")
    assert TOKEN in text


def test_commands_go_to_one_server_while_developing(script, discord, home, token_file):
    assert script("setup", "--token-file", token_file, "--guild", 4242).status == 0
    assert discord.commands[4242]
    assert None not in discord.commands
    assert load_settings(home / ".env").test_guild_id == 4242


def test_a_dry_run_changes_nothing(script, discord, home, token_file):
    done = script("setup", "--token-file", token_file, "--dry-run")
    assert done.status == 0, done.err
    assert {file.name for file in home.iterdir()} == {"token.txt"}
    assert discord.syncs == 0
    assert "OSUSUME_DISCORD_TOKEN" in done.out


def test_a_wrong_token_is_a_sentence_and_nothing_is_written(script, discord, home):
    (home / "token.txt").write_text(TOKEN[:-2] + "ZZ", encoding="utf-8")
    done = script("setup", "--token-file", "token.txt")
    assert done.status == 1
    assert "does not accept this token" in done.err
    assert "Traceback" not in done.err
    assert not (home / ".env").exists()


def test_something_that_is_no_token_is_refused_before_discord_is_asked(script, discord, home):
    (home / "token.txt").write_text("hunter2", encoding="utf-8")
    done = script("setup", "--token-file", "token.txt")
    assert done.status == 2
    assert "three parts" in done.err
    assert "hunter2" not in done.err


def test_with_no_token_and_nobody_to_ask_it_says_how_to_give_one(script, discord, home):
    done = script("setup")
    assert done.status == 1
    assert "--token-file" in done.err


def test_a_server_that_does_not_know_the_bot_is_a_sentence(script, discord, home, token_file):
    discord.forbidden.add(4242)
    done = script("setup", "--token-file", token_file, "--guild", 4242)
    assert done.status == 1
    assert "4242" in done.err
    assert "client_id" in done.err


def test_discord_being_down_is_a_sentence(script, discord, configured, monkeypatch):
    async def at_once(_seconds, *_):
        return None

    monkeypatch.setattr("discord.http.asyncio.sleep", at_once)
    discord.down = True
    done = script("setup")
    assert done.status == 1
    assert "Discord has trouble" in done.err


# ------------------------------------------------------------------ doctor


def states(done) -> dict[str, str]:
    return {one["part"]: one["state"] for one in done.facts["findings"]}


def test_a_local_bot_needs_no_token(script, home):
    done = script("doctor", "--json")
    assert states(done)["token"] == "skip"
    assert states(done)["bundle"] == "ok"


def test_after_setup_all_is_well(script, discord, configured):
    discord.guilds = [5, 6]
    script("setup")
    done = script("doctor", "--json")
    assert done.status == 0, done.out
    assert set(states(done).values()) <= {"ok"}
    assert {"token", "intents", "servers", "commands", "bundle", "database", "disk"} <= states(
        done
    ).keys()
    assert {"clock", "memory", "latency"} <= states(done).keys()
    assert TOKEN not in done.out


def test_each_trouble_has_its_line_and_its_mend(script, discord, configured):
    script("setup")
    discord.guilds = [5, 6]
    discord.forbidden = {6}
    discord.clock = timedelta(minutes=-3)
    discord.commands[None].pop()
    (configured / "osusume.sqlite3").write_bytes(b"this is no database, and never was one" * 99)
    done = script("doctor")
    assert done.status == 1
    lines = done.out.splitlines()
    for part in ("servers", "clock", "commands", "database"):
        (index,) = [n for n, line in enumerate(lines) if line.split()[:2] == ["BAD", part]]
        assert "→" in lines[index + 1]
    assert "180 s ahead" in done.out
    assert "Server 6" in done.out


def test_a_cache_folder_that_cannot_be_written_is_named_and_stops_nothing(
    script, home, monkeypatch
):
    monkeypatch.setenv("OSUSUME_CACHE_DIR", "")  # the script sets it; put back afterwards
    (home / "file").write_text("in the way", encoding="utf-8")
    (home / ".env").write_text("OSUSUME_CACHE_DIR=file\n", encoding="utf-8")
    monkeypatch.delenv("OSUSUME_CACHE_DIR")
    done = script("doctor", "--json")
    assert done.status == 0
    assert (states(done)["cache"], states(done)["bundle"]) == ("warn", "ok")


def test_a_wrong_token_is_named_by_the_doctor(script, discord, configured):
    env = configured / ".env"
    env.write_text(env.read_text().replace("AB", "ZZ"), encoding="utf-8")
    done = script("doctor", "--json")
    assert done.status == 1
    assert states(done)["token"] == "bad"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_named(script, discord, configured):
    (configured / ".env").chmod(0o644)
    done = script("doctor")
    assert "chmod 600" in done.out


def test_a_damaged_bundle_is_named(script, home):
    (home / "weights").mkdir()
    (home / ".env").write_text("OSUSUME_BUNDLE_PATH=weights\n", encoding="utf-8")
    done = script("doctor", "--json")
    assert done.status == 1
    assert states(done)["bundle"] == "bad"


# ------------------------------------------------------------------ commands


def test_diff_sync_and_clear(script, discord, configured):
    first = script("commands", "diff")
    assert first.status == 1
    assert "new" in first.out
    assert script("commands", "sync", "--dry-run").status == 0
    assert discord.syncs == 0
    assert script("commands", "sync").status == 0
    assert script("commands", "diff").status == 0
    assert script("commands", "clear").status == 0
    assert discord.commands[None] == []
    again = script("commands", "diff", "--json")
    assert {one["state"] for one in again.facts["differences"]} == {"new"}


def test_sync_changes_one_server_and_leaves_the_rest(script, discord, configured):
    assert script("commands", "sync", "--guild", 77).status == 0
    assert set(discord.commands) == {77}


def test_what_changed_at_discord_is_found(script, discord, configured):
    script("commands", "sync")
    discord.commands[None][0]["description"] = "something else"
    discord.commands[None].append({"id": "9", "name": "old", "type": 1, "description": "gone"})
    done = script("commands", "diff", "--json")
    assert sorted(one["state"] for one in done.facts["differences"]) == ["changed", "gone"]


def test_without_a_token_there_is_a_sentence(script, home):
    done = script("commands", "diff")
    assert done.status == 1
    assert "setup.py" in done.err
