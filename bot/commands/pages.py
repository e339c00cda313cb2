"""Lists of picks on the screen: opened, turned, shared, and asked for anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.look import adult_allowed, check_age, is_public, look_of
from bot.services.errors import UserError
from bot.services.narrowing import without_part
from bot.ui.action import only_for
from bot.ui.buttons import Again, BackToPick, PicksPage, Relax, SharePicks
from bot.ui.picks import PER_PAGE, picks_view
from bot.ui.reply import reply, update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.shown import Query, StoredList
    from bot.ui.action import Action

# Seven pages of three: enough to scroll, and every pick on them was computed with the first.
PICKS = 20


async def own_list(interaction: Interaction, list_id: int) -> StoredList:
    """A stored list, for its owner alone: the list says whose it is, not the button.

    Raises:
        UserError: the list is gone, or belongs to somebody else.
    """
    found = await interaction.client.services.picks.list(list_id)
    if found is None:
        raise UserError("list_gone")
    only_for(interaction, found.user_id)
    return found


async def page_of(
    interaction: Interaction,
    which: int | StoredList,
    page: int = 0,
    *,
    public: bool = False,
    note: str = "",
    extra: Sequence[Action] = (),
) -> LayoutView:
    """One page of a list of whoever acts.

    Args:
        interaction: whose.
        which: the list, or its id.
        page: 0 for the first.
        public: whether it will stand where everyone sees it.
        note: a line on top.
        extra: buttons that belong to the note.

    Raises:
        UserError: the list is gone, or belongs to somebody else.
    """
    found = await own_list(interaction, which) if isinstance(which, int) else which
    shown = await interaction.client.services.pages.open(found, page, PER_PAGE, public=public)
    await check_age(interaction, *(pick.anime for pick in shown.picks))
    look = await look_of(interaction, public=public)
    return picks_view(shown, look, owner=interaction.user, public=public, note=note, extra=extra)


async def page_with(interaction: Interaction, list_id: int, anime_id: int) -> LayoutView:
    """The page of one's own list on which an anime stands."""
    found = await own_list(interaction, list_id)
    return await page_of(interaction, found, found.place(anime_id) // PER_PAGE)


async def asked_again(
    interaction: Interaction,
    found: StoredList,
    change: Callable[[Query], Query] = lambda query: query,
) -> StoredList:
    """The same question anew; adult titles as this place allows them now."""
    adult = await adult_allowed(interaction)

    def changed(query: Query) -> Query:
        query = change(query)
        return replace(query, filters=replace(query.filters, adult=query.filters.adult and adult))

    return await interaction.client.services.picks.again(
        interaction.user.id, interaction.guild_id, found, changed
    )


@PicksPage.tapped
async def _turn(interaction: Interaction, tap: PicksPage) -> None:
    public = is_public(interaction)
    await update(interaction, page_of(interaction, tap.list_id, tap.page, public=public))


@BackToPick.tapped
async def _back(interaction: Interaction, tap: BackToPick) -> None:
    await update(interaction, page_with(interaction, tap.list_id, tap.anime_id))


@SharePicks.tapped
async def _share(interaction: Interaction, tap: SharePicks) -> None:
    work = page_of(interaction, tap.list_id, tap.page, public=True)
    await reply(interaction, work, ephemeral=False)


@Again.tapped
async def _again(interaction: Interaction, tap: Again) -> None:
    await update(interaction, anew(interaction, tap.list_id))


async def anew(interaction: Interaction, list_id: int) -> LayoutView:
    """The first page of one's own list, asked for once more."""
    found = await own_list(interaction, list_id)
    return await page_of(interaction, await asked_again(interaction, found))


@Relax.tapped
async def _relax(interaction: Interaction, tap: Relax) -> None:
    async def work() -> LayoutView:
        found = await own_list(interaction, tap.list_id)
        relaxation = await interaction.client.services.picks.relaxation(found.user_id, found)
        if relaxation is None:  # by now something passes, or nothing would
            return await anew(interaction, tap.list_id)

        def change(query: Query) -> Query:
            return replace(query, filters=without_part(query.filters, relaxation))

        return await page_of(interaction, await asked_again(interaction, found, change))

    await update(interaction, work())
