"""Where an anime's own page is, on the site that a person uses."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from recsys.catalog import Anime

_MYANIMELIST = "https://myanimelist.net/anime/{}"
_ANILIST = "https://anilist.co/anime/{}"


class LinkSite(StrEnum):
    """The site, or sites, that a card links to."""

    BOTH = "both"
    MYANIMELIST = "myanimelist"
    ANILIST = "anilist"
    KITSU = "kitsu"
    ANIME_PLANET = "animeplanet"
    LIVECHART = "livechart"


class Link(NamedTuple):
    """A link.

    Attributes:
        site: the site's name, the same in every language.
        url: its address there; without spaces or brackets, so that it stands in markdown.
    """

    site: str
    url: str


# The catalog has no ids of these: they are asked for the title.
_SEARCHES = {
    LinkSite.KITSU: ("Kitsu", "https://kitsu.app/anime?text={}"),
    LinkSite.ANIME_PLANET: ("Anime-Planet", "https://www.anime-planet.com/anime/all?name={}"),
    LinkSite.LIVECHART: ("LiveChart", "https://www.livechart.me/search?q={}"),
}
_LONGEST_TITLE = 40  # characters; each may take twelve in an address


def links(anime: Anime, site: LinkSite) -> tuple[Link, ...]:
    """The links of an anime, at least one.

    MyAnimeList stands in for AniList where that has no known page.
    """
    if site in _SEARCHES:
        name, address = _SEARCHES[site]
        return (Link(name, address.format(quote(_searched(anime.title), safe=""))),)
    found: list[Link] = []
    if site is not LinkSite.ANILIST or anime.anilist_id is None:
        found.append(Link("MyAnimeList", _MYANIMELIST.format(anime.id)))
    if site is not LinkSite.MYANIMELIST and anime.anilist_id is not None:
        found.append(Link("AniList", _ANILIST.format(anime.anilist_id)))
    return tuple(found)


def _searched(title: str) -> str:
    """The start of a title, for a search; a lone surrogate has no place in an address."""
    return title[:_LONGEST_TITLE].encode("utf-8", "ignore").decode("utf-8")
