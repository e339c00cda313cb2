"""/similar, /opposite and /blend: lists that begin with an anime, or with several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands  # noqa: TC002 - discord.py reads the annotations
from discord.ext import commands

from bot.commands.asking import Question, answers, by_title, suggest_titles
from bot.commands.asking_several import answers_several, by_titles
from bot.commands.command import command
from bot.commands.look import adult_allowed, check_age, look_of
from bot.commands.pages import PICKS, page_of
from bot.services.checks import checked_anime
from bot.services.errors import UserError
from bot.ui.buttons import Similar
from bot.ui.cards import name
from bot.ui.reply import reply
from recsys.picks import Filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.shown import StoredList


class Alike(commands.Cog):
    """What is like an anime, and what is not. Only who asks sees it, until they share it."""

    @command
    async def similar(
        self,
        interaction: Interaction,
        title: str,
        second: str | None = None,
        third: str | None = None,
    ) -> None:
        """Show what is similar to one to three anime."""
        if second is None and third is None:
            work = by_title(interaction, Question.SIMILAR, title)
        else:
            work = by_titles(interaction, Question.SIMILAR, (title, second, third))
        await reply(interaction, work, ephemeral=True)

    @command
    async def opposite(self, interaction: Interaction, title: str) -> None:
        """Show well-loved anime as unlike one as can be."""
        await reply(interaction, by_title(interaction, Question.OPPOSITE, title), ephemeral=True)

    @command
    async def blend(
        self, interaction: Interaction, first: str, second: str, less: str | None = None
    ) -> None:
        """Show what is like two anime at once, and less like a third."""
        work = by_titles(interaction, Question.BLEND, (first, second, less))
        await reply(interaction, work, ephemeral=True)

    @similar.autocomplete("title")
    @similar.autocomplete("second")
    @similar.autocomplete("third")
    @opposite.autocomplete("title")
    @blend.autocomplete("first")
    @blend.autocomplete("second")
    @blend.autocomplete("less")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_titles(interaction, typed)


@answers(Question.SIMILAR)
async def _similar_to_one(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    return await _similar(interaction, [anime_id])


@answers_several(Question.SIMILAR)
async def _similar_to_several(interaction: Interaction, anime_ids: Sequence[int]) -> LayoutView:
    return await _similar(interaction, [anime_id for anime_id in anime_ids if anime_id])


async def _similar(interaction: Interaction, seeds: Sequence[int]) -> LayoutView:
    filters = await _filters(interaction, seeds)
    found = await interaction.client.services.picks.similar(
        interaction.user.id, interaction.guild_id, seeds, k=PICKS, filters=filters
    )
    return await _page(interaction, found, seeds)


@Similar.tapped
async def _similar_to_card(interaction: Interaction, tap: Similar) -> None:
    await reply(interaction, _similar(interaction, [tap.anime_id]), ephemeral=True)


@answers(Question.OPPOSITE)
async def _opposite(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    filters = await _filters(interaction, [anime_id])
    found = await interaction.client.services.picks.opposite(
        interaction.user.id, interaction.guild_id, [anime_id], k=PICKS, filters=filters
    )
    return await _page(interaction, found, [anime_id])


@answers_several(Question.BLEND)
async def _blend(interaction: Interaction, anime_ids: Sequence[int]) -> LayoutView:
    first, second, less = anime_ids
    if first == second:
        raise UserError("same_twice")
    seeds = [anime_id for anime_id in anime_ids if anime_id]
    filters = await _filters(interaction, seeds)
    found = await interaction.client.services.picks.blend(
        interaction.user.id,
        interaction.guild_id,
        [first, second],
        [less] if less else [],
        k=PICKS,
        filters=filters,
    )
    return await _page(interaction, found, seeds)


async def _filters(interaction: Interaction, anime_ids: Sequence[int]) -> Filters:
    """Adult titles beside what is for adults itself, or where the person asked for them."""
    catalog = interaction.client.services.catalog
    named = [checked_anime(catalog, anime_id) for anime_id in anime_ids]
    await check_age(interaction, *named)
    wanted = any(anime.adult for anime in named) or await adult_allowed(interaction)
    return Filters(adult=wanted)


async def _page(
    interaction: Interaction, found: StoredList, anime_ids: Sequence[int]
) -> LayoutView:
    if found.picks:
        return await page_of(interaction, found)
    look = await look_of(interaction)
    catalog = interaction.client.services.catalog
    titles = " + ".join(name(catalog[anime_id], look) for anime_id in anime_ids)
    raise UserError("nothing_similar", title=titles)
