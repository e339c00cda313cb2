"""Menus that show what the bot says: the simulated Discord's page keeps what was last chosen.

Discord's clients show in a menu what the message says is chosen, and forget their own choice when
the message is edited. The page of simcord's preview keeps its choice for as long as the menu has
the same id, and the ids of a message are its components counted through. So a menu would go on
naming what was undone, or what was chosen on another card, and send it along with the next choice;
and a form that was cancelled could not be opened again. Here a menu that shows something else than
the bot said gets a new id, which the page takes for a new menu.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from simcord.components import walk_components
from simcord.enums import ComponentType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from simcord.backend.models import Message

_MENUS: Final = frozenset({ComponentType.STRING_SELECT, ComponentType.CHANNEL_SELECT})
# Beyond what counting through gives: a message has 40 components.
_FIRST: Final = 1_000


class Menus:
    """What each menu shows in the page."""

    def __init__(self) -> None:
        self._numbers = count(_FIRST)
        self._shown: dict[int, dict[int, list[str]]] = {}  # by message, by the menu's id

    def hear(self, event: str, payload: Mapping[str, Any]) -> None:
        """Note what a person chose, from the event that Discord sends for it."""
        data = payload.get("data", {})
        if event == "INTERACTION_CREATE" and "values" in data and "id" in data:
            shown = self._shown.setdefault(int(payload["message"]["id"]), {})
            shown[data["id"]] = sorted(data["values"])

    def renew(self, messages: Iterable[Message]) -> None:
        """Give a new id to every menu that would show something else than its message says.

        Args:
            messages: all that there are; others are forgotten.
        """
        self._shown = {message.id: self._renewed(message) for message in messages}

    def _renewed(self, message: Message) -> dict[int, list[str]]:
        shown = self._shown.get(message.id, {})
        for component in walk_components(message.components):
            if component.get("type") in _MENUS:
                chosen = _chosen(component)
                if shown.setdefault(component["id"], chosen) != chosen:
                    component["id"] = next(self._numbers)
                    shown[component["id"]] = chosen
        return shown


def _chosen(menu: Mapping[str, Any]) -> list[str]:
    """The values that a menu says are chosen."""
    lines: list[dict[str, Any]] = menu.get("options") or []
    entities: list[dict[str, Any]] = menu.get("default_values") or []
    chosen = [line["value"] for line in lines if line.get("default")]
    return sorted([*chosen, *(str(entity["id"]) for entity in entities)])
