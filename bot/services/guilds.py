"""What the admin of a Discord server chose."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.services.errors import storage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Database


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The choices of one server.

    Attributes:
        locale: language for what everybody sees, or None for the server's own in Discord.
        adult: whether adult titles may appear in age-restricted channels.
    """

    locale: str | None = None
    adult: bool = False


_DEFAULT = GuildSettings()


class GuildService:
    """Reads and changes the settings of servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: int) -> GuildSettings:
        """The settings of a server; the defaults where nothing was chosen.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return _from_json(await tx.guilds.settings(guild_id))

    async def save(self, guild_id: int, settings: GuildSettings) -> None:
        """Store the settings of a server.

        Raises:
            UserError: the database did not take them.
        """
        defaults = asdict(_DEFAULT)
        # Only what differs, so that a better default reaches everybody who did not choose.
        chosen = {name: v for name, v in asdict(settings).items() if v != defaults[name]}
        with storage():
            async with self._database.write() as tx:
                await tx.guilds.put(guild_id, chosen, datetime.now(UTC))

    async def forget(self, guild_id: int) -> None:
        """Remove what was stored about a server, as when the bot is removed from it.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                await tx.guilds.remove(guild_id)


def _from_json(stored: Mapping[str, Any]) -> GuildSettings:
    known = {field.name for field in fields(GuildSettings)}
    return GuildSettings(**{name: value for name, value in stored.items() if name in known})
