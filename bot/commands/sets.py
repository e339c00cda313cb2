"""/filters: the sets of filters that a person saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.commands.command import command
from bot.commands.look import look_of
from bot.commands.pages import own_list, page_of
from bot.commands.picks import picked, saved_note
from bot.services import filter_sets
from bot.services.errors import UserError
from bot.ui.buttons import DropSet, KeepSet, UseSet
from bot.ui.forms import SaveForm
from bot.ui.menu import selected
from bot.ui.reader import changed, preferences_of
from bot.ui.reply import reply, update
from bot.ui.sets import sets_view
from bot.ui.text import inline
from bot.ui.views import receipt

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.ui.form import Answers


class Sets(commands.Cog):
    """Filters under a name."""

    @command
    async def filters(self, interaction: Interaction) -> None:
        """Show the saved sets."""
        await reply(interaction, _sets(interaction), ephemeral=True)


async def _sets(interaction: Interaction, note: str = "", *, undo: bool = False) -> LayoutView:
    chosen = await preferences_of(interaction)
    return sets_view(chosen.filter_sets, await look_of(interaction), note=note, undo=undo)


@UseSet.tapped
async def _use(interaction: Interaction, _tap: UseSet) -> None:
    async def work() -> LayoutView:
        chosen = await preferences_of(interaction)
        name = filter_sets.find(chosen, _selected(interaction))
        if name is None:
            raise UserError("no_set")
        return await page_of(interaction, await picked(interaction, chosen.filter_sets[name]))

    await update(interaction, work())


@DropSet.tapped
async def _drop(interaction: Interaction, _tap: DropSet) -> None:
    async def work() -> LayoutView:
        service = interaction.client.services.preferences
        name = _selected(interaction)
        chosen = await filter_sets.drop(service, interaction.user.id, name)
        changed(interaction, preferences=chosen)
        look = await look_of(interaction)
        note = look.strings("sets.dropped", name=inline(name, filter_sets.LONGEST_NAME))
        return await _sets(interaction, note, undo=True)

    await update(interaction, work())


@KeepSet.tapped
async def _keep(interaction: Interaction, _tap: KeepSet) -> None:
    async def work() -> LayoutView:
        service = interaction.client.services.preferences
        chosen = await filter_sets.bring_back(service, interaction.user.id)
        changed(interaction, preferences=chosen)
        return await _sets(interaction)

    await update(interaction, work())


@SaveForm.sent
async def _save(interaction: Interaction, form: SaveForm, answers: Answers) -> None:
    async def work() -> LayoutView:
        found = await own_list(interaction, form.list_id)
        name = " ".join(answers.get("name", ()))
        note = await saved_note(interaction, name, found.query.filters)
        return receipt(note, await look_of(interaction))

    await reply(interaction, work(), ephemeral=True)


def _selected(interaction: Interaction) -> str:
    name, *_ = (*selected(interaction), "")
    return name
