"""English titles that tell the entries of a franchise apart.

Sources often give the name of a show as the English title of each of its seasons. Somebody who
reads English titles could not tell "Assassination Classroom" from its second season.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from recsys.shelving import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recsys.catalog import Anime

# A promotion or an early special may bear the bare name while everybody means the series "(TV)".
_FAR_BETTER_KNOWN = 5
_MARKS = re.compile(r"[\W_]")


def tell_apart(anime: Iterable[Anime]) -> list[Anime]:
    """Changes English titles that another entry of the same franchise goes by.

    The first entry keeps it. Each of the others gets what its title in romaji has after that of the
    first ("2nd Season", "(2014)"), else it goes by its romaji; its year follows where that is taken
    too.

    Args:
        anime: with franchises and orders.

    Returns:
        The same anime in the same order.
    """
    anime = list(anime)
    franchises: dict[int, list[Anime]] = defaultdict(list)
    for one in anime:
        if one.franchise is not None:
            franchises[one.franchise].append(one)
    changed: dict[int, Anime] = {}
    for entries in franchises.values():
        taken = _Taken()
        # A title in romaji stays what it is, so whoever goes by it alone comes first.
        for one in sorted(entries, key=lambda one: (one.english is not None, one.order, one.id)):
            first = taken.namesake(one)
            if first is not None and one.members <= _FAR_BETTER_KNOWN * first.members:
                changed[one.id] = dataclasses.replace(one, english=_english(one, first, taken))
            taken.add(changed.get(one.id, one))
    return [changed.get(one.id, one) for one in anime]


class _Taken:
    """The names that entries of a franchise go by."""

    def __init__(self) -> None:
        self._exactly: dict[str, Anime] = {}
        self._nearly: dict[str, Anime] = {}

    def __contains__(self, name: str) -> bool:
        return names.fold(name) in self._exactly

    def add(self, one: Anime) -> None:
        self._exactly.setdefault(names.fold(_name(one)), one)
        self._nearly.setdefault(_MARKS.sub("", names.fold(_name(one))), one)

    def namesake(self, one: Anime) -> Anime | None:
        """Who has the English title of an entry already.

        "BAKUMAN" is "Bakuman." if it is that of "Bakuman. 2nd Season"; "K-On!!" is not "K-On!".
        """
        if one.english is None:
            return None
        exactly = self._exactly.get(names.fold(one.english))
        nearly = self._nearly.get(_MARKS.sub("", names.fold(one.english)))
        if exactly or nearly is None:
            return exactly
        return nearly if _MARKS.sub("", _after(one.title, nearly.title)) else None


def _name(one: Anime) -> str:
    return one.english or one.title


def _english(one: Anime, first: Anime, taken: _Taken) -> str | None:
    """An English title for a namesake; None where its romaji is what tells it apart."""
    after = _after(one.title, first.title)
    candidates = [_name(first) + after] if after else []
    if one.year is not None and one.year != first.year and one.title in taken:
        candidates.append(f"{_name(first)} ({one.year})")
    free = (name for name in candidates if name not in taken)
    return next(free, one.english if one.title in taken else None)


def _after(title: str, start: str) -> str:
    """What a title has after another one that ends where a word does; else nothing."""
    if not title.casefold().startswith(start.casefold()):
        return ""
    rest = title[len(start) :]
    return "" if rest[:1].isalnum() else rest
