"""The catalog's facts as arrays, one row an anime, so that a filter is a mask and not a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from recsys.catalog import Anime
    from recsys.picks import Filters


class Facts:
    """Facts of n anime, aligned by row.

    Attributes:
        anime: the n entries, in the catalog's order.
        ids: MyAnimeList ids, int64 [n].
        members: how many have it on their list, float32 [n].
        franchise: dense franchise number, int32 [n].
        rows_of_franchise: for each franchise number, its rows in the franchise's order.
    """

    def __init__(self, anime: Iterable[Anime]) -> None:
        self.anime = tuple(anime)
        n = len(self.anime)
        self.ids = np.fromiter((a.id for a in self.anime), np.int64, n)
        self.members = np.fromiter((a.members for a in self.anime), np.float32, n)
        self._row = {int(anime_id): row for row, anime_id in enumerate(self.ids)}
        self._year = np.fromiter((a.year or 0 for a in self.anime), np.int16, n)
        self._episodes = np.fromiter((a.episodes or 0 for a in self.anime), np.int32, n)
        self._adult = np.fromiter((a.adult for a in self.anime), np.bool_, n)
        self._type = np.array([a.type for a in self.anime], dtype=np.str_)

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

        rows_of_label: dict[str, list[int]] = {}
        for row, a in enumerate(self.anime):
            for label in {label.casefold() for label in (*a.genres, *a.tags)}:
                rows_of_label.setdefault(label, []).append(row)
        self._rows_of_label = {
            label: np.array(rows, dtype=np.intp) for label, rows in rows_of_label.items()
        }

    def __len__(self) -> int:
        return len(self.anime)

    def row(self, anime_id: int) -> int | None:
        """The row of an anime, or None when the catalog has no such id."""
        return self._row.get(anime_id)

    def mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Which anime pass every part of the filters that is set, bool [n]."""
        allowed = np.ones(len(self), dtype=np.bool_) if filters.adult else ~self._adult
        if filters.types:
            allowed &= np.isin(self._type, list(filters.types))
        for label in filters.genres:
            allowed &= self._has(label)
        for label in filters.without:
            allowed &= ~self._has(label)
        if filters.year_from is not None:
            allowed &= self._year >= max(filters.year_from, 1)
        if filters.year_to is not None:
            allowed &= (self._year <= filters.year_to) & (self._year > 0)
        if filters.max_episodes is not None:
            allowed &= (self._episodes <= filters.max_episodes) & (self._episodes > 0)
        return allowed

    def _has(self, label: str) -> NDArray[np.bool_]:
        present = np.zeros(len(self), dtype=np.bool_)
        present[self._rows_of_label.get(label.casefold(), np.empty(0, np.intp))] = True
        return present
