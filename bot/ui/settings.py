"""What a person, and a server, chose: one card each, changed in place."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from bot.locales import languages, strings
from bot.services.guilds import Elsewhere
from bot.services.links import LinkSite
from bot.services.naming import TitleLanguage
from bot.ui import blocks as ui
from bot.ui.action import Action
from bot.ui.cards import label, screen
from bot.ui.menu import ChannelMenu, Menu, Option
from bot.ui.narrowed import DIALS, dial_choices, position
from bot.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.locales import Strings
    from bot.services.guilds import GuildSettings
    from bot.services.preferences import Preferences
    from bot.ui.cards import Look
    from recsys.catalog import Anime

AUTOMATIC = "auto"
TITLES = (AUTOMATIC, *TitleLanguage)


class TitlesMenu(Menu, verb="settitles"):
    """Choose the language of titles."""


class LinksMenu(Menu, verb="setlinks"):
    """Choose the sites that cards link to."""


class LanguageMenu(Menu, verb="setlanguage"):
    """Choose the language that the bot speaks."""


class DialSetting(Menu, verb="setdial"):
    """Turn a dial for all lists to come.

    Attributes:
        dial: its place in `bot.ui.narrowed.DIALS`.
    """

    dial: int


class Switch(IntEnum):
    """What is on or off for a person. The numbers stand in buttons already sent: keep them."""

    ADULT = 1
    PLANNED = 2


class SwitchSetting(Action, verb="setswitch"):
    """Switch something on or off.

    Attributes:
        which: a value of `Switch`.
        on: what it shall be, so that a second tap does nothing twice.
    """

    which: int
    on: int


class ServerChannels(ChannelMenu, verb="serverchannels"):
    """Choose the channels of a server in which everybody sees the answers."""


class ServerElsewhere(Menu, verb="serverelsewhere"):
    """Choose what happens in its other channels."""


class ServerLanguage(Menu, verb="serverlanguage"):
    """Choose the language of what everybody in a server sees."""


class ServerAdult(Action, verb="serveradult"):
    """Allow or forbid adult titles in a server.

    Attributes:
        on: what it shall be.
    """

    on: int


def settings_view(chosen: Preferences, example: Anime | None, look: Look) -> ui.Screen:
    """What a person chose for themselves, each with the means to change it.

    Args:
        chosen: their choices.
        example: an anime whose title shows what the language of titles means.
        look: how the person sees it.
    """
    s = look.strings
    titles = [Option(one, s(f"commands.settings.titles.choices.{one}")) for one in TITLES]
    sites = [Option(one, s(f"commands.settings.links.choices.{one}")) for one in LinkSite]
    shown = "" if example is None else s("settings.example", title=escape(label(example, look)))
    items: list[ui.Item] = [ui.TextDisplay(f"### {s('settings.heading')}")]
    items += _choice(
        s("settings.titles"), TitlesMenu().offer(titles, chosen=[chosen.titles or AUTOMATIC]), shown
    )
    items += _choice(s("settings.links"), LinksMenu().offer(sites, chosen=[chosen.links]))
    language = LanguageMenu().offer(_languages(s), chosen=[chosen.locale or AUTOMATIC])
    items += _choice(s("settings.language"), language)
    items.append(ui.Separator())
    for number, name in enumerate(DIALS):
        nearest = position(float(getattr(chosen.dials, name)))
        options = [Option(value, said) for value, said in dial_choices(name, s)]
        menu = DialSetting(dial=number).offer(options, chosen=[nearest])
        items += _choice(f"**{s(f'dials.{name}.name')}**", menu)
    items.append(ui.Separator())
    items += _switch(Switch.PLANNED, s("settings.planned"), on=chosen.planned, s=s)
    items += _switch(Switch.ADULT, s("settings.adult"), on=chosen.adult, s=s)
    return screen(*items)


def server_view(chosen: GuildSettings, look: Look) -> ui.Screen:
    """What a server chose, each with the means to change it.

    Args:
        chosen: its choices.
        look: how the admin sees it.
    """
    s = look.strings
    elsewhere = [
        Option(one, s(f"server.elsewhere.{one}"), s(f"server.elsewhere_note.{one}"))
        for one in Elsewhere
    ]
    channels = ServerChannels().offer(chosen=chosen.channels, hint=s("server.everywhere"))
    items: list[ui.Item] = [ui.TextDisplay(f"### {s('server.heading')}")]
    items += _choice(s("server.channels"), channels)
    if chosen.channels:
        menu = ServerElsewhere().offer(elsewhere, chosen=[chosen.elsewhere])
        items += _choice(s("server.elsewhere.heading"), menu)
    options = _languages(s, "server.language_auto")
    language = ServerLanguage().offer(options, chosen=[chosen.locale or AUTOMATIC])
    items += _choice(s("server.language"), language)
    adult = ServerAdult(on=int(not chosen.adult))
    items.append(_with_button(s("server.adult"), adult, on=chosen.adult, s=s))
    return screen(*items)


def _choice(heading: str, menu: Menu | ChannelMenu, note: str = "") -> Sequence[ui.Item]:
    """A menu under the words that say what it is for."""
    text = f"{heading}\n-# {note}" if note else heading
    return ui.TextDisplay(text), ui.ActionRow(menu)


def _switch(which: Switch, text: str, *, on: bool, s: Strings) -> Sequence[ui.Item]:
    return (_with_button(text, SwitchSetting(which=which, on=int(not on)), on=on, s=s),)


def _with_button(text: str, action: Action, *, on: bool, s: Strings) -> ui.Item:
    """Words with a button beside them that says what holds, and changes it."""
    said = s("settings.on") if on else s("settings.off")
    return ui.Section(ui.TextDisplay(text), accessory=action.say(said))


def _languages(s: Strings, automatic: str = "settings.language_auto") -> list[Option]:
    """Every language under its own name, after the one that chooses itself."""
    own = [Option(tag, strings(tag)("settings.own_name")) for tag in languages()]
    return [Option(AUTOMATIC, s(automatic)), *own]
