"""Anime as short vectors, so that similar ones point the same way.

The leading eigenvectors of the normalised co-occurrence matrix D^−½ G D^−½, scaled by the roots of
their eigenvalues: the item factors of a truncated SVD of the lists (PureSVD, Cremonesi et al.
2010) after each anime is divided by the root of its popularity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ITERATIONS = 6
_OVERSAMPLING = 16


def spectral_embeddings(G: NDArray[np.float32], dimensions: int, seed: int) -> NDArray[np.float32]:
    """Unit rows whose inner products approximate normalised co-occurrence.

    Randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4). The first
    eigenvector, which says how popular an anime is and nothing else, is left out.

    Args:
        G: [n, n] symmetric, both triangles, positive on its diagonal.
        dimensions: at most; fewer where there are fewer anime.
        seed: of the random start.

    Returns:
        [n, dimensions].
    """
    n = len(G)
    wanted = min(dimensions + 1, n)
    root = (1.0 / np.sqrt(np.diagonal(G)))[:, None].astype(np.float32)

    def product(V: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.multiply(root, G @ (root * V), dtype=np.float32)

    random = np.random.default_rng(seed)
    start = random.standard_normal((n, min(wanted + _OVERSAMPLING, n)), dtype=np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(product(basis))[0]
    values, vectors = np.linalg.eigh(basis.T @ product(basis))
    largest = np.argsort(-values)[1:wanted]
    rows = (basis @ vectors[:, largest]) * np.sqrt(np.maximum(values[largest], 0.0))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows.astype(np.float32)
