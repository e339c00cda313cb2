"""Which anime belong together: seasons, films, specials, recaps and other versions of one story.

Nothing says so outright. Titles that share a stem, shows that a database of television has as one,
and people who watched both are each a piece of evidence; two entries are joined when enough of it
comes together, and never against what people watched. Precision goes before recall: two halves of
a franchise are a small nuisance, *Monster* with *Monster Musume* is an error people see.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recsys.shelving.cowatching import NEIGHBOURS
from recsys.shelving.franchise_order import Debuts, newcomer_first
from recsys.shelving.stems import Cut, is_long, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recsys.catalog import Anime
    from recsys.shelving.build import Evidence
    from recsys.shelving.cowatching import CoWatching

ENOUGH = 3
"""Points of evidence that join two entries."""

_UMBRELLAS = Path(__file__).with_name("umbrella_names.json")
_KNOWN_KIN = Path(__file__).with_name("known_kin.json")
_CROSSING = re.compile(r"\b(?:vs|versus|x|meets)\b\.?|[×&＆]|対", re.IGNORECASE)
_COMMON_WORD = 40  # a word that begins this many titles or more tells nothing
_VERY_NEAR = 8


@dataclass(frozen=True, slots=True, order=True)
class _Edge:
    """Two entries and the evidence that they belong together; sorts the surest first.

    A crossover's edges come last: by then each of its parents is a group, and it joins one only.
    """

    is_crossover: bool
    minus_points: int
    one: int
    other: int


def infer(
    anime: Iterable[Anime],
    evidence: Mapping[int, Evidence],
    watched: CoWatching | None = None,
) -> list[Anime]:
    """Assigns every anime its franchise and its order.

    Args:
        anime: the catalog's entries.
        evidence: dates and shows by id; may miss any.
        watched: who watched what, where there are ratings to learn it from.

    Returns:
        The same anime, by id, with `franchise` and `order` set.
    """
    by_id = {one.id: one for one in anime}
    groups = _Groups(by_id)
    votes = _title_votes(by_id.values())
    _add_shows(votes, evidence)
    if watched is not None:
        _add_kindred(votes, by_id, watched)
    for edge in sorted(_edges(votes, by_id, watched)):
        if not _is_refused(groups, by_id, edge, watched):
            groups.join(edge.one, edge.other)
    for one, other in _known_kin():
        if one in by_id and other in by_id:
            groups.join(one, other)
    debut = Debuts(by_id.values(), evidence)
    placed: list[Anime] = []
    for members in groups.all():
        ordered = newcomer_first(sorted((by_id[i] for i in members), key=lambda a: debut(a.id)))
        placed += [
            dataclasses.replace(one, franchise=ordered[0].id, order=order)
            for order, one in enumerate(ordered)
        ]
    return sorted(placed, key=lambda one: one.id)


_Votes = dict[tuple[int, int], dict[str, int]]


def _vote(votes: _Votes, one: int, other: int, kind: str, points: int) -> None:
    """Keeps the best of each kind of evidence: ten aliases that agree are still one translation."""
    if one == other or points <= 0:
        return
    pair = votes[min(one, other), max(one, other)]
    pair[kind] = max(pair.get(kind, 0), points)


@cache
def _umbrellas() -> frozenset[str]:
    """Keys of the names over many separate stories: sharing one is no evidence."""
    listed = json.loads(_UMBRELLAS.read_text(encoding="utf-8"))
    return frozenset(
        stem.key for name in (*listed["latin"], *listed["eastern"]) for stem in stems(name)
    )


def _known_kin() -> Iterator[tuple[int, int]]:
    """Entries whose titles do not tell where they belong, and where that is."""
    for one, other, _ in json.loads(_KNOWN_KIN.read_text(encoding="utf-8"))["joined"]:
        yield one, other


class _Bearing(NamedTuple):
    """How an entry bears a stem; the better bearing compares greater."""

    cut: Cut
    is_main: bool = False  # in a main title, not an alias
    is_bare: bool = False  # with nothing stripped off: "Freezing", not "Freezing Specials"


def _title_votes(anime: Iterable[Anime]) -> _Votes:
    """Evidence from titles that share a stem, for each entry and the head of its stem."""
    buckets: dict[str, dict[int, _Bearing]] = defaultdict(dict)
    by_id: dict[int, Anime] = {}
    for one in anime:
        by_id[one.id] = one
        for name in dict.fromkeys(_names(one)):
            main = name in {one.title, one.english, one.japanese}
            whole = " ".join(words(name))
            for stem in stems(name):
                bearing = _Bearing(stem.cut, main, stem.key == whole)
                if bearing > buckets[stem.key].get(one.id, _Bearing(Cut.NONE)):
                    buckets[stem.key][one.id] = bearing
    votes: _Votes = defaultdict(dict)
    umbrellas = _umbrellas()
    for key, entries in buckets.items():
        if len(entries) < 2 or key in umbrellas:
            continue
        for head in _heads(entries, by_id):
            for other in entries:
                points = _stem_points(key, entries[head], entries[other])
                if by_id[other].type == "Music" or by_id[head].type == "Music":
                    points -= 1
                _vote(votes, head, other, _kind(key), points)
    return votes


def _names(one: Anime) -> Iterator[str]:
    yield one.title
    yield from (name for name in (one.english, one.japanese) if name)
    yield from one.aliases


def _kind(key: str) -> str:
    return "eastern" if key.startswith("=") else "latin"


def _heads(entries: Mapping[int, _Bearing], by_id: Mapping[int, Anime]) -> list[int]:
    """The entries that the others of a stem are compared with: the best known that bear it whole.

    Without one, the best known of those that bear it before a mark.
    """
    best = max(entries.values())
    candidates = [i for i, bearing in entries.items() if bearing.cut == best.cut]
    if best.cut == Cut.AT_SPACE:
        return []
    return sorted(candidates, key=lambda i: (-by_id[i].members, i))[:3]


def _stem_points(key: str, one: _Bearing, other: _Bearing) -> int:
    weaker, stronger = sorted((one.cut, other.cut))
    long = is_long(key)
    if stronger == Cut.AT_MARK:
        points = 2 if long and weaker == Cut.AT_MARK else 0
    elif weaker == Cut.AT_SPACE:
        points = 2 if long else 1
    else:
        # "Freezing Specials" says by itself that there is a "Freezing".
        follows = weaker == Cut.WHOLE and one.is_bare != other.is_bare and len(key) > 3
        points = 3 if long or follows else 2
    if not (one.is_main and other.is_main):
        points -= 1  # an alias may be wrong, or only what somebody calls it
    return points


def _add_shows(votes: _Votes, evidence: Mapping[int, Evidence]) -> None:
    shows: dict[str, list[int]] = defaultdict(list)
    for anime_id, known in sorted(evidence.items()):
        if known.show:
            shows[known.show].append(anime_id)
    for members in shows.values():
        for other in members[1:]:
            _vote(votes, members[0], other, "show", 3)


def _add_kindred(votes: _Votes, by_id: Mapping[int, Anime], watched: CoWatching) -> None:
    """Evidence from names that are kin without a common stem: Bakemonogatari, Nisemonogatari.

    Only for entries that are each among the other's very nearest.
    """
    common = Counter(word for one in by_id.values() for word in set(words(one.title)))
    umbrella = {word for name in _umbrellas() for word in name.split()}

    def rare(anime_id: int) -> list[str]:
        return [
            word
            for word in words(by_id[anime_id].title)
            if common[word] < _COMMON_WORD and word not in umbrella
        ]

    for one, neighbours in sorted(watched.neighbours.items()):
        for other, place in neighbours.items():
            if place > _VERY_NEAR or other <= one or one not in by_id or other not in by_id:
                continue
            if watched.places(one, other)[1] > _VERY_NEAR:
                continue
            # A whole word in common ("Nichijou") is chance; a part of a word, or two, is not.
            shared = max(
                (_longest_common(a, b) for a in rare(one) for b in rare(other) if a != b),
                default=0,
            )
            alike = len(set(rare(one)) & set(rare(other)))
            _vote(votes, one, other, "kin", 2 if shared >= 10 or alike >= 2 else shared >= 8)


def _longest_common(one: str, other: str) -> int:
    best, row = 0, [0] * (len(other) + 1)
    for a in one:
        previous = 0
        for j, b in enumerate(other, start=1):
            previous, row[j] = row[j], previous + 1 if a == b else 0
            best = max(best, row[j])
    return best


def _edges(
    votes: _Votes, by_id: Mapping[int, Anime], watched: CoWatching | None
) -> Iterator[_Edge]:
    crossovers = _crossovers(by_id.values())
    for (one, other), kinds in votes.items():
        if one not in by_id or other not in by_id:
            continue
        points = sum(kinds.values()) + _watching_points(one, other, watched)
        if points >= ENOUGH:
            yield _Edge(one in crossovers or other in crossovers, -points, one, other)


def _crossovers(anime: Iterable[Anime]) -> frozenset[int]:
    """Entries in which two others meet: "Lupin III vs Detective Conan", not "Hunter x Hunter"."""
    bearers: dict[str, set[int]] = defaultdict(set)
    suspects: dict[int, list[tuple[set[str], set[str]]]] = defaultdict(list)
    for one in anime:
        for name in _names(one):
            found = list(stems(name))
            if found:
                bearers[found[0].key].add(one.id)
            for mark in _CROSSING.finditer(name):
                before = {s.key for s in stems(name[: mark.start()])}
                after = {s.key for s in stems(name[mark.end() :])}
                if before != after:
                    suspects[one.id].append((before, after))
    return frozenset(
        anime_id
        for anime_id, sides in suspects.items()
        if any(
            all(any(bearers.get(key, set()) - {anime_id} for key in side) for side in pair)
            for pair in sides
        )
    )


def _watching_points(one: int, other: int, watched: CoWatching | None) -> int:
    if watched is None or not watched.known(one, other):
        return 0
    near, far = watched.places(one, other)
    if near <= 3 or far <= 20:
        return 3
    share, lift = watched.share(one, other), watched.lift(one, other)
    if near <= 12 and share > 0.4:
        return 2
    if near <= 40 and share > 0.4:
        return 1
    # Sequels of old shows are often on other people's lists: only indifference speaks against.
    return -2 if near > NEIGHBOURS and (lift < 1.5 or share < 0.1) else 0


def _is_refused(
    groups: _Groups, by_id: Mapping[int, Anime], edge: _Edge, watched: CoWatching | None
) -> bool:
    """Whether an edge would join two groups that are each something already.

    A crossover belongs to both of its parents and must not make them one.
    """
    one, other = groups.members(edge.one), groups.members(edge.other)
    if one is other or min(len(one), len(other)) < 2:
        return False
    if edge.is_crossover:
        return True
    if watched is None:
        return False
    heads = [max(side, key=lambda i: (by_id[i].members, -i)) for side in (one, other)]
    return _watching_points(heads[0], heads[1], watched) < 0 and -edge.minus_points < ENOUGH + 3


class _Groups:
    """Disjoint sets of ids."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._of: dict[int, set[int]] = {i: {i} for i in ids}

    def members(self, anime_id: int) -> set[int]:
        return self._of[anime_id]

    def join(self, one: int, other: int) -> None:
        small, large = sorted((self._of[one], self._of[other]), key=len)
        if small is large:
            return
        large |= small
        for i in small:
            self._of[i] = large

    def all(self) -> list[set[int]]:
        return list({id(group): group for group in self._of.values()}.values())
