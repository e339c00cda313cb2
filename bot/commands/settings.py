"""/settings: what a person chooses for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, command
from bot.commands.look import look_of
from bot.services.errors import UserError
from bot.services.naming import TitleLanguage
from bot.services.preferences import Preferences
from bot.ui.reply import reply
from bot.ui.views import settings_view

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction

_AUTOMATIC = "auto"
TITLES = (_AUTOMATIC, *TitleLanguage)


class Settings(commands.Cog):
    """What a person chooses for themselves."""

    @command
    @app_commands.choices(titles=choices("commands.settings.titles.choices", TITLES))
    async def settings(self, interaction: Interaction, titles: str | None = None) -> None:
        """Change what is given, and show all settings."""

        async def work() -> LayoutView:
            services = interaction.client.services
            user_id = interaction.user.id
            if titles is not None:
                await services.preferences.save(user_id, Preferences(_language(titles)))
            chosen = await services.preferences.get(user_id)
            return settings_view(
                chosen.titles, services.titles.example(), await look_of(interaction)
            )

        await reply(interaction, work(), ephemeral=True)


def _language(titles: str) -> TitleLanguage | None:
    if titles not in TITLES:  # Discord offers the choices, and a raw request can hold anything
        raise UserError("bad_choice")
    return None if titles == _AUTOMATIC else TitleLanguage(titles)
