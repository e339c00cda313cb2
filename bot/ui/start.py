"""The first minute: one question at a time, a score in one tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import ButtonStyle, ui

from bot.services.checks import HIGHEST_SCORE, LOWEST_SCORE
from bot.services.start import ENOUGH, UNSEEN
from bot.ui.action import Action
from bot.ui.cards import anime_card, screen

if TYPE_CHECKING:
    from bot.services.start import Round
    from bot.ui.cards import Look
    from recsys.catalog import Anime


class Begin(Action, verb="begin"):
    """Begin the questions, or go on with them, for whoever taps."""

    label = "start.begin"
    style = ButtonStyle.primary


class Answer(Action, verb="answer"):
    """Answer the open question of one's round.

    Attributes:
        list_id: the round; the service knows whose it is.
        position: of the question.
        score: 1 to 10, or 0 for "haven't seen it".
    """

    list_id: int
    position: int
    score: int


class Back(Action, verb="back"):
    """Take the last answer back and see its question again."""

    list_id: int
    position: int
    label = "start.back"


class Finish(Action, verb="finish"):
    """See first picks now; the open question waits."""

    list_id: int
    label = "start.finish"


def question_view(found: Round, anime: Anime, look: Look) -> ui.LayoutView:
    """One question.

    Args:
        found: where the person stands.
        anime: what is asked about.
        look: how the person sees it.
    """
    s = look.strings
    progress = s("start.progress", number=found.answers + 1, enough=ENOUGH)
    scores = [
        _answer(found, score).say(str(score)) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)
    ]
    back = Back(list_id=found.list_id, position=found.position)
    finish = Finish(list_id=found.list_id)
    return screen(
        ui.TextDisplay(f"### {s('start.heading')}\n-# {progress}"),
        anime_card(anime, look),
        ui.TextDisplay(s("start.question")),
        ui.ActionRow[Any](*scores[:5]),
        ui.ActionRow[Any](*scores[5:]),
        ui.ActionRow[Any](
            _answer(found, UNSEEN, ButtonStyle.primary).say(s("start.unseen")),
            back.say(s(back.label), disabled=found.position == 0),
            finish.say(s(finish.label)),
        ),
    )


def ending(found: Round, look: Look) -> tuple[str, list[Action]]:
    """What stands with the first picks when the questions are over.

    Args:
        found: where the person stands.
        look: how the person sees it.

    Returns:
        A line, and the way back to the last question where there was one.
    """
    s = look.strings
    note = s("start.done" if found.answers else "start.stopped", count=found.answers)
    if not found.position:
        return note, []
    back = Back(list_id=found.list_id, position=found.position)
    return note, [back.say(s(back.label))]


def _answer(found: Round, score: int, style: ButtonStyle = ButtonStyle.secondary) -> Answer:
    answer = Answer(list_id=found.list_id, position=found.position, score=score)
    answer.item.style = style
    return answer
