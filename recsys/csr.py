"""A few rows of a sparse matrix, without the objects that SciPy makes for each slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


def places_of_rows(
    indptr: NDArray[np.integer], rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the entries of some rows are stored.

    Args:
        indptr: [n + 1], as in `scipy.sparse.csr_array`.
        rows: intp [m].

    Returns:
        Positions in the matrix's `data` and `indices`, row after row, and intp [m] how many of
        them each row has.
    """
    starts = indptr[rows].astype(np.intp)
    lengths = indptr[rows + 1] - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum())), lengths


def row_sum(
    matrix: csr_array, rows: NDArray[np.intp], weights: NDArray[np.floating], width: int
) -> NDArray[np.float32]:
    """Weighted sum of some rows of a sparse matrix, float32 [width].

    Args:
        matrix: [n, width].
        rows: intp [m].
        weights: [m].
        width: number of columns.
    """
    places, lengths = places_of_rows(np.asarray(matrix.indptr), rows)
    values = np.repeat(weights, lengths) * np.asarray(matrix.data)[places]
    columns = np.asarray(matrix.indices)[places]
    total = np.bincount(columns, weights=values, minlength=width)
    return total.astype(np.float32)
