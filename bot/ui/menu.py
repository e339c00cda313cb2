"""Select menus that outlive the process, made like the buttons of `bot.ui.action`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import discord
from discord import ui

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

    def made(self, custom_id: str) -> Any:  # noqa: ANN401
        """The component itself."""
        return ui.Select[Any](custom_id=custom_id)

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
        select = cast("ui.Select[Any]", self.item)
        if several:
            select.min_values, select.max_values = 0, len(options)
        select.placeholder = plain(hint, _TEXT) or None
        select.options = [
            discord.SelectOption(
                label=plain(option.label, _TEXT),
                value=option.value,
                description=plain(option.note, _TEXT) or None,
                default=option.value in chosen,
            )
            for option in options
        ]
        return self


class ChannelMenu(Action):
    """A menu of the server's text channels."""

    def made(self, custom_id: str) -> Any:  # noqa: ANN401
        """The component itself."""
        return ui.ChannelSelect[Any](
            custom_id=custom_id,
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            min_values=0,
            max_values=25,
        )

    def offer(self, *, chosen: Sequence[int] = (), hint: str = "") -> Self:
        """Set which channels stand chosen, by their ids, and the hint for none."""
        select = cast("ui.ChannelSelect[Any]", self.item)
        select.placeholder = plain(hint, _TEXT) or None
        select.default_values = [
            discord.SelectDefaultValue(id=channel_id, type=discord.SelectDefaultValueType.channel)
            for channel_id in chosen[:25]
        ]
        return self


def selected(interaction: Interaction) -> tuple[str, ...]:
    """The values that were chosen in the menu that was used; any strings, for it can be forged."""
    data: Any = interaction.data or {}
    return tuple(str(value) for value in data.get("values", ()))
