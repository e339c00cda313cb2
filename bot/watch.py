"""Watching the bot on Discord: its event loop, its health endpoint, its figures."""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.observing.health import HealthServer
from bot.observing.loop import watch_loop
from bot.observing.meter import PrometheusMeter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.client import Osusume

log = logging.getLogger(__name__)

MEASURE_SECONDS = 15.0  # as often as Prometheus usually asks


@asynccontextmanager
async def watching(client: Osusume) -> AsyncGenerator[int | None]:
    """Look at a client for as long as the block lasts.

    Yields:
        The port of the health endpoint, or None where none is wanted.

    Raises:
        StartupError: the endpoint cannot be opened.
    """
    meter, settings = client.services.meter, client.settings
    port, health = None, None
    if isinstance(meter, PrometheusMeter) and settings.health_port is not None:

        async def discord() -> bool:
            return client.is_ready() and not client.is_closed()

        health = HealthServer(
            meter, {"discord": discord, "database": client.services.database.ping}
        )
        port = await health.start(settings.health_host, settings.health_port)
        log.info("Health and metrics on %s:%d", settings.health_host, port)
    tasks = [asyncio.create_task(work) for work in (watch_loop(meter), _measure(client))]
    try:
        yield port
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if health is not None:
            await health.close()


async def _measure(client: Osusume) -> None:
    """Keep the figures that nothing else brings up to date."""
    meter = client.services.meter
    while True:
        if client.is_ready():
            # A shard that waits for its first heartbeat answers NaN.
            beats = {shard: beat for shard, beat in client.latencies if math.isfinite(beat)}
            meter.gateway(len(client.guilds), beats)
        # Also takes the lead over from a process that is gone.
        meter.leader(await client.services.database.leadership.claim())
        await asyncio.sleep(MEASURE_SECONDS)
