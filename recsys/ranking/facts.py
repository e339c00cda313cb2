"""The catalog's facts as arrays, one row an anime, so that a filter is a mask and not a loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from recsys.catalog import Anime
    from recsys.picks import Filters

# What carries a story on, and how well known it must be beside the best-known entry of its
# franchise: a series nearly always counts, a film only where many who watched went on to it.
_CARRIES_ON = {"TV": 0.02, "ONA": 0.15, "Movie": 0.15, "OVA": 0.6}
# A franchise begins at its first entry that is about as well known as its best-known one. This
# passes over pilots and shorts that were broadcast before the series proper, and over a first
# telling that a later one has overtaken, while a sequel seldom has more viewers than its start.
_WELL_KNOWN = 0.6
_RETELLS = re.compile(
    r"\b(recaps?|soushuuhen|digest|compilation|highlights|picture dramas?)\b|総集編", re.IGNORECASE
)
# What comes after the whole title of a series in that of an extra: "Naruto: The Cross Roads".
_EXTRA = re.compile(r"(?:: | - | x | (?:TV )?Specials?\b| Extra\b).*$")
_MOST_OF_AN_EXTRA = 3
# How many times as many people know the series.
_BETTER_KNOWN = 3
# What advertises an anime is none. "10 cm" is a length.
_ADVERTISES = re.compile(
    r"\b(?:pv|(?<!\d )cms?|promos?|trailers?|teasers?|commercials?|music video|yokoku|"
    r"manner movie)\b|\bpilots?(?: film)?(?: \(\d{4}\))?$",
    re.IGNORECASE,
)


class Facts:
    """Facts of n anime, aligned by row.

    Attributes:
        anime: the n entries, in the catalog's order.
        ids: MyAnimeList ids, int64 [n].
        row_of: the row of each of them.
        members: how many have it on their list, float32 [n]; 0 where the source does not say.
        known_by: the same, float32 [n], with estimates in place of the zeros where there are any.
        franchise: dense franchise number, int32 [n].
        franchise_of: the same as a list, in which a single one is found sooner.
        rows_of_franchise: for each franchise number, its rows in the franchise's order.
        main: bool [n], which entries carry their franchise's story on; the others are specials,
            recaps and what few of its viewers watched.
        is_main: the same as a list.
        retells: bool [n], which entries tell again what another one tells: recaps and the like.
        is_music: bool [n], which are music videos.
        is_extra: bool [n], which short ones belong to a series by their title, though the catalog
            has each as a franchise of its own.
        began: float32 [n], of those who have an entry, the share that has the start of its
            franchise too; NaN where that is not known.
        alone: for the rows that were asked about, what `recsys.ranking.standing` found.
        genres: float32 [n, g], each anime's share of each genre; a row of zeros where none is
            known.
    """

    def __init__(self, anime: Iterable[Anime]) -> None:
        self.anime = tuple(anime)
        n = len(self.anime)
        self.ids = np.fromiter((a.id for a in self.anime), np.int64, n)
        self.members = np.fromiter((a.members for a in self.anime), np.float32, n)
        self.known_by = self.members
        self.row_of = {anime_id: row for row, anime_id in enumerate(self.ids.tolist())}
        # One place an id, and one more that stands for all beyond.
        self._row_by_id = np.full(int(self.ids.max(initial=0)) + 2, -1, np.int32)
        self._row_by_id[self.ids] = np.arange(n)
        self._year = np.fromiter((a.year or 0 for a in self.anime), np.int16, n)
        self._episodes = np.fromiter((a.episodes or 0 for a in self.anime), np.int32, n)
        self._adult = np.fromiter((a.adult for a in self.anime), np.bool_, n)
        self._hidden = np.fromiter((_is_nothing_to_watch(a) for a in self.anime), np.bool_, n)
        self.retells = np.fromiter((_retells(a) for a in self.anime), np.bool_, n)
        self.is_music = np.fromiter((a.type == "Music" for a in self.anime), np.bool_, n)
        self.began = np.full(n, np.nan, np.float32)
        newest = max((a.year or 0 for a in self.anime), default=0)
        # A count of episodes is published when it is final; this year's are announced ahead.
        self._finished = (self._episodes > 0) & (self._year > 0) & (self._year < newest)

        numbers: dict[int, int] = {}
        self.franchise = np.fromiter(
            # An entry that nobody assigned is a franchise of its own.
            (numbers.setdefault(a.franchise or a.id, len(numbers)) for a in self.anime),
            np.int32,
            n,
        )
        by_order = sorted(range(n), key=lambda row: (self.anime[row].order, self.anime[row].id))
        groups: list[list[int]] = [[] for _ in numbers]
        for row in by_order:
            groups[self.franchise[row]].append(row)
        self.rows_of_franchise = tuple(tuple(group) for group in groups)

        self._starts: dict[int, int] = {}
        self.alone: dict[int, bool] = {}
        self.main = np.zeros(n, dtype=np.bool_)
        for group in self.rows_of_franchise:
            most = max(self.anime[row].members for row in group)
            for row in group:
                self.main[row] = _is_main(self.anime[row], most)
        self.is_extra = self._extras()
        self.franchise_of: list[int] = self.franchise.tolist()
        self.is_main: list[bool] = self.main.tolist()

        names = {
            name: i for i, name in enumerate(sorted({g for a in self.anime for g in a.genres}))
        }
        self.genres = np.zeros((n, len(names)), dtype=np.float32)
        for row, a in enumerate(self.anime):
            self.genres[row, [names[genre] for genre in a.genres]] = 1 / max(len(a.genres), 1)
        self._rows_of_label = _rows_by_name((*a.genres, *a.tags) for a in self.anime)
        self._rows_of_studio = _rows_by_name(a.studios for a in self.anime)
        self._rows_of_type = _rows_by_name((a.type,) for a in self.anime)

    def __len__(self) -> int:
        return len(self.anime)

    def row(self, anime_id: int) -> int | None:
        """The row of an anime, or None when the catalog has no such id."""
        return self.row_of.get(anime_id)

    def rows(self, anime_ids: NDArray[np.int64]) -> NDArray[np.intp]:
        """The rows of some anime, intp [m]; -1 where the catalog has no such id."""
        return self._row_by_id.take(anime_ids, mode="clip").astype(np.intp)

    def franchises_of(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which franchises some rows belong to, bool [franchises], by number."""
        found = np.zeros(len(self.rows_of_franchise), np.bool_)
        found[self.franchise.take(rows)] = True
        return found

    def start(self, franchise: int) -> int:
        """The row where a franchise begins, by its number: its first well-known entry."""
        found = self._starts.get(franchise)
        if found is None:
            rows = self.rows_of_franchise[franchise]
            bar = _WELL_KNOWN * max(self.anime[row].members for row in rows)
            found = next(row for row in rows if self.anime[row].members >= bar)
            self._starts[franchise] = found
        return found

    def _extras(self) -> NDArray[np.bool_]:
        known: dict[str, int] = {}
        for a in self.anime:
            if a.type in {"TV", "Movie"}:
                known[a.title] = max(a.members, known.get(a.title, 0))
        found = np.zeros(len(self), np.bool_)
        for group in self.rows_of_franchise:
            a = self.anime[group[0]]
            if len(group) == 1 and a.type not in {"TV", "Movie"}:
                of_series = known.get(_EXTRA.sub("", a.title), 0)
                short = a.type == "Special" or (a.episodes or 99) <= _MOST_OF_AN_EXTRA
                found[group[0]] = short and of_series > _BETTER_KNOWN * a.members
        return found

    def estimate_members(
        self, rows: NDArray[np.intp], counts: NDArray[np.floating] | NDArray[np.integer]
    ) -> None:
        """Fills `known_by` where the source does not say how many people know an anime.

        Args:
            rows: intp [m], each once.
            counts: [m], on how many lists of a sample each is; the sample's share of everybody
                is the median over the anime of which both numbers are known.
        """
        members = self.members[rows]
        both = (members > 0) & (counts > 0)
        if not both.any():
            return
        share = float(np.median(members[both] / counts[both]))
        self.known_by = self.members.copy()
        self.known_by[rows] = np.where(members > 0, members, share * counts)

    def mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Which anime pass every part of the filters that is set, bool [n]."""
        allowed = self.shown(filters)
        for _, _, passes in self.parts(filters):
            allowed &= passes
        return allowed

    def shown(self, filters: Filters) -> NDArray[np.bool_]:
        """Which anime may be shown to this person at all, bool [n].

        Adult titles on request; never what is merely announced, nor what only advertises another.
        """
        return ~self._hidden if filters.adult else ~(self._adult | self._hidden)

    def parts(self, filters: Filters) -> Iterator[tuple[str, str | None, NDArray[np.bool_]]]:
        """Each part of the filters that can be given up alone, and which anime pass it.

        Yields:
            The attribute of `Filters`; the label, where the attribute holds several that must
            each hold; and bool [n]. `adult` is no such part: nobody is advised to lift it.
        """
        yield from self._by_label(filters)
        yield from self._by_number(filters)

    def _by_label(self, filters: Filters) -> Iterator[tuple[str, str | None, NDArray[np.bool_]]]:
        if filters.types:
            yield "types", None, self._at(self._rows_of_type, *filters.types)
        for label in sorted(filters.genres):
            yield "genres", label, self._has(label)
        if filters.any_genres:
            yield "any_genres", None, self._has(*filters.any_genres)
        for label in sorted(filters.without):
            yield "without", label, ~self._has(label)
        if filters.studios:
            yield "studios", None, self._at(self._rows_of_studio, *filters.studios)

    def _by_number(self, filters: Filters) -> Iterator[tuple[str, str | None, NDArray[np.bool_]]]:
        if filters.year_from is not None:
            yield "year_from", None, self._year >= max(filters.year_from, 1)
        if filters.year_to is not None:
            yield "year_to", None, (self._year <= filters.year_to) & (self._year > 0)
        if filters.min_episodes is not None:
            yield "min_episodes", None, self._episodes >= max(filters.min_episodes, 1)
        if filters.max_episodes is not None:
            few = (self._episodes <= filters.max_episodes) & (self._episodes > 0)
            yield "max_episodes", None, few
        if filters.min_members is not None:
            known = (self.known_by >= filters.min_members) & (self.known_by > 0)
            yield "min_members", None, known
        if filters.finished:
            yield "finished", None, self._finished

    def _has(self, *labels: str) -> NDArray[np.bool_]:
        return self._at(self._rows_of_label, *labels)

    def _at(self, rows_by_name: dict[str, NDArray[np.intp]], *names: str) -> NDArray[np.bool_]:
        """Which anime have any of the names."""
        present = np.zeros(len(self), dtype=np.bool_)
        for name in names:
            present[rows_by_name.get(name.casefold(), np.empty(0, np.intp))] = True
        return present


def _is_main(anime: Anime, most: int) -> bool:
    """Whether an entry carries its franchise on, whose best-known entry has `most` members."""
    share = _CARRIES_ON.get(anime.type)
    if share is None or _retells(anime):
        return False
    # The source does not count the newest: their type alone speaks for them.
    return anime.members >= share * most or (anime.members == 0 and anime.type != "OVA")


def _retells(anime: Anime) -> bool:
    return _RETELLS.search(anime.title) is not None


def _is_nothing_to_watch(anime: Anime) -> bool:
    """Whether an entry is an announcement, or advertises another one."""
    if anime.type != "TV" and _ADVERTISES.search(anime.title):
        return True
    # Announced when the source was read, and not begun: nobody could give it a score.
    return anime.episodes is None and anime.year is None and anime.mean is None


def _rows_by_name(names_of_rows: Iterable[Iterable[str]]) -> dict[str, NDArray[np.intp]]:
    rows_of: dict[str, list[int]] = {}
    for row, names in enumerate(names_of_rows):
        for name in {name.casefold() for name in names}:
            rows_of.setdefault(name, []).append(row)
    return {name: np.array(rows, dtype=np.intp) for name, rows in rows_of.items()}
