"""Removing what people left behind who have not used the bot for long.

Somebody has left when the bot ran on more than so many days since it last saw them: a command, a
button, a suggestion while typing, a message to the bot, anything. Days are counted on which the bot
ran, so a bot that was off for a year takes nobody for gone, and a clock that jumps ahead by ten
years counts as one day.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.db import Database
    from bot.services.privacy.service import PrivacyService

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds

_AT_ONCE = 100  # people looked up together; each is erased in a transaction of their own


class Retention:
    """The job. It does nothing in a process that does not lead.

    Args:
        database: where.
        privacy: erases.
        days: on how many days the bot may run without seeing somebody; 0 keeps everything.
        clock: the time.
    """

    def __init__(
        self,
        database: Database,
        privacy: PrivacyService,
        days: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._privacy = privacy
        self._days = days
        self._clock = clock

    async def run(self) -> int:
        """Note that the bot runs today, and erase whoever has left.

        Returns:
            How many people that were.

        Raises:
            UserError: the database did not take it; whoever is left is tried again next time.
        """
        with storage():
            await self._database.scrub(if_due=True)
            async with self._database.write() as tx:
                await tx.privacy.ran_on(self._clock().date())
                since = await tx.privacy.day_before(self._days) if self._days else None
                if since is None:
                    return 0
                await tx.privacy.forget_days(since)
        gone = 0
        while True:
            with storage():
                async with self._database.read() as tx:
                    departed = await tx.privacy.departed(since, _AT_ONCE)
            if not departed:
                break
            for user_id in departed:
                gone += bool(await self._privacy.erase(user_id, unless_seen_since=since))
        if gone:
            log.info(
                "Erased %d people whom the bot has not seen on %d days of running",
                gone,
                self._days,
            )
        return gone

    async def watch(self, every: float = EVERY) -> None:
        """Run now and again until cancelled."""
        while True:
            try:
                if await self._database.leadership.claim():
                    await self.run()
            except UserError:
                pass  # the log has it; the database may be back next time
            except Exception:
                log.exception("Who has left could not be removed")
            await asyncio.sleep(every)
