"""/help: every command under the words it goes by here, made from what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.ui import blocks as ui
from bot.ui.cards import SEPARATOR, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.locales import Strings
    from bot.ui.cards import Look

_SECTIONS = {
    "first": ("start", "import_"),
    "picks": ("recommend", "next", "similar", "opposite", "blend", "filters"),
    "list": ("rate", "unrate", "ratings", "watchlist", "drop"),
}
_REST = "more"  # whatever stands in no other section


class Described(NamedTuple):
    """A command.

    Attributes:
        key: it is named and described under ``commands.<key>``.
        parts: the same of its subcommands.
    """

    key: str
    parts: tuple[str, ...] = ()


def help_view(commands: Sequence[Described], look: Look) -> ui.Screen:
    """What the bot can do and what it keeps.

    Args:
        commands: all there are.
        look: how the person sees it.
    """
    s = look.strings
    placed = {key for keys in _SECTIONS.values() for key in keys}
    by_key = {command.key: command for command in commands}
    sections = {
        name: [by_key[key] for key in keys if key in by_key] for name, keys in _SECTIONS.items()
    }
    sections[_REST] = [command for command in commands if command.key not in placed]
    texts = [
        "\n".join((f"**{s(f'help.sections.{name}')}**", *(_line(one, s) for one in of)))
        for name, of in sections.items()
        if of
    ]
    return screen(
        ui.TextDisplay(f"### {s('help.title')}\n{s('help.intro')}"),
        *(ui.TextDisplay(text) for text in texts),
        ui.Separator(),
        ui.TextDisplay(s("help.buttons")),
        ui.TextDisplay(s("help.privacy")),
    )


def _line(command: Described, s: Strings) -> str:
    name = f"`/{s(f'commands.{command.key}.name')}`"
    parts = SEPARATOR.join(s(f"commands.{command.key}.{part}.name") for part in command.parts)
    description = s(f"commands.{command.key}.description")
    return f"{name} {f'({parts}) ' if parts else ''}{description}"
