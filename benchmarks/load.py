"""How many people one process answers, and how quickly.

  python benchmarks/load.py                              60 s at 300 interactions a second, SQLite
  python benchmarks/load.py --seconds 600                ten minutes, with the slope of the memory
  python benchmarks/load.py --seconds 1200 --rate 100 --people 200 --rated 10
                                                         whether it is level once no list grows
  python benchmarks/load.py --rate 0                     as fast as it goes
  python benchmarks/load.py --pick-processes 1           picks worked out in a process beside it
  python benchmarks/load.py --postgres                   on PostgreSQL, a server of its own
  python benchmarks/load.py --url postgresql://...       on one that is there

Mixed commands and taps of some thousand people arrive at random (a Poisson process), whether or not
the ones before were answered, as in life. They go through discord.py, the bot and its database;
only Discord's network is left out. Printed: what came through, the time to the first answer, how
late the event loop was, the memory and its slope, and beside it what an empty discord.py command
takes in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import sys
import tempfile
import time
from array import array
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.threads import one_thread_each, take_turns  # noqa: E402 - after the path

one_thread_each()  # as the bot does, before anything loads NumPy
take_turns()

import numpy as np  # noqa: E402
from crowd import GUILDS, Crowd  # noqa: E402
from gateway import Answer, Gateway  # noqa: E402

from bot.services import Services  # noqa: E402
from bot.services.fairness import Cost, Rate  # noqa: E402
from bot.settings import Settings  # noqa: E402
from tests.bot.postgres import server  # noqa: E402

WARM_UP = 5.0  # seconds, not counted
SAMPLE = 5.0  # seconds between looks at the memory


@dataclass
class Minute:
    """What came of a minute.

    Attributes:
        begun: `time.perf_counter` at its start.
        processor: seconds of the processor that the process took, by its end; below 0 at first.
        loop: likewise, of the thread with the event loop alone.
        times: seconds to the first answer.
    """

    begun: float
    processor: float
    loop: float
    times: array[float] = field(default_factory=lambda: array("d"))

    @classmethod
    def begin(cls) -> Minute:
        """A minute from now."""
        return cls(time.perf_counter(), -time.process_time(), -time.thread_time())

    def end(self) -> float:
        """Ends it; returns how many seconds it had."""
        self.processor += time.process_time()
        self.loop += time.thread_time()
        return time.perf_counter() - self.begun

    def line(self, number: int, seconds: float) -> str:
        """It as a line of a table."""
        p50, p95, p99 = np.percentile(np.array(self.times) * 1000, (50, 95, 99))
        return (
            f"minute {number:<7}{len(self.times):>9,}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}"
            f"{self.loop / seconds:>9.0%}{self.processor / seconds:>9.0%}"
        )


class Figures:
    """What is measured while the crowd is there."""

    def __init__(self) -> None:
        # Plain numbers: objects would grow by as much as what the memory's slope is to show.
        self.times: dict[str, array[float]] = collections.defaultdict(lambda: array("d"))
        self.minute: Minute | None = None
        self.lines: list[str] = []
        self.late = array("d")
        self.memory: list[tuple[float, float, float]] = []
        self.throttled = 0
        self.failed = 0
        self.unanswered = 0
        self.counting = False

    async def watch(self) -> None:
        """The event loop's delay, every 10 ms."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.01
            await asyncio.sleep(0.01)
            if self.counting:
                self.late.append(loop.time() - due)

    async def divide(self) -> None:
        """Minute by minute, for what a process holds grows, and a machine slows down."""
        await asyncio.sleep(WARM_UP)
        number = 0
        while True:
            number += 1
            minute = Minute.begin()
            self.minute = minute
            await asyncio.sleep(60)
            self.lines.append(minute.line(number, minute.end()))

    async def weigh(self) -> None:
        """The resident memory less that of these figures, every few seconds."""
        while True:
            await asyncio.sleep(SAMPLE)
            if self.counting:
                own = self.bytes() / 1e6
                everything, anonymous = resident_megabytes(), resident_megabytes("RssAnon")
                self.memory.append((time.perf_counter(), everything - own, anonymous - own))

    def bytes(self) -> int:
        """What is kept here, by the second more of it, and not by the bot."""
        kept = [self.late, *self.times.values(), *([self.minute.times] if self.minute else [])]
        return sum(len(numbers) * numbers.itemsize for numbers in kept)

    async def of_one(self, crowd: Crowd) -> None:
        """Let somebody do something, and count what comes of it."""
        try:
            self.took(*await crowd.one())
        except TimeoutError:
            self.unanswered += 1

    def took(self, name: str, answer: Answer) -> None:
        """Count an answer."""
        if not self.counting:
            return
        self.times[name].append(answer.first)
        if self.minute is not None:
            self.minute.times.append(answer.first)
        content = str(answer.body.get("content") or "")
        self.throttled += "wait" in content and "at once" in content
        self.failed += "reference" in content


