"""EASE: the best linear item-to-item model with a zero diagonal, in closed form.

Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW '19: minimise
‖X − XB‖² + λ‖B‖² with diag(B) = 0. With P = (XᵀX + λI)⁻¹ the answer is
B = I − P · diagMat(1 ⊘ diag(P)) (equation 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.gram import gram, inverse, matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


class Ease:
    """A dense weight matrix B [anime, anime]; the score of a list x is xB."""

    name = "EASE"

    def __init__(self, weights: NDArray[np.float32]) -> None:
        """Takes B [anime, anime], zero on its diagonal."""
        self.weights = weights

    @classmethod
    def fit(cls, lists: Interactions, l2: float = 300.0) -> Ease:
        """Fits on the lists of the training people; l2 is the λ of the paper."""
        return cls.from_gram(gram(lists), l2)

    @classmethod
    def from_gram(cls, G: NDArray[np.float32], l2: float) -> Ease:
        """Fits on XᵀX [anime, anime] (lower triangle), which is left as it is."""
        A = G.copy(order="F")
        A[np.diag_indices_from(A)] += l2
        return cls(zero_diagonal_weights(inverse(A)))

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """XB for some people: [users, anime]."""
        return matrix(known) @ self.weights


def zero_diagonal_weights(P: NDArray[np.float32]) -> NDArray[np.float32]:
    """B = I − P · diagMat(1 ⊘ diag(P)), in place of P."""
    diagonal = np.diagonal(P).copy()
    P /= -diagonal[None, :]
    P[np.diag_indices_from(P)] = 0.0
    return P
