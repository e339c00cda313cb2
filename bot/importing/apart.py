"""Reading a file in a process of its own.

A hostile file may try to take all memory, to take forever, or to crash the parser; and parsing a
long one would hold the event loop, because neither JSON nor expat lets other threads run
meanwhile. A process has a limit of memory and of time, and can be ended.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_SECONDS
from bot.importing.lines import Line, ReadList, Source
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_AT_ONCE = 2
_SETTINGS = "OSUSUME_"
_FIELDS = tuple(field.name for field in fields(Line))


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
            return await asyncio.to_thread(self._run, data)

    def _run(self, data: bytes) -> ReadList:
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
        return _unpacked(json.loads(done.stdout))


def packed(read: ReadList) -> dict[str, Any]:
    """A list as plain values, to be sent from process to process."""
    return {
        "source": read.source,
        "passed_over": read.passed_over,
        "guessed_scale": read.guessed_scale,
        "lines": [tuple(getattr(line, name) for name in _FIELDS) for line in read.lines],
    }


def _unpacked(answer: dict[str, Any]) -> ReadList:
    if "refused" in answer:
        raise RefusedError(answer["refused"], **answer["params"])
    return ReadList(
        Source(answer["source"]),
        tuple(
            Line(mal_id, anilist_id, title, score, None if status is None else Status(status), year)
            for mal_id, anilist_id, title, score, status, year in answer["lines"]
        ),
        answer["passed_over"],
        answer["guessed_scale"],
    )


def environment() -> Iterator[tuple[str, str]]:
    """What the interpreter needs, without the bot's secrets."""
    for name, value in os.environ.items():
        if not name.upper().startswith(_SETTINGS):
            yield name, value
    yield "PYTHONUTF8", "1"
    # Where this very package was found, also when it is not installed.
    paths = [path for path in sys.path if path]
    yield "PYTHONPATH", os.pathsep.join(paths)