def resident_megabytes(kind: str = "VmRSS") -> float:
    """This process's resident memory, in MB; 0 where the system does not tell.

    Args:
        kind: as Linux calls it: "VmRSS" for all, "RssAnon" for that behind which no file stands.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    (line,) = (line for line in status.splitlines() if line.startswith(f"{kind}:"))
    return float(line.split()[1]) / 1000


async def run(options: argparse.Namespace) -> None:
    """Load one bot for a while, and print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder).as_posix()}/load.sqlite3"
        settings = Settings(
            database_url=url, discord_token=None, pick_processes=options.pick_processes
        )
        started = time.perf_counter()
        services = await Services.open(settings)
        ready = time.perf_counter() - started
        try:
            async with Gateway(settings, services) as gateway:
                print(f"Ready after {ready:.2f} s; {resident_megabytes():.0f} MB resident")
                print(f"{services.database.where}; {options.people:,} people, {GUILDS} servers")
                crowd = Crowd(gateway, services, options)
                await fill(services, crowd, options)
                figures = Figures()
                watches = [
                    asyncio.create_task(w()) for w in (figures.watch, figures.weigh, figures.divide)
                ]
                seconds = await press(crowd, figures, options)
                report(figures, seconds)
                await compare(gateway, figures)
                for watch in watches:
                    watch.cancel()
                await asyncio.wait(watches)
        finally:
            await services.close()


async def fill(services: Services, crowd: Crowd, options: argparse.Namespace) -> None:
    """Give some of the people lists, so that they are not all newcomers."""
    people = [10**9 + n for n in range(0, options.people, max(1, options.people // 60))]
    for person in people:
        for _ in range(crowd.rng.choice((3, 10, 30))):
            anime = crowd.pick(options.rated)
            await services.ratings.rate(person, anime.id, crowd.rng.randint(3, 10))


async def press(crowd: Crowd, figures: Figures, options: argparse.Namespace) -> float:
    """Let them come; returns for how many seconds was counted."""
    tasks: set[asyncio.Task[None]] = set()

    def come() -> None:
        task = asyncio.create_task(figures.of_one(crowd))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    begun = time.perf_counter()
    counted = begun + WARM_UP
    end = counted + options.seconds
    due = begun
    while (now := time.perf_counter()) < end:
        if not figures.counting and now >= counted:
            figures.counting = True
        if options.rate == 0:
            while len(tasks) < options.at_once:
                come()
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            continue
        while due <= now:
            come()
            due += crowd.rng.expovariate(options.rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    figures.counting = False
    finished = time.perf_counter()
    if tasks:
        await asyncio.wait(tasks)
    return finished - counted


def report(figures: Figures, seconds: float) -> None:
    """Print the figures."""
    everything = np.concatenate([np.array(times) for times in figures.times.values()]) * 1000
    print(f"\n{len(everything) / seconds:,.0f} interactions a second for {seconds:.0f} s")
    heads = f"{'':<14}{'count':>9}{'p50':>9}{'p95':>9}{'p99':>9}"
    print(f"{heads}{'max':>9}  ms to the first answer")
    rows = {**{n: np.array(t) * 1000 for n, t in sorted(figures.times.items())}, "all": everything}
    for name, times in rows.items():
        p50, p95, p99 = np.percentile(times, (50, 95, 99))
        print(f"{name:<14}{len(times):>9,}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}{times.max():>9.1f}")
    if figures.lines:
        print(f"{heads}{'loop':>9}{'process':>9}  of a core")
        print("\n".join(figures.lines))
    late = np.array(figures.late) * 1000
    p50, p99 = np.percentile(late, (50, 99))
    print(f"event loop late by p50 {p50:.1f} ms, p99 {p99:.1f} ms, at most {late.max():.1f} ms")
    print(
        f"{figures.throttled} were told to wait, {figures.failed} failed, "
        f"{figures.unanswered} came too late to be answered"
    )
    if len(figures.memory) > 2:
        times, *kinds = np.array(figures.memory).T
        for name, sizes in zip(("memory", "of that, anonymous"), kinds, strict=True):
            slope, error = slope_with_error(times / 60, sizes)
            print(
                f"{name} {sizes[0]:.0f} → {sizes[-1]:.0f} MB; "
                f"slope {slope:+.2f} ± {error:.2f} MB a minute over the second half"
            )


def slope_with_error(minutes: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """Least squares on the second half, for caches fill in the first; ± two standard errors."""
    half = len(minutes) // 2
    x, y = minutes[half:] - minutes[half:].mean(), sizes[half:]
    slope = float(x @ (y - y.mean()) / (x @ x))
    left = y - y.mean() - slope * x
    return slope, 2 * float(np.sqrt(left @ left / max(1, len(x) - 2) / (x @ x)))


async def compare(gateway: Gateway, figures: Figures) -> None:
    """Beside it, what discord.py takes for a command that says one word."""
    from discord import app_commands

    @app_commands.command(name="empty", description="Says one word.")
    async def empty(interaction: Any) -> None:
        await interaction.response.send_message("word")

    gateway.client.tree.add_command(empty)
    people = range(10**8, 10**8 + 500)
    times = [(await gateway.command(person, 10**12, "empty")).first for person in people]
    alone = float(np.median(times)) * 1000
    together = float(np.median(np.concatenate(list(figures.times.values())))) * 1000
    print(
        f"an empty discord.py command, one at a time: p50 {alone:.2f} ms; "
        f"the mixture under load is {together / alone:.1f} × that"
    )


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=300, help="a second; 0: as fast as it goes")
    parser.add_argument("--at-once", type=int, default=64, help="under way at once with --rate 0")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--rated", type=int, default=2000, help="among so many anime they rate")
    parser.add_argument("--pick-processes", type=int, default=0, help="as the setting")
    parser.add_argument("--url", help="database URL; by default a new SQLite file")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL for it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--unfair", action="store_true", help="lift the limits of people and servers"
    )
    options = parser.parse_args()
    if options.unfair or options.rate == 0:
        everything = Rate(1e9, 1e9)
        for cost in Cost:
            cost.person, cost.guild = everything, everything
    with ExitStack() as stack:
        if options.postgres:
            options.url = stack.enter_context(server())
        asyncio.run(run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
