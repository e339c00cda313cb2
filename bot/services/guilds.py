"""What the admin of a Discord server chose."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from bot.locales import languages
from bot.services.errors import storage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Database

MOST_CHANNELS = 25  # what Discord lets an admin choose in one menu

# Seconds for which settings are taken from memory. Every command in a server asks for them, and
# they change a few times in its life; another process of the bot hears of a change this late.
_FRESH = 30.0
_KNOWN = 4096


class Elsewhere(StrEnum):
    """What the bot does outside the channels that a server chose for it."""

    QUIET = "quiet"  # answers that only the person who asked sees
    CLOSED = "closed"  # no answers but where to ask


class Place(StrEnum):
    """What may be done at some place of a server."""

    OPEN = "open"
    QUIET = "quiet"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The choices of one server.

    Attributes:
        locale: language for what everybody sees, one of `bot.locales.languages`, or None for the
            server's own in Discord.
        adult: whether adult titles may appear in age-restricted channels.
        channels: ids of the channels where everybody may see the answers; none chosen is all.
        elsewhere: what happens in the others.
    """

    locale: str | None = None
    adult: bool = False
    channels: tuple[int, ...] = ()
    elsewhere: Elsewhere = Elsewhere.QUIET

    def place(self, *channel_ids: int | None) -> Place:
        """What may be done in a channel.

        Args:
            channel_ids: of the channel, and where that is a thread, of what it belongs to.
        """
        if not self.channels or set(channel_ids) & set(self.channels):
            return Place.OPEN
        return Place(self.elsewhere)


_DEFAULT = GuildSettings()


class GuildService:
    """Reads and changes the settings of servers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[int, tuple[float, GuildSettings]] = OrderedDict()

    async def get(self, guild_id: int) -> GuildSettings:
        """The settings of a server; the defaults where nothing was chosen.

        Raises:
            UserError: the database cannot be read.
        """
        read_at, known = self._known.get(guild_id, (0.0, None))
        if known is not None and monotonic() - read_at < _FRESH:
            return known
        with storage():
            async with self._database.read() as tx:
                found = _from_json(await tx.guilds.settings(guild_id))
        self._keep(guild_id, found)
        return found

    async def change(self, guild_id: int, **choices: Any) -> GuildSettings:  # noqa: ANN401 - any field
        """Store some settings and leave the others as they are.

        Args:
            guild_id: of the server.
            choices: fields of `GuildSettings` with their new values.

        Returns:
            All its settings now.

        Raises:
            UserError: the database did not take them.
        """
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                stored = await tx.guilds.begin(guild_id, now)
                settings = replace(_from_json(stored), **choices)
                await tx.guilds.put(guild_id, _to_json(settings, stored), now)
        self._keep(guild_id, settings)
        return settings

    async def save(self, guild_id: int, settings: GuildSettings) -> None:
        """Store all settings of a server at once.

        Raises:
            UserError: the database did not take them.
        """
        # Field by field: `asdict` would make other containers of what a field holds.
        await self.change(guild_id, **{f.name: getattr(settings, f.name) for f in fields(settings)})

    async def forget(self, guild_id: int) -> None:
        """Remove what was stored about a server, as when the bot is removed from it.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                await tx.guilds.remove(guild_id)
        self._known.pop(guild_id, None)

    def _keep(self, guild_id: int, settings: GuildSettings) -> None:
        self._known[guild_id] = monotonic(), settings
        self._known.move_to_end(guild_id)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)


def _to_json(settings: GuildSettings, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What to store, beside what a newer version of the bot has stored.

    Only what differs from the defaults, so that a better default reaches everybody else.
    """
    defaults = asdict(_DEFAULT)
    own = {name: value for name, value in asdict(settings).items() if value != defaults[name]}
    return {name: value for name, value in stored.items() if name not in defaults} | own


def _from_json(stored: Mapping[str, Any]) -> GuildSettings:
    """The settings, less what only a newer version of the bot knows."""
    locale, elsewhere = stored.get("locale"), stored.get("elsewhere")
    channels = cast("list[Any]", stored.get("channels", ()))
    return GuildSettings(
        locale=locale if locale in languages() else None,
        adult=stored.get("adult") is True,
        channels=tuple(number for number in channels if isinstance(number, int)),
        elsewhere=Elsewhere(elsewhere) if elsewhere in tuple(Elsewhere) else Elsewhere.QUIET,
    )
