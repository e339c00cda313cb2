"""TitleIndex: a typed string → ranked anime."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA

from recsys.titles import fold, names
from recsys.titles.entries import Seasons, fit
from recsys.titles.grams import GramIndex
from recsys.titles.which import NOTHING, Which, canonical, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recsys.catalog import Catalog

LONGEST = 200
"""Characters of a query that are read; no title needs more to be told apart."""

ANSWER = 0.6
GUESS = 0.25


@dataclass(frozen=True, slots=True)
class Match:
    """An anime that a text may mean.

    Attributes:
        anime_id: MyAnimeList id.
        alias: the name of it that is nearest to the text.
        confidence: the chance that this anime is meant, 0 to 1.
    """

    anime_id: int
    alias: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a finished text means.

    Attributes:
        answer: the anime, when there is little doubt.
        guesses: what to ask about ("did you mean") when there is; best first.
    """

    answer: Match | None = None
    guesses: tuple[Match, ...] = ()


@dataclass(slots=True)
class _Hit:
    """One anime under consideration: position, the name that matched, rank score, likeness."""

    position: int
    alias: str
    score: float
    likeness: float


_RAW, _FOLDED, _ACRONYM = 3.0, 2.0, 1.3
_POPULARITY = 0.15
_SHORTLIST = 64


