"""The settings of a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.services.guilds import GuildSettings

if TYPE_CHECKING:
    from bot.services import Services

GUILD = 10**18


async def test_a_server_begins_with_the_defaults_and_keeps_what_is_chosen(
    services: Services,
) -> None:
    assert await services.guilds.get(GUILD) == GuildSettings()
    chosen = GuildSettings(locale="ja", adult=True)
    await services.guilds.save(GUILD, chosen)
    assert await services.guilds.get(GUILD) == chosen
    await services.guilds.save(GUILD, GuildSettings(adult=True))
    assert await services.guilds.get(GUILD) == GuildSettings(adult=True)
    assert await services.guilds.get(GUILD + 1) == GuildSettings()
    await services.guilds.forget(GUILD)
    assert await services.guilds.get(GUILD) == GuildSettings()


async def test_a_setting_of_a_later_version_is_ignored(services: Services) -> None:
    async with services.database.write() as tx:
        await tx.guilds.put(GUILD, {"adult": True, "karaoke": 7}, datetime.now(UTC))
    assert await services.guilds.get(GUILD) == GuildSettings(adult=True)
