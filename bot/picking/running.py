"""One process that works out picks, as seen from the bot."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from bot.apart import environment
from bot.picking.wire import LENGTH, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recsys.catalog import Catalog
    from recsys.recommender import Recommender

_PATIENCE = 2.0  # seconds for it to end by itself


class GoneError(Exception):
    """The process ended, or could not start; the message says how."""


class Running:
    """A process that has loaded a bundle and answers, one question after the other.

    Attributes:
        version: of its bundle.
    """

    def __init__(self, process: Process, catalog: Catalog) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a process without pipes cannot be asked")
        self.version = ""
        self._process = process
        self._questions, self._answers = process.stdin, process.stdout
        self._catalog = catalog
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._over = False

    @classmethod
    async def start(
        cls, bundle: Path | None, catalog: Catalog, variables: dict[str, str] | None = None
    ) -> Self:
        """Start one, and wait until it can answer.

        Args:
            bundle: folder of its weights; None is the one that ships.
            catalog: what an answer's anime are looked up in.
            variables: of the environment, beside what every process of ours is given.

        Raises:
            GoneError: it cannot use the bundle, or ended at once.
        """
        words = [sys.executable, "-m", "bot.picking", *([] if bundle is None else [str(bundle)])]
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdin=PIPE, stdout=PIPE, env=dict(environment()) | (variables or {})
            )
        except OSError as error:
            raise GoneError(str(error)) from error
        running = cls(process, catalog)
        try:
            await running._get_ready()
        except BaseException:
            await running.stop()
            raise
        return running

    @property
    def waiting(self) -> int:
        """How many questions are not answered yet."""
        return len(self._waiting)

    @property
    def is_there(self) -> bool:
        """Whether it still answers, as far as is known."""
        return not self._over

    async def ask(self, question: Callable[[Recommender], Any]) -> Any:  # noqa: ANN401 - its answer
        """What the recommender says.

        Args:
            question: asks it; must be one that pickle takes, such as `operator.methodcaller`.

        Raises:
            GoneError: the process ended before it answered.
            Exception: whatever the question raised.
        """
        message = pack(question)
        if self._over:
            raise GoneError("it has ended")
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._questions.write(message)
        ok, said = unpack(await future, self._catalog)
        if not ok:
            raise said
        return said

    async def listen(self) -> str:
        """Hand answers to whoever asked, until the process ends; returns how it ended."""
        try:
            while True:
                message = await self._receive()
                future = self._waiting.popleft()  # questions are answered in order
                if not future.done():  # else nobody waits for it any more
                    future.set_result(message)
        except GoneError as error:
            return str(error)
        finally:
            self._give_up()

    async def stop(self) -> None:
        """Have it end: at once if it is idle, and soon in any case."""
        self._give_up()
        self._questions.close()
        try:
            await asyncio.wait_for(self._process.wait(), _PATIENCE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def _give_up(self) -> None:
        self._over = True
        for future in self._waiting:
            if not future.done():
                future.set_exception(GoneError("it has ended"))
        self._waiting.clear()

    async def _get_ready(self) -> None:
        ok, said = unpack(await self._receive(), self._catalog)
        if not ok:
            raise GoneError(said)
        self.version = said

    async def _receive(self) -> bytes:
        try:
            head = await self._answers.readexactly(LENGTH.size)
            return await self._answers.readexactly(*LENGTH.unpack(head))
        except (asyncio.IncompleteReadError, OSError):
            raise GoneError(f"it ended with {await self._process.wait()}") from None
