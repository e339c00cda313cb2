"""Commands that take up to three titles: what is not sure of them is asked about at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.commands.asking import Question, resolved
from bot.commands.look import look_of
from bot.services.errors import UserError
from bot.ui.action import only_for
from bot.ui.buttons import Which
from bot.ui.cards import labels
from bot.ui.menu import Option, selected
from bot.ui.reply import update
from bot.ui.text import inline
from bot.ui.which import asked_in, which_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from discord.ui import LayoutView

    from bot.client import Interaction
    from recsys.catalog import Anime

    Answer = Callable[[Interaction, Sequence[int]], Coroutine[Any, Any, LayoutView]]

_SHOWN = 80  # characters of what was typed, in an answer
_TITLES = 3  # at most how many a command takes
_DIGITS = 9  # of an anime's id

_several: dict[Question, Answer] = {}


def answers_several(question: Question) -> Callable[[Answer], Answer]:
    """As `asking.answers`, for a command that takes three titles: their ids, 0 for none."""

    def register(answer: Answer) -> Answer:
        _several[question] = answer
        return answer

    return register


async def by_titles(
    interaction: Interaction, question: Question, typed: Sequence[str | None]
) -> LayoutView:
    """As `asking.by_title`, for a command that takes up to three titles.

    All that are not sure are asked about at once, a menu for each.

    Args:
        interaction: whose.
        question: which command.
        typed: what was typed for each, None for a title that was left out.

    Raises:
        UserError: nothing is called anything like one of them.
    """
    asked: list[tuple[int, str, Sequence[Anime]]] = []
    ids = [0] * _TITLES
    for slot, text in enumerate(typed):
        if text is None:
            continue
        found = resolved(interaction, text)
        if found.anime is not None:
            ids[slot] = found.anime.id
        elif found.guesses:
            asked.append((slot, text, found.guesses))
        else:
            await interaction.client.services.missed.count(text)
            raise UserError("unknown_title", typed=inline(text, _SHOWN))
    if not asked:
        return await _several[question](interaction, ids)
    look = await look_of(interaction)
    owner_id = interaction.user.id
    return which_titles(
        [
            (
                look.strings("ask.title", typed=inline(text, _SHOWN)),
                which(owner_id, question, slot, ids).offer(
                    [
                        Option(str(anime.id), line)
                        for anime, line in zip(guesses, labels(guesses, look), strict=True)
                    ]
                ),
            )
            for slot, text, guesses in asked
        ]
    )


def which(owner_id: int, question: int, slot: int, ids: Sequence[int]) -> Which:
    """The menu that asks for one of several titles, the others being known or asked beside it."""
    first, second, third = ids
    return Which(
        owner_id=owner_id, question=question, slot=slot, first=first, second=second, third=third
    )


@Which.tapped
async def _which(interaction: Interaction, tap: Which) -> None:
    only_for(interaction, tap.owner_id)
    value, *_ = (*selected(interaction), "")
    ids = [tap.first, tap.second, tap.third]
    if (
        tap.question not in tuple(Question)
        or tap.slot not in range(_TITLES)
        or not value.isdecimal()
    ):
        raise UserError("stale_button")
    question = Question(tap.question)
    if question not in _several:
        raise UserError("stale_button")
    ids[tap.slot] = int(value[:_DIGITS])

    async def work() -> LayoutView:
        # The message itself holds what is still to be asked.
        open_ = [one for one in asked_in(interaction.message) if one.slot != tap.slot]
        if not open_:
            return await _several[question](interaction, ids)
        return which_titles(
            [
                (one.text, which(tap.owner_id, question, one.slot, ids).offer(one.options))
                for one in open_
            ]
        )

    await update(interaction, work())
