"""TitleIndex: a typed string → ranked anime."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import Prefix

from recsys.titles import fold, names
from recsys.titles.confidence import ANSWER, chance_each
from recsys.titles.entries import Seasons, fit
from recsys.titles.matching import Hit, Hits, How, Matcher
from recsys.titles.request import asked_for
from recsys.titles.which import NOTHING, Which, canonical, parse
from recsys.titles.within import add_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recsys.catalog import Catalog

LONGEST = 200
"""Characters of a query that are read; no title needs more to be told apart."""

MOST = 50
"""The longest list that `TitleIndex.search` returns: some to spare for whoever leaves some out."""

# Each holds up to 50 matches, some 5 kB.
_REMEMBERED = 1024
# Of a text with a season: names looked at, those whose whole franchise is looked at, and the
# shortest title that other titles may continue ("K" is continued by too many).
_ANCHORS = 30
_SERIES = 4
_TELLING_TITLE = 4
# "kizumonogatari 3" begins a name; to count three seasons of its franchise is farther.
_NUMBERED_START = 0.1
# A misspelling that is so near the whole of a name is one.
_NEAR = 0.8


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
    """What a finished text means. Both are empty when nothing is like it.

    Attributes:
        answer: the anime, when there is little doubt.
        guesses: what to ask about ("did you mean") when there is; best first.
    """

    answer: Match | None = None
    guesses: tuple[Match, ...] = ()


class TitleIndex:
    """Finds anime by any of their names, however typed.

    Tried in turn: the name as it is written, its folded spelling, initials and clipped names, the
    start of a name, and shared n-grams compared by edit distance; then season, year and kind
    choose within the franchise. See `docs/titles.md`.

    Args:
        catalog: what can be found.
        aliases: further names with the id of their anime, beside the catalog's and the curated
            nicknames; an id that is not in the catalog is passed over.

    Attributes:
        names: the folded names that are searched.
    """

    def __init__(self, catalog: Catalog, aliases: Iterable[tuple[str, int]] = ()) -> None:
        self._catalog = catalog
        self.names = names.names_of(catalog, [*names.read_nicknames(), *aliases])
        self._matcher = Matcher(self.names)
        self._seasons = Seasons(self.names, catalog)
        if self.names.anime:
            # The catalog sorts its franchises when first asked; not while a person waits.
            catalog.franchise(self.names.anime[0].id)
        # By a weak reference, and so without a cycle: an index that is replaced is freed at once,
        # and no full collection, which holds up every thread, has to find it.
        itself = weakref.ref(self)

        @lru_cache(maxsize=_REMEMBERED)
        def remembered(text: str) -> tuple[Match, ...]:
            index = itself()
            return () if index is None else index.look_up(text)

        self._remembered = remembered

    def search(self, text: str, k: int = 10) -> list[Match]:
        """The anime that a text, finished or half typed, may mean.

        Args:
            text: anything at all.
            k: the most to return; at most `MOST` come back.

        Returns:
            Best first, one match an anime; empty when nothing is like the text.
        """
        return list(self._remembered(text)[: max(0, k)])

    def resolve(self, text: str) -> Resolution:
        """What a finished text means: one anime, a question, or nothing.

        Args:
            text: anything at all.
        """
        found = self._remembered(text)
        if not found:
            return Resolution()
        if found[0].confidence >= ANSWER:
            return Resolution(answer=found[0])
        return Resolution(guesses=found[:5])

    def hits(self, text: str) -> list[Hit]:
        """What a text may mean, before the chance of each is weighed.

        Args:
            text: anything at all.

        Returns:
            At most `MOST`, best first.
        """
        as_typed = _as_typed(text)
        return self._hits(as_typed, fold.words(as_typed)).ranked()[:MOST]

    def look_up(self, text: str) -> tuple[Match, ...]:
        """As `search` with the longest list, but nothing is remembered from call to call."""
        as_typed = _as_typed(text)
        words = fold.words(as_typed)
        ranked = self._hits(as_typed, words).ranked()[:MOST]
        chances = chance_each(ranked, fold.compact(words), self.names)
        return tuple(
            Match(self.names.anime[hit.position].id, hit.alias, chance)
            for hit, chance in zip(ranked, chances, strict=False)
        )

    def _hits(self, as_typed: str, words: str) -> Hits:
        hits = Hits()
        if not as_typed:
            return hits
        name, which = parse(words)
        if which is not NOTHING:
            again = canonical(name, which)
            if again:
                self._matcher.add_key(fold.compact(again), hits)
                self._keep_year(which, hits)
            if not hits:
                self._add_chosen(name, which, hits)
        self._matcher.match(as_typed, words, hits, says_which=which is not NOTHING)
        if which.bare_number:
            for hit in hits.values():
                if hit.how is How.START:
                    hit.score += _NUMBERED_START
        if " " in words and not _is_found(hits) and fold.is_telling(words):
            self._add_farther(words, hits)
        return hits

    def _add_farther(self, words: str, hits: Hits) -> None:
        """Add what a text means that is no one name, nor like one."""
        add_within(words, self._matcher, self.names, self._catalog, hits)
        if _is_found(hits) or (rest := asked_for(words)) is None:
            return
        asked = self._hits(rest, rest)
        if _is_found(asked):
            for hit in asked.values():
                hits.offer(hit)

    def _keep_year(self, which: Which, hits: Hits) -> None:
        """Of several with one name, leave those of the year asked for, where there are any."""
        years = {position: self.names.anime[position].year for position in hits}
        if which.year in years.values() and which.year is not None:
            for position, year in years.items():
                if year != which.year:
                    del hits[position]

    def _add_chosen(self, name: str, which: Which, hits: Hits) -> None:
        """Add the entries of the named series that are the season, year or kind asked for."""
        anchors = Hits()
        self._matcher.match(name, name, anchors)
        best = anchors.ranked()[:_ANCHORS]
        if not best:
            return
        # Only the name meant: exact names outrank others by far, near ones by little.
        floor = best[0].score - (1.2 if best[0].how >= How.FOLDED else 0.12)
        meant = [anchor for anchor in best if anchor.score >= floor]
        named = [(anchor, self.names.title_keys[anchor.position]) for anchor in meant[:_SERIES]]
        for position in self._entries(named, best):
            self._offer_chosen(position, named, which, hits)
        for anchor in best:
            # Nothing fits better than the series itself, for want of that season.
            score = 0.5 + 0.1 * min(4.0, anchor.score)
            hits.offer(
                Hit(anchor.position, anchor.alias, How.NAMED, anchor.likeness, anchor.whole, score)
            )

    def _entries(self, named: list[tuple[Hit, str]], near: list[Hit]) -> set[int]:
        """Entries of the named series: by franchise, and, as those are cautious, by title."""
        found = {anchor.position for anchor in near if anchor.how != How.SIMILAR}
        alike = Hits()
        for anchor, title in named:
            anime_id = self.names.anime[anchor.position].id
            found.update(self.names.position(one.id) for one in self._catalog.franchise(anime_id))
            if len(title) >= _TELLING_TITLE:
                self._matcher.add_start(title, alike)
        return found | alike.keys()

    def _offer_chosen(
        self, position: int, named: list[tuple[Hit, str]], which: Which, hits: Hits
    ) -> None:
        one = self.names.anime[position]
        fits = fit(which, self._seasons.place(one), one)
        if not fits:
            return
        # Of two second seasons in one franchise, that of the series named.
        title = self.names.title_keys[position]
        same, anchor = max(
            ((Prefix.normalized_similarity(other, title), anchor) for anchor, other in named),
            key=lambda pair: (pair[0], pair[1].score),
        )
        fame = float(self.names.popularity[position])
        score = 0.7 + 0.5 * fits * min(1.0, anchor.score) + 0.15 * same + 0.1 * fame
        if which.bare_number:
            score -= 0.1
        likeness = anchor.likeness * fits
        hits.offer(Hit(position, anchor.alias, How.CHOSEN, likeness, anchor.whole, score))


def _is_found(hits: Hits) -> bool:
    """Whether something is near enough that nothing farther need be looked for."""
    if not hits:
        return False
    best = max(hits.values(), key=lambda hit: hit.score)
    return best.how > How.SIMILAR or best.whole >= _NEAR


def _as_typed(text: str) -> str:
    """The start of a text, folded to one line. Folding can lengthen it, hence twice."""
    return fold.raw(text[:LONGEST].replace("\n", " "))[:LONGEST]
