"""Lists whose entries have an order: who came before whom, where a set says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everybody's list, and the place of each entry in it.

    Attributes:
        lists: the entries.
        places: [entries] int32, 0 for a person's first entry, up to the length of the list less 1.
    """

    lists: Interactions
    places: NDArray[np.int32]

    @classmethod
    def by(cls, lists: Interactions, moments: NDArray[np.number]) -> Timeline:
        """Orders each list by a number an entry, as a time; of equals, by the id of the anime."""
        order = np.lexsort((np.arange(len(lists)), moments, lists.users))
        places = np.empty(len(lists), np.int32)
        places[order] = np.arange(len(lists)) - lists.indptr[lists.users[order]]
        return cls(lists, places)

    @classmethod
    def of_rows(
        cls,
        lists: Interactions,
        user_ids: NDArray[np.number],
        anime_ids: NDArray[np.number],
        moments: NDArray[np.number],
    ) -> Timeline:
        """Orders a table by the rows that it was made of.

        Args:
            lists: what `recsys.data.rows.Rows` made of the rows.
            user_ids: [rows] ids of people.
            anime_ids: [rows] ids of anime.
            moments: [rows] what orders them; of a repeated pair that of the last row.
        """
        users, known = _places(lists.user_ids, user_ids)
        anime, those = _places(lists.anime_ids, anime_ids)
        kept = known & those  # the table left out rows without an id
        keys = users[kept] * lists.n_items + anime[kept]
        by_key = np.argsort(keys, kind="stable")
        ordered = keys[by_key]
        last = np.ones(len(ordered), bool)
        last[:-1] = ordered[1:] != ordered[:-1]
        return cls.by(lists, moments[kept][by_key[last]])

    @property
    def ages(self) -> NDArray[np.int32]:
        """[entries] how many entries of the same person came later; 0 for the latest."""
        return (self.lists.lengths[self.lists.users] - 1 - self.places).astype(np.int32)

    def before(self, ends: NDArray[np.integer]) -> Timeline:
        """The first entries of each list, as many as `ends` [users] says."""
        kept = self.places < ends[self.lists.users]
        return Timeline(self.lists.where(kept), self.places[kept])

    def since(self, starts: NDArray[np.integer]) -> Interactions:
        """What stands at the places `starts` [users] and later."""
        return self.lists.where(self.places >= starts[self.lists.users])


def _places(
    ids: NDArray[np.integer], values: NDArray[np.number]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Positions of values in ids (ascending), and where they are right."""
    place = np.minimum(np.searchsorted(ids, values), max(len(ids) - 1, 0))
    return place, ids[place] == values if len(ids) else np.zeros(len(values), bool)