class TitleIndex:
    """Finds anime by any of their names, however typed.

    Tried in turn: the name as it is written, its folded spelling, initials and clipped names, the
    start of a name, and shared n-grams compared by edit distance; then season, year and kind
    choose within the franchise. See `docs/titles.md`.

    Args:
        catalog: what can be found.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._names = names.build(catalog, names.read_nicknames())
        self._grams = GramIndex(self._names.keys)
        self._position = {one.id: i for i, one in enumerate(self._names.anime)}
        self._seasons = Seasons(self._names)
        self._search = lru_cache(maxsize=4096)(self._find)

    def search(self, text: str, k: int = 10) -> list[Match]:
        """The anime that a text, finished or half typed, may mean.

        Args:
            text: anything at all.
            k: the most to return.

        Returns:
            Best first, one match an anime; empty when nothing is like the text.
        """
        return list(self._search(text[:LONGEST])[: max(0, k)])

    def resolve(self, text: str) -> Resolution:
        """What a finished text means: one anime, a question, or nothing.

        Args:
            text: anything at all.
        """
        found = self._search(text[:LONGEST])
        if not found:
            return Resolution()
        if found[0].confidence >= ANSWER:
            return Resolution(answer=found[0])
        return Resolution(guesses=tuple(m for m in found if m.confidence >= GUESS)[:5])

    def _find(self, text: str) -> tuple[Match, ...]:
        as_typed = fold.raw(text.replace("\n", " "))
        if not as_typed:
            return ()
        words = fold.words(as_typed)
        hits = self._hits(as_typed, words)
        ranked = sorted(hits.values(), key=lambda hit: -hit.score)[:50]
        return tuple(
            Match(self._names.anime[hit.position].id, hit.alias, min(1.0, max(0.0, hit.likeness)))
            for hit in ranked
        )

    def _hits(self, as_typed: str, words: str) -> dict[int, _Hit]:
        hits: dict[int, _Hit] = {}
        name, which = parse(words)
        exact = self._add_exact(hits, as_typed, words)
        if which is not NOTHING:
            again = canonical(name, which)
            if again:
                self._add_key(hits, fold.compact(again), _FOLDED)
        if which is not NOTHING and not (exact and any(h.score >= _FOLDED for h in hits.values())):
            self._add_chosen(hits, name, which)
        self._add_acronym(hits, words)
        key = fold.compact(words)
        if key:
            self._add_prefix(hits, key)
            self._add_similar(hits, key)
        return hits

    def _offer(
        self, hits: dict[int, _Hit], position: int, alias: str, score: float, likeness: float
    ) -> None:
        seen = hits.get(position)
        if seen is None or score > seen.score:
            hits[position] = _Hit(position, alias, score, likeness)

    def _owners(self, key: int) -> Iterator[tuple[int, str]]:
        start, end = self._names.starts[key], self._names.starts[key + 1]
        for entry in range(start, end):
            yield int(self._names.owners[entry]), self._names.aliases[entry]

    def _add_exact(self, hits: dict[int, _Hit], as_typed: str, words: str) -> bool:
        keys = self._names.keys
        key = fold.compact(words)
        at = bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            return False
        found = False
        for position, alias in self._owners(at):
            same = fold.raw(alias) == as_typed
            if same or key:
                tier = _RAW if same else _FOLDED
                self._offer(hits, position, alias, tier + self._fame(position), 1.0)
                found = True
        return found

    def _add_key(self, hits: dict[int, _Hit], key: str, tier: float) -> None:
        keys = self._names.keys
        at = bisect_left(keys, key)
        if key and at < len(keys) and keys[at] == key:
            for position, alias in self._owners(at):
                self._offer(hits, position, alias, tier + self._fame(position), 0.95)

    def _add_acronym(self, hits: dict[int, _Hit], words: str) -> None:
        short = words.replace(" ", "")
        for position, alias in self._names.acronyms.get(short, ()):
            tier = _ACRONYM if len(short) > 2 else 0.9
            score = tier + _POPULARITY * self._fame(position)
            self._offer(hits, position, alias, score, 0.8)

    def _fame(self, position: int) -> float:
        return float(self._names.popularity[position])

    def _add_prefix(self, hits: dict[int, _Hit], key: str) -> None:
        keys, fame = self._names.keys, self._names.key_popularity
        low = bisect_left(keys, key)
        high = bisect_left(keys, key + "\U0010ffff", low)
        if low == high:
            return
        chosen = np.arange(low, high)
        if high - low > 100:
            chosen = low + np.argpartition(fame[low:high], -100)[-100:]
        for at in chosen.tolist():
            likeness = 0.9 + 0.06 * len(key) / len(keys[at])
            for position, alias in self._owners(at):
                score = likeness + _POPULARITY * self._fame(position)
                self._offer(hits, position, alias, score, likeness)

    def _add_similar(self, hits: dict[int, _Hit], key: str) -> None:
        shared, total = self._grams.overlap(key)
        if not total:
            return
        near = np.flatnonzero(shared >= max(1.0, 0.22 * total))
        if not len(near):
            return
        cover = shared[near] / total
        lengths = self._names.key_lengths[near]
        rank = (
            cover
            + 0.15 * self._names.key_popularity[near]
            + 0.2 * np.minimum(1.0, len(key) / np.maximum(1, lengths))
        )
        if len(near) > _SHORTLIST:
            best = np.argpartition(rank, -_SHORTLIST)[-_SHORTLIST:]
            near, cover = near[best], cover[best]
        keys = self._names.keys
        for at, part in zip(near.tolist(), cover.tolist(), strict=True):
            candidate = keys[at]
            likeness = OSA.normalized_similarity(key, candidate)
            if len(candidate) > len(key):
                start = OSA.normalized_similarity(key, candidate[: len(key)])
                likeness = max(likeness, 0.95 * start, 0.88 * part)
            for position, alias in self._owners(at):
                score = likeness + _POPULARITY * self._fame(position)
                self._offer(hits, position, alias, score, likeness * 0.9)

    def _add_chosen(self, hits: dict[int, _Hit], name: str, which: Which) -> None:
        """Add the entries of the named franchise that are the season, year or kind asked for."""
        anchors = self._hits(name, name) if name else {}
        best = sorted(anchors.values(), key=lambda hit: -hit.score)[:12]
        if not best:
            return
        floor = best[0].score - (0.12 if best[0].score < _FOLDED else 1.2)
        for anchor in best:
            if anchor.score < floor or anchor.likeness < 0.6:
                continue
            anime = self._names.anime[anchor.position]
            for one in self._catalog.franchise(anime.id):
                position = self._position[one.id]
                fits = fit(which, self._seasons.of(one, self._catalog), one)
                if fits > 0:
                    score = 0.8 + 0.5 * fits * min(1.0, anchor.score) + 0.1 * self._fame(position)
                    if which.bare_number:
                        score -= 0.1
                    self._offer(hits, position, anchor.alias, score, anchor.likeness * 0.95)
        for anchor in best:
            self._offer(
                hits, anchor.position, anchor.alias, min(1.0, anchor.score) * 0.85,
                anchor.likeness * 0.7,
            )  # fmt: skip
