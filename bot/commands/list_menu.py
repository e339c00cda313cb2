"""The menu under a list of picks: score it as a whole, narrow it, turn the dials, share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.dials import dials_of
from bot.commands.filters import TYPES
from bot.commands.look import look_of
from bot.commands.pages import anew, own_list, page_of
from bot.commands.start import open_round
from bot.services.errors import UserError
from bot.ui.buttons import ListMenu, Unscore
from bot.ui.forms import FiltersForm, SaveForm
from bot.ui.menu import selected
from bot.ui.narrowed import describe
from bot.ui.picks import (
    AGAIN,
    DIALS,
    FILTERS,
    PER_PAGE,
    RATE_MORE,
    SAVE,
    SCORES,
    SHARE,
    picks_view,
    scored_note,
    unscore,
)
from bot.ui.reply import reply, update

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


@ListMenu.tapped
async def _choose(interaction: Interaction, tap: ListMenu) -> None:
    chosen, *_ = (*selected(interaction), "")
    if chosen in {FILTERS, SAVE}:
        found = await own_list(interaction, tap.list_id)
        s = (await look_of(interaction)).strings
        if chosen == FILTERS:
            form = FiltersForm(list_id=tap.list_id).ask(found.query.filters, TYPES, s)
        elif not describe(found.query.filters, s):
            raise UserError("nothing_to_save")
        else:
            form = SaveForm(list_id=tap.list_id).ask(s)
        await interaction.response.send_modal(form)
    elif chosen == SHARE:
        work = page_of(interaction, tap.list_id, tap.page, public=True)
        await reply(interaction, work, ephemeral=False)
    elif chosen == RATE_MORE:
        await reply(interaction, open_round(interaction), ephemeral=True)
    elif chosen == DIALS:
        await update(interaction, dials_of(interaction, tap.list_id))
    elif chosen == AGAIN:
        await update(interaction, anew(interaction, tap.list_id))
    elif chosen in SCORES:
        await update(interaction, _scored(interaction, tap.list_id, tap.page, int(chosen)))
    else:
        raise UserError("bad_choice")


@Unscore.tapped
async def _unscore(interaction: Interaction, tap: Unscore) -> None:
    await update(interaction, _scored(interaction, tap.list_id, tap.page, None))


async def _scored(
    interaction: Interaction, list_id: int, page: int, score: int | None
) -> LayoutView:
    services = interaction.client.services
    await services.picks.score(interaction.user.id, list_id, score)
    found = await own_list(interaction, list_id)
    shown = await services.pages.open(found, page, PER_PAGE)
    look = await look_of(interaction)
    extra = [] if score is None else [unscore(shown, look.strings)]
    note = scored_note(shown, look.strings)
    return picks_view(shown, look, owner=interaction.user, public=False, note=note, extra=extra)
