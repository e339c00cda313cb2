"""The command tree, with the gate at its entrance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from discord import AppCommandType, InteractionType, app_commands

from bot.services.errors import UserError
from bot.ui.gate import enter
from bot.ui.places import check_open
from bot.ui.reply import answer_error

if TYPE_CHECKING:
    import discord


_KINDS = (AppCommandType.chat_input, AppCommandType.message, AppCommandType.user)


class Tree(app_commands.CommandTree[Any]):
    """Discord's command tree; whoever asks too fast is told so before any work is done."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let a command or a keystroke in."""
        try:
            leave = enter(interaction, self._name(interaction))
        except UserError as error:
            if interaction.type is InteractionType.autocomplete:
                # No sentence fits among suggestions; the next keystroke asks again.
                await interaction.response.autocomplete([])
            else:
                await answer_error(interaction, error)
            return False
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - discord.py runs each interaction in a task of its own
            leave()
            return True
        # The end of that task is the end of the work, however it ends.
        task.add_done_callback(lambda _task: leave())
        return await self._is_open(interaction)

    async def _is_open(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether the server wants an answer here; suggestions while typing cost it nothing."""
        if interaction.type is InteractionType.autocomplete:
            return True
        try:
            await check_open(interaction, self._name(interaction))
        except UserError as error:
            await answer_error(interaction, error)
            return False
        return True

    def _name(self, interaction: discord.Interaction[Any]) -> str:
        """The command's name if it is one of ours: what is forged must not make new figures."""
        data: Any = interaction.data or {}
        name = str(data.get("name", ""))
        known = any(self.get_command(name, type=kind) is not None for kind in _KINDS)
        return name if known else "unknown"

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Take the bot's one error path."""
        await answer_error(interaction, error)
