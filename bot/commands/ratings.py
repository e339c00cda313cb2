"""A person's own list: /rate, /unrate, /ratings, and the buttons of every card that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands  # noqa: TC002 - discord.py reads the annotations
from discord.ext import commands

from bot.commands.asking import Question, answers, by_title, suggest_own_titles, suggest_titles
from bot.commands.command import command
from bot.commands.look import is_public, look_of
from bot.services.checks import checked_anime, checked_score
from bot.services.errors import UserError
from bot.services.openings import to_rate
from bot.ui.action import only_for
from bot.ui.buttons import RatingsPage, ShareRatings, Undo
from bot.ui.cards import name
from bot.ui.lists import ratings_view
from bot.ui.reply import reply, update
from bot.ui.views import receipt

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from recsys.profile import Entry


class Ratings(commands.Cog):
    """A person's own list. Every answer is for their eyes only until they share it."""

    @command
    async def rate(
        self, interaction: Interaction, title: str, score: app_commands.Range[int, 1, 10]
    ) -> None:
        """Rate one anime."""
        work = by_title(interaction, Question.RATE, title, checked_score(score))
        await reply(interaction, work, ephemeral=True)

    @command
    async def unrate(self, interaction: Interaction, title: str) -> None:
        """Take one anime off the list."""
        work = by_title(interaction, Question.UNRATE, title)
        await reply(interaction, work, ephemeral=True)

    @command
    async def ratings(
        self, interaction: Interaction, page: app_commands.Range[int, 1] | None = None
    ) -> None:
        """Show the list."""
        work = _page(interaction, page or 1, public=False)
        await reply(interaction, work, ephemeral=True)

    @rate.autocomplete("title")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_titles(interaction, typed, to_rate)

    @unrate.autocomplete("title")
    async def _suggest_own(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_own_titles(interaction, typed)


@answers(Question.RATE)
async def _rate(interaction: Interaction, anime_id: int, score: int) -> LayoutView:
    return await rated(interaction, anime_id, score, source="command")


async def rated(
    interaction: Interaction, anime_id: int, score: int, *, source: str, list_id: int = 0
) -> LayoutView:
    """Rate an anime for whoever acts, and say so."""
    user_id = interaction.user.id
    done = await interaction.client.services.ratings.rate(
        user_id, anime_id, score, source=source, list_id=list_id or None
    )
    look = await look_of(interaction)
    if not done.changed:  # of two taps at once the second: the first has said it, with its undo
        raise UserError("rated_so", title=name(done.anime, look), score=score)
    before = done.previous.score if done.previous else None
    key = "done.rated" if before is None else "done.rated_again"
    sentence = look.strings(key, title=name(done.anime, look), score=score, before=before)
    undo = Undo.of(user_id, anime_id, now=done.entry, before=done.previous)
    return receipt(sentence, look, undo)


@answers(Question.UNRATE)
async def _unrate(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    services = interaction.client.services
    user_id = interaction.user.id
    look = await look_of(interaction)
    title = name(checked_anime(services.catalog, anime_id), look)
    removed = await services.ratings.unrate(user_id, anime_id)
    if removed is None:
        raise UserError("not_listed", title=title)
    undo = Undo.of(user_id, anime_id, now=None, before=removed)
    return receipt(look.strings("done.removed", title=title), look, undo)


@Undo.tapped
async def _undo(interaction: Interaction, tap: Undo) -> None:
    only_for(interaction, tap.owner_id)
    try:
        now, before = tap.now, tap.before
    except ValueError:
        raise UserError("stale_button") from None
    await update(interaction, _undone(interaction, tap.anime_id, now, before))


async def _undone(
    interaction: Interaction, anime_id: int, now: Entry | None, before: Entry | None
) -> LayoutView:
    services = interaction.client.services
    await services.ratings.restore(interaction.user.id, anime_id, before, expected=now)
    look = await look_of(interaction)
    key = "done.undone_removed" if before is None else "done.undone_restored"
    title = name(checked_anime(services.catalog, anime_id), look)
    return receipt(look.strings(key, title=title), look)


@RatingsPage.tapped
async def _turn(interaction: Interaction, tap: RatingsPage) -> None:
    only_for(interaction, tap.owner_id)
    await update(interaction, _page(interaction, tap.page, public=is_public(interaction)))


@ShareRatings.tapped
async def _share(interaction: Interaction, tap: ShareRatings) -> None:
    only_for(interaction, tap.owner_id)
    await reply(interaction, _page(interaction, tap.page, public=True), ephemeral=False)


async def _page(interaction: Interaction, page: int, *, public: bool) -> LayoutView:
    found = await interaction.client.services.ratings.page(interaction.user.id, page)
    return ratings_view(found, await look_of(interaction), owner=interaction.user, public=public)
