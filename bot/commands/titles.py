"""/anime: one title's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.commands.asking import Question, answers, by_title, suggest_titles
from bot.commands.command import command
from bot.commands.look import check_age, look_of
from bot.services.checks import checked_anime
from bot.ui.buttons import ShareAnime
from bot.ui.reply import reply
from bot.ui.views import anime_view

if TYPE_CHECKING:
    from discord import app_commands
    from discord.ui import LayoutView

    from bot.client import Interaction


class Titles(commands.Cog):
    """Facts about anime."""

    @command
    async def anime(self, interaction: Interaction, title: str) -> None:
        """One title's card, which can be shared."""
        await reply(interaction, by_title(interaction, Question.ANIME, title), ephemeral=True)

    @anime.autocomplete("title")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_titles(interaction, typed)


@answers(Question.ANIME)
async def _show(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    anime = checked_anime(interaction.client.services.catalog, anime_id)
    await check_age(interaction, anime)
    return anime_view(anime, await look_of(interaction))


@ShareAnime.tapped
async def _share(interaction: Interaction, tap: ShareAnime) -> None:
    async def work() -> LayoutView:
        anime = checked_anime(interaction.client.services.catalog, tap.anime_id)
        await check_age(interaction, anime)
        return anime_view(anime, await look_of(interaction, public=True), public=True)

    await reply(interaction, work(), ephemeral=False)
