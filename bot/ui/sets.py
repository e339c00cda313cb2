"""The saved sets of filters: what each narrows to, one menu to use them and one to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui import blocks as ui
from bot.ui.buttons import DropSet, KeepSet, UseSet
from bot.ui.cards import screen
from bot.ui.menu import Option
from bot.ui.narrowed import describe
from bot.ui.text import inline, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.ui.cards import Look
    from recsys.picks import Filters

_NAME = 50
_TEXT = 3000  # of the 4,000 that a message holds


def sets_view(
    sets: Mapping[str, Filters], look: Look, *, note: str = "", undo: bool = False
) -> ui.Screen:
    """A person's sets.

    Args:
        sets: by name.
        look: how the person sees it.
        note: what was just done.
        undo: whether that was a deletion, which can be taken back.
    """
    s = look.strings
    lines = [f"### {s('sets.heading')}", *([note] if note else [])]
    if not sets:
        lines.append(s("sets.none"))
    room = _TEXT // max(len(sets), 1)
    for name, filters in sets.items():
        line = f"**{inline(name, _NAME)}** · {describe(filters, s)}"
        lines.append(shorten(line, room))
    items: list[ui.Item] = [ui.TextDisplay("\n".join(lines))]
    if undo:
        items.append(ui.ActionRow(KeepSet().say(s(KeepSet.label))))
    if sets:
        options = [Option(name, name) for name in sets]
        items += [
            ui.ActionRow(UseSet().offer(options, hint=s("sets.use"))),
            ui.ActionRow(DropSet().offer(options, hint=s("sets.drop"))),
        ]
    return screen(*items)
