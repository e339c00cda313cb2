"""Asking a site politely: one question at a time, with time limits, waiting when told to wait.

RFC 9110, section 10.2.3 defines `Retry-After`, RFC 6585, section 4 the status 429.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp

from bot.importing.errors import RefusedError
from bot.importing.limits import MEGABYTE
from bot.importing.structured import load

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 8 * MEGABYTE  # a page of 1,000 entries is a third of one
_TRIES: Final = 4
_PATIENCE: Final = 120.0  # seconds; a site that wants a longer pause is called busy
_BUSY: Final = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, connect=10, sock_read=15)


class Answer(NamedTuple):
    """What a site said.

    Attributes:
        status: of HTTP.
        body: its JSON; None where the answer is an error that is not JSON.
    """

    status: int
    body: Any


class Fetcher:
    """Asks one site, one question at a time however many people wait.

    Args:
        site: its name as a person writes it.
        pause: seconds between two questions.
        timeout: of one question.
        sleep: waits; a test need not.
    """

    def __init__(
        self,
        site: str,
        *,
        pause: float = 0.5,
        timeout: aiohttp.ClientTimeout = _TIMEOUT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.site = site
        self._pause = pause
        self._timeout = timeout
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._last = float("-inf")

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """Put a question until it is answered, or until it is clear that it will not be.

        Returns:
            The answer of a site that works, be it a refusal.

        Raises:
            RefusedError: the site cannot be reached, is busy for long, or does not speak JSON.
        """
        limited = False
        async with self._turn, self._session() as session:
            for tries_left in reversed(range(_TRIES)):
                await self._keep_distance()
                try:
                    async with session.request(
                        method,
                        url,
                        headers=headers,
                        params=params,
                        json=body,
                        allow_redirects=False,
                    ) as response:
                        if response.status not in _BUSY:
                            return await self._read(response)
                        limited = response.status == 429
                        wait = self._asked_wait(response)
                        log.info("%s answered %d", self.site, response.status)
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    log.info("%s: %s", self.site, type(error).__name__)
                    wait = None
                if tries_left:
                    await self._sleep(wait if wait is not None else self._back_off(tries_left))
        if limited:
            raise RefusedError("import_site_busy", site=self.site, count=1)
        raise RefusedError("import_site_down", site=self.site)

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[aiohttp.ClientSession]:
        headers = {"User-Agent": user_agent(), "Accept": "application/json"}
        async with aiohttp.ClientSession(timeout=self._timeout, headers=headers) as session:
            yield session

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        pieces = bytearray()
        async for piece in response.content.iter_chunked(1 << 16):
            pieces += piece
            if len(pieces) > _MOST_BYTES:
                raise RefusedError("import_site_changed", site=self.site)
        try:
            text = pieces.decode("utf-8")
            value = await asyncio.to_thread(load, text)
        except (UnicodeDecodeError, RefusedError):
            if response.status < 400:
                raise RefusedError("import_site_changed", site=self.site) from None
            value = None
        return Answer(response.status, value)

    async def _keep_distance(self) -> None:
        wait = self._last + self._pause - time.monotonic()
        if wait > 0:
            await self._sleep(wait)
        self._last = time.monotonic()

    def _asked_wait(self, response: aiohttp.ClientResponse) -> float | None:
        """The pause that the site asks for, in seconds.

        Raises:
            RefusedError: it is longer than anybody would wait.
        """
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if wait is not None and wait > _PATIENCE:
            raise RefusedError("import_site_busy", site=self.site, count=-(-int(wait) // 60))
        return wait

    @staticmethod
    def _back_off(tries_left: int) -> float:
        """Seconds, about twice as many each time; not the same for everybody."""
        return 2.0 ** (_TRIES - 1 - tries_left) * random.uniform(0.75, 1.25)  # noqa: S311


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds to wait that a `Retry-After` header asks for; None where it says nothing.

    Args:
        value: the header: seconds, or a date.
        now: aware.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def user_agent() -> str:
    """Who asks, in whose name."""
    try:
        number = version("osusume")
    except PackageNotFoundError:
        number = "0"
    return f"osusume/{number} (Discord bot; reads one public list when its owner asks)"
