"""What an anime looks like in Discord: its card, its name in a line, the row of its buttons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.services.labels import name_of, slug
from bot.services.links import LinkSite, links
from bot.services.naming import Naming, TitleLanguage
from bot.ui import blocks as ui
from bot.ui.action import row
from bot.ui.buttons import Plan, Rate, Refuse, Similar
from bot.ui.posters import poster_url
from bot.ui.text import inline, plain, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.locales import Strings
    from bot.ui.posters import PosterHost
    from recsys.catalog import Anime, Catalog

_ACCENT = 0x7C5CFF
_TITLE = 90  # characters; escaping may double them
SHORT_TITLE = 40  # where several titles stand in a line
_LABELS = 5
SEPARATOR = " · "
_BUTTON = 80
_STUDIO = 30
# Lines about one anime, as one kind of reader sees it: the same few hundred come again and again.
_REMEMBERED = 2048
# What is suggested while people type is spread far wider.
_SUGGESTED = 8192


@dataclass(frozen=True, slots=True)
class Look:
    """How cards look to one person.

    Attributes:
        strings: their language.
        posters: which host their Discord fetches posters from.
        catalog: names the anime that a reason mentions.
        naming: how they read titles.
        links: the sites that they use.
    """

    strings: Strings
    posters: PosterHost
    catalog: Catalog
    naming: Naming = field(default_factory=Naming)
    links: LinkSite = LinkSite.BOTH


def screen(*items: ui.Item) -> ui.Screen:
    """A message in the bot's colour."""
    return ui.Screen(*items, accent_colour=_ACCENT)


def name(anime: Anime, look: Look, limit: int = _TITLE) -> str:
    """An anime's title, the one the person wants, for a place with markdown."""
    return _name(anime, look.naming, look.strings, limit)


def label(anime: Anime, look: Look, limit: int = _BUTTON, *, more: str = "") -> str:
    """An anime in one line without markdown, for a button or a choice: title, year, type.

    The title is what gives way where the line is too long: two seasons differ in their year.

    Args:
        anime: the anime.
        look: how the person sees it.
        limit: at most how many UTF-16 units.
        more: a further fact, where those are not enough to tell it from another.
    """
    return _label(anime, look.naming, look.strings, limit, more)


@lru_cache(_REMEMBERED)
def _name(anime: Anime, naming: Naming, s: Strings, limit: int) -> str:
    return inline(_titles(anime, naming, s)[0], limit)


@lru_cache(_SUGGESTED)
def _label(anime: Anime, naming: Naming, s: Strings, limit: int, more: str) -> str:
    titles = _titles(anime, naming, s)
    title = titles[0]
    known = (str(anime.year or ""), _type(anime, s), more)
    facts = SEPARATOR.join(part for part in known if part)
    room = limit - width(facts) - len(SEPARATOR)
    second = _second_title(anime, naming, titles)
    if second and width(both := f"{plain(title, room)} ({plain(second, room)})") <= room:
        title = both
    return f"{plain(title, room)}{SEPARATOR}{facts}"


def labels(several: Sequence[Anime], look: Look, limit: int = _BUTTON) -> list[str]:
    """As `label` for each, and where two would read the same, with what tells them apart.

    That is the first of these in which all of them differ: the season, the number of episodes,
    the studio, the MyAnimeList id.
    """
    s = look.strings
    tell_apart: tuple[Callable[[Anime], str], ...] = (
        lambda anime: s(f"anime.seasons.{anime.season}") if anime.season else "",
        lambda anime: s("anime.episodes", count=anime.episodes) if anime.episodes else "",
        lambda anime: plain(anime.studios[0], _STUDIO) if anime.studios else "",
        lambda anime: s("anime.number", id=anime.id),
    )
    lines = [label(anime, look, limit) for anime in several]
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        alike[line.casefold()].append(index)
    for group in alike.values():
        if len(group) == 1:
            continue
        for fact in tell_apart:
            for index in group:
                anime = several[index]
                lines[index] = label(anime, look, limit, more=fact(anime))
            if len({lines[index].casefold() for index in group}) == len(group):
                break
    return lines


