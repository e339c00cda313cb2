"""The messages of the bot, each a pure function from what is to be said to a `LayoutView`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.checks import HIGHEST_SCORE, LOWEST_SCORE
from bot.ui import blocks as ui
from bot.ui.action import row
from bot.ui.buttons import BackToPick, PickScore, RateThis, Score, ShareAnime
from bot.ui.cards import anime_card, feedback_row, labels, name, screen
from bot.ui.text import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.ui.buttons import Choose, Undo, Unhint
    from bot.ui.cards import Look
    from recsys.catalog import Anime

_TYPED = 100
_MOST_GUESSES = 5
_MOST_TO_RATE = 10


def anime_view(anime: Anime, look: Look, *, public: bool = False) -> ui.Screen:
    """The page of one anime.

    Args:
        anime: which.
        look: how the person sees it.
        public: whether everybody sees it; else it can be shared.
    """
    buttons = feedback_row(anime, look)
    if not public:
        share = ShareAnime(anime_id=anime.id)
        buttons.add_item(share.say(look.strings(share.label)))
    return screen(anime_card(anime, look, details=True), buttons)


def did_you_mean(typed: str, options: Sequence[tuple[Anime, Choose]], look: Look) -> ui.Screen:
    """The question which anime was meant, a button for each guess."""
    question = look.strings("ask.title", typed=inline(typed, _TYPED))
    options = options[:_MOST_GUESSES]
    lines = labels([anime for anime, _ in options], look)
    rows = [
        ui.ActionRow(choose.say(line)) for (_, choose), line in zip(options, lines, strict=True)
    ]
    return screen(ui.TextDisplay(question), *rows)


def score_question(anime: Anime, look: Look, *, list_id: int, current: int | None) -> ui.Screen:
    """The question how an anime was, ten buttons for the answer.

    Args:
        anime: the anime.
        look: how the person sees it.
        list_id: the list of picks it stood in, 0 for none.
        current: the score it has from them, if any.
    """
    key = "ask.score" if current is None else "ask.score_again"
    question = look.strings(key, title=name(anime, look), score=current)
    scores = [
        Score(anime_id=anime.id, score=score, list_id=list_id).say(str(score))
        for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)
    ]
    return screen(
        ui.TextDisplay(question),
        ui.ActionRow(*scores[:5]),
        ui.ActionRow(*scores[5:]),
    )


def rate_which(several: Sequence[Anime], look: Look) -> ui.Screen:
    """The question which anime of a message to rate, a button for each, ten at most."""
    several = several[:_MOST_TO_RATE]
    rows = [
        ui.ActionRow(RateThis(anime_id=anime.id).say(line))
        for anime, line in zip(several, labels(several, look), strict=True)
    ]
    return screen(ui.TextDisplay(look.strings("ask.which")), *rows)


def seen_view(anime: Anime, look: Look, *, list_id: int, current: int | None) -> ui.Screen:
    """The same question in the place of the list that the anime stands in, with a way back.

    Args:
        anime: the anime.
        look: how the person sees it.
        list_id: their list.
        current: the score it has from them, if any.
    """
    s = look.strings

    def answer(score: int, label: str) -> PickScore:
        return PickScore(anime_id=anime.id, score=score, list_id=list_id).say(label)

    key = "ask.score" if current is None else "ask.score_again"
    question = s(key, title=name(anime, look), score=current)
    scores = [answer(n, str(n)) for n in range(LOWEST_SCORE, HIGHEST_SCORE + 1)]
    return screen(
        anime_card(anime, look),
        ui.TextDisplay(question),
        ui.ActionRow(*scores[:5]),
        ui.ActionRow(*scores[5:]),
        ui.ActionRow(
            answer(PickScore.SEEN, s("buttons.seen_only")),
            answer(PickScore.DROPPED, s("buttons.dropped")),
            BackToPick(anime_id=anime.id, list_id=list_id).say(s("buttons.back")),
        ),
    )


def receipt(sentence: str, look: Look, undo: Undo | Unhint | None = None) -> ui.Screen:
    """What was just done, with a way back."""
    if undo is None:
        return screen(ui.TextDisplay(sentence))
    return screen(ui.TextDisplay(sentence), row(look.strings, undo))
