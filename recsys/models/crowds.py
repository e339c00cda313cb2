"""What other crowds of people have: the samples that a training file is put together from.

A list of 2016 and one of 2022, or one of another country, differ in what is on them by chance
alone, and one popularity for all is nobody's. So each anime is told how much more common it is in
each of the larger samples than in all, and each list what it has of that kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

CROWDS = 4
"""How many samples are told apart: those of the most people."""

# Imagined people of a sample who are like all.
_PRIOR = 20.0
# A list says no more of its crowd than so many entries would: they are not independent.
_MOST_SAID = 10


def largest(lists: Interactions) -> tuple[str, ...]:
    """Names of the samples with the most people, which are the crowds, at most `CROWDS`."""
    people = np.bincount(lists.source_of, minlength=len(lists.sources))
    return tuple(lists.sources[code] for code in np.argsort(-people, kind="stable")[:CROWDS])


@dataclass(frozen=True, slots=True)
class Crowds:
    """How each anime stands in each crowd.

    Attributes:
        lifts: float32 [n, CROWDS], log of its share in the crowd over its share of all; zeros
            where there are fewer crowds.
    """

    lifts: NDArray[np.float32]

    @classmethod
    def of(cls, lists: Interactions, names: Sequence[str]) -> Crowds:
        """Counts them in training lists.

        Args:
            lists: of the people.
            names: of the samples that are crowds, at most `CROWDS`.
        """
        people = np.bincount(lists.source_of, minlength=len(lists.sources))
        share = (np.bincount(lists.items, minlength=lists.n_items) + 1) / (lists.n_users + 1)
        lifts = np.zeros((lists.n_items, CROWDS), np.float32)
        source = lists.source_of[lists.users]
        for place, name in enumerate(names):
            code = lists.sources.index(name)
            count = np.bincount(lists.items[source == code], minlength=lists.n_items)
            within = (count + _PRIOR * share) / (people[code] + _PRIOR)
            lifts[:, place] = np.log(within / share)
        return cls(lifts)

    def of_list(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Mean lifts [CROWDS] of the entries [m]."""
        return self.lifts.take(items, axis=0).mean(axis=0)

    def among_alike(
        self, usual: NDArray[np.float32], known: int, lifts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Lifts [k] in a crowd that is mixed as the list says.

        Args:
            usual: what `of_list` says.
            known: entries of the list.
            lifts: [k, CROWDS] of the anime asked for.
        """
        said = usual * np.float32(min(known, _MOST_SAID))
        chance = np.exp(said - said.max())
        chance /= chance.sum()
        return np.log(np.exp(lifts) @ chance)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        return {"crowds.lifts": self.lifts}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]]) -> Crowds:
        """The inverse of `tensors`.

        Raises:
            KeyError: a part is missing.
            ValueError: it is about another number of crowds.
        """
        lifts = tensors["crowds.lifts"]
        if lifts.ndim != 2 or lifts.shape[1] != CROWDS:
            raise ValueError("the lifts are about another number of crowds")
        return cls(lifts)
