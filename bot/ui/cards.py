"""What an anime looks like in Discord: one card, and pages of them.

A message holds 40 components and 4,000 characters of text. A card with its poster and four buttons
takes eight components, so a page of four fits beside its heading, a line and its own buttons: 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.ui.action import row
from bot.ui.buttons import Plan, Rate, Refuse, Similar
from bot.ui.posters import poster_url
from bot.ui.text import inline, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.locales import Strings
    from bot.ui.posters import PosterHost
    from recsys.catalog import Anime, Catalog
    from recsys.picks import Pick, Reason

PER_PAGE = 4

_ACCENT = 0x7C5CFF
_TITLE = 90  # characters; escaping may double them
_REASON_TITLE = 40
_LABELS = 5
_SEPARATOR = " · "
_BUTTON = 80


@dataclass(frozen=True, slots=True)
class Look:
    """How cards look to one person.

    Attributes:
        strings: their language.
        posters: which host their Discord fetches posters from.
        catalog: names the anime that a reason mentions.
    """

    strings: Strings
    posters: PosterHost
    catalog: Catalog


def screen(*items: ui.Item[Any]) -> ui.LayoutView:
    """A message of one container. It never times out: its buttons carry their own state."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=_ACCENT))
    return view


def name(anime: Anime, look: Look, limit: int = _TITLE) -> str:
    """An anime's title for a place with markdown."""
    return inline(anime.title, limit) or look.strings("anime.untitled", id=anime.id)


def label(anime: Anime, look: Look, limit: int = _BUTTON) -> str:
    """An anime in one line without markdown, for a button or a choice: title, English, year, type.

    The title is what gives way where the line is too long: two seasons differ in their year.
    """
    title = plain(anime.title, limit) or look.strings("anime.untitled", id=anime.id)
    facts = _SEPARATOR.join(
        part for part in (str(anime.year or ""), _type(anime, look.strings)) if part
    )
    room = limit - len(facts) - len(_SEPARATOR)
    english = _other_title(anime)
    if english and len(both := f"{plain(anime.title, room)} ({plain(english, room)})") <= room:
        title = both
    return f"{plain(title, room)}{_SEPARATOR}{facts}"


def anime_card(
    anime: Anime, look: Look, *, notes: Sequence[str] = (), details: bool = False
) -> ui.Item[Any]:
    """One anime: titles, facts, notes, links, and its poster where there is one.

    Args:
        anime: what to show.
        look: how the person sees cards.
        notes: finished lines of markdown, such as why it was picked.
        details: whether to add what only its own page has room for.
    """
    lines = [f"**{name(anime, look)}**"]
    if english := _other_title(anime):
        lines.append(f"-# {inline(english, _TITLE)}")
    if details and anime.japanese and plain(anime.japanese, _TITLE):
        lines.append(f"-# {inline(anime.japanese, _TITLE)}")
    lines.append(_facts(anime, look.strings))
    if details:
        lines += _details(anime, look)
    lines += notes
    lines.append(f"-# {_links(anime, look.strings)}")
    text = ui.TextDisplay[Any]("\n".join(line for line in lines if line))
    url = poster_url(anime, look.posters)
    if url is None:
        return text
    alt = look.strings("anime.poster", title=plain(anime.title, _TITLE))
    return ui.Section(text, accessory=ui.Thumbnail(url, description=alt))


def feedback_row(anime: Anime, look: Look, *, list_id: int = 0) -> ui.ActionRow[Any]:
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


def pick_notes(pick: Pick, look: Look) -> list[str]:
    """Why an anime was picked: the predicted rating and the reasons, in at most one line."""
    s = look.strings
    parts: list[str] = []
    if pick.predicted is not None:
        parts.append(s("pick.predicted", score=f"{pick.predicted:.1f}"))
    reasons = _reasons(pick.reasons, look)
    if reasons:
        parts.append(reasons)
    elif pick.shared:
        parts.append(s("pick.shares", labels=_labels(pick.shared, _LABELS)))
    if pick.is_new:
        parts.append(s("pick.new"))
    return [_SEPARATOR.join(parts)] if parts else []


def _reasons(reasons: Iterable[Reason], look: Look) -> str:
    s = look.strings
    rated: list[str] = []
    watched: list[str] = []
    for reason in reasons:
        anime = look.catalog.get(reason.anime_id)
        if anime is None or reason.contribution <= 0:
            continue
        title = name(anime, look, _REASON_TITLE)
        if reason.score is None:
            watched.append(title)
        else:
            rated.append(s("pick.rated", title=title, score=reason.score))
    if rated and watched:
        return s("pick.because_both", titles=", ".join(rated), watched=", ".join(watched))
    if rated:
        return s("pick.because_rated", titles=", ".join(rated))
    return s("pick.because_watched", titles=", ".join(watched)) if watched else ""


def _other_title(anime: Anime) -> str | None:
    """The English title, unless it is invisible or says the same as the main one."""
    if anime.english and plain(anime.english, _TITLE).casefold() not in {
        "",
        plain(anime.title, _TITLE).casefold(),
    }:
        return anime.english
    return None


def _type(anime: Anime, s: Strings) -> str:
    return s("anime.unknown_type") if anime.type == "Unknown" else plain(anime.type, 20)


def _labels(labels: Iterable[str], most: int) -> str:
    return ", ".join(inline(text, 30) for text in list(labels)[:most])


def _facts(anime: Anime, s: Strings) -> str:
    when = str(anime.year) if anime.year else ""
    if when and anime.season:
        when = s("anime.season", season=s(f"anime.seasons.{anime.season}"), year=when)
    parts = [
        _type(anime, s),
        when,
        s("anime.episodes", count=anime.episodes) if anime.episodes else "",
        _labels(anime.genres, _LABELS),
    ]
    return _SEPARATOR.join(part for part in parts if part)


def _details(anime: Anime, look: Look) -> list[str]:
    s = look.strings
    lines: list[str] = []
    if anime.studios:
        lines.append(s("anime.studios", names=_labels(anime.studios, _LABELS)))
    if anime.tags:
        lines.append(s("anime.themes", names=_labels(anime.tags, 2 * _LABELS)))
    measures = [s("anime.mean", mean=f"{anime.mean:.2f}")] if anime.mean is not None else []
    if anime.members:
        measures.append(s("anime.members", count=anime.members))
    lines.append(_SEPARATOR.join(measures))
    siblings = [one for one in look.catalog.franchise(anime.id) if one.id != anime.id]
    if siblings:
        titles = ", ".join(name(one, look, _REASON_TITLE) for one in siblings[:_LABELS])
        lines.append(s("anime.franchise", titles=titles))
    return lines


def _links(anime: Anime, s: Strings) -> str:
    mal = f"https://myanimelist.net/anime/{anime.id}"
    if anime.anilist_id is None:
        return s("anime.link", mal=mal)
    return s("anime.links", mal=mal, anilist=f"https://anilist.co/anime/{anime.anilist_id}")
