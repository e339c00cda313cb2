"""Systems that are one matrix of weights between anime: the score of a list x is xB.

- ItemKNN: cosine between anime, the nearest of each (Sarwar et al. 2001, "Item-based Collaborative
  Filtering Recommendation Algorithms"); irspack.
- RP3beta: three steps of a random walk, less popularity (Paudel et al. 2017, "Updatable, Accurate,
  Diverse, and Scalable Recommendations for Interactive Applications"); irspack.
- SLIM: sparse and non-negative, elastic net (Ning & Karypis 2011, "SLIM: Sparse Linear Methods for
  Top-N Recommender Systems"); ours, `recsys.evaluation.peers.slim`: what fastslim finds, sooner.
- EASE and EDLAE: ours, `recsys.models.ease` and `recsys.models.edlae`, as published: everybody
  counts alike, every weight is kept in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from recsys.evaluation.peers.base import threads
from recsys.evaluation.peers.slim import SlimSettings, solve
from recsys.models.ease import Ease, zero_diagonal_weights
from recsys.models.edlae import EdlaeSettings, edlae_precision
from recsys.models.gram import gram, matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

    Fit = Callable[[Mapping[str, Any]], "ItemWeights"]


class ItemWeights:
    """B [n, n], dense or sparse, for the anime of the lists it was fitted on."""

    def __init__(self, weights: NDArray[np.float32] | sparse.csr_array) -> None:
        # A product with a matrix in columns would copy it whole, for one person too.
        self.weights: NDArray[np.float32] | sparse.csr_array = (
            weights if isinstance(weights, sparse.csr_array) else np.ascontiguousarray(weights)
        )

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """XB for some people."""
        if isinstance(self.weights, sparse.csr_array):
            product = sparse.csr_array(matrix(known) @ self.weights)
            return np.asarray(product.toarray(), np.float32)
        return np.asarray(matrix(known) @ self.weights, np.float32)

    def predict(self, known: Interactions) -> None:
        """It predicts no ratings."""
        del known

    def tensors(self) -> dict[str, NDArray[Any]]:
        """B, or its compressed rows."""
        if not isinstance(self.weights, sparse.csr_array):
            return {"weights": self.weights}
        return {
            "data": self.weights.data.astype(np.float32),
            "indices": self.weights.indices.astype(np.int32),
            "indptr": self.weights.indptr.astype(np.int64),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> ItemWeights:
        """What `tensors` stored."""
        if "weights" in tensors:
            return cls(tensors["weights"])
        n = len(tensors["indptr"]) - 1
        parts = (tensors["data"], tensors["indices"], tensors["indptr"])
        return cls(sparse.csr_array(parts, shape=(n, n)))


def item_knn(lists: Interactions) -> Fit:
    """Cosine neighbours; see `irspack.CosineKNNRecommender` for the settings."""
    from irspack import CosineKNNRecommender

    X = _library_matrix(lists)

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        model = CosineKNNRecommender(X, n_threads=threads(), **settings).learn()
        return ItemWeights(_rows(model.W))

    return fit


def rp3beta(lists: Interactions) -> Fit:
    """The random walk; see `irspack.RP3betaRecommender` for the settings."""
    from irspack import RP3betaRecommender

    X = _library_matrix(lists)

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        model = RP3betaRecommender(X, n_threads=threads(), **settings).learn()
        return ItemWeights(_rows(model.W))

    return fit


def slim(lists: Interactions) -> Fit:
    """Settings l1 and l2; see `recsys.evaluation.peers.slim`."""
    G: list[NDArray[np.float32]] = []

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        G[:] = G or [gram(lists)]
        return ItemWeights(solve(G[0], SlimSettings(settings["l1"], settings["l2"])))

    return fit


def ease(lists: Interactions) -> Fit:
    """Setting l2, the λ of the paper."""
    G: list[NDArray[np.float32]] = []

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        G[:] = G or [gram(lists)]
        return ItemWeights(Ease.from_gram(G[0], settings["l2"]).weights)

    return fit


def edlae(lists: Interactions) -> Fit:
    """Settings dropout and l2, the p and λ of the paper."""
    G: list[NDArray[np.float32]] = []

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        G[:] = G or [gram(lists)]
        of = EdlaeSettings(settings["dropout"], settings["l2"], user_power=0.0)
        return ItemWeights(zero_diagonal_weights(edlae_precision(G[0].copy(order="F"), of)))

    return fit


def _library_matrix(lists: Interactions) -> sparse.csr_matrix:
    """As irspack's C++ parts want it: double precision, and the older class of sparse matrices."""
    return sparse.csr_matrix(matrix(lists), dtype=np.float64)


def _rows(weights: Any) -> sparse.csr_array:  # noqa: ANN401 -- whatever the library returns
    return sparse.csr_array(sparse.csr_array(weights), dtype=np.float32)
