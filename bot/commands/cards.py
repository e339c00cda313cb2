"""The buttons of every card: seen it, plan, not interested, more and less like it; and undo.

On a page of one's own picks that nobody else sees, the page itself changes and stays where it is.
Anywhere else who taps gets an answer of their own, which only they see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.look import is_public, look_of
from bot.commands.pages import page_with
from bot.commands.ratings import rated
from bot.services.checks import checked_anime
from bot.services.errors import UserError
from bot.services.hints import HintKind
from bot.ui.buttons import (
    Less,
    More,
    PickScore,
    Plan,
    Rate,
    Refuse,
    Score,
    TakeBack,
    Undo,
    Unhint,
)
from bot.ui.cards import name
from bot.ui.reply import reply, update
from bot.ui.views import receipt, score_question, seen_view
from recsys.profile import Status

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction


async def on_own_page(interaction: Interaction, list_id: int) -> bool:
    """Whether what was tapped stands on a private page of a list of whoever tapped."""
    if not list_id or is_public(interaction):
        return False
    return await interaction.client.services.picks.owner(list_id) == interaction.user.id


@Rate.tapped
async def _ask_score(interaction: Interaction, tap: Rate) -> None:
    in_place = await on_own_page(interaction, tap.list_id)

    async def question() -> LayoutView:
        services = interaction.client.services
        anime = checked_anime(services.catalog, tap.anime_id)
        entry = await services.ratings.entry(interaction.user.id, anime.id)
        look = await look_of(interaction)
        current = entry.score if entry else None
        if in_place:
            return seen_view(anime, look, list_id=tap.list_id, current=current)
        return score_question(anime, look, list_id=tap.list_id, current=current)

    if in_place:
        await update(interaction, question())
    else:
        await reply(interaction, question(), ephemeral=True)


@Score.tapped
async def _score(interaction: Interaction, tap: Score) -> None:
    work = rated(interaction, tap.anime_id, tap.score, source="card", list_id=tap.list_id)
    await update(interaction, work)


@PickScore.tapped
async def _score_pick(interaction: Interaction, tap: PickScore) -> None:
    async def work() -> LayoutView:
        ratings = interaction.client.services.ratings
        user_id, anime_id = interaction.user.id, tap.anime_id
        if tap.score in {PickScore.SEEN, PickScore.DROPPED}:
            status = Status.DROPPED if tap.score == PickScore.DROPPED else Status.COMPLETED
            await ratings.set_status(user_id, anime_id, status, source="card", list_id=tap.list_id)
        else:
            await ratings.rate(user_id, anime_id, tap.score, source="card", list_id=tap.list_id)
        return await page_with(interaction, tap.list_id, anime_id)

    await update(interaction, work())


@Plan.tapped
async def _plan(interaction: Interaction, tap: Plan) -> None:
    await _mark(interaction, tap, Status.PLANNED)


@Refuse.tapped
async def _refuse(interaction: Interaction, tap: Refuse) -> None:
    await _mark(interaction, tap, Status.NOT_INTERESTED)


async def _mark(interaction: Interaction, tap: Plan | Refuse, status: Status) -> None:
    in_place = await on_own_page(interaction, tap.list_id)

    async def work() -> LayoutView:
        done = await interaction.client.services.ratings.set_status(
            interaction.user.id, tap.anime_id, status, source="card", list_id=tap.list_id or None
        )
        if in_place:
            return await page_with(interaction, tap.list_id, tap.anime_id)
        look = await look_of(interaction)
        title = name(done.anime, look)
        planned = status is Status.PLANNED
        if not done.changed:
            raise UserError("planned_so" if planned else "refused_so", title=title)
        sentence = look.strings("done.planned" if planned else "done.refused", title=title)
        undo = Undo.of(interaction.user.id, tap.anime_id, now=done.entry, before=done.previous)
        return receipt(sentence, look, undo)

    if in_place:
        await update(interaction, work())
    else:
        await reply(interaction, work(), ephemeral=True)


@TakeBack.tapped
async def _take_back(interaction: Interaction, tap: TakeBack) -> None:
    try:
        expected = tap.now
    except ValueError:
        raise UserError("stale_button") from None

    async def work() -> LayoutView:
        await interaction.client.services.ratings.take_back(
            interaction.user.id, tap.list_id, tap.anime_id, expected=expected
        )
        return await page_with(interaction, tap.list_id, tap.anime_id)

    await update(interaction, work())


@More.tapped
async def _more(interaction: Interaction, tap: More) -> None:
    await _wish(interaction, tap, HintKind.MORE)


@Less.tapped
async def _less(interaction: Interaction, tap: Less) -> None:
    await _wish(interaction, tap, HintKind.LESS)


async def _wish(interaction: Interaction, tap: More | Less, kind: HintKind) -> None:
    in_place = await on_own_page(interaction, tap.list_id)

    async def work() -> LayoutView:
        said = await interaction.client.services.hints.say(interaction.user.id, tap.anime_id, kind)
        if in_place:
            return await page_with(interaction, tap.list_id, tap.anime_id)
        look = await look_of(interaction)
        title = name(said.anime, look)
        more = kind is HintKind.MORE
        if not said.changed:
            raise UserError("more_so" if more else "less_so", title=title)
        sentence = look.strings("done.more" if more else "done.less", title=title)
        undo = Unhint(anime_id=tap.anime_id, kind=int(kind), list_id=tap.list_id)
        return receipt(sentence, look, undo)

    if in_place:
        await update(interaction, work())
    else:
        await reply(interaction, work(), ephemeral=True)


@Unhint.tapped
async def _unhint(interaction: Interaction, tap: Unhint) -> None:
    try:
        kind = HintKind(tap.kind)
    except ValueError:
        raise UserError("stale_button") from None
    in_place = await on_own_page(interaction, tap.list_id)

    async def work() -> LayoutView:
        said = await interaction.client.services.hints.take_back(
            interaction.user.id, tap.anime_id, kind
        )
        if in_place:
            return await page_with(interaction, tap.list_id, tap.anime_id)
        look = await look_of(interaction)
        return receipt(look.strings("done.unhinted", title=name(said.anime, look)), look)

    await update(interaction, work())
