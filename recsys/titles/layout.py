"""Names to keys: every name of a catalog folded, sorted and laid out in flat arrays.

This takes a second, and what comes of it is the same for everybody, so `recsys.titles.names` keeps
it in a file.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from recsys.titles import acronyms, fold
from recsys.titles.grams import SHORT_KEY, index_grams
from recsys.titles.names import KINDS, NAMED
from recsys.titles.texts import pack
from recsys.titles.which import NOTHING, Which, canonical, hinted_lines, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from recsys.catalog import Anime

# "Hunter x Hunter (2011)" and "Jujutsu Kaisen (TV)" are also known without the bracket.
_BRACKET = re.compile(r"[(（](?:tv|\d{4}|tv series|series)[)）]$", re.IGNORECASE | re.MULTILINE)
# Popularity of anime without members, in log10 of members.
_MANY = 50_000
_NICKNAMED = 5.4
_MOST_ESTIMATED = 5.0
_LINE = (0.15, 3.3)  # members by number of names, where a catalog is too small to fit it
_ENOUGH_TO_FIT = 100
_ACRONYM_POPULARITY = 0.5
_ACRONYM_OWNERS = 6


def popularity(
    anime: Sequence[Anime], nicknamed: frozenset[int], sequels: frozenset[int]
) -> NDArray[np.float32]:
    """How well known each anime is, from 0 to 1: log members over the log of the most.

    An anime newer than the member counts has none. Then the number of its names stands in, by a
    line fitted to the anime that have both (names are added by the people who watch), an anime
    somebody gave a nickname is well known, and a sequel is less known than what it follows, so
    that a bare name means the start.

    Args:
        anime: n anime.
        nicknamed: positions of anime with a curated nickname.
        sequels: positions of anime whose names say season, part or cour two or more.

    Returns:
        (n,) popularity.
    """
    members = np.array([one.members for one in anime], dtype=np.float64)
    years = np.array([one.year or 0 for one in anime])
    well_known = years[(members >= _MANY) & (years > 0)]
    # Announced when the counts were taken, or later: whoever had it on a list was early.
    newest = np.quantile(well_known, 0.97) if len(well_known) else np.inf
    counted = (members > 0) & ((years <= newest) | (members >= _MANY))
    size = np.log10(members + 1)
    names = np.array(
        [min(12, len(one.aliases) + 2 * (one.english is not None)) for one in anime],
        dtype=np.float64,
    )
    # Only anime that a second source knows: the others have no aliases whatever their fame.
    both = counted & np.array([one.japanese is not None for one in anime], dtype=bool)
    slope, intercept = _LINE
    if both.sum() > _ENOUGH_TO_FIT:
        slope, intercept = np.polyfit(names[both], size[both], 1)
    size[~counted] = np.clip(
        intercept + slope * names[~counted],
        size[~counted],
        np.maximum(size[~counted], _MOST_ESTIMATED),
    )
    first = {one.franchise: i for i, one in enumerate(anime) if one.franchise and not one.order}
    for i in np.flatnonzero(~counted).tolist():
        if i in nicknamed:
            size[i] = max(size[i], _NICKNAMED)
    for i in np.flatnonzero(~counted).tolist():
        start = first.get(anime[i].franchise, i)
        if i in nicknamed and counted[start] and size[start] < _NICKNAMED:
            continue  # what came before was a trailer, not what made the name
        if start != i:
            size[i] = min(size[i], size[start] - 0.3)
        elif i in sequels:
            size[i] -= 0.3
    return (np.clip(size, 0, None) / max(1.0, size.max(initial=1.0))).astype(np.float32)


def lay_out(
    anime: Sequence[Anime], nicknames: Iterable[tuple[str, int]]
) -> dict[str, NDArray[Any]]:
    """The tables of `recsys.titles.names.Names`.

    Args:
        anime: n anime of distinct ids, in ascending order of id.
        nicknames: further names with the id of their anime; unknown ids are passed over.
    """
    position = {one.id: i for i, one in enumerate(anime)}
    extra: dict[int, list[str]] = {}
    for nickname, anime_id in nicknames:
        if anime_id in position:
            extra.setdefault(position[anime_id], []).append(nickname)
    owner: list[int] = []
    alias: list[str] = []
    for i, one in enumerate(anime):
        for name in dict.fromkeys(_names(one, extra.get(i, ()))):
            owner.append(i)
            alias.append(name)
    _add_without_bracket(owner, alias)
    words = _lines(fold.words("\n".join(alias)), len(alias))
    keys = _lines(fold.compact("\n".join(words)), len(alias))

    which, spelled = _take_apart(owner, alias, words)
    sequels = frozenset(i for i, says in which.items() if says.is_sequel)
    known = popularity(anime, frozenset(extra), sequels)
    short = _acronyms(owner, words, known)
    owner += [i for i, _, _ in spelled]
    alias += [name for _, name, _ in spelled]
    keys += _lines(fold.compact("\n".join(again for _, _, again in spelled)), len(spelled))

    order = _order(keys, owner, known)
    owners = np.array([owner[entry] for entry in order], dtype=np.int32)
    begins = [
        place
        for place, entry in enumerate(order)
        if not place or keys[order[place - 1]] != keys[entry]
    ]
    distinct = [keys[order[place]] for place in begins]
    return {
        "ids": np.array([one.id for one in anime], dtype=np.int32),
        "popularity": known,
        "starts": np.array([*begins, len(order)], dtype=np.int32),
        "owners": owners,
        "key_popularity": known[owners[begins]],
        "key_lengths": np.array([len(key) for key in distinct], dtype=np.int32),
        "said": _numbers(which, len(anime)),
        **pack(distinct, "keys"),
        **pack(_title_keys(anime), "title_keys"),
        **_places(anime, owners.tolist(), [alias[entry] for entry in order]),
        **_short_tables(short, order),
        **index_grams(distinct),
        **index_grams([key for key in distinct if len(key) <= SHORT_KEY], pairs=True),
    }


def _lines(text: str, count: int) -> list[str]:
    return text.split("\n") if count else []


def _numbers(which: dict[int, Which], n: int) -> NDArray[np.int16]:
    """[n, 7] what the names of each anime say; 0 where they say nothing."""
    table = np.zeros((n, 7), np.int16)
    for i, says in which.items():
        kind = 0 if says.kind is None else 1 + KINDS.index(says.kind)
        numbers = (says.season, says.part, says.year, kind, says.number, says.final)
        table[i] = [number or 0 for number in (*numbers, says.bare_number)]
    return table


def _places(
    anime: Sequence[Anime], owners: list[int], aliases: list[str]
) -> dict[str, NDArray[Any]]:
    """Where the catalog has each alias, and those that it has not."""
    places: list[int] = []
    for i, alias in zip(owners, aliases, strict=True):
        own = (*(getattr(anime[i], name) for name in NAMED), *anime[i].aliases)
        places.append(own.index(alias) if alias in own else -1)
    others = [alias for alias, place in zip(aliases, places, strict=True) if place < 0]
    return {"alias_places": np.array(places, np.int16), **pack(others, "other_aliases")}


def _short_tables(short: dict[str, list[int]], order: list[int]) -> dict[str, NDArray[Any]]:
    """Short names in ascending order, and the entries that each stands for."""
    ascending = sorted(short)
    place_of = np.empty(len(order), np.int32)
    place_of[order] = np.arange(len(order), dtype=np.int32)
    entries = [entry for name in ascending for entry in short[name]]
    starts = np.zeros(len(ascending) + 1, np.int32)
    np.cumsum([len(short[name]) for name in ascending], out=starts[1:])
    return {
        **pack(ascending, "short"),
        "short_of": starts,
        "short_entries": place_of[np.array(entries, np.intp)],
    }


def _title_keys(anime: Sequence[Anime]) -> list[str]:
    titles = "\n".join(" ".join(one.title.split()) for one in anime)
    return _lines(fold.compact(fold.words(_BRACKET.sub("", titles))), len(anime))


def _names(anime: Anime, nicknames: Sequence[str]) -> Iterator[str]:
    for name in chain((anime.title, anime.english, anime.japanese), anime.aliases, nicknames):
        if name:
            # The folds take one name a line.
            yield " ".join(name.split())


def _add_without_bracket(owner: list[int], alias: list[str]) -> None:
    bare = _lines(_BRACKET.sub("", "\n".join(alias)), len(alias))
    for i, name, short in list(zip(owner, alias, bare, strict=True)):
        if len(short) != len(name) and (stripped := short.strip()):
            owner.append(i)
            alias.append(stripped)


def _take_apart(
    owner: list[int], alias: list[str], words: list[str]
) -> tuple[dict[int, Which], list[tuple[int, str, str]]]:
    """What the names say of seasons and kinds, and the names that have a canonical spelling."""
    which: dict[int, Which] = {}
    spelled: list[tuple[int, str, str]] = []
    for entry in hinted_lines("\n".join(words)):
        base, says = parse(words[entry])
        if says is not NOTHING:
            i = owner[entry]
            which[i] = _merge(which[i], says) if i in which else says
            again = canonical(base, says)
            if again and again != words[entry]:
                spelled.append((i, alias[entry], again))
    return which, spelled


def _merge(first: Which, second: Which) -> Which:
    """What both say; the earlier name (the main title comes first) wins where they differ."""
    return Which(
        season=first.season or second.season,
        part=first.part or second.part,
        year=first.year or second.year,
        kind=first.kind or second.kind,
        number=first.number or second.number,
        final=first.final or second.final,
        bare_number=first.bare_number or second.bare_number,
    )


def _order(keys: list[str], owner: list[int], known: NDArray[np.float32]) -> list[int]:
    """Entries by key, the best known first."""
    by_fame = np.argsort(-known[owner], kind="stable").tolist()
    return sorted(by_fame, key=keys.__getitem__)  # a stable sort keeps the order by fame


def _acronyms(
    owner: list[int], words: list[str], known: NDArray[np.float32]
) -> dict[str, list[int]]:
    """Entries by the initials and clipped names of well-known anime, one an anime, best first."""
    fame = known.tolist()
    table: dict[str, dict[int, int]] = {}
    for entry, (i, text) in enumerate(zip(owner, words, strict=True)):
        if fame[i] < _ACRONYM_POPULARITY or " " not in text or not text.isascii():
            continue
        for short in chain(acronyms.initials(text), acronyms.clipped(text)):
            table.setdefault(short, {}).setdefault(i, entry)
    return {
        short: [owners[i] for i in sorted(owners, key=lambda i: -fame[i])[:_ACRONYM_OWNERS]]
        for short, owners in table.items()
    }
