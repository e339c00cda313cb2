"""In which order the entries of a franchise stand, and where a newcomer begins."""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import date
from typing import TYPE_CHECKING

from recsys.shelving.stems import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recsys.catalog import Anime
    from recsys.shelving.build import Evidence

_AROUND = 20  # neighbours on each side that date an undated entry
_YEAR = re.compile(r"(?:19|20)\d\d$")
_MAIN_TYPES = ("TV", "Movie", "OVA", "ONA")
_SIDE = re.compile(
    r"\b(?:specials?|recaps?|pilot|promo\w*|pv|cm|picture drama|soushuuhen|summary|digest|omake|"
    r"short|mini|chibi|petit|puchi|trailer|teaser|prologue|preview|commercial|music video)\b"
    r"|総集編|特別編",
    re.IGNORECASE,
)


class Debuts:
    """When each entry came out; where no date is known, about when.

    Numbers are given out in the order of announcement, roughly: an undated entry came out near
    the entries whose ids are near its own.
    """

    def __init__(self, anime: Iterable[Anime], evidence: Mapping[int, Evidence]) -> None:
        self._known = {i: e.began for i, e in sorted(evidence.items()) if e.began is not None}
        self._ids = list(self._known)
        self._year = {one.id: one.year for one in anime}

    def __call__(self, anime_id: int) -> tuple[date, int]:
        """The date and, to settle ties, the id."""
        known = self._known.get(anime_id)
        if known is not None:
            return known, anime_id
        year = self._year[anime_id]
        if year is not None:
            return date(year, 12, 31), anime_id
        at = bisect_left(self._ids, anime_id)
        around = self._ids[max(0, at - _AROUND) : at + _AROUND]
        dates = sorted(self._known[i] for i in around)
        return (dates[len(dates) // 2] if dates else date.max), anime_id


def newcomer_first(ordered: Sequence[Anime]) -> list[Anime]:
    """Puts first the entry that a newcomer should begin with; the rest stay by date.

    That is the earliest full entry that bears the bare name of the franchise; else the earliest
    that is well known. A series goes before the film that opened for it.
    """
    full = [one for one in ordered if one.type in _MAIN_TYPES and not _SIDE.search(one.title)]
    if not full:
        return list(ordered)
    most = max(one.members for one in ordered)
    titles = [words(one.title) for one in ordered]
    bare = [one for one in full if one.members * 50 >= most and _begins_many(one.title, titles)]
    shortest = min((len(_name(one.title)) for one in bare), default=0)
    bare = [one for one in bare if len(_name(one.title)) == shortest]
    known = bare or [one for one in full if one.members * 5 >= most] or full
    first = known[0]
    start = next((one for one in known if one.type == "TV" and _soon(first, one, bare)), first)
    return [start, *(one for one in ordered if one is not start)]


def _begins_many(title: str, titles: Sequence[list[str]]) -> bool:
    """Whether a title, less its type and year, begins a third of the titles, its own aside."""
    name = _name(title)
    same = sum(other[: len(name)] == name for other in titles)
    return bool(name) and (same - 1) * 3 >= len(titles) - 1 > 0


def _name(title: str) -> list[str]:
    return [w for w in words(title) if w not in {"tv", "the", "animation"} and not _YEAR.match(w)]


def _soon(first: Anime, series: Anime, bare: Sequence[Anime]) -> bool:
    if bare:
        return True
    return first.year is not None and series.year is not None and series.year - first.year <= 1
