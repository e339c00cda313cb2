"""Select menus that outlive the process, made like the buttons of `bot.ui.action`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from discord import ChannelType, ComponentType

from bot.ui.action import Action
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import Interaction

_TEXT = 100  # characters of an option, and of what stands in a menu before anything is chosen


class Option(NamedTuple):
    """One line of a menu.

    Attributes:
        value: what comes back when it is chosen, at most 100 characters.
        label: what it says, without markdown.
        note: a second, smaller line.
    """

    value: str
    label: str
    note: str = ""


class Menu(Action):
    """One kind of menu. A subclass names its verb and declares its state, as a button does."""

    def made(self, custom_id: str) -> dict[str, Any]:
        """The component itself: "String Select" in Discord's reference of components."""
        return _select(ComponentType.select, custom_id, 1, 1)

    def offer(
        self,
        options: Sequence[Option],
        *,
        chosen: Sequence[str] = (),
        hint: str = "",
        several: bool = False,
    ) -> Self:
        """Set the lines, at most 25, and which of them stand chosen.

        Args:
            options: the lines.
            chosen: values of those that hold now.
            hint: what stands in the menu while nothing is chosen.
            several: whether any number of lines may be chosen, none among them.
        """
        if several:
            self.component |= {"min_values": 0, "max_values": len(options)}
        _hint(self.component, hint)
        self.component["options"] = [_line(option, option.value in chosen) for option in options]
        return self


class ChannelMenu(Action):
    """A menu of the server's text channels."""

    def made(self, custom_id: str) -> dict[str, Any]:
        """The component itself: "Channel Select" in Discord's reference of components."""
        kinds = [ChannelType.text.value, ChannelType.news.value]
        return _select(ComponentType.channel_select, custom_id, 0, 25) | {"channel_types": kinds}

    def offer(self, *, chosen: Sequence[int] = (), hint: str = "") -> Self:
        """Set which channels stand chosen, by their ids, and the hint for none."""
        _hint(self.component, hint)
        self.component["default_values"] = [
            {"id": channel_id, "type": "channel"} for channel_id in chosen[:25]
        ]
        return self


def _select(kind: ComponentType, custom_id: str, least: int, most: int) -> dict[str, Any]:
    return {
        "type": kind.value,
        "custom_id": custom_id,
        "min_values": least,
        "max_values": most,
        "disabled": False,
    }


def _hint(component: dict[str, Any], hint: str) -> None:
    if text := plain(hint, _TEXT):
        component["placeholder"] = text


def _line(option: Option, chosen: bool) -> dict[str, Any]:
    line = {"label": plain(option.label, _TEXT), "value": option.value, "default": chosen}
    if note := plain(option.note, _TEXT):
        line["description"] = note
    return line


def selected(interaction: Interaction) -> tuple[str, ...]:
    """The values that were chosen in the menu that was used; any strings, for it can be forged."""
    data: Any = interaction.data or {}
    return tuple(str(value) for value in data.get("values", ()))
