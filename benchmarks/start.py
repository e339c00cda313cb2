"""How long a start takes, and what memory the running bot holds.

  python benchmarks/start.py                  both bots, five starts each
  python benchmarks/start.py --only browser   the local bot alone
  python benchmarks/start.py --commands 1000  after more commands

Real processes: `python -m bot` with a token connects to a small Discord on this machine
(tests/wire), without one it serves its page. It is ready when it has answered the first thing that
somebody asks: a title half typed on Discord, the page in the browser. Beside each is the least
that could stand there (benchmarks/bare.py): discord.py with one command, simcord's page with
nothing behind it. The first start of all, on an empty database and an empty cache, is apart.

Printed for each: seconds to ready, by the clock and of the processor; memory when ready and after
mixed commands, as Linux counts it. *Resident* is everything in memory, *anonymous* the part of it
that no file stands behind, so that nobody else can use it and only swap can take it away; the rest
are pages of files, which processes share. By the clock it means something on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.admin.fake_discord import TOKEN  # noqa: E402 - after the path
from tests.wire.server import Interaction, WireDiscord, command_payload  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

GUILD = 1 << 22
AUTOCOMPLETE = 4
PATIENCE = 300.0  # seconds a start; the page draws every message anew at each command
PAUSE = 8.0  # seconds; pages of the weights are given back while nobody is being answered
TITLES = (1, 5, 6, 19, 20, 30, 121, 1535, 4224, 5114, 9253, 11061, 16498, 20583, 30276, 31964)
TYPED = ("fullm", "stiens gate", "cowboy b", "evangel", "hxh", "one p", "naru", "aot season 3")


@dataclass
class Memory:
    """MB of one process."""

    resident: float
    anonymous: float
    private: float
    peak: float

    @classmethod
    def of(cls, pid: int) -> Memory:
        """What Linux counts for a process."""
        sizes: dict[str, float] = {}
        for name in ("smaps_rollup", "status"):
            for line in Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8").splitlines():
                words = line.split()
                if words[-1] == "kB":
                    sizes[words[0].rstrip(":")] = int(words[1]) / 1000
        private = sizes["Private_Clean"] + sizes["Private_Dirty"]
        return cls(sizes["Rss"], sizes["Anonymous"], private, sizes["VmHWM"])

    def __str__(self) -> str:
        return (
            f"{self.resident:6.1f} MB resident, {self.anonymous:6.1f} anonymous, "
            f"{self.private:6.1f} private, peak {self.peak:6.1f}"
        )


@dataclass
class Start:
    """One start."""

    seconds: float
    processor: float
    ready: Memory
    after: Memory | None = None
    later: Memory | None = None
    commands: int = 0


class Visitor(Protocol):
    """Somebody who uses a bot."""

    async def ready(self) -> None:
        """Return when the bot has answered the first thing that is asked of it."""
        ...

    async def use(self, name: str, options: dict[str, Any], typed: str | None = None) -> None:
        """Run a command, or type in its option `title`; return when it is answered."""
        ...


class OnDiscord:
    """Some people on the small Discord.

    Args:
        discord: where the bot is.
        bare: the bot has but one command.
    """

    def __init__(self, discord: WireDiscord, *, bare: bool) -> None:
        self._discord = discord
        self._bare = bare
        self._numbers = itertools.count(10**17)
        self._people = itertools.cycle(range(10**9, 10**9 + 50))

    async def ready(self) -> None:
        """What is asked as soon as there is a session is answered."""
        await self._discord.ready[0].wait()
        if self._bare:
            await self.use("hello", {})
        else:
            await self.use("anime", {}, "fullm")

    async def use(self, name: str, options: dict[str, Any], typed: str | None = None) -> None:
        """See `Visitor`."""
        number = next(self._numbers)
        given = options if typed is None else {**options, "title": typed}
        payload = command_payload(number, GUILD, next(self._people), name, given)
        if typed is not None:
            payload["type"] = AUTOCOMPLETE
            payload["data"]["options"][-1]["focused"] = True
        interaction = self._discord.interactions[number] = Interaction(payload)
        session = self._discord.session_of(GUILD)
        assert session is not None  # noqa: S101 - it was waited for
        await session.dispatch("INTERACTION_CREATE", payload)
        await interaction.answered.wait()


class InBrowser:
    """Somebody at the page, who does what the page's scripts do."""

    def __init__(self, url: str) -> None:
        base, _, capability = url.partition("/#")
        self._session = aiohttp.ClientSession(
            base, headers={"X-Simcord-Capability": capability}, raise_for_status=True
        )
        self._sequence = 0
        self._commands: dict[str, dict[str, Any]] = {}

    async def ready(self) -> None:
        """The page is served, with its channel and its commands."""
        async with self._session.get("/"):
            pass
        async with self._session.post("/api/pages", json={}) as answer:
            page = await answer.json()
        self._session.headers["X-Simcord-Context"] = page["context"]["id"]
        async with self._session.get("/api/commands") as answer:
            found = await answer.json()
        self._commands = {entry["invocation"]: entry for entry in found["entries"]}

    async def use(self, name: str, options: dict[str, Any], typed: str | None = None) -> None:
        """See `Visitor`."""
        command = self._commands[name]
        typing = {} if typed is None else {"focused": "title", "value": typed}
        async with self._session.get("/api/state") as answer:
            page = await answer.json()
        self._sequence += 1
        body = {
            "kind": "run_command" if typed is None else "autocomplete_command",
            "protocol_version": 3,
            "sequence": self._sequence,
            "request_id": str(self._sequence),
            "generation": page["context"]["generation"],
            "bot_generation": page["botGeneration"],
            "published_revision": page["publishedRevision"],
            "command_id": command["commandId"],
            "path": command["path"],
            "schema_fingerprint": command["schemaFingerprint"],
            "options": {name: str(value) for name, value in options.items()},
            **typing,
        }
        async with self._session.post("/api/action", json=body) as answer:
            said = await answer.json()
        if said["rejected"]:
            raise SystemExit(f"The page refused /{name}: {said['diagnostics']}")

    async def close(self) -> None:
        """Leave."""
        await self._session.close()


