"""Which anime are watched by the same people: evidence on what belongs together.

It lives while a catalog is built. Nothing of it is written but the franchises it confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FEWEST_WATCHERS = 30
"""Below this many watchers an anime's neighbours are chance."""

NEIGHBOURS = 100
"""How many neighbours of each anime are told apart; the rest are equally far."""

_BLOCK = 512


@dataclass(frozen=True, slots=True)
class CoWatching:
    """The nearest anime of each anime, by who watched what.

    Attributes:
        neighbours: id → (id of a neighbour → its place, 1 for the nearest). An anime with too
            few watchers is missing.
        watchers: id → rows of the people who watched it, ascending.
        people: how many people there are.
    """

    neighbours: Mapping[int, Mapping[int, int]]
    watchers: Mapping[int, NDArray[np.int64]]
    people: int

    def known(self, one: int, other: int) -> bool:
        """Whether both anime have watchers enough to say anything."""
        return one in self.neighbours and other in self.neighbours

    def places(self, one: int, other: int) -> tuple[int, int]:
        """Each one's place among the other's neighbours, the nearer first.

        A place past the last that is kept is `NEIGHBOURS` + 1. Both must be known.
        """
        far = NEIGHBOURS + 1
        there = self.neighbours[one].get(other, far)
        back = self.neighbours[other].get(one, far)
        return min(there, back), max(there, back)

    def share(self, one: int, other: int) -> float:
        """Of the people who watched the rarer one, how many watched the other, from 0 to 1."""
        a, b = self.watchers[one], self.watchers[other]
        both = np.intersect1d(a, b, assume_unique=True)
        return len(both) / min(len(a), len(b))

    def lift(self, one: int, other: int) -> float:
        """The share, as a multiple of what it would be if the two had nothing to do."""
        usual = max(len(self.watchers[one]), len(self.watchers[other])) / self.people
        return self.share(one, other) / usual

    @classmethod
    def learn(cls, users: NDArray[np.integer], anime: NDArray[np.integer]) -> CoWatching:
        """Finds the neighbours by cosine, every person counting 1/sqrt(the length of the list).

        Args:
            users: (n,) who watched.
            anime: (n,) the MyAnimeList id of what was watched, beside each of `users`.
        """
        ids, columns, counts = np.unique(anime, return_inverse=True, return_counts=True)
        keep = counts[columns] >= FEWEST_WATCHERS
        ids, columns = np.unique(anime[keep], return_inverse=True)
        people, rows, lengths = np.unique(users[keep], return_inverse=True, return_counts=True)
        # People who watched everything say little of what belongs together.
        weights = (1 / np.sqrt(lengths[rows])).astype(np.float32)
        seen = sparse.csr_matrix((weights, (rows, columns)), dtype=np.float32)
        norms = np.sqrt(np.asarray(seen.multiply(seen).sum(axis=0)).ravel())
        seen = sparse.csr_matrix(seen.multiply(1 / norms[np.newaxis, :]), dtype=np.float32)
        by_anime = seen.T.tocsr()
        nearest: dict[int, dict[int, int]] = {}
        for start in range(0, len(ids), _BLOCK):
            cosines = (by_anime[start : start + _BLOCK] @ seen).toarray()
            at = np.arange(len(cosines))
            cosines[at, start + at] = -1
            count = min(NEIGHBOURS, len(ids) - 1)
            order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
            for row, places in enumerate(order):
                nearest[int(ids[start + row])] = {
                    int(ids[column]): place for place, column in enumerate(places, start=1)
                }
        starts, indices = by_anime.indptr, by_anime.indices
        watchers = {
            int(anime_id): np.sort(indices[starts[i] : starts[i + 1]]).astype(np.int64)
            for i, anime_id in enumerate(ids)
        }
        return cls(nearest, watchers, len(people))
