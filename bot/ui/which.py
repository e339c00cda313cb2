"""The question which anime were meant, where a command takes several titles.

What was typed does not fit into a custom_id, so the message keeps it: as long as several questions
are open, each answer reads the others from the message that it was given in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import discord

from bot.ui import blocks as ui
from bot.ui.action import state_of
from bot.ui.cards import screen
from bot.ui.menu import Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.ui.buttons import Which


class Asked(NamedTuple):
    """One question that is still open.

    Attributes:
        slot: which of the titles it is about.
        text: the question, as it stands in the message.
        options: what may have been meant.
    """

    slot: int
    text: str
    options: tuple[Option, ...]


def which_titles(questions: Sequence[tuple[str, Which]]) -> ui.Screen:
    """Questions, each with the menu that answers it."""
    items: list[ui.Item] = []
    for text, menu in questions:
        items += [ui.TextDisplay(text), ui.ActionRow(menu)]
    return screen(*items)


def asked_in(message: discord.Message | None) -> list[Asked]:
    """The questions in a message of `which_titles`."""
    found: list[Asked] = []
    text = ""
    for component in _walk(message.components if message is not None else ()):
        if isinstance(component, discord.TextDisplay):
            text = component.content
        elif isinstance(component, discord.SelectMenu) and text:
            state = state_of(component.custom_id)
            if "slot" in state:
                options = (Option(one.value, one.label) for one in component.options)
                found.append(Asked(state["slot"], text, tuple(options)))
    return found


def _walk(components: Iterable[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
