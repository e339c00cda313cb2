"""The dials: three menus in the place of the list that they turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui import blocks as ui
from bot.ui.buttons import DialMenu, PicksPage
from bot.ui.cards import screen
from bot.ui.menu import Option
from bot.ui.narrowed import DIALS, dial_choices, position

if TYPE_CHECKING:
    from bot.services.shown import StoredList
    from bot.ui.cards import Look


def dials_view(found: StoredList, look: Look, *, changes: str = "") -> ui.Screen:
    """The dials as a list was made with them.

    Args:
        found: the list.
        look: how its owner sees it.
        changes: what the last turn changed about the picks.
    """
    s = look.strings
    lines = [f"### {s('dials.heading')}", s("dials.how")]
    if changes:
        lines.append(changes)
    items: list[ui.Item] = [ui.TextDisplay("\n".join(lines))]
    for number, dial in enumerate(DIALS):
        nearest = position(float(getattr(found.query.dials, dial)))
        options = [Option(value, label) for value, label in dial_choices(dial, s)]
        menu = DialMenu(list_id=found.list_id, dial=number).offer(options, chosen=[nearest])
        items += [ui.TextDisplay(f"**{s(f'dials.{dial}.name')}**"), ui.ActionRow(menu)]
    back = PicksPage(owner_id=found.user_id, list_id=found.list_id, page=0)
    return screen(*items, ui.ActionRow(back.say(s("buttons.back"))))
