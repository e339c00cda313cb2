"""The two heavy steps of every closed-form linear model: a Gram matrix, and its inverse.

Both run in LAPACK and BLAS in single precision on one triangle, in place: for 10,000 anime that
is 400 MB and, on two cores, ten seconds each. SciPy is imported where it is used: serving, which
needs only `symmetric`, does without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from recsys.data.interactions import Interactions

_USERS_AT_ONCE = 1024
_BLOCK = 1024
# Lists longer than this share of all anime are cheaper densely than sparsely.
_DENSE_FROM = 1 / 32


def matrix(lists: Interactions, values: NDArray[np.floating] | None = None) -> csr_array:
    """The lists as a sparse matrix [users, anime] of float32: ones, or one value an entry."""
    from scipy.sparse import csr_array

    data = np.ones(len(lists), np.float32) if values is None else values.astype(np.float32)
    return csr_array((data, lists.items, lists.indptr), shape=(lists.n_users, lists.n_items))


def gram(
    lists: Interactions,
    values: NDArray[np.floating] | None = None,
    user_weights: NDArray[np.floating] | None = None,
    progress: Callable[[int], object] | None = None,
) -> NDArray[np.float32]:
    """XᵀWX, where X [users, anime] is the lists as a matrix.

    A list of m entries changes m² numbers of the n². For most people that is next to nothing, and
    a sparse product does it; but its every step costs what a dense one does in a hundred. So long
    lists are taken in dense blocks by the symmetric rank-k update.

    Args:
        lists: the training people.
        values: [entries] of X; left out, ones.
        user_weights: [users], the diagonal of W; left out, everybody counts alike.
        progress: called with the number of people just added.

    Returns:
        [anime, anime] in Fortran order, of which only the lower triangle is filled.
    """
    n = lists.n_items
    X = matrix(lists, values)
    if user_weights is not None:
        X.data *= np.repeat(np.sqrt(user_weights).astype(np.float32), lists.lengths)
    G = np.zeros((n, n), np.float32, order="F")
    long = lists.lengths > n * _DENSE_FROM
    G = _add_dense(G, X[np.flatnonzero(long)])
    if progress is not None:
        progress(int(long.sum()))
    _add_sparse(G, X[np.flatnonzero(~long)])
    if progress is not None:
        progress(int((~long).sum()))
    return G


def _add_dense(G: NDArray[np.float32], X: csr_array) -> NDArray[np.float32]:
    """The lower triangle of G + XᵀX, in place of G."""
    from scipy.linalg import blas

    (syrk,) = blas.get_blas_funcs(("syrk",), dtype=np.float32)
    for start in range(0, len(X.indptr) - 1, _USERS_AT_ONCE):
        block = X[start : start + _USERS_AT_ONCE].toarray()
        G = syrk(1.0, block.T, beta=1.0, c=G, lower=1, overwrite_c=1)
    return G


def _add_sparse(G: NDArray[np.float32], X: csr_array) -> None:
    """Adds the lower triangle of XᵀX to G, some rows of its transpose at a time."""
    upper = G.T
    by_anime = X.T.tocsr()
    for start in range(0, len(G), _BLOCK):
        rows = (by_anime[start : start + _BLOCK] @ X)[:, start:].toarray()
        upper[start : start + _BLOCK, start:] += np.triu(rows)


def inverse(A: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of a symmetric positive definite matrix, by Cholesky.

    Args:
        A: [n, n] in Fortran order, read from its lower triangle, and overwritten.

    Returns:
        [n, n], both triangles filled.

    Raises:
        ValueError: A is not positive definite; its diagonal needs more regularisation.
    """
    from scipy.linalg import lapack

    # SciPy makes these names at import, where a type checker cannot see them.
    spotrf, spotri = lapack.get_lapack_funcs(("potrf", "potri"), dtype=np.float32)
    factor, failed = spotrf(A, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise ValueError("The matrix is not positive definite; use a larger λ.")
    P, failed = spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("The matrix is singular; use a larger λ.")
    return symmetric(P)


def symmetric(A: NDArray[Any]) -> NDArray[Any]:
    """Copies the lower triangle of A over the upper, in place, in blocks that stay in cache."""
    n = len(A)
    upper = np.triu(np.ones((_BLOCK, _BLOCK), bool), 1)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        corner = A[start:stop, start:stop]
        here = upper[: stop - start, : stop - start]
        np.copyto(corner, corner.T.copy(), where=here)
        for below in range(stop, n, _BLOCK):
            A[start:stop, below : below + _BLOCK] = A[below : below + _BLOCK, start:stop].T
    return A
