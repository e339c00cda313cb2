"""The bot itself: what it is allowed, what it listens to, and its one error path."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.commands import COGS, MENUS
from bot.commands.attachments import download
from bot.commands.command import LocaleTranslator
from bot.commands.sync import sync_if_changed
from bot.services.errors import UserError
from bot.tree import Tree
from bot.ui.action import Action
from bot.ui.form import submitted
from bot.ui.reply import answer_error

if TYPE_CHECKING:
    from bot.services import Services
    from bot.settings import Settings

log = logging.getLogger(__name__)

# It never speaks, so what speaking would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Osusume(commands.AutoShardedBot):
    """The client: slash commands and buttons over the services, with default intents only.

    Attributes:
        settings: what the admin chose.
        services: what the commands call.
        read_attachment: reads an attached file; a simulated Discord has it elsewhere.
    """

    def __init__(self, settings: Settings, services: Services) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            # The unprivileged ones. Nothing the bot does needs to read messages.
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            tree_cls=Tree,
            **_shards(settings),
        )
        self.settings = settings
        self.services = services
        self.read_attachment = download

    async def load_commands(self) -> None:
        """Add the commands; whoever imports them has registered what the buttons do."""
        for cog in COGS:
            await self.add_cog(cog())
        for menu in MENUS:
            self.tree.add_command(menu())
        await self.tree.set_translator(LocaleTranslator())

    async def setup_hook(self) -> None:
        """Add the commands, and tell Discord if they changed."""
        await self.load_commands()
        guild = None
        if self.settings.test_guild_id is not None:
            guild = discord.Object(self.settings.test_guild_id)
            self.tree.copy_global_to(guild=guild)
        # Of several processes one tells Discord. In one server, while developing, it is this one.
        if guild is not None or await self.services.database.leadership.claim():
            await sync_if_changed(self.tree, guild)

    async def on_ready(self) -> None:
        """Say in the log that the bot is there. Discord may call this many times."""
        log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget what the admin of a server chose, once the bot is no longer in it."""
        with suppress(UserError):  # which is in the log
            await self.services.guilds.forget(guild.id)

    async def on_message(self, _message: discord.Message, /) -> None:
        """Ignore messages: every command is a slash command."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a tap and a form; commands are the business of the tree."""
        self.services.presence.saw(interaction.user.id)
        if interaction.type is discord.InteractionType.component:
            data: Any = interaction.data
            action = Action.of_custom_id(data["custom_id"])
            if action is None:  # such as an older version's
                await answer_error(interaction, UserError("stale_button"))
            else:
                await action.callback(interaction)
        elif interaction.type is discord.InteractionType.modal_submit:
            await submitted(interaction)


Interaction = discord.Interaction[Osusume]


def _shards(settings: Settings) -> dict[str, Any]:
    """The client's options for its part of the shards; all of them where nothing is said."""
    options: dict[str, Any] = {"shard_count": settings.shard_count}
    if settings.shard_ids:
        options["shard_ids"] = list(settings.shard_ids)
    return options


def build_client(settings: Settings, services: Services) -> Osusume:
    """The client, not yet connected. Its caller opens and closes the services."""
    return Osusume(settings, services)
