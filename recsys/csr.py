"""Sparse matrices as serving needs them: a few rows summed, or all rows times a vector.

SciPy has all of this and much more, but takes 22 MB and a fifth of a second of every start to
import, and makes several objects for each slice. Training, which needs more of it, imports it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.integer]


def places_of_rows(indptr: Integers, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], ...]:
    """Where the entries of some rows are stored.

    Args:
        indptr: [n + 1], as in `SparseRows`.
        rows: intp [m].

    Returns:
        Positions in the matrix's `data` and `indices`, row after row, and intp [m] how many of
        them each row has.
    """
    starts = indptr[rows].astype(np.intp)
    lengths = indptr[rows + 1] - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum())), lengths


class SparseRows:
    """A matrix [n, width] with few entries a row, in compressed rows.

    Named as `scipy.sparse.csr_array` names things, and indexed like it.

    Args:
        indptr: [n + 1], where each row's entries begin.
        indices: [entries], the column of each; ascending in a row, each once.
        data: float32 [entries].
        width: number of columns.
    """

    def __init__(
        self, indptr: Integers, indices: Integers, data: NDArray[np.float32], width: int
    ) -> None:
        self.indptr = indptr
        self.indices = indices
        self.data = data
        self.shape = (len(indptr) - 1, width)

    @classmethod
    def from_entries(
        cls, rows: Integers, columns: Integers, data: NDArray[np.float32], shape: tuple[int, int]
    ) -> SparseRows:
        """A matrix from its entries in any order; those of one place are added up."""
        n, width = shape
        # By column, then stably by row. Of 16 bits NumPy sorts by radix, in a tenth of the time.
        order = np.argsort(_narrow(columns, width), kind="stable")
        order = order[np.argsort(_narrow(rows, n)[order], kind="stable")]
        rows, columns, data = rows[order], columns[order], data[order]
        fresh = np.ones(len(rows), np.bool_)
        fresh[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        if not fresh.all():
            data = np.add.reduceat(data, np.flatnonzero(fresh))
            rows, columns = rows[fresh], columns[fresh]
        indptr = np.zeros(n + 1, np.int32)
        np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
        return cls(indptr, columns.astype(np.int32), data, width)

    @property
    def nnz(self) -> int:
        """How many entries are stored."""
        return len(self.data)

    def __len__(self) -> int:
        """How many rows."""
        return self.shape[0]

    def __getitem__(self, of: NDArray[np.intp] | tuple[slice, NDArray[np.intp]]) -> SparseRows:
        """Some rows, in the order given; or, after a full slice, some columns, ascending."""
        if isinstance(of, tuple):
            return self._columns(of[1])
        rows = np.asarray(of, np.intp)
        places, lengths = places_of_rows(self.indptr, rows)
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        return SparseRows(indptr, self.indices[places], self.data[places], self.shape[1])

    def _columns(self, columns: NDArray[np.intp]) -> SparseRows:
        place = np.full(self.shape[1], -1, np.intp)
        place[columns] = np.arange(len(columns))
        there = place[self.indices]
        kept = there >= 0
        before = np.concatenate([[0], np.cumsum(kept)])
        return SparseRows(before[self.indptr], there[kept], self.data[kept], len(columns))

    def toarray(self) -> NDArray[np.float32]:
        """float32 [n, width], with the zeros."""
        dense = np.zeros(self.shape, np.float32)
        dense[self.of_entry, self.indices] = self.data
        return dense

    @property
    def of_entry(self) -> NDArray[np.intp]:
        """The row of each entry, intp [entries]."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def __matmul__(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [n], the product with a vector [width]."""
        total = np.zeros(len(self), np.float32)
        order, diagonals = self._jagged
        for columns, values in diagonals:
            products = vector.take(columns)
            products *= values
            total[: len(columns)] += products
        result = np.empty_like(total)
        result[order] = total
        return result

    @cached_property
    def _jagged(
        self,
    ) -> tuple[NDArray[np.intp], list[tuple[NDArray[np.intp], NDArray[np.float32]]]]:
        """The rows from the longest on; then all first entries, all second ones, and so on.

        Jagged diagonals (Saad 1989, "Krylov Subspace Methods on Supercomputers"): a product is then
        a few long steps, in which NumPy is quick, with each row added up in the order of its
        entries.
        """
        lengths = np.diff(self.indptr)
        order = np.argsort(-lengths, kind="stable")
        starts, lengths = self.indptr[order], lengths[order]
        diagonals: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
        for k in range(int(lengths.max(initial=0))):
            places = starts[: int(np.count_nonzero(lengths > k))] + k
            diagonals.append((self.indices[places].astype(np.intp), self.data[places]))
        return order, diagonals


def row_sum(
    matrix: SparseRows, rows: NDArray[np.intp], weights: NDArray[np.floating], width: int
) -> NDArray[np.float32]:
    """Weighted sum of some rows of a sparse matrix, float32 [width].

    Args:
        matrix: [n, width].
        rows: intp [m].
        weights: [m].
        width: number of columns.
    """
    places, lengths = places_of_rows(matrix.indptr, rows)
    values = np.repeat(weights, lengths) * matrix.data[places]
    total = np.bincount(matrix.indices[places], weights=values, minlength=width)
    return total.astype(np.float32)


def _narrow(numbers: Integers, end: int) -> Integers:
    return numbers.astype(np.uint16) if end <= 1 << 16 else numbers
