"""The first minute: cards of titles, ticked in a menu.

A card begins with one menu, *Seen*. What is ticked there may be told apart in two more, which
offer nothing else: so whoever only ticks has few taps, and nobody looks through all titles twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.services.start import CARDS
from bot.services.ticks import SCORES, Feeling
from bot.ui import blocks as ui
from bot.ui.action import Action
from bot.ui.cards import labels, screen
from bot.ui.menu import Menu, Option
from bot.ui.text import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.start import Round, Title
    from bot.ui.cards import Look

# UTF-16 units of a title with its year and type: on the card, where there is room for a second
# title, and in a menu, which shows what is chosen in a field as narrow as a phone.
_LINE, _OPTION = 80, 44


class Begin(Action, verb="begin"):
    """Begin with the cards, or go on with them, for whoever taps."""

    label = "start.begin"
    style = ButtonStyle.primary


class Tick(Menu, verb="tick"):
    """Say of the titles of a card what holds for them; the values are MyAnimeList ids.

    Attributes:
        list_id: the round; the service knows whose it is.
        card: which card of it.
        feeling: a number of `Feeling`.
    """

    list_id: int
    card: int
    feeling: int


class GoOn(Action, verb="goon"):
    """Leave a card: what is not ticked was not seen."""

    list_id: int
    card: int
    style = ButtonStyle.primary


class Back(Action, verb="back"):
    """Go back to the card before this one."""

    list_id: int
    card: int
    label = "start.back"


class Finish(Action, verb="finish"):
    """See first picks now; a card on which nothing is ticked waits."""

    list_id: int
    label = "start.finish"


def card_view(found: Round, look: Look) -> ui.Screen:
    """One card.

    Args:
        found: where the person stands.
        look: how the person sees it.
    """
    s = look.strings
    anime = [title.anime for title in found.titles]
    seen = [title for title in found.titles if title.feeling is not None]
    progress = s("start.progress", number=found.card + 1, enough=CARDS)
    lines = (
        _line(title, line, look)
        for title, line in zip(found.titles, labels(anime, look, _LINE), strict=True)
    )
    items: list[ui.Item] = [
        ui.TextDisplay(f"### {s('start.heading')}\n-# {progress}"),
        ui.TextDisplay("\n".join(lines)),
    ]
    for feeling in Feeling:
        if offered := found.titles if feeling is Feeling.SEEN else seen:
            items += _menu(found, feeling, offered, look)
    if seen:
        loved, disliked = SCORES[Feeling.LOVED], SCORES[Feeling.DISLIKED]
        note = s("start.scores", loved=loved, disliked=disliked)
        items.append(ui.TextDisplay(f"-# {note}"))
    items.append(ui.ActionRow(*_buttons(found, look, ticked=bool(seen))))
    return screen(*items)


def _line(title: Title, line: str, look: Look) -> str:
    line = inline(line, _LINE)
    if title.feeling is not None:
        line = look.strings(f"start.ticked.{title.feeling.name.lower()}", title=line)
    return f"- {line}"


def _menu(found: Round, feeling: Feeling, offered: Sequence[Title], look: Look) -> list[ui.Item]:
    s = look.strings
    name = feeling.name.lower()
    lines = labels([title.anime for title in offered], look, _OPTION)
    menu = Tick(list_id=found.list_id, card=found.card, feeling=int(feeling)).offer(
        [Option(str(title.anime.id), line) for title, line in zip(offered, lines, strict=True)],
        # Whatever was ticked was seen.
        chosen=[
            str(title.anime.id)
            for title in offered
            if title.feeling is not None and feeling in {title.feeling, Feeling.SEEN}
        ],
        hint=s(f"start.menus.{name}.hint"),
        several=True,
    )
    # What is chosen takes the place of the hint, and would not say which menu it is.
    return [ui.TextDisplay(s(f"start.menus.{name}.name")), ui.ActionRow(menu)]


def _buttons(found: Round, look: Look, *, ticked: bool) -> list[Action]:
    s = look.strings
    is_last = found.card == CARDS - 1
    key = "start.finish" if is_last else ("start.next" if ticked else "start.none")
    back = Back(list_id=found.list_id, card=found.card)
    buttons: list[Action] = [
        GoOn(list_id=found.list_id, card=found.card).say(s(key)),
        back.say(s(back.label), disabled=found.card == 0),
    ]
    if not is_last:
        finish = Finish(list_id=found.list_id)
        buttons.append(finish.say(s(finish.label)))
    return buttons


def ending(found: Round, look: Look) -> tuple[str, list[Action]]:
    """What stands with the first picks when the cards are over.

    Args:
        found: where the person stands.
        look: how the person sees it.

    Returns:
        A line, and the way back to the last card where there was one.
    """
    s = look.strings
    if found.seen:
        note = s("start.done", count=found.seen)
    else:
        note = s("start.unknown" if found.is_over else "start.stopped")
    if not found.card:
        return note, []
    back = Back(list_id=found.list_id, card=found.card)
    # Beside a button that turns pages, "Back" alone would be the page before.
    return note, [back.say(s("start.to_cards"))]
