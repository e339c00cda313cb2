"""Systems that are one matrix of weights between anime: the score of a list x is xB.

- ItemKNN: cosine between anime, the nearest of each (Sarwar et al. 2001, "Item-based Collaborative
  Filtering Recommendation Algorithms"); ours.
- RP3beta: three steps of a random walk, less popularity (Paudel et al. 2017, "Updatable, Accurate,
  Diverse, and Scalable Recommendations for Interactive Applications"); ours.
- SLIM: sparse and non-negative, elastic net (Ning & Karypis 2011, "SLIM: Sparse Linear Methods for
  Top-N Recommender Systems"); ours, `recsys.evaluation.peers.slim`: what fastslim finds, sooner.
- EASE and EDLAE: ours, `recsys.models.ease` and `recsys.models.edlae`, as published: everybody
  counts alike, every weight is kept in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from recsys.evaluation.peers.slim import SlimSettings, solve
from recsys.models.ease import Ease, zero_diagonal_weights
from recsys.models.edlae import EdlaeSettings, edlae_precision
from recsys.models.gram import gram, matrix, symmetric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

    Fit = Callable[[Mapping[str, Any]], "ItemWeights"]


_COLUMNS_AT_ONCE = 1024
# An anime on no list is like nothing; without shrinkage its cosine would be 0 / 0.
_TINY = np.float32(1e-9)


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
    """Settings top_k, shrinkage and power: B_ij = (G_ij / (√(G_ii G_jj) + shrinkage))^power.

    Of each anime j the top_k nearest i count. (irspack keeps the top_k targets j of each i, with
    which popular anime crowd out the rest: on the tuning sample that ranked clearly worse.)
    """
    G: list[NDArray[np.float32]] = []

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        G[:] = G or [symmetric(gram(lists))]
        root = np.sqrt(np.diagonal(G[0]))
        scale = np.outer(root, root) + np.float32(settings["shrinkage"]) + _TINY
        B = (G[0] / scale).astype(np.float32, copy=False)
        B **= np.float32(settings["power"])
        return ItemWeights(_nearest(B, settings["top_k"]))

    return fit


def rp3beta(lists: Interactions) -> Fit:
    """Settings top_k and beta: B_ij is the chance to walk from i over a person to j, / G_jj^beta.

    Of each anime j the top_k likeliest i count.
    """
    steps: list[NDArray[np.float32]] = []

    def fit(settings: Mapping[str, Any]) -> ItemWeights:
        lengths = np.maximum(lists.lengths, 1)
        steps[:] = steps or [symmetric(gram(lists, user_weights=1 / lengths))]
        popularity = np.bincount(lists.items, minlength=lists.n_items).clip(1).astype(np.float32)
        B = steps[0] / popularity[:, None]
        B /= popularity[None, :] ** np.float32(settings["beta"])
        return ItemWeights(_nearest(B, settings["top_k"]))

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


def _nearest(B: NDArray[np.float32], top_k: int) -> sparse.csr_array:
    """The top_k largest of each column, its diagonal left out; B is overwritten."""
    np.fill_diagonal(B, 0)
    blocks: list[sparse.csc_array] = []
    for start in range(0, len(B), _COLUMNS_AT_ONCE):
        block = np.ascontiguousarray(B[:, start : start + _COLUMNS_AT_ONCE].T)
        if top_k < len(B):
            least = -np.partition(-block, top_k - 1, axis=1)[:, top_k - 1]
            block[block < least[:, None]] = 0
        blocks.append(sparse.csc_array(block.T))
    return sparse.csr_array(sparse.hstack(blocks), dtype=np.float32)
