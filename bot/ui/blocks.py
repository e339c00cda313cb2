"""What messages are made of: Discord's components, each as the plain value that is sent.

discord.py has a class for each of them, too. Its objects know the message and the row that they
stand in, and are known by them, so nothing frees them but the garbage collector, for which the
event loop stands still; and a button that waits to be tapped stays in memory with all of its
message. A page of picks is some forty components, sent and forgotten within a millisecond, and
what is tapped on it comes back by its custom_id (`bot.ui.action`). So the classes below have the
names and arguments of discord.py's, and hold no more than what Discord is to get; its reference of
components says what that means.
"""

from __future__ import annotations

from typing import Any, Final, Self

from discord import ComponentType
from discord.ui import LayoutView

MOST_COMPONENTS: Final = 40
"""How many a message may hold, with those inside of others."""
_MOST_IN_A_ROW: Final = 5


class Item:
    """One component.

    Attributes:
        component: what Discord gets.
    """

    component: dict[str, Any]


class TextDisplay(Item):
    """Text with markdown."""

    def __init__(self, content: str) -> None:
        self.component = {"type": ComponentType.text_display.value, "content": content}


class Thumbnail(Item):
    """A small picture beside a text.

    Args:
        url: where Discord fetches it.
        description: what it shows, for those who do not see it.
    """

    def __init__(self, url: str, *, description: str) -> None:
        self.component = {
            "type": ComponentType.thumbnail.value,
            "spoiler": False,
            "media": {"url": url},
            "description": description,
        }


class Separator(Item):
    """A line between two parts."""

    def __init__(self) -> None:
        self.component = {"type": ComponentType.separator.value, "divider": True, "spacing": 1}


class File(Item):
    """A file that is attached to the message: ``attachment://`` and its name."""

    def __init__(self, url: str) -> None:
        self.component = {"type": ComponentType.file.value, "file": {"url": url}, "spoiler": False}


class ActionRow(Item):
    """Up to five buttons, or one menu."""

    def __init__(self, *items: Item) -> None:
        inside: list[dict[str, Any]] = []
        self.component = {"type": ComponentType.action_row.value, "components": inside}
        for item in items:
            self.add_item(item)

    def add_item(self, item: Item) -> Self:
        """One more.

        Raises:
            ValueError: there is no room for it.
        """
        inside = self.component["components"]
        if len(inside) == _MOST_IN_A_ROW:
            message = f"a row has room for {_MOST_IN_A_ROW} components"
            raise ValueError(message)
        inside.append(item.component)
        return self


class Section(Item):
    """A text with a picture or a button beside it."""

    def __init__(self, text: TextDisplay | str, *, accessory: Item) -> None:
        text = TextDisplay(text) if isinstance(text, str) else text
        self.component = {
            "type": ComponentType.section.value,
            "components": [text.component],
            "accessory": accessory.component,
        }


class Screen(LayoutView):
    """A message of one container. It never times out: its buttons carry their own state.

    Args:
        items: what is in it, from top to bottom.
        accent_colour: of the line at its side.

    Raises:
        ValueError: it is more than a message holds.
    """

    def __init__(self, *items: Item, accent_colour: int) -> None:
        super().__init__(timeout=None)
        self._container: dict[str, Any] = {
            "type": ComponentType.container.value,
            "accent_color": accent_colour,
            "spoiler": False,
            "components": [item.component for item in items],
        }
        if count(self._container) > MOST_COMPONENTS:
            message = f"a message has room for {MOST_COMPONENTS} components"
            raise ValueError(message)
        # Else discord.py keeps it for taps, which it never sees.
        self.stop()

    def has_components_v2(self) -> bool:
        """Whether it is made of components alone, and has no other content."""
        return True

    def to_components(self) -> list[dict[str, Any]]:
        """What Discord gets."""
        return [self._container]


def count(component: dict[str, Any]) -> int:
    """How many components one is, with those inside."""
    inside = sum([count(one) for one in component.get("components", ())])
    return inside + (2 if "accessory" in component else 1)
