"""/help: what the bot can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import AppCommandType, app_commands
from discord.ext import commands

from bot.commands.command import command
from bot.commands.look import look_of
from bot.ui.help import Described, help_view
from bot.ui.reply import reply

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


class Help(commands.Cog):
    """What the bot can do."""

    @command
    async def help(self, interaction: Interaction) -> None:
        """Say what the bot can do and what it keeps."""

        async def view() -> LayoutView:
            described = described_commands(interaction.client.tree)
            return help_view(described, await look_of(interaction))

        await reply(interaction, view(), ephemeral=True)


def described_commands(tree: app_commands.CommandTree[Any]) -> list[Described]:
    """Every slash command by the key of its words, in the order in which they were added."""
    found = tree.get_commands(type=AppCommandType.chat_input)
    return [
        Described(one.name, tuple(map(_key, one.commands)))
        if isinstance(one, app_commands.Group)
        else Described(_key(one))
        for one in found
    ]


def _key(one: app_commands.Command[Any, ..., Any] | app_commands.Group) -> str:
    return one.name if isinstance(one, app_commands.Group) else one.callback.__name__
