"""From what a person typed, chose or pasted to an anime."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.openings import Opening
    from recsys.catalog import Anime, Catalog
    from recsys.titles import Match, TitleIndex

_LONGEST = 200  # characters; no title is longer, and the index need not read an essay
_CHOICE = re.compile(r"id:(\d{1,9})", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_LINK = re.compile(r"\b(myanimelist\.net|anilist\.co)/anime/(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a typed title means.

    Attributes:
        anime: the one it surely means, or None.
        guesses: where it is not sure, what it may mean, likeliest first. Both empty: nothing is
            called anything like it.
    """

    anime: Anime | None = None
    guesses: tuple[Anime, ...] = ()


class TitleService:
    """Titles in, anime out. Everything here is fast enough for every keystroke."""

    def __init__(self, catalog: Catalog, index: TitleIndex) -> None:
        self._catalog = catalog
        self._index = index

    def use(self, index: TitleIndex) -> None:
        """Find titles by another index from now on."""
        self._index = index

    def suggest(
        self,
        text: str,
        limit: int = 25,
        *,
        adult: bool = False,
        opening: Opening | None = None,
    ) -> list[Anime]:
        """Anime to offer while a person types, likeliest first.

        Args:
            text: what they typed so far; nothing yet offers what most people have on their list.
            limit: at most how many.
            adult: whether adult titles may be offered.
            opening: what to offer before those, as long as nothing is typed.
        """
        text = text.strip()[:_LONGEST]
        if not text:
            found = self._opened(opening)
        else:
            # Some of what is found may be adult titles, so ask for more than is shown.
            matches = self._index.search(text, limit if adult else 2 * limit)
            found = (self._catalog[match.anime_id] for match in matches)
        return [anime for anime in found if adult or not anime.adult][:limit]

    def resolve(self, value: str, *, adult: bool = False) -> Resolved:
        """The anime that an option's value means.

        Args:
            value: an id from a suggestion, a link to MyAnimeList or AniList, or a typed title.
            adult: whether adult titles may be among the guesses. One that is named exactly is
                found either way, so that the caller can say why it is not shown.
        """
        value = value.strip()[:_LONGEST]
        if not value:
            return Resolved()
        if (anime := self._chosen(value)) is not None:
            return Resolved(anime)
        resolution = self._index.resolve(value)
        answer = resolution.answer
        named = self._catalog.get(answer.anime_id) if answer is not None else None
        numbered = self._catalog.get(int(value)) if _NUMBER.fullmatch(value) else None
        if numbered is not None:
            # A suggestion's value, unless somebody typed a title like "86" without choosing.
            if named is None or named == numbered or answer is None or answer.alias != value:
                return Resolved(numbered)
            return Resolved(guesses=(named, numbered))
        if named is not None:
            return Resolved(named)
        guesses = (self._catalog[guess.anime_id] for guess in resolution.guesses)
        return Resolved(guesses=tuple(anime for anime in guesses if adult or not anime.adult))

    def named(self, title: str) -> tuple[Match, ...]:
        """What a title from somebody's list may be the name of, likeliest first.

        Unlike `resolve` it reads no ids, numbers or links in it, and remembers nothing: a list has
        thousands of titles, each asked for once. Adult titles are among the answers.
        """
        return self._index.look_up(title[:_LONGEST])

    @staticmethod
    def value(anime: Anime) -> str:
        """A suggestion's value: an id that cannot be taken for a title like "86"."""
        return f"id:{anime.id}"

    def example(self) -> Anime | None:
        """A well-known anime whose titles differ, to show how titles look; None without anime."""
        differing = (a for a in self._popular if a.english and a.japanese and a.english != a.title)
        return next(differing, next(iter(self._popular), None))

    def _opened(self, opening: Opening | None) -> Iterator[Anime]:
        """What the opening offers, then what is popular, nothing twice."""
        if opening is None:
            yield from self._popular
            return
        first = [self._catalog.get(anime_id) for anime_id in opening.first]
        yield from (anime for anime in first if anime is not None)
        passed = opening.without | frozenset(opening.first)
        yield from (anime for anime in self._popular if anime.id not in passed)

    def _chosen(self, value: str) -> Anime | None:
        if match := _CHOICE.fullmatch(value):
            return self._catalog.get(int(match[1]))
        if match := _LINK.search(value):
            number = int(match[2])
            if match[1].casefold() == "anilist.co":
                return self._by_anilist_id.get(number)
            return self._catalog.get(number)
        return None

    @cached_property
    def _popular(self) -> tuple[Anime, ...]:
        return tuple(sorted(self._catalog, key=lambda anime: -anime.members)[:100])

    @cached_property
    def _by_anilist_id(self) -> dict[int, Anime]:
        return {a.anilist_id: a for a in self._catalog if a.anilist_id is not None}
