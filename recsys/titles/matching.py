"""From a folded text to the anime whose names are like it, before season and year are weighed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from recsys.titles import fold
from recsys.titles.grams import SHORT_KEY, GramIndex, Overlap
from recsys.titles.which import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from recsys.titles.names import Names


class How(IntEnum):
    """How a name matched, surest last."""

    NAMED = 0
    """The series, where the season asked for is not known."""
    SIMILAR = 1
    """A few edits away."""
    START = 2
    """The name starts like the text."""
    SHORT = 3
    """Initials or a clipped name."""
    CHOSEN = 4
    """The season, year or kind asked for."""
    FOLDED = 5
    """The same but for spaces, punctuation and disputed spellings."""
    EXACT = 6
    """The name as it is written."""


@dataclass(slots=True)
class Hit:
    """One anime under consideration.

    Attributes:
        position: of the anime in `Names.anime`.
        alias: the name that matched best.
        how: the way it matched.
        likeness: of the text and that name, or the part of it that fits best, 0 to 1.
        whole: of the text and the whole name, 0 to 1.
        score: what hits are ranked by: the way, the likeness, and how well known the anime is.
    """

    position: int
    alias: str
    how: How
    likeness: float
    whole: float
    score: float


# What a match is worth before popularity. An exact name beats any other whatever is popular;
# among the rest the best known of nearly equals wins.
_EXACT = 3.0
_FOLDED = 2.0
_START = 0.95
_SHORT, _SHORT_FAME = 0.75, 0.35
_ARTICLE, _ARTICLE_FAME = 1.0, 0.25
_CLIPPED_START, _COVER = 0.93, 0.88
_FAME = 0.15

_LONGEST_SHORT = 10
_STARTS = 30
_SHORTLIST = 64
_SIMILAR = 20
_LEAST_COVER = 0.22
_LEAST_LIKENESS = 0.45
# Of several of one name: what is more like the marks that were typed, and less for one that calls
# itself a sequel elsewhere.
_SAME_MARKS, _SEQUEL = 0.3, 0.055
_MISSPELT_SEQUEL = 0.01
_ENDINGS = " !?.…~-*+☆★♪♥°"


class Hits(dict[int, Hit]):
    """The best hit of each anime, by position."""

    def offer(self, hit: Hit) -> None:
        """Keep a hit if it is the best of its anime so far."""
        seen = self.get(hit.position)
        if seen is None or hit.score > seen.score:
            self[hit.position] = hit

    def ranked(self) -> list[Hit]:
        """Best first; equals in the order of the catalog."""
        return sorted(self.values(), key=lambda hit: (-hit.score, hit.position))


class Matcher:
    """Looks a text up among the names of the catalog.

    Args:
        names: the names, as keys.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._triples = GramIndex(names.tables, len(names.keys))
        # One wrong letter in five leaves too few triples: short keys are indexed by pairs too.
        self._short = np.flatnonzero(names.key_lengths <= SHORT_KEY)
        self._pairs = GramIndex(names.tables, len(self._short), pairs=True)
        # One element of a memoryview is read several times faster than one of an array.
        self._starts = names.starts.data
        self._owners = names.owners.data
        self._fame = names.popularity.data
        self._is_sequel = names.is_sequel

    def match(self, as_typed: str, words: str, hits: Hits, *, says_which: bool = False) -> None:
        """Add every anime with a name like the text.

        Args:
            as_typed: the text folded by `fold.raw`.
            words: the text folded by `fold.words`.
            hits: where to add.
            says_which: whether it says which season or kind it means.
        """
        key = fold.compact(words)
        if 2 * len(key) < len(words.replace(" ", "")):
            # "aaaaaaaa" is no long way to write "a".
            self.add_key(key, hits, as_typed=as_typed, only_exact=True)
            return
        exact = self.add_key(key, hits, as_typed=as_typed)
        if not key:
            return
        if not exact:
            self._add_with_article(words, hits)
        self._add_short(words, hits)
        found = self.add_start(key, hits)
        if not exact and not (len(key) <= 3 and found >= _STARTS):
            self._add_similar(key, hits, says_which=says_which)

    def add_name(self, words: str, hits: Hits) -> None:
        """Add the anime of which a text is a whole name or a short one; nothing alike.

        Args:
            words: folded by `fold.words`.
            hits: where to add.
        """
        self.add_key(fold.compact(words), hits)
        if " " not in words and len(words) <= _LONGEST_SHORT:
            self._add_short(words, hits)

    def add_key(
        self, key: str, hits: Hits, as_typed: str = "", *, only_exact: bool = False
    ) -> bool:
        """Add the anime with exactly this key; whether there is one.

        Args:
            key: a compact key. The empty key is that of every name made of punctuation alone, and
                matches only by `as_typed`.
            hits: where to add.
            as_typed: the text folded by `fold.raw`, to tell a name as written from its like.
            only_exact: leave out names that are not written so.
        """
        keys = self._names.keys
        at = bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            return False
        found = False
        marks = _ending(as_typed)
        for entry in range(self._starts[at], self._starts[at + 1]):
            position, alias = self._owners[entry], self._names.aliases[entry]
            written = fold.raw(alias) if as_typed else ""
            # Nobody types the mark that ends "Free!" unless to tell it from another.
            same = as_typed and as_typed in {written, written.rstrip(_ENDINGS)}
            if not same and (only_exact or not key):
                continue
            how, worth = (How.EXACT, _EXACT) if same else (How.FOLDED, _FOLDED)
            if marks and not same and _ending(written) == marks:
                worth += _SAME_MARKS
            if self._is_sequel[position] and not _says_sequel(alias):
                worth -= _SEQUEL
            hits.offer(Hit(position, alias, how, 1.0, 1.0, worth + self._fame[position]))
            found = True
        return found

    def _add_with_article(self, words: str, hits: Hits) -> None:
        """Add the anime that is called so but for a "the" before it, on either side."""
        bare = words.removeprefix("the ")
        key = fold.compact(f"the {words}" if bare == words else bare)
        found = Hits()
        self.add_key(key, found)
        for hit in found.values():
            fame = self._fame[hit.position]
            hits.offer(
                Hit(hit.position, hit.alias, How.START, 1.0, 1.0, _ARTICLE + _ARTICLE_FAME * fame)
            )

    def _add_short(self, words: str, hits: Hits) -> None:
        """Add the anime whose initials or clipped name the text is."""
        short = words
        if " " in words:
            # "k o n" spells initials; "log h" is the start of two words.
            if any(len(word) > 1 for word in words.split()):
                return
            short = words.replace(" ", "")
        for position, alias in self._names.short_for(short):
            fame = self._fame[position]
            score = _SHORT + _SHORT_FAME * fame - (0.1 if len(short) < 3 else 0.0)
            hits.offer(Hit(position, alias, How.SHORT, 1.0, 1.0, score))

    def add_start(self, key: str, hits: Hits) -> int:
        """Add the best-known anime with a name that starts like the text.

        Args:
            key: a compact key.
            hits: where to add.

        Returns:
            How many keys start like the text.
        """
        keys, known = self._names.keys, self._names.key_popularity
        low = bisect_left(keys, key)
        high = bisect_left(keys, key + "\U0010ffff", low)
        chosen: Iterable[int] = range(low, high)
        if high - low > _STARTS:
            chosen = (np.argpartition(known[low:high], -_STARTS)[-_STARTS:] + low).tolist()
        typed = len(key)
        for at in chosen:
            part = typed / len(keys[at])
            for entry in range(self._starts[at], self._starts[at + 1]):
                position = self._owners[entry]
                score = _START + 0.03 * part + _FAME * self._fame[position]
                seen = hits.get(position)
                if seen is None or score > seen.score:
                    alias = self._names.aliases[entry]
                    hits[position] = Hit(position, alias, How.START, 1.0, part, score)
        return high - low

    def _add_similar(self, key: str, hits: Hits, *, says_which: bool) -> None:
        """Add the anime with a name that shares rare n-grams and is few edits away."""
        near, cover = self._shortlist(key)
        if not len(near):
            return
        typed = len(key)
        lengths = self._names.key_lengths[near]
        keys = [self._names.keys[at] for at in near.tolist()]
        whole = process.cdist([key], keys, scorer=OSA.normalized_similarity)[0]
        starts = [other[:typed] for other in keys]
        start = process.cdist([key], starts, scorer=OSA.normalized_similarity)[0]
        likeness = np.maximum(whole, _CLIPPED_START * start * (lengths > typed))
        likeness = np.maximum(likeness, _COVER * cover * np.minimum(1.0, lengths / typed))
        rank = likeness + _FAME * self._names.key_popularity[near]
        best = np.argsort(-rank)[:_SIMILAR]
        for at, like, all_of_it in zip(
            near[best].tolist(), likeness[best].tolist(), whole[best].tolist(), strict=True
        ):
            if like < _LEAST_LIKENESS:
                continue
            for entry in range(self._starts[at], self._starts[at + 1]):
                position = self._owners[entry]
                score = like + _FAME * self._fame[position]
                if not says_which and self._is_sequel[position]:
                    score -= _MISSPELT_SEQUEL  # "attak on titans" is no "attack on titan s2"
                seen = hits.get(position)
                if seen is None or score > seen.score:
                    alias = self._names.aliases[entry]
                    hits[position] = Hit(position, alias, How.SIMILAR, like, all_of_it, score)

    def _shortlist(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Keys worth comparing, with the part of the text that each shares."""
        overlap = self._triples.overlap(key)
        near, cover = self._best(key, overlap.nearest(_LEAST_COVER), overlap, None)
        if len(key) <= SHORT_KEY:
            overlap = self._pairs.overlap(key)
            short, share = self._best(key, overlap.nearest(2 * _LEAST_COVER), overlap, self._short)
            known = set(near.tolist())
            fresh = [at not in known for at in short.tolist()]
            near = np.concatenate((near, short[fresh]))
            cover = np.concatenate((cover, share[fresh]))
        return near, cover

    def _best(
        self, key: str, near: NDArray[np.int64], overlap: Overlap, at: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        cover = overlap.cover(near)
        if at is not None:
            near = at[near]
        if len(near) > _SHORTLIST:
            rank = (
                cover
                + _FAME * self._names.key_popularity[near]
                + 0.2 * np.minimum(1.0, len(key) / self._names.key_lengths[near])
            )
            best = np.argpartition(rank, -_SHORTLIST)[-_SHORTLIST:]
            near, cover = near[best], cover[best]
        return near, cover


def _ending(written: str) -> str:
    """The marks that end a name: "!!"."""
    return written[len(written.rstrip(_ENDINGS)) :].strip()


@lru_cache(maxsize=1024)
def _says_sequel(alias: str) -> bool:
    return parse(fold.words(alias))[1].is_sequel
