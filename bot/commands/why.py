"""Why a pick is made, and switching its parts off and on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.cards import on_own_page
from bot.commands.look import check_age, look_of
from bot.commands.pages import asked_again
from bot.services.checks import checked_anime
from bot.services.errors import UserError
from bot.services.hints import HintKind
from bot.ui.buttons import Switch, Why
from bot.ui.reply import reply, update
from bot.ui.why import changed_picks, why_view

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.shown import StoredList

_PERSONAL = frozenset({"recommend", "next"})


@Why.tapped
async def _why(interaction: Interaction, tap: Why) -> None:
    owned = await on_own_page(interaction, tap.list_id)

    async def work() -> LayoutView:
        services = interaction.client.services
        anime = checked_anime(services.catalog, tap.anime_id)
        await check_age(interaction, anime)
        found = await services.picks.list(tap.list_id) if owned else None
        return await _view(interaction, anime.id, found, owned=owned)

    if owned:
        await update(interaction, work())
    else:
        await reply(interaction, work(), ephemeral=True)


@Switch.tapped
async def _switch(interaction: Interaction, tap: Switch) -> None:
    owned = await on_own_page(interaction, tap.list_id)

    async def work() -> LayoutView:
        checked_anime(interaction.client.services.catalog, tap.anime_id)
        undo = await _switched(interaction, tap)
        found = await interaction.client.services.picks.list(tap.list_id) if owned else None
        if found is None or found.kind not in _PERSONAL:
            return await _view(interaction, tap.anime_id, found, owned=owned, undo=undo)
        # The picks change at once: the list is asked for anew, and "Back" leads to that one.
        after = await asked_again(interaction, found)
        changes = changed_picks(found, after, await look_of(interaction))
        if undo is not None:
            undo = Switch(
                reason_id=undo.reason_id,
                anime_id=undo.anime_id,
                list_id=after.list_id,
                to=undo.to,
            )
        return await _view(
            interaction, tap.anime_id, after, owned=owned, changes=changes, undo=undo
        )

    await update(interaction, work())


async def _switched(interaction: Interaction, tap: Switch) -> Switch | None:
    """Do what a switch says.

    Returns:
        What undoes it, where the part that was switched is no longer among the others.
    """
    hints, user_id = interaction.client.services.hints, interaction.user.id
    wishes = {Switch.WISH_MORE: HintKind.MORE, Switch.WISH_LESS: HintKind.LESS}
    if tap.to == Switch.LEAVE_OUT:
        await hints.say(user_id, tap.reason_id, HintKind.MUTED)
    elif tap.to == Switch.COUNT:
        await hints.take_back(user_id, tap.reason_id, HintKind.MUTED)
    elif tap.to == Switch.FORGET_WISH:
        kind = await hints.wish(user_id, tap.reason_id)
        await hints.take_back(user_id, tap.reason_id, kind)
        back = {kind: to for to, kind in wishes.items()}[kind]
        return Switch(reason_id=tap.reason_id, anime_id=tap.anime_id, list_id=tap.list_id, to=back)
    elif tap.to in wishes:
        await hints.say(user_id, tap.reason_id, wishes[tap.to])
    else:
        raise UserError("stale_button")
    return None


async def _view(
    interaction: Interaction,
    anime_id: int,
    found: StoredList | None,
    *,
    owned: bool,
    changes: str = "",
    undo: Switch | None = None,
) -> LayoutView:
    explanation = await interaction.client.services.picks.explain(interaction.user.id, anime_id)
    look = await look_of(interaction)
    return why_view(explanation, look, found=found, owned=owned, changes=changes, undo=undo)
