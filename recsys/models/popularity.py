"""Most popular: everybody gets what most people have. The floor of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


class Popularity:
    """Counts lists."""

    name = "popularity"

    def __init__(self, counts: NDArray[np.integer]) -> None:
        """Takes [anime] the number of lists each is on."""
        self.counts = counts.astype(np.float32)

    @classmethod
    def fit(cls, lists: Interactions) -> Popularity:
        """Counts the lists of the training people."""
        return cls(np.bincount(lists.items, minlength=lists.n_items))

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """The same row for everybody: [users, anime]."""
        return np.tile(self.counts, (known.n_users, 1))
