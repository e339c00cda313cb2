"""Every name of every anime as sorted keys, with how well known each is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.titles import acronyms, fold
from recsys.titles.which import NOTHING, Which, canonical, hinted_lines, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from recsys.catalog import Anime

NICKNAMES = Path(__file__).with_name("nicknames.tsv")
"""Names that no rule makes and no catalog lists: tab separated nickname, id, title."""

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


def read_nicknames(path: Path = NICKNAMES) -> list[tuple[str, int]]:
    """The curated nicknames with the ids they mean.

    Args:
        path: a UTF-8 file of lines "nickname, tab, MyAnimeList id, tab, anything"; lines that
            start with # are comments.

    Raises:
        ValueError: a line is not of that form; the message names it.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) < 2 or not cells[0].strip() or not cells[1].isdecimal():
            raise ValueError(
                f"{path.name}, line {number}: write a nickname, a tab and a MyAnimeList id."
            )
        rows.append((cells[0].strip(), int(cells[1])))
    return rows


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


@dataclass(frozen=True, slots=True)
class Names:
    """Sorted keys with the anime that answer to each.

    Attributes:
        anime: n anime, by position.
        popularity: (n,) from 0 to 1.
        keys: k distinct compact keys in ascending order.
        starts: (k + 1,) where the owners of each key start.
        owners: positions of anime, the best known of each key first.
        aliases: the name behind each owner.
        key_popularity: (k,) popularity of each key's best-known owner.
        key_lengths: (k,) characters of each key.
        title_keys: n keys, of the main titles without a bracketed year.
        which: what the names of an anime say of its place in the franchise, by position.
        acronyms: positions of anime with the name behind, by acronym, best known first.
    """

    anime: tuple[Anime, ...]
    popularity: NDArray[np.float32]
    keys: list[str]
    starts: NDArray[np.int32]
    owners: NDArray[np.int32]
    aliases: list[str]
    key_popularity: NDArray[np.float32]
    key_lengths: NDArray[np.int32]
    title_keys: list[str]
    which: dict[int, Which]
    acronyms: dict[str, list[tuple[int, str]]]


def build(catalog: Iterable[Anime], nicknames: Iterable[tuple[str, int]]) -> Names:
    """Fold every name of a catalog into keys.

    Args:
        catalog: the anime, of distinct ids.
        nicknames: further names with the id of their anime; unknown ids are passed over.
    """
    anime = tuple(catalog)
    position = {one.id: i for i, one in enumerate(anime)}
    extra: dict[int, list[str]] = {}
    for nickname, anime_id in nicknames:
        if anime_id in position:
            extra.setdefault(position[anime_id], []).append(nickname)
    if not anime:
        return _no_names()
    owner: list[int] = []
    alias: list[str] = []
    for i, one in enumerate(anime):
        for name in dict.fromkeys(_names(one, extra.get(i, ()))):
            owner.append(i)
            alias.append(name)
    _add_without_bracket(owner, alias)
    words = fold.words("\n".join(alias)).split("\n")
    keys = fold.compact("\n".join(words)).split("\n")

    which, spelled = _take_apart(owner, alias, words)
    sequels = frozenset(i for i, says in which.items() if says.is_sequel)
    known = popularity(anime, frozenset(extra), sequels)
    owner += [i for i, _, _ in spelled]
    alias += [name for _, name, _ in spelled]
    if spelled:
        keys += fold.compact("\n".join(again for _, _, again in spelled)).split("\n")

    order = _order(keys, owner, known)
    distinct: list[str] = []
    starts: list[int] = []
    kept: list[int] = []
    for entry in order:
        key, i = keys[entry], owner[entry]
        if not distinct or distinct[-1] != key:
            distinct.append(key)
            starts.append(len(kept))
        kept.append(entry)
    starts.append(len(kept))
    owners = np.array([owner[entry] for entry in kept], dtype=np.int32)
    first = np.array(starts[:-1], dtype=np.int64)
    return Names(
        anime=anime,
        popularity=known,
        keys=distinct,
        starts=np.array(starts, dtype=np.int32),
        owners=owners,
        aliases=[alias[entry] for entry in kept],
        key_popularity=known[owners[first]] if distinct else np.zeros(0, dtype=np.float32),
        key_lengths=np.array([len(key) for key in distinct], dtype=np.int32),
        title_keys=_title_keys(anime),
        which=which,
        acronyms=_acronyms(owner, alias, words, known),
    )


def _no_names() -> Names:
    none = np.zeros(0, dtype=np.int32)
    known = np.zeros(0, dtype=np.float32)
    return Names((), known, [], np.zeros(1, np.int32), none, [], known, none, [], {}, {})


def _title_keys(anime: Sequence[Anime]) -> list[str]:
    titles = "\n".join(" ".join(one.title.split()) for one in anime)
    return fold.compact(fold.words(_BRACKET.sub("", titles))).split("\n")


def _names(anime: Anime, nicknames: Sequence[str]) -> Iterator[str]:
    for name in chain((anime.title, anime.english, anime.japanese), anime.aliases, nicknames):
        if name:
            # The folds take one name a line.
            yield " ".join(name.split())


def _add_without_bracket(owner: list[int], alias: list[str]) -> None:
    bare = _BRACKET.sub("", "\n".join(alias)).split("\n")
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
    owner: list[int], alias: list[str], words: list[str], known: NDArray[np.float32]
) -> dict[str, list[tuple[int, str]]]:
    fame = known.tolist()
    table: dict[str, dict[int, str]] = {}
    for i, name, text in zip(owner, alias, words, strict=False):
        if fame[i] < _ACRONYM_POPULARITY or " " not in text or not text.isascii():
            continue
        for short in chain(acronyms.initials(text), acronyms.clipped(text)):
            owners = table.get(short)
            if owners is None:
                table[short] = {i: name}
            else:
                owners.setdefault(i, name)
    return {
        short: sorted(owners.items(), key=lambda item: -fame[item[0]])[:_ACRONYM_OWNERS]
        if len(owners) > 1
        else list(owners.items())
        for short, owners in table.items()
    }
