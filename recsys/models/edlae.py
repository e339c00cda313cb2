"""EDLAE: EASE that is trained to guess what it was not told.

Steck 2020, "Autoencoders that don't Overfit towards the Identity", NeurIPS 33: inputs are dropped
with probability p in training. In expectation that is a regularisation that grows with an anime's
popularity, Λ = p/(1 − p) · diagMat(diag(XᵀX)) + λI, and the answer stays closed: with
P = (XᵀX + Λ)⁻¹, B = I − P · diagMat(1 ⊘ diag(P)) (section 3.2, with the constraint diag(B) = 0 of
the emphasised loss).

Two of ours: a long list counts for less than its length (each person weighs n_u^−a), and
the same formula fits the *residuals* of ratings, which gives the second head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.gram import inverse

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EdlaeSettings:
    """How strongly one head is held back.

    Attributes:
        dropout: p, the share of inputs dropped.
        l2: λ, in units of one person with one entry.
        user_power: a person with n entries weighs n^−user_power.
    """

    dropout: float
    l2: float
    user_power: float

    def user_weights(self, lengths: NDArray[np.integer]) -> NDArray[np.float64]:
        """[users] the weight of lists of the given lengths; an empty one has no say anyway."""
        return np.maximum(lengths, 1).astype(np.float64) ** -self.user_power


def edlae_precision(G: NDArray[np.float32], settings: EdlaeSettings) -> NDArray[np.float32]:
    """P = (G + Λ)⁻¹.

    Args:
        G: [anime, anime] in Fortran order, read from its lower triangle, and overwritten.
        settings: p and λ.

    Returns:
        [anime, anime], symmetric. The weights are B_ij = −P_ij / P_jj, and 0 for i = j.
    """
    diagonal = np.diag_indices_from(G)
    G[diagonal] /= 1.0 - settings.dropout  # G + p/(1 − p) · G on the diagonal
    G[diagonal] += settings.l2
    return inverse(G)
