"""/start: the first minute, from a few ticks to first picks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.commands.command import command
from bot.commands.look import look_of
from bot.commands.pages import page_of
from bot.commands.picks import picked
from bot.services.errors import UserError
from bot.services.ticks import Feeling
from bot.ui.menu import selected
from bot.ui.reply import reply, update
from bot.ui.start import Back, Begin, Finish, GoOn, Tick, card_view, ending
from recsys.picks import Filters

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.start import Round


class Start(commands.Cog):
    """A newcomer's way in. Only they see it."""

    @command
    async def start(self, interaction: Interaction) -> None:
        """Show the open card, or the first one."""
        await reply(interaction, open_round(interaction), ephemeral=True)


async def open_round(interaction: Interaction) -> LayoutView:
    """The open card of whoever acts, as `/start` shows it."""
    services = interaction.client.services
    found = await services.start.begin(interaction.user.id, interaction.guild_id)
    return await _show(interaction, found)


@Begin.tapped
async def _begin(interaction: Interaction, _tap: Begin) -> None:
    await reply(interaction, open_round(interaction), ephemeral=True)


@Tick.tapped
async def _tick(interaction: Interaction, tap: Tick) -> None:
    async def work() -> LayoutView:
        if tap.feeling not in {*Feeling}:
            raise UserError("stale_button")
        ids = {int(value) for value in selected(interaction) if value.isdecimal()}
        start = interaction.client.services.start
        found = await start.tick(
            interaction.user.id, tap.list_id, tap.card, Feeling(tap.feeling), ids
        )
        return await _show(interaction, found)

    await update(interaction, work())


@GoOn.tapped
async def _go_on(interaction: Interaction, tap: GoOn) -> None:
    async def work() -> LayoutView:
        start = interaction.client.services.start
        found = await start.go_on(interaction.user.id, tap.list_id, tap.card)
        return await _show(interaction, found)

    await update(interaction, work())


@Back.tapped
async def _back(interaction: Interaction, tap: Back) -> None:
    async def work() -> LayoutView:
        start = interaction.client.services.start
        found = await start.back(interaction.user.id, tap.list_id, tap.card)
        return await _show(interaction, found)

    await update(interaction, work())


@Finish.tapped
async def _finish(interaction: Interaction, tap: Finish) -> None:
    async def work() -> LayoutView:
        found = await interaction.client.services.start.stop(interaction.user.id, tap.list_id)
        return await _picks(interaction, found)

    await update(interaction, work())


async def _show(interaction: Interaction, found: Round) -> LayoutView:
    if not found.titles:
        return await _picks(interaction, found)
    return card_view(found, await look_of(interaction))


async def _picks(interaction: Interaction, found: Round) -> LayoutView:
    listed = await picked(interaction, Filters())
    note, extra = ending(found, await look_of(interaction))
    return await page_of(interaction, listed, note=note, extra=extra)
