"""Systems of few dimensions: a person's vector is solved from what they told, then xB of rank d.

- PureSVD: Cremonesi, Koren & Turrin 2010, "Performance of Recommender Algorithms on Top-N
  Recommendation Tasks"; irspack.
- iALS: Hu, Koren & Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets", as
  tuned by Rendle et al. 2022, "Revisiting the Performance of iALS on Item Recommendation
  Benchmarks"; irspack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from recsys.evaluation.peers.base import threads
from recsys.models.gram import matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

_EPOCHS = 16


class Directions:
    """Orthonormal V [n, d]: the score of a list x is xVVᵀ."""

    def __init__(self, directions: NDArray[np.float32]) -> None:
        self.directions = directions

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """XVVᵀ for some people."""
        return (matrix(known) @ self.directions) @ self.directions.T

    def predict(self, known: Interactions) -> None:
        """It predicts no ratings."""
        del known

    def tensors(self) -> dict[str, NDArray[Any]]:
        """V."""
        return {"directions": self.directions}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Directions:
        """What `tensors` stored."""
        return cls(tensors["directions"])


class Factors:
    """Vectors Y [n, d] of anime, and how a person's is solved from a list.

    With a weight of α₀ for every anime and of 1 more for those on the list S, the person's vector
    is u = (Σ_S y yᵀ + α₀ YᵀY + r (|S| + α₀ n) I)⁻¹ Σ_S y: one step of training, exactly.
    """

    def __init__(self, items: NDArray[np.float32], alpha0: float, reg: float) -> None:
        self.items = items
        self.alpha0 = alpha0
        self.reg = reg
        self._everything = alpha0 * (items.T @ items).astype(np.float64)

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """Inner products, [users, anime]."""
        n, d = self.items.shape
        users = np.zeros((known.n_users, d))
        for row, (start, stop) in enumerate(zip(known.indptr[:-1], known.indptr[1:], strict=True)):
            told = self.items[known.items[start:stop]].astype(np.float64)
            ridge = self.reg * (len(told) + self.alpha0 * n)
            left = told.T @ told + self._everything + ridge * np.eye(d)
            users[row] = np.linalg.solve(left, told.sum(axis=0))
        return users.astype(np.float32) @ self.items.T

    def predict(self, known: Interactions) -> None:
        """It predicts no ratings."""
        del known

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Y, α₀ and r."""
        return {"items": self.items, "weights": np.array([self.alpha0, self.reg])}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Factors:
        """What `tensors` stored."""
        alpha0, reg = tensors["weights"].tolist()
        return cls(tensors["items"], alpha0, reg)


def pure_svd(lists: Interactions) -> Callable[[Mapping[str, Any]], Directions]:
    """Setting n_components, the dimensions."""
    from irspack import TruncatedSVDRecommender

    X = sparse.csr_matrix(matrix(lists))

    def fit(settings: Mapping[str, Any]) -> Directions:
        most = min(lists.n_users, lists.n_items) - 1
        dimensions = min(settings["n_components"], most)
        model = TruncatedSVDRecommender(X, n_components=dimensions).learn()
        return Directions(np.ascontiguousarray(model.get_item_embedding(), np.float32))

    return fit


def ials(lists: Interactions) -> Callable[[Mapping[str, Any]], Factors]:
    """Settings n_components, alpha0 and reg of `irspack.IALSRecommender`; ν = 1."""
    from irspack import IALSRecommender

    X = sparse.csr_matrix(matrix(lists))

    def fit(settings: Mapping[str, Any]) -> Factors:
        model = IALSRecommender(X, n_threads=threads(), nu=1.0, **settings)
        # `learn` would draw a progress bar of its own.
        model.start_learning()
        for _ in range(_EPOCHS):
            model.run_epoch()
        items = np.ascontiguousarray(model.get_item_embedding(), np.float32)
        return Factors(items, settings["alpha0"], settings["reg"])

    return fit
