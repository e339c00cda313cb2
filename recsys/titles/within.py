"""A series by one of its names, and the entry by words of another: "fmp second raid".

People name a series as they are used to, and an entry by what its subtitle says, in whichever
language they know either. No one name of the entry holds both.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from recsys.titles import fold
from recsys.titles.matching import Hit, Hits, How

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recsys.catalog import Anime, Catalog
    from recsys.titles.matching import Matcher
    from recsys.titles.names import Names

_MOST_WORDS = 10
_SHORTEST_SERIES, _SHORTEST_WORDS = 3, 3
# Of the letters besides the series, the share that the words of a name must have.
_LEAST_FOUND = 0.75
_ALIKE = 0.75
_MOST_OWNERS = 4
_MOST_FOUND = 8
_SMALL = frozenset({
    "a", "an", "and", "in", "of", "on", "the", "to", "no", "vs",
    "el", "il", "la", "le", "las", "los", "les", "der", "die", "das",
})  # fmt: skip


def add_within(words: str, matcher: Matcher, names: Names, catalog: Catalog, hits: Hits) -> None:
    """Add the entries that a text names by their series and by words of their own.

    Args:
        words: a text folded by `recsys.titles.fold.words`.
        matcher: finds the series.
        names: what the matcher searches.
        catalog: the franchises.
        hits: where to add.
    """
    for series, rest in _splits(words.split()[:_MOST_WORDS]):
        named = Hits()
        matcher.add_name(series, named)
        if not named:
            continue
        others = Hits()
        matcher.add_name(" ".join(rest), others)
        beside: dict[int, Anime] = {}
        for other in sorted((names.anime[at] for at in others), key=lambda one: one.order):
            beside.setdefault(other.franchise or other.id, other)
        for anchor in named.ranked()[:_MOST_OWNERS]:
            own = names.anime[anchor.position]
            if (first := beside.get(own.franchise or own.id)) is not None:
                # Both are names of the franchise: that of the later entry says which.
                later = own if own.order >= first.order else first
                found = [(later, 1.0, anchor.alias, 1.0)]
            else:
                found = list(_entries(catalog.franchise(own.id), series, own, rest))
            if len(found) > max(_MOST_FOUND, len(catalog.franchise(own.id)) // 2):
                continue  # what so many share tells none from another
            for one, share, alias, closeness in found:
                position = names.position(one.id)
                fame = float(names.popularity[position])
                score = 0.7 + 0.5 * share + 0.1 * fame + 0.1 * closeness / len(found)
                hits.offer(Hit(position, alias, How.CHOSEN, share, share, score))
            if found:
                return


def _splits(parts: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The series, longest first, before the other words or after them."""
    for count in range(len(parts) - 1, 0, -1):
        for series, rest in ((parts[:count], parts[count:]), (parts[-count:], parts[:-count])):
            name = " ".join(series)
            telling = tuple(word for word in rest if word not in _SMALL and not word.isdecimal())
            if len(name) >= _SHORTEST_SERIES and sum(map(len, telling)) >= _SHORTEST_WORDS:
                yield name, telling


def _entries(
    franchise: tuple[Anime, ...], series: str, named: Anime, rest: tuple[str, ...]
) -> Iterator[tuple[Anime, float, str, float]]:
    """The entries that have the other words in a name besides those of the series.

    Yields:
        Each with the share of the letters that was found, the name, and how much of the name
        that is, 0 to 1; earlier entries are a little closer than later ones.
    """
    of_series = frozenset((*fold.words(named.title).split(), *series.split()))
    # Of each word, what in the whole franchise is like it; if too little is, no name has it.
    like = [_like(word, _lexicon(franchise).get(word[0], ()), of_series) for word in rest]
    if _share(rest, [max(found.values(), default=0.0) for found in like]) < _LEAST_FOUND:
        return
    for place, one in enumerate(franchise):
        best = (0.0, 0.0, "")
        for name, alias in _names(one):
            marks = [max(map(found.get, name, repeat(0.0)), default=0.0) for found in like]
            own = sum(word not in of_series for word in name)
            best = max(best, (_share(rest, marks), min(1.0, len(rest) / max(own, 1)), alias))
        share, closeness, alias = best
        if share >= _LEAST_FOUND:
            yield one, share, alias, closeness - 0.1 * place / len(franchise)


@lru_cache(maxsize=256)
def _lexicon(franchise: tuple[Anime, ...]) -> dict[str, tuple[str, ...]]:
    """The words of all names of some anime, by their first letter, where few slip."""
    words = {word for one in franchise for name, _ in _names(one) for word in name}
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[0], []).append(word)
    return {letter: tuple(found) for letter, found in by_letter.items()}


@lru_cache(maxsize=512)
def _names(anime: Anime) -> tuple[tuple[tuple[str, ...], str], ...]:
    aliases = [alias for alias in (anime.title, anime.english, *anime.aliases) if alias]
    folded = fold.words("\n".join(alias.replace("\n", " ") for alias in aliases)).split("\n")
    return tuple((tuple(name.split()), alias) for name, alias in zip(folded, aliases, strict=True))


def _like(word: str, others: Iterable[str], besides: frozenset[str]) -> dict[str, float]:
    """Those of some words that are like one, and how much, 0 to 1."""
    marks = {other: _alike(word, other) for other in others if other not in besides}
    return {other: mark for other, mark in marks.items() if mark >= _ALIKE}


def _share(rest: Sequence[str], marks: Iterable[float]) -> float:
    """The share of the letters of some words that was found, given how much of each was."""
    found = sum(len(word) * mark for word, mark in zip(rest, marks, strict=True))
    return found / sum(map(len, rest))


def _alike(word: str, other: str) -> float:
    if len(word) > 2 and other.startswith(word):
        return 1.0  # half typed
    return OSA.normalized_similarity(word, other)
