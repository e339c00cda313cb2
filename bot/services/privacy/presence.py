"""Noting the day on which a person last used the bot, by which it is known who has left."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.db.began import mark_beginning
from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from bot.db import Database

__all__ = ["Presence", "mark_beginning"]

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


class Presence:
    """Keeps the day, and no hour.

    A minute's people are written together, each at most once a day. Should the process die within
    that minute, the day is noted when they come back.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._clock = clock
        self._today: date | None = None
        self._noted: set[int] = set()
        self._waiting: set[int] = set()

    def saw(self, user_id: int) -> None:
        """Note that a person used the bot, whatever they did.

        Nothing is kept of somebody of whom nothing is kept so far.
        """
        today = self._clock().date()
        if today != self._today:
            self._today = today
            self._noted.clear()
        if user_id not in self._noted:
            self._waiting.add(user_id)

    async def write(self) -> None:
        """Write who was seen.

        Raises:
            UserError: the database did not take it; it is tried again next time.
        """
        today, seen = self._today, frozenset(self._waiting)
        if today is None or not seen:
            return
        with storage():
            async with self._database.write() as tx:
                await tx.users.saw(seen, today)
        self._waiting -= seen
        if today == self._today:
            self._noted |= seen

    async def watch(self, every: float = EVERY) -> None:
        """Write now and again until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.write()
            except UserError:
                pass  # the log has it; the database may be back next time
            except Exception:
                log.exception("Who was seen could not be written")

    def forget(self, user_id: int) -> None:
        """Let go of a person who was erased."""
        self._noted.discard(user_id)
        self._waiting.discard(user_id)
