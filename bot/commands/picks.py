"""/recommend and /similar: lists of picks, their pages, and sharing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.asking import Question, answers, by_title, suggest_titles
from bot.commands.command import choices, command
from bot.commands.filters import TYPES, read_filters, suggest_genres
from bot.commands.look import check_age, is_public, look_of
from bot.services.checks import checked_anime
from bot.services.errors import UserError
from bot.ui.action import only_for
from bot.ui.buttons import PicksPage, SharePicks, Similar
from bot.ui.cards import name
from bot.ui.lists import picks_view
from bot.ui.reply import reply, update
from recsys.picks import Filters

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction

# Five pages of four: enough to scroll, and every pick on them was computed with the first.
_PICKS = 20


class Picks(commands.Cog):
    """What to watch next."""

    @command
    async def similar(self, interaction: Interaction, title: str) -> None:
        """Show what is similar to one anime, for everyone in the channel."""
        await reply(interaction, by_title(interaction, Question.SIMILAR, title), ephemeral=False)

    @similar.autocomplete("title")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_titles(interaction, typed)

    @command
    @app_commands.choices(kind=choices("commands.recommend.kind.choices", TYPES))
    async def recommend(
        self,
        interaction: Interaction,
        kind: str | None = None,
        genre: str | None = None,
        year_from: app_commands.Range[int, 1900, 2100] | None = None,
        year_to: app_commands.Range[int, 1900, 2100] | None = None,
        max_episodes: app_commands.Range[int, 1, 9999] | None = None,
    ) -> None:
        """Show picks made for the person who asks, to them alone."""

        async def work() -> LayoutView:
            services = interaction.client.services
            filters = read_filters(
                services.catalog,
                kind=kind,
                genre=genre,
                year_from=year_from,
                year_to=year_to,
                max_episodes=max_episodes,
            )
            found = await services.picks.recommend(
                interaction.user.id, interaction.guild_id, k=_PICKS, filters=filters
            )
            if not found.picks:
                raise UserError("no_picks")
            return await _page(interaction, found.list_id, 0, public=False)

        await reply(interaction, work(), ephemeral=True)

    @recommend.autocomplete("genre")
    async def _suggest_genre(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return suggest_genres(interaction.client.services.catalog, typed)


@answers(Question.SIMILAR)
async def _similar(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    return await _list_similar(interaction, anime_id, public=True)


@Similar.tapped
async def _similar_to_card(interaction: Interaction, tap: Similar) -> None:
    await reply(interaction, _list_similar(interaction, tap.anime_id, public=False), ephemeral=True)


async def _list_similar(interaction: Interaction, anime_id: int, *, public: bool) -> LayoutView:
    services = interaction.client.services
    anime = checked_anime(services.catalog, anime_id)
    check_age(interaction, anime)
    found = await services.picks.similar(
        interaction.user.id,
        interaction.guild_id,
        [anime_id],
        k=_PICKS,
        filters=Filters(adult=anime.adult),
    )
    if not found.picks:
        raise UserError("nothing_similar", title=name(anime, await look_of(interaction)))
    return await _page(interaction, found.list_id, 0, public=public)


@PicksPage.tapped
async def _turn(interaction: Interaction, tap: PicksPage) -> None:
    work = _page(interaction, tap.list_id, tap.page, public=is_public(interaction))
    await update(interaction, work)


@SharePicks.tapped
async def _share(interaction: Interaction, tap: SharePicks) -> None:
    await reply(
        interaction, _page(interaction, tap.list_id, tap.page, public=True), ephemeral=False
    )


async def _page(interaction: Interaction, list_id: int, page: int, *, public: bool) -> LayoutView:
    """One page of a stored list, for its owner alone: the list says whose it is, not the button.

    Raises:
        UserError: the list is gone, or belongs to somebody else.
    """
    found = await interaction.client.services.picks.list(list_id)
    if found is None:
        raise UserError("list_gone")
    only_for(interaction, found.user_id)
    look = await look_of(interaction)
    return picks_view(found, page, look, owner=interaction.user, public=public)
