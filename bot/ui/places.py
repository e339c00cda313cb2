"""Where in a server the bot answers, and who sees it there: what its admin chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.services.errors import UserError
from bot.services.guilds import Place
from bot.ui.reader import guild_settings_of

if TYPE_CHECKING:
    import discord

# An admin must be able to open a server again, and a person to have their data, wherever they are.
_EVERYWHERE = ("server", "privacy")
_NAMED = 10  # channels in a sentence


async def place_of(interaction: discord.Interaction[Any]) -> Place:
    """What may be done where an interaction happens; in a direct message everything."""
    if interaction.guild_id is None:
        return Place.OPEN
    settings = await guild_settings_of(interaction)
    return settings.place(interaction.channel_id, getattr(interaction.channel, "parent_id", None))


async def check_open(interaction: discord.Interaction[Any], name: str) -> None:
    """Refuse what a server does not want here.

    Args:
        interaction: a command or a tap.
        name: of its command or button.

    Raises:
        UserError: it is to be done in another channel.
    """
    if name.startswith(_EVERYWHERE):
        return
    if await place_of(interaction) is Place.CLOSED:
        raise UserError("not_here", channels=await chosen_channels(interaction))


async def chosen_channels(interaction: discord.Interaction[Any]) -> str:
    """Mentions of the channels that the server chose."""
    chosen = (await guild_settings_of(interaction)).channels
    return ", ".join(f"<#{channel_id}>" for channel_id in chosen[:_NAMED])