def anime_card(
    anime: Anime,
    look: Look,
    *,
    notes: Sequence[str] = (),
    details: bool = False,
    number: int | None = None,
) -> ui.Item:
    """One anime: titles, facts, notes, links, and its poster where there is one.

    Args:
        anime: what to show.
        look: how the person sees cards.
        notes: finished lines of markdown, such as why it was picked.
        details: whether to add what only its own page has room for.
        number: its place on a list, 1 for the first.
    """
    titles = _titles(anime, look.naming, look.strings)
    first, *others = titles
    if not details:
        second = _second_title(anime, look.naming, titles)
        others = [title for title in others if title == second]
    place = "" if number is None else f"{look.strings.number(number)} · "
    lines = [f"**{place}{inline(first, _TITLE)}**"]
    lines += [f"-# {inline(title, _TITLE)}" for title in others]
    lines.append(_facts(anime, look.strings))
    if details:
        lines += _details(anime, look)
    lines += notes
    lines.append(f"-# {_links(anime, look.links)}")
    text = ui.TextDisplay("\n".join(line for line in lines if line))
    url = poster_url(anime, look.posters)
    if url is None:
        return text
    alt = look.strings("anime.poster", title=plain(first, _TITLE))
    return ui.Section(text, accessory=ui.Thumbnail(url, description=alt))


def feedback_row(anime: Anime, look: Look, *, list_id: int = 0) -> ui.ActionRow:
    """What can be done about an anime wherever its card stands.

    Args:
        anime: the anime.
        look: how the person sees cards.
        list_id: the list of picks the card stands in, 0 for none.
    """
    return row(
        look.strings,
        Rate(anime_id=anime.id, list_id=list_id),
        Plan(anime_id=anime.id, list_id=list_id),
        Refuse(anime_id=anime.id, list_id=list_id),
        Similar(anime_id=anime.id),
    )


@lru_cache(_REMEMBERED)
def _titles(anime: Anime, naming: Naming, s: Strings) -> tuple[str, ...]:
    """The visible titles of an anime, the one the person wants first; never empty."""
    seen: dict[str, str] = {}
    for title in naming.titles(anime):
        if visible := plain(title, _TITLE):
            seen.setdefault(visible.casefold(), title)
    return (*seen.values(),) or (s("anime.untitled", id=anime.id),)


def _second_title(anime: Anime, naming: Naming, titles: Sequence[str]) -> str | None:
    """The romaji that stands beside the English title, for who wants both; None if it says less."""
    if naming.language is not TitleLanguage.BOTH or anime.title not in titles[1:]:
        return None
    return None if _is_within(anime.title, titles[0]) else anime.title


@lru_cache(_REMEMBERED)
def _is_within(short: str, long: str) -> bool:
    """Whether a title has nothing that another has not: "YuruYuri", "Jujutsu Kaisen (TV)"."""
    short, long = (
        "".join(filter(str.isalnum, title.removesuffix("(TV)").casefold()))
        for title in (short, long)
    )
    return short in long


def _type(anime: Anime, s: Strings) -> str:
    if anime.type == "Unknown":
        return s("anime.unknown_type")
    key = f"labels.{slug('type ' + anime.type)}"
    return s(key) if key in s else plain(anime.type, 20)


def _comma(s: Strings | None) -> str:
    """What stands between the parts of a list."""
    return ", " if s is None else s("pick.listed", first="", second="")


def joined(labels: Iterable[str], most: int, s: Strings | None = None) -> str:
    """The first labels, such as genres, for a place with markdown; in a language where given."""
    named = list(labels)[:most]
    if s is not None:
        named = [name_of(label, s) for label in named]
    return _comma(s).join(inline(text, 30) for text in named)


@lru_cache(_REMEMBERED)
def _facts(anime: Anime, s: Strings) -> str:
    when = str(anime.year) if anime.year else ""
    if when and anime.season:
        when = s("anime.season", season=s(f"anime.seasons.{anime.season}"), year=when)
    parts = [
        _type(anime, s),
        when,
        s("anime.episodes", count=anime.episodes) if anime.episodes else "",
        joined(anime.genres, _LABELS, s),
    ]
    return SEPARATOR.join(part for part in parts if part)


def _details(anime: Anime, look: Look) -> list[str]:
    s = look.strings
    lines: list[str] = []
    if anime.studios:
        lines.append(s("anime.studios", names=joined(anime.studios, _LABELS)))
    if anime.tags:
        lines.append(s("anime.themes", names=joined(anime.tags, 2 * _LABELS, s)))
    measures = [s("anime.mean", mean=f"{anime.mean:.2f}")] if anime.mean is not None else []
    if anime.members:
        measures.append(s("anime.members", count=anime.members))
    lines.append(SEPARATOR.join(measures))
    siblings = [one for one in look.catalog.franchise(anime.id) if one.id != anime.id]
    if siblings:
        titles = _comma(s).join(name(one, look, SHORT_TITLE) for one in siblings[:_LABELS])
        lines.append(s("anime.franchise", titles=titles))
    return lines


@lru_cache(_REMEMBERED)
def _links(anime: Anime, sites: LinkSite) -> str:
    return SEPARATOR.join(f"[{site}]({url})" for site, url in links(anime, sites))
