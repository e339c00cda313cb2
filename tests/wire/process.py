"""The bot as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.admin.fake_discord import TOKEN

if TYPE_CHECKING:
    from tests.wire.server import WireDiscord

ROOT = Path(__file__).parents[2]


class Bot:
    """Start one with ``async with``; it is killed at the end if it still runs.

    Args:
        discord: whom it connects to.
        folder: its working directory, where its log goes.
        settings: without the prefix, in small letters.
    """

    def __init__(self, discord: WireDiscord, folder: Path, **settings: object) -> None:
        self.discord = discord
        self.log = folder / f"bot-{id(self)}.log"
        self._folder = folder
        ours = {key: value for key, value in os.environ.items() if not key.startswith("OSUSUME_")}
        chosen = {"discord_token": TOKEN, "log_level": "DEBUG", **settings}
        ours |= {f"OSUSUME_{key.upper()}": str(value) for key, value in chosen.items()}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._environment = {**ours, "OSUSUME_WIRE_URL": discord.url, "PYTHONPATH": path}
        self.process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.wire.run_bot"),
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def wait_ready(self, *shards: int, seconds: float = 120) -> None:
        """Until its shards are connected; fails with its log when it ends before."""
        assert self.process is not None
        waits = [asyncio.create_task(self.discord.ready[shard].wait()) for shard in shards]
        ended = asyncio.create_task(self.process.wait())
        ready = asyncio.gather(*waits)
        await asyncio.wait({ready, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not ready.done():
            for wait in waits:
                wait.cancel()
            await asyncio.wait({ready})
            raise AssertionError(self.written()[-3000:])

    def written(self) -> str:
        """What it logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        self.process.terminate()
        return await self.process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
