"""The settings of a server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from bot.services.guilds import Elsewhere, GuildService, GuildSettings, Place

if TYPE_CHECKING:
    import pytest

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


async def test_two_changes_at_once_both_count_and_a_later_versions_setting_stays(
    services: Services,
) -> None:
    async with services.database.write() as tx:
        await tx.guilds.put(GUILD, {"karaoke": 7}, datetime.now(UTC))
    await asyncio.gather(
        services.guilds.change(GUILD, locale="fr"),
        services.guilds.change(GUILD, channels=(7, 8)),
        services.guilds.change(GUILD, elsewhere=Elsewhere.CLOSED),
    )
    assert await services.guilds.get(GUILD) == GuildSettings(
        locale="fr", channels=(7, 8), elsewhere=Elsewhere.CLOSED
    )
    async with services.database.read() as tx:
        assert (await tx.guilds.settings(GUILD))["karaoke"] == 7


async def test_another_process_hears_of_a_change_within_half_a_minute(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = GuildService(services.database)
    assert await other.get(GUILD) == GuildSettings()
    await services.guilds.change(GUILD, adult=True)
    late = monotonic() + 30
    monkeypatch.setattr("bot.services.guilds.monotonic", lambda: late)
    assert await other.get(GUILD) == GuildSettings(adult=True)


def test_a_thread_counts_as_the_channel_it_belongs_to() -> None:
    assert GuildSettings().place(7) is Place.OPEN
    chosen = GuildSettings(channels=(7,))
    assert chosen.place(7, None) is Place.OPEN
    assert chosen.place(70, 7) is Place.OPEN
    assert chosen.place(8, None) is Place.QUIET
    assert GuildSettings(channels=(7,), elsewhere=Elsewhere.CLOSED).place(8) is Place.CLOSED


async def test_settings_that_make_no_sense_are_as_good_as_none(services: Services) -> None:
    stored = {"locale": "xx", "adult": "yes", "channels": ["7", 8], "elsewhere": "loud"}
    async with services.database.write() as tx:
        await tx.guilds.put(GUILD, stored, datetime.now(UTC))
    assert await services.guilds.get(GUILD) == GuildSettings(channels=(8,))


async def test_a_setting_of_a_later_version_is_ignored(services: Services) -> None:
    async with services.database.write() as tx:
        await tx.guilds.put(GUILD, {"adult": True, "karaoke": 7}, datetime.now(UTC))
    assert await services.guilds.get(GUILD) == GuildSettings(adult=True)
