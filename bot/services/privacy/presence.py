"""Noting the day on which a person last used the bot, by which it is known who has left."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from bot.db import Database


class Presence:
    """Keeps the day, and no hour: one write a person a day at most."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._clock = clock
        self._today: date | None = None
        self._seen: set[int] = set()

    async def saw(self, user_id: int) -> None:
        """Note that a person used the bot, whatever they did.

        Nothing is kept of somebody of whom nothing is kept so far. A database that does not take it
        is noted in the log, and tried again at the next occasion.
        """
        today = self._clock().date()
        if today != self._today:
            self._today = today
            self._seen.clear()
        if user_id in self._seen:
            return
        self._seen.add(user_id)
        try:
            with storage():
                async with self._database.write() as tx:
                    await tx.users.saw(user_id, today)
        except UserError:
            self._seen.discard(user_id)
        except BaseException:
            self._seen.discard(user_id)
            raise

    def forget(self, user_id: int) -> None:
        """Let go of a person who was erased."""
        with suppress(KeyError):
            self._seen.remove(user_id)