async def mixed(visitor: Visitor, count: int) -> None:
    """What people do, one after the other: mostly typing and rating, then picks and cards."""
    rng = random.Random(1)
    for number in range(count):
        title = {"title": str(rng.choice(TITLES))}
        match number % 8:
            case 0 | 1 | 2:
                await visitor.use("anime", {}, rng.choice(TYPED))
            case 3 | 4:
                await visitor.use("rate", {**title, "score": rng.randint(4, 10)})
            case 5:
                await visitor.use("recommend", {})
            case 6:
                await visitor.use("similar", title)
            case _:
                await visitor.use("anime", title)


@asynccontextmanager
async def process(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process, killed at the end."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("OSUSUME_")}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with (folder / "log.txt").open("ab") as log:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, *command),
            cwd=folder,
            env={**ours, "PYTHONPATH": path, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(pid: int, visitor: Visitor, since: float, commands: int) -> Start:
    """Wait until the process is ready, then use it."""
    await visitor.ready()
    seconds = time.perf_counter() - since
    start = Start(seconds, processor(pid), Memory.of(pid))
    await asyncio.sleep(1)  # it may put away what only the start needed
    start.ready = Memory.of(pid)
    if commands:
        await mixed(visitor, commands)
        start.after, start.commands = Memory.of(pid), commands
        await asyncio.sleep(PAUSE)
        start.later = Memory.of(pid)
    return start


async def on_discord(command: list[str], folder: Path, commands: int, *, bare: bool) -> Start:
    """One start of a bot on the small Discord."""
    async with WireDiscord([GUILD]) as discord:
        settings = {"OSUSUME_DISCORD_TOKEN": TOKEN, "OSUSUME_WIRE_URL": discord.url}
        settings |= _settings(folder)
        since = time.perf_counter()
        async with process(command, folder, settings) as running:
            visitor = OnDiscord(discord, bare=bare)
            return await measured(running.pid, visitor, since, commands)


async def in_browser(command: list[str], folder: Path, commands: int) -> Start:
    """One start of a bot in the browser."""
    settings = {"OSUSUME_LOCAL_PORT": "0", "OSUSUME_LOCAL_OPEN_BROWSER": "false"}
    since = time.perf_counter()
    async with process(command, folder, settings | _settings(folder)) as running:
        assert running.stdout is not None  # noqa: S101 - it was asked for
        url = None
        while url is None:
            line = (await running.stdout.readline()).decode()
            if not line:
                raise SystemExit((folder / "log.txt").read_text(encoding="utf-8")[-3000:])
            url = re.search(r"http://\S+", line)
        visitor = InBrowser(url[0])
        try:
            return await measured(running.pid, visitor, since, commands)
        finally:
            await visitor.close()


def _settings(folder: Path) -> dict[str, str]:
    return {
        "OSUSUME_CACHE_DIR": str(folder / "cache"),
        "OSUSUME_DATABASE_URL": f"sqlite:///{(folder / 'osusume.sqlite3').as_posix()}",
    }


async def starts(place: str, options: argparse.Namespace, *, bare: bool) -> list[Start]:
    """Several starts of one bot, the first of all and then those that find everything there."""
    found: list[Start] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = options.runs + (0 if bare else 1)
        for run in range(runs):
            commands = 0 if bare or run < runs - 1 else options.commands
            if bare:
                command = [str(ROOT / "benchmarks" / "bare.py"), place]
            elif place == "discord":
                command = ["-m", "tests.wire.run_bot"]
            else:
                command = ["-m", "bot"]
            async with asyncio.timeout(PATIENCE):
                if place == "discord":
                    found.append(await on_discord(command, folder, commands, bare=bare))
                else:
                    found.append(await in_browser(command, folder, commands))
    return found


def told(found: list[Start]) -> str:
    """The median and the best."""
    clock = [one.seconds for one in found]
    busy = [one.processor for one in found]
    return (
        f"ready after {statistics.median(clock):.2f} s (best {min(clock):.2f}, worst "
        f"{max(clock):.2f}), {statistics.median(busy):.2f} s of the processor"
    )


async def compare(place: str, options: argparse.Namespace) -> None:
    """Ours and the bare one."""
    bare = await starts(place, options, bare=True)
    first, *ours = await starts(place, options, bare=False)
    resident = statistics.median(one.ready.resident for one in bare)
    least = statistics.median(one.seconds for one in bare)
    clock = statistics.median(one.seconds for one in ours)
    last = ours[-1]
    print(f"{place}")
    print(f"  bare         {told(bare)}")
    print(f"               {bare[-1].ready}")
    print(f"  first start  {told([first])}")
    print(f"               {first.ready}")
    print(f"  start        {told(ours)}; {clock / least:.1f} times the bare one")
    print(f"               {last.ready}; {last.ready.resident / resident:.1f} times")
    if last.after is not None and last.later is not None:
        print(f"  {last.commands} commands {last.after}")
        print(f"  {PAUSE:.0f} s later    {last.later}; {last.later.resident / resident:.1f} times")


async def run(options: argparse.Namespace) -> None:
    """What the command line asks for."""
    for place in ("discord", "browser"):
        if options.only in (None, place):
            await compare(place, options)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["discord", "browser"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--commands", type=int, default=200, help="after the last start")
    options = parser.parse_args()
    if not Path("/proc/self/smaps_rollup").exists():
        parser.error("memory is read from Linux's /proc, which is not there")
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
