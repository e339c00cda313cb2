"""Reading a file in a process of its own.

A hostile file may try to take all memory, to take forever, or to crash the parser; and parsing a
long one would hold the event loop, because neither JSON nor expat lets other threads run
meanwhile. A process has a limit of memory and of time, and can be ended.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any

from bot.apart import environment
from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_SECONDS
from bot.importing.lines import Line, ReadList, Source
from bot.importing.wire import line_of

log = logging.getLogger(__name__)

_AT_ONCE = 2
_STRETCH = 500  # lines; between one and the next the event loop does other work


class Reader:
    """Reads files, two at a time however many people bring one."""

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def read(self, data: bytes) -> ReadList:
        """As `bot.importing.read_list`, without holding the event loop.

        Raises:
            RefusedError: as there, and when the file took too much memory or too long.
        """
        async with self._turn:
            answer = await asyncio.to_thread(self._run, data)
        if "refused" in answer:
            raise RefusedError(answer["refused"], **answer["params"])
        rows = answer["lines"]
        lines: list[Line] = []
        for start in range(0, len(rows), _STRETCH):
            lines += map(line_of, rows[start : start + _STRETCH])
            await asyncio.sleep(0)
        return ReadList(
            Source(answer["source"]), tuple(lines), answer["passed_over"], answer["guessed_scale"]
        )

    def _run(self, data: bytes) -> dict[str, Any]:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bot.importing"],
                input=data,
                capture_output=True,
                timeout=self._seconds,
                check=False,
                env=dict(environment()),
            )
        except subprocess.TimeoutExpired:
            log.warning("A file of %d bytes took more than %.0f s", len(data), self._seconds)
            raise RefusedError("import_too_complex") from None
        if done.returncode != 0:
            # Not the error's text: it may quote the file.
            log.warning(
                "The reader of a file of %d bytes ended with %d", len(data), done.returncode
            )
            raise RefusedError("import_too_complex")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
