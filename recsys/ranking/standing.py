"""Which entries of a franchise can be watched by somebody who has seen none of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from recsys.titles.fold import words
from recsys.titles.which import parse

if TYPE_CHECKING:
    from recsys.catalog import Anime
    from recsys.ranking.facts import Facts

# Of those who have a film of Pokemon or of Bleach, every third has not seen where it began. Of
# those who have a sequel, one in ten or twenty has not, mostly by an oversight.
_MOST_BEGAN = 0.8
# A franchise of so many films makes them for everybody who comes along.
_MANY_FILMS = 11
_SHORTEST_NAME = 3
_BRACKETED = re.compile(r"\([^)]*\)|\bthe animation\b", re.IGNORECASE)
_SUBTITLE = re.compile(r": | - ")
_NUMERAL = re.compile(r"\b(?:II|III|IV|VI|VII|VIII|IX)\b")


def stands_alone(facts: Facts, row: int) -> bool:
    """Whether an entry asks for nothing that came before it in its franchise.

    A title that says so outright settles it ("2nd Season", "III", "Recap"). Else what people do
    tells: hardly anybody has a sequel and not the start. Where that is not known, or where the
    franchise was told twice, a name that goes on from an earlier one is a continuation, and the
    same name is told anew.

    Args:
        facts: the catalog's facts.
        row: the entry.
    """
    found = facts.alone.get(row)
    if found is None:
        found = facts.alone[row] = _asks_for_nothing(facts, row)
    return found


def _asks_for_nothing(facts: Facts, row: int) -> bool:
    anime = facts.anime[row]
    number = facts.franchise_of[row]
    start = facts.start(number)
    if row == start:
        return True
    first = facts.anime[start]
    if facts.retells[row] or is_continuation(anime) or _has_numeral(anime, first):
        return False
    began = float(facts.began[row])  # NaN is neither more nor less than anything
    if began >= _MOST_BEGAN:
        return False
    rows = facts.rows_of_franchise[number]
    films = [other for other in rows if facts.anime[other].type == "Movie"]
    if anime.type == "Movie" and len(films) >= _MANY_FILMS:
        return True
    place = rows.index(row)
    before = [facts.anime[other] for other in rows[:place] if facts.is_main[other]]
    if any(_goes_on_from(other, anime, beside=first) for other in before if other is not first):
        return False
    is_earlier = facts.is_main[row] and place < rows.index(start)
    return began < _MOST_BEGAN or is_earlier or not _goes_on_from(first, anime)


@lru_cache(maxsize=4096)
def is_continuation(anime: Anime) -> bool:
    """Whether a title says outright that something came before: "2nd Season", "II", "Part 3"."""
    names = (anime.title, anime.english)
    return any(parse(words(name))[1].is_sequel for name in names if name)


def _has_numeral(anime: Anime, first: Anime) -> bool:
    """Whether a numeral stands in a title and is not part of the name: that of Lupin III is."""
    found = _NUMERAL.search(anime.title)
    return found is not None and not _NUMERAL.search(first.title)


@lru_cache(maxsize=4096)
def _goes_on_from(earlier: Anime, later: Anime, *, beside: Anime | None = None) -> bool:
    """Whether a title is an earlier one, or its part before the colon, with something more to it.

    Args:
        earlier: what came before.
        later: what may go on from it.
        beside: the start, where `earlier` is another one; what is before the colon of both says
            nothing of either.
    """
    named = ("title", "english")
    for before, after, start in (
        (getattr(earlier, name), getattr(later, name), getattr(beside, name, None))
        for name in named
    ):
        if not before or not after:
            continue
        name, whole = _name(before), _name(after)
        if whole == name:
            return False
        stem = _stem(before)
        names = {name} if start and _stem(start) == stem else {name, stem}
        if any(len(one) >= _SHORTEST_NAME and f" {one} " in f" {whole} " for one in names):
            return whole not in names
    return False


def _stem(title: str) -> str:
    return _name(_SUBTITLE.split(title)[0])


def _name(title: str) -> str:
    """A title's words, less what tells versions apart: "(TV)", "(2019)", "the Animation"."""
    return words(_BRACKETED.sub(" ", title))
