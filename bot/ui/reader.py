"""Whose eyes a message is for: their choices, their server's, and the language they share.

An interaction asks the services for each of these once, and keeps the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.services.errors import UserError
from bot.services.guilds import GuildSettings
from bot.services.preferences import Preferences

if TYPE_CHECKING:
    import discord

_PREFERENCES, _GUILD = "preferences", "guild_settings"


async def preferences_of(interaction: discord.Interaction[Any]) -> Preferences:
    """What the person who acts chose; the defaults where the database does not say."""
    known = interaction.extras.get(_PREFERENCES)
    if known is None:
        services = interaction.client.services
        try:
            known = await services.preferences.get(interaction.user.id)
        except UserError:
            # The log has it. What they asked for may be done by now, and the card is to say so.
            known = Preferences()
        interaction.extras[_PREFERENCES] = known
    return known


async def guild_settings_of(interaction: discord.Interaction[Any]) -> GuildSettings:
    """What the server chose; the defaults in a direct message, or where nobody says."""
    known = interaction.extras.get(_GUILD)
    if known is None:
        known = GuildSettings()
        if interaction.guild_id is not None:
            try:
                known = await interaction.client.services.guilds.get(interaction.guild_id)
            except UserError:
                known = GuildSettings()  # which forbid what only an admin may allow
        interaction.extras[_GUILD] = known
    return known


def changed(
    interaction: discord.Interaction[Any],
    *,
    preferences: Preferences | None = None,
    guild: GuildSettings | None = None,
) -> None:
    """Answer this interaction by choices that it has just changed."""
    if preferences is not None:
        interaction.extras[_PREFERENCES] = preferences
    if guild is not None:
        interaction.extras[_GUILD] = guild


async def locale_of(interaction: discord.Interaction[Any], *, public: bool = False) -> str:
    """The language to answer in, as a Discord locale or one of ours.

    Args:
        interaction: what is answered.
        public: whether everybody in a server will see the answer. Then it is in the language that
            the server chose here, else in the one that a Community server chose in Discord. Any
            other server says "en-US" there whatever it speaks, so then it is the person's own.
    """
    if public and interaction.guild_id is not None:
        chosen = (await guild_settings_of(interaction)).locale
        if chosen is not None:
            return chosen
        if interaction.guild is not None and "COMMUNITY" in interaction.guild.features:
            return (interaction.guild_locale or interaction.guild.preferred_locale).value
    return (await preferences_of(interaction)).locale or interaction.locale.value
