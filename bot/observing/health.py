"""A small HTTP server for whoever keeps the bot alive: is it there, is it ready, its figures.

``/livez`` answers as long as the event loop turns: a service manager restarts a bot that does not
answer. ``/readyz`` says whether people are served: connected to Discord, and the database replies.
``/metrics`` is for Prometheus. Nothing here tells who uses the bot. It listens on this machine
alone unless the admin says otherwise.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bot.services.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.observing.meter import PrometheusMeter

CHECK_SECONDS = 2.0


class HealthServer:
    """Answers on one port until closed.

    Args:
        meter: whose figures ``/metrics`` shows.
        checks: name → what raises, or returns a false value, when that part does not work.
    """

    def __init__(
        self, meter: PrometheusMeter, checks: Mapping[str, Callable[[], Awaitable[object]]]
    ) -> None:
        self._meter = meter
        self._checks = checks
        app = web.Application()
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str, port: int) -> int:
        """Listen.

        Returns:
            The port, which the system chose where 0 was given.

        Raises:
            StartupError: the port is taken or the address is not this machine's.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            message = (
                f"The health endpoint cannot listen on {host}:{port} ({error.strerror}). "
                "Choose another OSUSUME_HEALTH_PORT or OSUSUME_HEALTH_HOST."
            )
            raise StartupError(message) from error
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        names = tuple(self._checks)
        results = await asyncio.gather(*(self._works(name) for name in names))
        parts = dict(zip(names, results, strict=True))
        ready = all(parts.values())
        return web.json_response({"ready": ready, **parts}, status=200 if ready else 503)

    async def _works(self, name: str) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._checks[name]() is not False
        except Exception:  # noqa: BLE001 - whatever it is, this part does not work now
            return False

    async def _metrics(self, _request: web.Request) -> web.Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        text = await asyncio.to_thread(generate_latest, self._meter.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
