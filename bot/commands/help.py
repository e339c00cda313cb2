"""/help: what the bot can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.commands.command import command
from bot.commands.look import look_of
from bot.ui.reply import reply
from bot.ui.views import help_view

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


class Help(commands.Cog):
    """What the bot can do."""

    @command
    async def help(self, interaction: Interaction) -> None:
        """Say what the bot can do and what it keeps."""

        async def view() -> LayoutView:
            return help_view(await look_of(interaction))

        await reply(interaction, view(), ephemeral=True)
