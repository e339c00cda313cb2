"""How late the event loop is: the first thing to look at when a bot feels slow."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.observing.meter import Meter

log = logging.getLogger(__name__)

EVERY = 0.1  # seconds
LONG = 0.5  # seconds; a sixth of what Discord allows for an answer


async def watch_loop(meter: Meter, every: float = EVERY) -> None:
    """Measure until cancelled how much later than asked a sleep ends.

    A delay of `LONG` is logged too: something held the loop that should have run in a thread.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        late = max(0.0, loop.time() - due)
        meter.loop_delay(late)
        if late >= LONG:
            log.warning("The event loop was held for %.0f ms", late * 1000)
