"""What a click costs, from the gateway to the finished payload, with discord.py and the database.

  python benchmarks/clicks.py                      each kind of click alone, then 200 people at once
  python benchmarks/clicks.py --people 500 --seconds 30
  python benchmarks/clicks.py --url postgresql://...   on PostgreSQL

Two parts. First one person with a list of 150 anime clicks, one click after the other: how long the
answer took, and how much processor time it took of all threads together, which a busy computer does
not change. The ratio is to the processor time of a bare discord.py button that says one word, in
the same run. Then many
people click at once, each about once a second, and the event loop is watched: how long a single
step of it kept the processor (what our code holds it for), and how late it woke up (which on a busy
computer is also the fault of others). Only Discord's network is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import random
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.threads import one_thread_each, take_turns

one_thread_each()  # as the bot does, before anything loads NumPy
take_turns()

import numpy as np  # noqa: E402
from gateway import Answer, Gateway  # noqa: E402

from bot.services import Services  # noqa: E402
from bot.services.fairness import Cost, Rate  # noqa: E402
from bot.settings import Settings  # noqa: E402

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

LIST = 150
FIRST = 10**9
GUILD = 10**12
# By the verb in the custom_id. Every kind that a list of picks offers, and turning its pages.
ON_A_LIST = (
    "plan",
    "refuse",
    "takeback",
    "rate",
    "pickscore",
    "more",
    "less",
    "unhint",
    "why",
    "picks",
)


class Echo(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"echo:(?P<n>\d+)"):
    """The peer: a persistent button as discord.py's own example has it, which says one word."""

    def __init__(self, n: int) -> None:
        super().__init__(discord.ui.Button(label="Echo", custom_id=f"echo:{n}"))

    @classmethod
    async def from_custom_id(cls, _interaction: Any, _item: Any, match: re.Match[str], /) -> Echo:
        """The button that was tapped."""
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Say the word, where the message was."""
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.TextDisplay("word"))
        view.add_item(discord.ui.ActionRow(Echo(1)))
        await interaction.response.edit_message(view=view)


class Loop:
    """What the event loop does meanwhile."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.held: list[tuple[float, str]] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Time each step of the loop by the processor time of its thread."""
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            took = time.thread_time() - began
            if took > 0.005:
                self.held.append((took, _name(handle)))

        asyncio.Handle._run = timed
        try:
            yield
        finally:
            asyncio.Handle._run = run

    async def beat(self) -> None:
        """Note how late the loop wakes up, every 5 ms."""
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            self.late.append(time.perf_counter() - due)


def _name(handle: asyncio.Handle) -> str:
    task = getattr(handle._callback, "__self__", None)
    return task.get_name() if isinstance(task, asyncio.Task) else repr(handle._callback)


async def fill(services: Services, person: int, count: int, rng: random.Random) -> None:
    """Give somebody a list."""
    popular = sorted(services.catalog, key=lambda anime: -anime.members)[:1500]
    for anime in rng.sample([one for one in popular if not one.adult], count):
        await services.ratings.rate(person, anime.id, rng.choice((5, 6, 7, 7, 8, 8, 9, 10)))


