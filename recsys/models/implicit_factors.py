"""A factorisation of who has what, as a second opinion on a list.

A linear model weighs single anime against one another; a factorisation says where a list lies
among a few dozen tastes. It ranks worse alone, and what it says beside the linear model is news to
the second stage. Hu, Koren and Volinsky 2008, "Collaborative Filtering for Implicit Feedback
Datasets", in the form of Rendle et al. 2022, "Revisiting the Performance of iALS on Item
Recommendation Benchmarks": every pair counts for α₀ as a zero, those on a list for 1 more as a
one, and each vector is held back by r · (entries + α₀ · others), by alternating least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.low_rank import as_bytes

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

_START = 0.1  # length, about, of the vectors that training starts from
_SOLVED_AT_ONCE = 512
# Of few anime there are fewer directions worth telling apart.
_LEAST_PER_DIMENSION = 4


@dataclass(frozen=True, slots=True)
class FactorSettings:
    """How the factors are trained. The values were tuned on validation people.

    Attributes:
        dimensions: of each vector; fewer where there are few anime.
        unseen: α₀.
        l2: r.
        rounds: of alternating least squares.
    """

    dimensions: int = 64
    unseen: float = 0.65
    l2: float = 0.0015
    rounds: int = 8


@dataclass(frozen=True, slots=True)
class ImplicitFactors:
    """Vectors of anime, and what is needed to find that of a list.

    Attributes:
        items: float32 [n, d].
        everything: float32 [d, d], what a list without entries solves: α₀ YᵀY and its ridge.
        l2: r.
    """

    items: NDArray[np.float32]
    everything: NDArray[np.float32]
    l2: float

    @classmethod
    def fit(cls, lists: Interactions, settings: FactorSettings, seed: int) -> ImplicitFactors:
        """Trains on some people's lists.

        Args:
            lists: of the people.
            settings: see `FactorSettings`.
            seed: of the start.
        """
        random = np.random.default_rng(seed)
        n = lists.n_items
        d = min(settings.dimensions, max(n // _LEAST_PER_DIMENSION, 1))
        Y = random.standard_normal((n, d)).astype(np.float32)
        Y *= np.float32(_START / np.sqrt(d))
        by_item = np.argsort(lists.items, kind="stable")
        holders = lists.users[by_item]
        ends = np.concatenate([[0], np.cumsum(np.bincount(lists.items, minlength=n))])
        for _ in range(settings.rounds):
            X = _solved(Y, lists.items, lists.indptr, settings)
            Y = _solved(X, holders, ends, settings)
        return cls.of(_from_bytes(**as_bytes(Y)), settings.unseen, settings.l2)

    @classmethod
    def of(cls, items: NDArray[np.float32], unseen: float, l2: float) -> ImplicitFactors:
        """Prepares vectors of anime [n, d]; `unseen` is α₀."""
        everything = np.float32(unseen) * (items.T @ items)
        everything[np.diag_indices_from(everything)] += np.float32(l2 * unseen * len(items))
        return cls(items, everything, l2)

    def of_list(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vector [d] of somebody who has these, positions [m]."""
        told = self.items.take(items, axis=0)
        left = told.T @ told
        left += self.everything
        left.reshape(-1)[:: len(left) + 1] += np.float32(self.l2 * len(items))  # the diagonal
        return np.linalg.solve(left, told.sum(axis=0)).astype(np.float32)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save: bytes, each row with a scale of its own."""
        parts = {f"factors.{name}": part for name, part in as_bytes(self.items).items()}
        return {**parts, "factors.everything": self.everything, "factors.l2": np.array([self.l2])}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]]) -> ImplicitFactors:
        """The inverse of `tensors`.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together.
        """
        items = _from_bytes(tensors["factors.codes"], tensors["factors.scale"])
        everything = tensors["factors.everything"]
        if everything.shape != (items.shape[1],) * 2:
            raise ValueError("the factors and their Gram matrix do not fit together")
        return cls(items, everything, float(tensors["factors.l2"][0]))


def _solved(
    fixed: NDArray[np.float32],
    columns: NDArray[np.integer],
    ends: NDArray[np.integer],
    settings: FactorSettings,
) -> NDArray[np.float32]:
    """Vectors [rows, d] of one side, with those of the other fixed [others, d].

    Args:
        fixed: vectors of the other side.
        columns: of all rows, row by row, which of them belong together.
        ends: [rows + 1], where the rows begin and end in `columns`.
        settings: see `FactorSettings`.
    """
    d = fixed.shape[1]
    rows = len(ends) - 1
    everything = np.float32(settings.unseen) * (fixed.T @ fixed)
    result = np.zeros((rows, d), np.float32)
    diagonal = np.arange(d)
    for start in range(0, rows, _SOLVED_AT_ONCE):
        stop = min(start + _SOLVED_AT_ONCE, rows)
        left = np.empty((stop - start, d, d), np.float32)
        right = np.empty((stop - start, d, 1), np.float32)
        for row in range(start, stop):
            own = fixed.take(columns[ends[row] : ends[row + 1]], axis=0)
            np.matmul(own.T, own, out=left[row - start])
            own.sum(axis=0, out=right[row - start, :, 0])
        left += everything
        ridge = settings.l2 * (np.diff(ends[start : stop + 1]) + settings.unseen * len(fixed))
        left[:, diagonal, diagonal] += ridge[:, None].astype(np.float32)
        result[start:stop] = np.linalg.solve(left, right)[:, :, 0]
    return result


def _from_bytes(codes: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of `as_bytes`, within half a step."""
    return codes.astype(np.float32) * scale[:, None]
