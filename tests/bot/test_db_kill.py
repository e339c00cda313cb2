"""The bot's process is killed while it writes: what it acknowledged is there, and all is sound."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.db import Database
from bot.db.check import problems
from recsys.profile import Entry

ROOT = Path(__file__).resolve().parents[2]


def kill_a_writer(url: str, first_person: int, rng: random.Random) -> list[tuple[int, Entry]]:
    """Let a process rate for a random while, kill it, and say what it had acknowledged."""
    command = [sys.executable, "-m", "tests.bot.rate_forever", url, str(first_person)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(rng.randint(1, 60))]
        time.sleep(rng.random() / 50)
        writer.kill()
        lines += writer.stdout.readlines()
    acknowledged = []
    for line in lines:
        assert line.endswith("\n"), f"the writer ended by itself after {len(lines)} lines"
        person, anime_id, score = map(int, line.split())
        acknowledged.append((person, Entry(anime_id, score)))
    return acknowledged


@pytest.mark.parametrize("seed", range(3))  # on each database
async def test_every_acknowledged_rating_outlives_the_process(database_url: str, seed: int) -> None:
    rng = random.Random(seed)
    await (await Database.open(database_url)).close()
    acknowledged = kill_a_writer(database_url, 1 + seed * 10_000, rng)
    assert acknowledged
    database = await Database.open(database_url)
    async with database.read() as tx:
        for person, entry in acknowledged:
            assert await tx.entries.get(person, entry.anime_id) == entry
    assert await problems(database) == []
    await database.close()
