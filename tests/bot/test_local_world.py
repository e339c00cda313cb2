import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
import pytest

from bot.local.world import FOUNDED, PEOPLE, SHOWN, LiveEnv, RunningClock, _found_server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def env():
    return LiveEnv(discord.Client(intents=discord.Intents.default()))


def found(env):
    channel, people = _found_server(env)
    return [env.guild.id, channel.id, *(person.id for person in people)]


def test_people_keep_the_ids_that_their_ratings_are_stored_under(env):
    # These numbers are in people's databases: a change here loses their ratings.
    assert found(env) == [
        1225958149324800002,
        1225958149324800004,
        1225958149324800000,
        1225958149324800001,
    ]


def test_ids_do_not_depend_on_what_else_was_made_before(env):
    env.clock.standing = None
    for _ in range(10):
        env.backend.snowflake()
    env.clock.standing = FOUNDED
    other = LiveEnv(discord.Client(intents=discord.Intents.default()))
    assert found(env) == found(other)


def test_two_people_are_in_the_channel(env):
    _, people = _found_server(env)
    assert tuple(person.user.global_name for person in people) == PEOPLE


def test_once_founded_the_clock_tells_the_time_of_day():
    clock = RunningClock()
    assert clock.now() == FOUNDED
    clock.standing = None
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_clock_runs_by_itself_skips_ahead_and_never_goes_back(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    clock = RunningClock()
    clock.standing = None
    start = clock.now()
    now += 5
    assert clock.now() - start == timedelta(seconds=5)
    clock.advance(60)
    assert clock.now() - start == timedelta(seconds=65)
    now -= 3600  # somebody sets the computer's clock back
    assert clock.now() - start == timedelta(seconds=65)


@pytest.mark.parametrize("package", ["simcord", "PIL"])
def test_without_the_extra_a_sentence_says_what_to_install(package, tmp_path):
    script = (
        "import sys; sys.modules[sys.argv[1]] = None; sys.path.insert(0, sys.argv[2]);"
        "from bot.__main__ import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, package, ROOT],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"The local bot needs the package {package}")
    assert 'extra "local"' in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_channel_keeps_its_newest_messages_and_forgets_the_rest():
    client = discord.Client(intents=discord.Intents.default())
    env = LiveEnv(client)
    channel, (aki, _) = _found_server(env)
    env.clock.standing = None
    await env.start()
    try:
        for number in range(SHOWN + 10):
            await aki.send(channel, f"message {number}")
        env.forget_old(channel.id)
        left = [message.content for message in channel.history()]
        assert left == [f"message {number}" for number in range(10, SHOWN + 10)]
        await aki.send(channel, "one more")
        assert channel.last_message.content == "one more"
        assert len(env.backend.transcript) <= 50
        assert len(env.backend.http_requests) <= 50
    finally:
        await env.shutdown()
        await client.close()
