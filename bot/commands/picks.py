"""/recommend and /next: what to watch, for one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, command
from bot.commands.filters import (
    COUNTRIES,
    TYPES,
    read_filters,
    suggest_genres,
    suggest_studios,
)
from bot.commands.look import adult_allowed, look_of
from bot.commands.pages import PICKS, page_of
from bot.locales import strings
from bot.services import filter_sets
from bot.services.errors import UserError
from bot.ui.forms import FiltersForm
from bot.ui.narrowed import DIALS, POSITIONS
from bot.ui.reader import changed, locale_of, preferences_of
from bot.ui.reply import reply
from bot.ui.text import inline
from recsys.picks import Filters

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.preferences import Preferences
    from bot.services.shown import StoredList

Position = app_commands.Choice[str]
Year = app_commands.Range[int, 1900, 2100]
Episodes = app_commands.Range[int, 1, 9999]


class Picks(commands.Cog):
    """What to watch next. Only who asks sees it, until they share it."""

    @command
    @app_commands.choices(
        kind=choices("commands.recommend.kind.choices", TYPES),
        country=choices("commands.recommend.country.choices", COUNTRIES),
        niche=choices("dials.niche", tuple(POSITIONS)),
        varied=choices("dials.varied", tuple(POSITIONS)),
        loved=choices("dials.loved", tuple(POSITIONS)),
    )
    async def recommend(
        self,
        interaction: Interaction,
        kind: str | None = None,
        genre: str | None = None,
        without: str | None = None,
        year_from: Year | None = None,
        year_to: Year | None = None,
        max_episodes: Episodes | None = None,
        min_episodes: Episodes | None = None,
        min_members: app_commands.Range[int, 1, 10_000_000] | None = None,
        finished: bool | None = None,
        studio: str | None = None,
        country: str | None = None,
        planned: bool | None = None,
        niche: str | None = None,
        varied: str | None = None,
        loved: str | None = None,
        saved: str | None = None,
        save_as: str | None = None,
        more: bool | None = None,
    ) -> None:
        """Show picks made for the person who asks, to them alone."""

        async def listed() -> StoredList:
            chosen = await preferences_of(interaction)
            filters = read_filters(
                interaction.client.services.catalog,
                _saved(chosen, saved),
                kind=kind,
                genre=genre,
                without=without,
                studio=studio,
                country=country,
                year_from=year_from,
                year_to=year_to,
                min_episodes=min_episodes,
                max_episodes=max_episodes,
                min_members=min_members,
                finished=finished,
            )
            turned = dict(zip(DIALS, (niche, varied, loved), strict=True))
            await _turn(interaction, {name: v for name, v in turned.items() if v is not None})
            # The form will ask once more: nobody sees the list that it starts from.
            return await picked(interaction, filters, planned=planned, shown=not more)

        async def work() -> LayoutView:
            found = await listed()
            if save_as is None:
                return await page_of(interaction, found)
            note = await saved_note(interaction, save_as, found.query.filters)
            return await page_of(interaction, found, note=note)

        if not more:
            await reply(interaction, work(), ephemeral=True)
            return
        found = await listed()
        if save_as is not None:
            await saved_note(interaction, save_as, found.query.filters)
        s = (await look_of(interaction)).strings
        form = FiltersForm(list_id=found.list_id).ask(found.query.filters, TYPES, s)
        await interaction.response.send_modal(form)

    @command
    async def next(self, interaction: Interaction) -> None:
        """Show how to go on with what the person liked."""

        async def work() -> LayoutView:
            filters = Filters(adult=await adult_allowed(interaction))
            found = await interaction.client.services.picks.next(
                interaction.user.id, interaction.guild_id, k=PICKS, filters=filters
            )
            return await page_of(interaction, found)

        await reply(interaction, work(), ephemeral=True)

    @recommend.autocomplete("genre")
    @recommend.autocomplete("without")
    async def _suggest_genre(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        s = strings(await locale_of(interaction))
        return suggest_genres(interaction.client.services.catalog, typed, s)

    @recommend.autocomplete("studio")
    async def _suggest_studio(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return suggest_studios(interaction.client.services.catalog, typed)

    @recommend.autocomplete("saved")
    async def _suggest_set(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        names = (await preferences_of(interaction)).filter_sets
        wanted = typed.strip().casefold()
        found = [name for name in names if wanted in name.casefold()]
        return [app_commands.Choice(name=name, value=name) for name in found[:25]]


async def picked(
    interaction: Interaction,
    filters: Filters,
    *,
    planned: bool | None = None,
    shown: bool = True,
) -> StoredList:
    """Picks for whoever acts, as they like them, adult titles as this place allows.

    Args:
        interaction: whose.
        filters: what a pick must be.
        planned: whether what they plan may be picked; None goes by their settings.
        shown: whether they are about to be seen.
    """
    chosen = await preferences_of(interaction)
    filters = replace(filters, adult=await adult_allowed(interaction))
    return await interaction.client.services.picks.recommend(
        interaction.user.id,
        interaction.guild_id,
        k=PICKS,
        filters=filters,
        dials=chosen.dials,
        planned=chosen.planned if planned is None else planned,
        shown=shown,
    )


async def saved_note(interaction: Interaction, typed: str, filters: Filters) -> str:
    """Save filters under a name, and say so."""
    if filters == Filters(adult=filters.adult):
        raise UserError("nothing_to_save")
    service = interaction.client.services.preferences
    name = await filter_sets.save(service, interaction.user.id, typed, filters)
    return (await look_of(interaction)).strings("sets.saved", name=inline(name, 50))


async def _turn(interaction: Interaction, turned: dict[str, str]) -> None:
    """Keep the dials as they were set."""
    if not turned:
        return
    if not set(turned.values()) <= POSITIONS.keys():
        raise UserError("bad_choice")
    positions = {name: POSITIONS[value] for name, value in turned.items()}

    def save(chosen: Preferences) -> Preferences:
        return replace(chosen, dials=replace(chosen.dials, **positions))

    service = interaction.client.services.preferences
    changed(interaction, preferences=await service.update(interaction.user.id, save))


def _saved(chosen: Preferences, name: str | None) -> Filters:
    if not name:
        return Filters()
    found = filter_sets.find(chosen, name)
    if found is None:
        raise UserError("no_set")
    return chosen.filter_sets[found]
