"""Ten thousand servers over eight shards in two processes, one of which is killed and replaced.

  python benchmarks/shards.py                 on a PostgreSQL that is started for it
  python benchmarks/shards.py --url URL       on a database that is there

Real processes (`python -m bot`) connect to a small Discord on this machine (tests/wire); it sends
each interaction to the process that has the server's shard. People rate all the while. One process
is killed in the middle and another takes its shards. Printed: how many were answered, how many
twice, how many acknowledged ratings are not in the database, how long nobody answered for, and the
memory of each process: what it holds alone, and what it shares with the others.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.db import Database  # noqa: E402 - after the path
from recsys.profile import Entry  # noqa: E402
from tests.bot.postgres import server  # noqa: E402
from tests.wire.process import Bot  # noqa: E402
from tests.wire.server import WireDiscord  # noqa: E402

SHARDS = 8
ANIME = (1, 5, 6, 19, 20, 1535, 5114, 9253)


def memory(pid: int) -> dict[str, float]:
    """MB of a process: resident, private, and shared with others; empty where Linux is not."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return {}
    sizes: dict[str, float] = {}
    for line in text.splitlines()[1:]:
        name, value, *_ = line.replace(":", "").split()
        sizes[name] = float(value) / 1000
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return {"resident": sizes["Rss"], "private": private, "share": sizes["Pss"]}


class Crowd:
    """People in all the servers, who rate as long as they are let."""

    def __init__(self, discord: WireDiscord, guilds: list[int], seed: int) -> None:
        self.discord = discord
        self.guilds = guilds
        self.rng = random.Random(seed)
        self.acknowledged: dict[tuple[int, int], int] = {}
        self.sent = self.answered = self.unanswered = 0
        self.gaps: dict[int, list[float]] = {}
        self.people = iter(range(10**9, 10**10))

    async def rate(self) -> None:
        """Somebody new rates one anime, in any server."""
        guild, person = self.rng.choice(self.guilds), next(self.people)
        anime, score = self.rng.choice(ANIME), self.rng.randint(1, 10)
        self.sent += 1
        interaction = await self.discord.interact(
            guild, person, "rate", title=str(anime), score=score
        )
        try:
            async with asyncio.timeout(10):
                await interaction.answered.wait()
        except TimeoutError:
            self.unanswered += 1
            return
        self.answered += 1
        shard = (guild >> 22) % SHARDS
        self.gaps.setdefault(shard, []).append(time.perf_counter())
        if "You rated" in str(interaction.answers[0]):
            self.acknowledged[person, anime] = score

    async def press(self, rate: float, until: asyncio.Event) -> None:
        """Let them come at a rate until told to stop."""
        tasks: set[asyncio.Task[None]] = set()
        while not until.is_set():
            task = asyncio.create_task(self.rate())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            await asyncio.sleep(self.rng.expovariate(rate))
        if tasks:
            await asyncio.wait(tasks)

    def longest_gap(self) -> float:
        """The longest time in which a shard answered nobody, in seconds."""
        gaps = [
            later - earlier
            for times in self.gaps.values()
            for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False)
        ]
        return max(gaps, default=0.0)


async def run(options: argparse.Namespace, url: str) -> int:
    """Two processes, one killed and replaced."""
    guilds = [(n + 1) << 22 for n in range(options.servers)]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        discord = await stack.enter_async_context(WireDiscord(guilds, SHARDS))
        shared = {"database_url": url, "shard_count": SHARDS, "log_level": "INFO"}
        started = time.perf_counter()
        first = await stack.enter_async_context(Bot(discord, folder, shard_ids="0-3", **shared))
        second = await stack.enter_async_context(Bot(discord, folder, shard_ids="4-7", **shared))
        await first.wait_ready(*range(4), seconds=300)
        await second.wait_ready(*range(4, 8), seconds=300)
        took = time.perf_counter() - started
        print(
            f"{len(guilds):,} servers, {SHARDS} shards, 2 processes: all connected in {took:.1f} s"
        )
        crowd, stop = Crowd(discord, guilds, options.seed), asyncio.Event()
        pressing = asyncio.create_task(crowd.press(options.rate, stop))
        await asyncio.sleep(options.seconds)
        for name, bot in (("first", first), ("second", second)):
            told = ", ".join(f"{size:.0f} MB {kind}" for kind, size in memory(bot.pid).items())
            print(f"{name} process: {told}")
        await first.kill()
        for shard in range(4):
            discord.ready[shard].clear()
        killed = time.perf_counter()
        third = await stack.enter_async_context(Bot(discord, folder, shard_ids="0-3", **shared))
        await third.wait_ready(*range(4), seconds=300)
        print(
            f"one process killed; another has its shards after {time.perf_counter() - killed:.1f} s"
        )
        await asyncio.sleep(options.seconds)
        stop.set()
        await pressing
        twice = sum(len(i.answers) > 1 or i.refused > 0 for i in discord.interactions.values())
        database = await Database.open(url)
        async with database.read() as tx:
            lost = [
                key
                for key, score in crowd.acknowledged.items()
                if await tx.entries.get(*key) != Entry(key[1], score)
            ]
        await database.close()
    print(
        f"{crowd.sent:,} interactions: {crowd.answered:,} answered, {crowd.unanswered} while their "
        f"process was gone, {twice} answered twice; {len(crowd.acknowledged):,} ratings "
        f"acknowledged, {len(lost)} lost; no shard silent for over {crowd.longest_gap():.1f} s"
    )
    print(f"commands were sent to Discord {discord.syncs} time(s)")
    return 1 if lost or twice else 0


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="database URL; by default a PostgreSQL is started")
    parser.add_argument("--servers", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=20, help="interactions a second")
    parser.add_argument("--seconds", type=float, default=20, help="before the kill, and after")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        url = options.url or stack.enter_context(server())
        return asyncio.run(run(options, url))


if __name__ == "__main__":
    sys.exit(main())
