"""Genres, tags and studios: what a person types, and what the catalog calls it."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from bot.locales import languages, strings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.locales import Strings
    from recsys.catalog import Catalog

# A label on fewer anime than this narrows a list to nothing.
_WORTH_SUGGESTING = 20
_ALIKE = 70.0
_NO_WORD = re.compile("[^a-z0-9]+")


class Named(NamedTuple):
    """What a list of names, parted by commas, means.

    Attributes:
        known: the names as the catalog writes them.
        unknown: what is none of its names, as typed.
    """

    known: frozenset[str]
    unknown: tuple[str, ...]


@lru_cache(maxsize=4)
def genres(catalog: Catalog) -> Mapping[str, str]:
    """Every genre and tag worth filtering by, most used first: folded spelling to spelling."""
    counts = Counter(label for anime in catalog for label in {*anime.genres, *anime.tags})
    worth = [label for label, count in counts.most_common() if count >= _WORTH_SUGGESTING]
    own = {label.casefold(): label for label in worth or counts}
    # Whatever language the person writes them in; where two differ, the catalog's own word wins.
    others = [strings(language) for language in languages()]
    translated = {name_of(one, s).casefold(): one for s in others for one in own.values()}
    return translated | own


@lru_cache(maxsize=4)
def studios(catalog: Catalog) -> Mapping[str, str]:
    """Every studio, the busiest first: folded spelling to spelling."""
    counts = Counter(studio for anime in catalog for studio in {*anime.studios})
    return {studio.casefold(): studio for studio, _ in counts.most_common()}


def read(names: Mapping[str, str], typed: str) -> Named:
    """The names in what was typed, parted by commas of any script."""
    for comma in "、，;；\n":
        typed = typed.replace(comma, ",")
    parts = [" ".join(part.split()) for part in typed.split(",")]
    known = {names[part.casefold()] for part in parts if part.casefold() in names}
    unknown = [part for part in parts if part and part.casefold() not in names]
    return Named(frozenset(known), tuple(dict.fromkeys(unknown)))


def name_of(label: str, s: Strings) -> str:
    """What a genre, a tag or a type is called in a language; itself where nobody translated it."""
    key = f"labels.{slug(label)}"
    return s(key) if key in s else label


def slug(label: str) -> str:
    """The last part of the key under which a label is translated: "slice_of_life"."""
    return _NO_WORD.sub("_", label.casefold()).strip("_")


def suggest(names: Mapping[str, str], typed: str, most: int) -> list[str]:
    """Names that contain what was typed; those that start with it come first, none twice."""
    wanted = " ".join(typed.split()).casefold()
    found = [folded for folded in names if wanted in folded]
    found.sort(key=lambda folded: not folded.startswith(wanted))
    return list(dict.fromkeys(names[folded] for folded in found))[:most]


def nearest(names: Mapping[str, str], typed: str) -> str | None:
    """The name that somebody may have meant."""
    found = process.extractOne(
        typed.casefold(), names.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    return None if found is None else names[found[0]]
