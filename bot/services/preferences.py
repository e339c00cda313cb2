"""What people chose for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.services.errors import storage
from bot.services.naming import TitleLanguage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Database


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one person.

    Attributes:
        titles: the language of titles, or None to go by the language of their Discord.
    """

    titles: TitleLanguage | None = None


class PreferenceService:
    """Reads and changes what people chose."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: int) -> Preferences:
        """What a person chose; the defaults where they chose nothing.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return _from_json(await tx.users.preferences(user_id))

    async def save(self, user_id: int, preferences: Preferences) -> None:
        """Store what a person chose.

        Raises:
            UserError: the database did not take it.
        """
        # Only what was chosen, so that a better default reaches everybody else.
        chosen = {} if preferences.titles is None else {"titles": preferences.titles.value}
        with storage():
            async with self._database.write() as tx:
                await tx.users.put_preferences(user_id, chosen, datetime.now(UTC))


def _from_json(stored: Mapping[str, Any]) -> Preferences:
    titles = stored.get("titles")
    # A choice that only a newer version of the bot knows is as good as none.
    return Preferences(TitleLanguage(titles) if titles in tuple(TitleLanguage) else None)
