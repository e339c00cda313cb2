"""/watchlist: what a person plans to watch, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, command
from bot.commands.look import look_of
from bot.services.checks import checked_anime
from bot.services.errors import UserError
from bot.services.watchlist import Order
from bot.ui.cards import name
from bot.ui.reply import reply, update
from bot.ui.watchlist import (
    ORDERS,
    PER_PAGE,
    SHARED_PER_PAGE,
    PutBack,
    ShareWatchlist,
    TakeOff,
    Watched,
    WatchedScore,
    WatchlistAt,
    WatchlistSort,
    score_view,
    shared_watchlist_view,
    watchlist_view,
)
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


class Watchlist(commands.Cog):
    """What a person plans to watch. Only they see it, until they share it."""

    @command
    @app_commands.choices(order=choices("commands.watchlist.order.choices", tuple(Order)))
    async def watchlist(
        self,
        interaction: Interaction,
        order: str | None = None,
        page: app_commands.Range[int, 1] | None = None,
    ) -> None:
        """Show the plan."""
        if order is not None and order not in ORDERS:  # a raw request can hold anything
            raise UserError("bad_choice")
        chosen = Order.NEWEST if order is None else Order(order)
        await reply(interaction, _page(interaction, page or 1, chosen), ephemeral=True)


@WatchlistAt.tapped
async def _turn(interaction: Interaction, tap: WatchlistAt) -> None:
    await update(interaction, _page(interaction, tap.page, _order(tap.order)))


@WatchlistSort.tapped
async def _sort(interaction: Interaction, tap: WatchlistSort) -> None:
    await update(interaction, _page(interaction, 1, _order(tap.order)))


@Watched.tapped
async def _ask_score(interaction: Interaction, tap: Watched) -> None:
    async def question() -> LayoutView:
        anime = checked_anime(interaction.client.services.catalog, tap.anime_id)
        return score_view(anime, tap, await look_of(interaction))

    await update(interaction, question())


@WatchedScore.tapped
async def _score(interaction: Interaction, tap: WatchedScore) -> None:
    async def work() -> LayoutView:
        ratings, user_id = interaction.client.services.ratings, interaction.user.id
        if tap.score == 0:
            done = await ratings.set_status(
                user_id, tap.anime_id, Status.COMPLETED, source="watchlist"
            )
        else:
            done = await ratings.rate(user_id, tap.anime_id, tap.score, source="watchlist")
        look = await look_of(interaction)
        title = name(done.anime, look)
        if tap.score == 0:
            note = look.strings("watchlist.seen", title=title)
        else:
            note = look.strings("done.rated", title=title, score=tap.score)
        before = done.previous
        if before is None or before.status is not Status.PLANNED:
            # A second tap, or it left the plan elsewhere: there is nothing here to go back to.
            return await _page(interaction, tap.page, _order(tap.order), note=note)
        undo = PutBack.of(tap.anime_id, tap.page, tap.order, now=done.entry, before=before)
        return await _page(interaction, tap.page, _order(tap.order), note=note, undo=undo)

    await update(interaction, work())


@TakeOff.tapped
async def _take_off(interaction: Interaction, tap: TakeOff) -> None:
    async def work() -> LayoutView:
        ratings, user_id = interaction.client.services.ratings, interaction.user.id
        entry = await ratings.entry(user_id, tap.anime_id)
        if entry is None or entry.status is not Status.PLANNED:
            return await _page(interaction, tap.page, _order(tap.order))
        now: Entry | None = None
        if entry.score is None:
            await ratings.unrate(user_id, tap.anime_id)
        else:  # planned once more: what it was rated stays
            marked = await ratings.set_status(user_id, tap.anime_id, Status.COMPLETED)
            now = marked.entry
        look = await look_of(interaction)
        anime = checked_anime(interaction.client.services.catalog, tap.anime_id)
        note = look.strings("watchlist.taken_off", title=name(anime, look))
        undo = PutBack.of(tap.anime_id, tap.page, tap.order, now=now, before=entry)
        return await _page(interaction, tap.page, _order(tap.order), note=note, undo=undo)

    await update(interaction, work())


@PutBack.tapped
async def _put_back(interaction: Interaction, tap: PutBack) -> None:
    async def work() -> LayoutView:
        try:
            now, before = tap.now, tap.before
        except ValueError:
            raise UserError("stale_button") from None
        services = interaction.client.services
        anime = checked_anime(services.catalog, tap.anime_id)
        await services.ratings.restore(interaction.user.id, anime.id, before, expected=now)
        look = await look_of(interaction)
        note = look.strings("watchlist.back_on", title=name(anime, look))
        return await _page(interaction, tap.page, _order(tap.order), note=note)

    await update(interaction, work())


@ShareWatchlist.tapped
async def _share(interaction: Interaction, tap: ShareWatchlist) -> None:
    async def work() -> LayoutView:
        service = interaction.client.services.watchlist
        order = _order(tap.order)
        found = await service.page(interaction.user.id, size=SHARED_PER_PAGE, order=order)
        if not found.total:
            raise UserError("nothing_planned")
        look = await look_of(interaction, public=True)
        return shared_watchlist_view(found, look, owner=interaction.user)

    await reply(interaction, work(), ephemeral=False)


def _order(number: int) -> Order:
    if not 0 <= number < len(ORDERS):
        raise UserError("stale_button")
    return ORDERS[number]


async def _page(
    interaction: Interaction,
    page: int,
    order: Order,
    *,
    note: str = "",
    undo: PutBack | None = None,
) -> LayoutView:
    service = interaction.client.services.watchlist
    found = await service.page(interaction.user.id, page, PER_PAGE, order)
    return watchlist_view(found, await look_of(interaction), note=note, undo=undo)