def by_verb(message: Answer) -> dict[str, list[str]]:
    """The buttons of a message, by what they do."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for custom_id in message.buttons():
        found[custom_id.split(":")[1]].append(custom_id)
    return found


async def alone(gateway: Gateway, clicks: int) -> dict[str, list[tuple[float, float]]]:
    """One person clicks everything that lists offer, one click after the other."""
    times: dict[str, list[tuple[float, float]]] = collections.defaultdict(list)
    rng = random.Random(1)
    message = await gateway.command(FIRST, GUILD, "recommend")
    for n in range(clicks * len(ON_A_LIST)):
        offered = by_verb(message)
        verbs = [verb for verb in ON_A_LIST if offered.get(verb)]
        if not verbs or n % 50 == 49:
            message = await gateway.command(FIRST, GUILD, "recommend")
            continue
        verb = min(verbs, key=lambda verb: (len(times[verb]), rng.random()))
        began = time.process_time()
        answer = await gateway.tap(FIRST, GUILD, message, rng.choice(offered[verb]))
        times[verb].append((answer.first, time.process_time() - began))
        # An answer in a message of its own leaves the list where it was.
        if answer.kind == 7 and by_verb(answer):
            message = answer
    return times


async def bare(gateway: Gateway, clicks: int) -> list[tuple[float, float]]:
    """The peer, in the same client."""
    gateway.client.add_dynamic_items(Echo)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("word"))
    view.add_item(discord.ui.ActionRow(Echo(1)))
    message = Answer(0.0)
    message.body = {"components": view.to_components(), "flags": 1 << 15}
    times: list[tuple[float, float]] = []
    for _ in range(clicks):
        began = time.process_time()
        answer = await gateway.tap(FIRST, GUILD, message, "echo:1")
        times.append((answer.first, time.process_time() - began))
    return times


async def together(
    gateway: Gateway, people: int, seconds: float, loop: Loop
) -> tuple[list[float], float]:
    """Many people click, each about once a second."""
    times: list[float] = []
    messages = {}
    for n in range(people):
        messages[n] = await gateway.command(FIRST + n, GUILD + n % 20 * 10, "recommend")
    end = time.perf_counter() + seconds

    async def one(n: int) -> None:
        rng = random.Random(n)
        person, guild, message = FIRST + n, GUILD + n % 20 * 10, messages[n]
        await asyncio.sleep(rng.random())
        while time.perf_counter() < end:
            await asyncio.sleep(rng.expovariate(1.0))
            offered = by_verb(message)
            verbs = [verb for verb in ON_A_LIST if offered.get(verb)]
            if not verbs:
                message = await gateway.command(person, guild, "recommend")
                continue
            answer = await gateway.tap(
                person, guild, message, rng.choice(offered[rng.choice(verbs)])
            )
            times.append(answer.first)
            if answer.kind == 7 and by_verb(answer):
                message = answer

    beating = asyncio.create_task(loop.beat())
    began = time.perf_counter()
    with loop.watched():
        await asyncio.gather(*(one(n) for n in range(people)))
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    return times, time.perf_counter() - began


def line(name: str, times: list[tuple[float, float]], peer: list[tuple[float, float]]) -> str:
    """One line of the table."""
    first, processor = np.array(times).T * 1000
    p50, p99 = np.percentile(first, (50, 99))
    work = float(np.median(processor))
    against = float(np.median(np.array(peer)[:, 1])) * 1000
    return f"{name:<24}{len(times):>8,}{p50:>9.2f}{p99:>9.2f}{work:>14.2f}{work / against:>9.1f}"


async def measure(options: argparse.Namespace) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder).as_posix()}/clicks.sqlite3"
        settings = Settings(database_url=url, discord_token=None)
        services = await Services.open(settings)
        rng = random.Random(7)
        try:
            async with Gateway(settings, services) as gateway:
                await fill(services, FIRST, LIST, rng)
                for n in range(1, options.people):
                    await fill(services, FIRST + n, 12, rng)
                await alone(gateway, 5)  # warm up
                peer = await bare(gateway, options.clicks)
                times = await alone(gateway, options.clicks)
                print(f"One person with {LIST} anime, {services.database.where.rsplit('/')[-1]}")
                print(
                    f"{'':<24}{'clicks':>8}{'p50 ms':>9}{'p99 ms':>9}"
                    f"{'processor ms':>14}{'ratio':>9}"
                )
                print(line("bare discord.py button", peer, peer))
                for verb in sorted(times, key=lambda verb: np.median(times[verb], axis=0)[1]):
                    print(line(verb, times[verb], peer))
                print(line("all", [took for of in times.values() for took in of], peer))
                loop = Loop()
                clicked, took = await together(gateway, options.people, options.seconds, loop)
                p50, p99 = np.percentile(np.array(clicked) * 1000, (50, 99))
                print(f"\n{options.people} people, {len(clicked) / took:,.0f} clicks a second")
                print(f"answered after p50 {p50:.1f} ms, p99 {p99:.1f} ms")
                held = sorted(loop.held, reverse=True)
                most = held[0][0] * 1000 if held else 5.0
                over = sum(one > 0.02 for one, _ in held)
                print(
                    f"longest step of the event loop {most:.1f} ms of processor; {over} over 20 ms"
                )
                for one, name in held[: options.steps]:
                    print(f"  {one * 1000:6.1f} ms  {name[:90]}")
                late = np.array(loop.late) * 1000
                p50, p99 = np.percentile(late, (50, 99))
                print(
                    f"event loop late by p50 {p50:.1f}, p99 {p99:.1f}, at most {late.max():.1f} ms"
                )
        finally:
            await services.close()


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clicks", type=int, default=100, help="of each kind")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--steps", type=int, default=0, help="name so many of the longest steps")
    parser.add_argument("--url", help="database URL; by default a new SQLite file")
    options = parser.parse_args()
    # One person clicks as fast as ten here: how dear a click is, and not whether it is allowed.
    for cost in Cost:
        cost.person = cost.guild = Rate(1e9, 1e9)
    asyncio.run(measure(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
