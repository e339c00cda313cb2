"""Turning the dials: for the list at hand, and from now on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.look import look_of
from bot.commands.pages import asked_again, own_list
from bot.services.errors import UserError
from bot.ui.buttons import DialMenu
from bot.ui.dials import dials_view
from bot.ui.menu import selected
from bot.ui.narrowed import DIALS, POSITIONS
from bot.ui.reader import changed
from bot.ui.reply import update
from bot.ui.why import changed_picks

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.preferences import Preferences
    from bot.services.shown import Query


async def dials_of(interaction: Interaction, list_id: int) -> LayoutView:
    """The dials, in the place of one's own list."""
    return dials_view(await own_list(interaction, list_id), await look_of(interaction))


@DialMenu.tapped
async def _turn(interaction: Interaction, tap: DialMenu) -> None:
    value, *_ = (*selected(interaction), "")
    if tap.dial not in range(len(DIALS)) or value not in POSITIONS:
        raise UserError("bad_choice")
    turned = {DIALS[tap.dial]: POSITIONS[value]}

    async def work() -> LayoutView:
        found = await own_list(interaction, tap.list_id)

        def save(chosen: Preferences) -> Preferences:
            return replace(chosen, dials=replace(chosen.dials, **turned))

        def turn(query: Query) -> Query:
            return replace(query, dials=replace(query.dials, **turned))

        services = interaction.client.services
        preferences = await services.preferences.update(interaction.user.id, save)
        changed(interaction, preferences=preferences)
        after = await asked_again(interaction, found, turn)
        look = await look_of(interaction)
        return dials_view(after, look, changes=changed_picks(found, after, look))

    await update(interaction, work())
