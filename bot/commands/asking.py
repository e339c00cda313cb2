"""From what a person typed to one anime: the suggestion they chose, a good match, or a question.

Every command that takes a title goes through `by_title`. If nothing matches well it asks "did you
mean", and the button tapped there goes on with the same command and the rest of its options.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from discord import app_commands

from bot.commands.look import adult_allowed, look_of
from bot.services.errors import UserError
from bot.services.narrowing import narrow
from bot.services.openings import recent
from bot.services.titles import TitleService
from bot.ui.action import only_for
from bot.ui.buttons import Choose
from bot.ui.cards import labels
from bot.ui.reply import update
from bot.ui.text import inline, plain
from bot.ui.views import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.openings import Opening
    from bot.services.titles import Resolved
    from recsys.catalog import Anime
    from recsys.profile import Profile

log = logging.getLogger(__name__)

_SHOWN = 80  # characters of what was typed, in an answer
_CHOICE = 100  # characters of a suggestion
_SUGGESTIONS = 25


class Question(IntEnum):
    """The commands that take a title. The numbers stand in buttons already sent: keep them."""

    ANIME = 1
    SIMILAR = 2
    RATE = 3
    UNRATE = 4
    OPPOSITE = 5
    BLEND = 6
    SCORE = 7
    DROP = 20


if TYPE_CHECKING:
    Answer = Callable[[Interaction, int, int], Coroutine[Any, Any, LayoutView]]

_answers: dict[Question, Answer] = {}


def answers(question: Question) -> Callable[[Answer], Answer]:
    """Register what a command does once its anime is known, given the anime and the argument."""

    def register(answer: Answer) -> Answer:
        _answers[question] = answer
        return answer

    return register


async def by_title(
    interaction: Interaction, question: Question, typed: str, argument: int = 0
) -> LayoutView:
    """Answer a command for the anime that was typed, or ask which one was meant.

    Raises:
        UserError: nothing is called anything like it.
    """
    found = resolved(interaction, typed)
    if found.anime is not None:
        return await _answers[question](interaction, found.anime.id, argument)
    if not found.guesses:
        await interaction.client.services.missed.count(typed)
        raise UserError("unknown_title", typed=inline(typed, _SHOWN))
    options = [
        (
            anime,
            Choose(
                owner_id=interaction.user.id,
                question=question,
                argument=argument,
                anime_id=anime.id,
            ),
        )
        for anime in found.guesses
    ]
    return did_you_mean(typed, options, await look_of(interaction))


@Choose.tapped
async def _chosen(interaction: Interaction, tap: Choose) -> None:
    only_for(interaction, tap.owner_id)
    try:
        answer = _answers[Question(tap.question)]
    except ValueError:
        raise UserError("stale_button") from None
    await update(interaction, answer(interaction, tap.anime_id, tap.argument))


def resolved(interaction: Interaction, typed: str) -> Resolved:
    """What that which was typed means.

    Raises:
        UserError: nothing visible was typed.
    """
    if not plain(typed, _SHOWN):
        raise UserError("no_title")
    return interaction.client.services.titles.resolve(typed)


async def suggest_titles(
    interaction: Interaction, typed: str, opening: Callable[[Profile], Opening] = recent
) -> list[app_commands.Choice[str]]:
    """Suggestions for a title option: one anime a line, its id as the value.

    Args:
        interaction: whose.
        typed: what was typed so far.
        opening: what of the person's own list comes first as long as that is nothing.
    """

    async def found() -> Sequence[Anime]:
        services = interaction.client.services
        own = None
        if not typed.strip():
            with suppress(UserError):  # which is in the log; popular titles are there without it
                own = opening(await services.ratings.profile(interaction.user.id))
        adult = await adult_allowed(interaction)
        return services.titles.suggest(typed, limit=_SUGGESTIONS, adult=adult, opening=own)

    return await _choices(interaction, found())


async def suggest_own_titles(
    interaction: Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Suggestions from the person's own list, newest first; for commands that change it."""

    async def found() -> Sequence[Anime]:
        services = interaction.client.services
        profile = await services.ratings.profile(interaction.user.id)
        newest = [services.catalog.get(entry.anime_id) for entry in reversed(profile.entries)]
        own = [anime for anime in newest if anime is not None]
        # In a thread: a list of a thousand anime takes tens of milliseconds.
        return (await asyncio.to_thread(narrow, own, typed))[:_SUGGESTIONS]

    return await _choices(interaction, found())


async def _choices(
    interaction: Interaction, work: Awaitable[Sequence[Anime]]
) -> list[app_commands.Choice[str]]:
    try:
        found = await work
    except Exception:
        # A person who gets no suggestions can still type the title.
        log.exception("No suggestions")
        return []
    look = await look_of(interaction)
    return [
        app_commands.Choice(name=line, value=TitleService.value(anime))
        for anime, line in zip(found, labels(found, look, _CHOICE), strict=True)
    ]
