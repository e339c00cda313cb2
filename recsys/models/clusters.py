"""Spherical k-means: anime whose vectors point the same way, and the cluster most unlike each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Clusters:
    """A partition of n anime.

    Attributes:
        of: int32 [n], the cluster of each.
        opposite: int32 [k], the cluster whose centre is least like each cluster's.
    """

    of: NDArray[np.int32]
    opposite: NDArray[np.int32]

    def members(self, cluster: int) -> NDArray[np.intp]:
        """Positions of the anime of one cluster, ascending."""
        return np.flatnonzero(self.of == cluster)

    @classmethod
    def of_vectors(cls, unit: NDArray[np.float32], count: int, seed: int) -> Clusters:
        """Clusters unit vectors by cosine (Dhillon & Modha 2001, spherical k-means).

        Args:
            unit: float32 [n, d], rows of length 1 (or 0).
            count: how many clusters; at most n are made, and none is empty.
            seed: of the first centres, drawn as k-means++ does (Arthur & Vassilvitskii 2007).
        """
        count = min(count, len(unit))
        centres = _first_centres(unit, count, np.random.default_rng(seed))
        of = np.full(len(unit), -1)
        for _ in range(_MOST_ROUNDS):
            cosines = unit @ centres.T
            nearest = cosines.argmax(axis=1)
            _fill_empty(nearest, cosines, count)
            if np.array_equal(nearest, of):
                break
            of = nearest
            sums = np.zeros_like(centres)
            np.add.at(sums, of, unit)
            centres = _unit(sums)
        likeness = centres @ centres.T
        return cls(of.astype(np.int32), likeness.argmin(axis=1).astype(np.int32))


def _first_centres(
    unit: NDArray[np.float32], count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    chosen = [int(rng.integers(len(unit)))]
    distance = np.full(len(unit), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, np.maximum(1 - unit @ unit[chosen[-1]], 0))
        distance[chosen] = 0
        total = distance.sum()
        # All that is left coincides with a centre: any of it will do.
        chance = distance / total if total > 0 else np.isin(range(len(unit)), chosen, invert=True)
        chosen.append(int(rng.choice(len(unit), p=chance / chance.sum())))
    return unit[chosen]


def _fill_empty(nearest: NDArray[np.intp], cosines: NDArray[np.float32], count: int) -> None:
    """Gives each empty cluster the vector that lies worst in a cluster of several."""
    sizes = np.bincount(nearest, minlength=count)
    for cluster in np.flatnonzero(sizes == 0):
        fit = cosines[np.arange(len(nearest)), nearest]
        worst = int(np.where(sizes[nearest] > 1, fit, np.inf).argmin())
        sizes[nearest[worst]] -= 1
        nearest[worst] = cluster
        sizes[cluster] = 1


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1)).astype(np.float32)
