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
    starts = indptr.take(rows)
    lengths = indptr[1:].take(rows) - starts
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total), lengths


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

    def __getitem__(self, of: Integers | list[int] | tuple[slice, Integers]) -> SparseRows:
        """Some rows, in the order given; or, after a full slice, some columns, ascending."""
        if isinstance(of, tuple):
            return self._columns(of[1])
        rows = np.asarray(of, np.intp)
        places, lengths = places_of_rows(self.indptr, rows)
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        return SparseRows(indptr, self.indices[places], self.data[places], self.shape[1])

    def _columns(self, columns: Integers) -> SparseRows:
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
        order, slabs = self._slabs
        for columns, values in slabs:
            products = vector.take(columns)
            products *= values
            total[: columns.shape[1]] += products.sum(axis=0)
        result = np.empty_like(total)
        result[order] = total
        return result

    @cached_property
    def _slabs(
        self,
    ) -> tuple[NDArray[np.intp], list[tuple[NDArray[np.intp], NDArray[np.float32]]]]:
        """The rows, longest first; then the first entries of all, the next of those left, and on.

        Jagged diagonals (Saad 1989, "Krylov Subspace Methods on Supercomputers"), some at a time
        and padded with zeros: a product is then a few long steps, in which NumPy is quick. The
        further on, the fewer rows are left, and the wider a slab may be.
        """
        lengths = np.diff(self.indptr)
        order = np.argsort(-lengths, kind="stable")
        starts, lengths = self.indptr[order], lengths[order]
        slabs: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
        first, longest = 0, int(lengths.max(initial=0))
        while first < longest:
            width = min(2 + first // 2, longest - first)
            left = int(np.count_nonzero(lengths > first))
            entry = np.arange(first, first + width)[:, None]
            there = entry < lengths[:left]
            places = np.where(there, starts[:left] + entry, 0)
            columns = np.where(there, self.indices[places], 0).astype(np.intp)
            slabs.append((columns, np.where(there, self.data[places], np.float32(0))))
            first += width
        return order, slabs


class ShortRows:
    """A sparse matrix with few entries in any row, each padded with zeros to the longest of them.

    Some rows are then copied in one step, where `SparseRows` looks up where each begins.

    Attributes:
        columns: uint16 (int32 in wide matrices) [n, longest]; `width` where padded.
        values: float32 [n, longest]; 0 where padded.
        width: number of columns.
    """

    def __init__(self, rows: SparseRows) -> None:
        lengths = np.diff(rows.indptr)
        n, self.width = rows.shape
        shape = (n, int(lengths.max(initial=0)))
        place = np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], lengths)
        kind = np.uint16 if self.width < 1 << 16 else np.int32
        self.columns = np.full(shape, self.width, kind)
        self.values = np.zeros(shape, np.float32)
        self.columns[rows.of_entry, place] = rows.indices
        self.values[rows.of_entry, place] = rows.data

    def row_sum(self, rows: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weighted sum of some rows, float32 [width].

        Args:
            rows: intp [m].
            weights: float32 [m].
        """
        values = self.values.take(rows, axis=0)
        values *= weights[:, None]
        columns = self.columns.take(rows, axis=0)
        total = np.bincount(columns.reshape(-1), values.reshape(-1), self.width + 1)
        return total[: self.width].astype(np.float32)

    def dense(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Some rows with their zeros, float32 [m, width]; rows intp [m]."""
        width = self.width + 1
        result = np.zeros((len(rows), width), np.float32)
        places = self.columns.take(rows, axis=0) + width * np.arange(len(rows))[:, None]
        result.reshape(-1)[places] = self.values.take(rows, axis=0)
        return result[:, :-1]


class PaddedRows:
    """A sparse matrix of small whole numbers, each row padded with zeros to whole blocks.

    A block is copied in one step, where `SparseRows` looks up each entry by itself, and a column
    and a number take three bytes.

    Attributes:
        starts: [n + 1], where each row's blocks begin.
        columns: uint16 (int32 in wide matrices) [blocks, 16]; 0 where padded.
        values: int8 [blocks, 16]; 0 where padded.
        width: number of columns.
    """

    BLOCK = 16

    def __init__(self, rows: SparseRows) -> None:
        """Takes the matrix; its numbers are whole and lie from -128 to 127."""
        lengths = np.diff(rows.indptr)
        blocks = -(-lengths // self.BLOCK)
        self.width = rows.shape[1]
        self.starts = np.concatenate([[0], np.cumsum(blocks)]).astype(np.int32)
        shift = self.BLOCK * self.starts[:-1] - rows.indptr[:-1]
        places = np.repeat(shift, lengths) + np.arange(rows.nnz)
        shape = (int(self.starts[-1]), self.BLOCK)
        self.columns = np.zeros(shape, np.uint16 if self.width <= 1 << 16 else np.int32)
        self.values = np.zeros(shape, np.int8)
        self.columns.reshape(-1)[places] = rows.indices
        self.values.reshape(-1)[places] = rows.data

    def row_sum(self, rows: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weighted sum of some rows, float32 [width].

        Args:
            rows: intp [m].
            weights: float32 [m].
        """
        places, lengths = places_of_rows(self.starts, rows)
        values = self.values.take(places, axis=0).astype(np.float32)
        values *= np.repeat(weights, lengths)[:, None]
        columns = self.columns.take(places, axis=0)
        total = np.bincount(columns.reshape(-1), values.reshape(-1), self.width)
        return total.astype(np.float32)

    def crossing(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
        """Where some rows and some columns cross, float32 [k, m].

        Args:
            rows: intp [k].
            columns: intp [m], each once.
        """
        place_of = np.full(self.width, -1, np.int32)
        place_of[columns] = np.arange(len(columns))
        stored, lengths = places_of_rows(self.starts, rows)
        values = self.values.take(stored, axis=0)
        places = place_of.take(self.columns.take(stored, axis=0))
        block, entry = np.nonzero((places >= 0) & (values != 0))
        result = np.zeros((len(rows), len(columns)), np.float32)
        of_block = np.repeat(np.arange(len(rows)), lengths)
        result[of_block[block], places[block, entry]] = values[block, entry]
        return result

    def entries(self) -> tuple[Integers, Integers, NDArray[np.int8]]:
        """Rows, columns and numbers of all that is not zero, row after row."""
        block, entry = np.nonzero(self.values)
        of_block = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return of_block[block], self.columns[block, entry], self.values[block, entry]


def _narrow(numbers: Integers, end: int) -> Integers:
    return numbers.astype(np.uint16) if end <= 1 << 16 else numbers
