"""/server: what the admin of a server chooses for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.command import command
from bot.commands.look import look_of
from bot.commands.settings import read_language
from bot.services.errors import UserError
from bot.services.guilds import MOST_CHANNELS, Elsewhere
from bot.ui.menu import selected
from bot.ui.reader import changed, guild_settings_of
from bot.ui.reply import reply, update
from bot.ui.settings import (
    ServerAdult,
    ServerChannels,
    ServerElsewhere,
    ServerLanguage,
    server_view,
)

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


class Server(commands.Cog):
    """What an admin chooses for a server. Only they see it."""

    @command
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def server(self, interaction: Interaction) -> None:
        """Show the server's settings, each with the means to change it."""
        _check_admin(interaction)
        await reply(interaction, _card(interaction), ephemeral=True)


def _check_admin(interaction: Interaction) -> int:
    """The id of the server that whoever acts may manage.

    An admin of the server can give the command to others in Discord, whose default permissions
    are no more than a default. This is the rule.

    Raises:
        UserError: they may not, or here is no server.
    """
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise UserError("admins_only")
    return interaction.guild_id


@ServerChannels.tapped
async def _set_channels(interaction: Interaction, _tap: ServerChannels) -> None:
    chosen = tuple(int(value) for value in selected(interaction) if value.isdecimal())
    if len(chosen) > MOST_CHANNELS or any(number >= 2**63 for number in chosen):
        raise UserError("bad_choice")
    await update(interaction, _changed(interaction, channels=chosen))


@ServerElsewhere.tapped
async def _set_elsewhere(interaction: Interaction, _tap: ServerElsewhere) -> None:
    try:
        chosen = Elsewhere(next(iter(selected(interaction)), ""))
    except ValueError:
        raise UserError("bad_choice") from None
    await update(interaction, _changed(interaction, elsewhere=chosen))


@ServerLanguage.tapped
async def _set_language(interaction: Interaction, _tap: ServerLanguage) -> None:
    chosen = read_language(next(iter(selected(interaction)), ""))
    await update(interaction, _changed(interaction, locale=chosen))


@ServerAdult.tapped
async def _set_adult(interaction: Interaction, tap: ServerAdult) -> None:
    await update(interaction, _changed(interaction, adult=tap.on == 1))


async def _changed(interaction: Interaction, **choices: object) -> LayoutView:
    guild_id = _check_admin(interaction)
    guilds = interaction.client.services.guilds
    changed(interaction, guild=await guilds.change(guild_id, **choices))
    return await _card(interaction)


async def _card(interaction: Interaction) -> LayoutView:
    return server_view(await guild_settings_of(interaction), await look_of(interaction))
