"""Weights made small: a linear model's matrix B as one quantised symmetric matrix.

EDLAE's weights are B_ij = −P_ij / P_jj with a symmetric P. Scaled to a unit diagonal,
S_ij = P_ij / √(P_ii P_jj), they are B_ij = −S_ij √P_ii / √P_jj: one symmetric matrix with a
narrow, even spread of values, a scale for each input and a scale for each output. So every stored
number serves two weights. `DenseWeights` rounds S to a byte, whose entropy is about two bits, and
leaves the rest to Huffman coding; nothing is pruned but what rounds to zero. `SparseWeights`
keeps the largest entries only.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.csr import PaddedRows, SparseRows
from recsys.models.gram import symmetric
from recsys.shared_array import shared_array

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

_LEVELS = 127
_ROWS = 512
# A profile's rows are widened to floats so many at a time, to stay in cache.
_ROWS_IN_CACHE = 32


@dataclass(frozen=True, slots=True)
class DenseWeights:
    """All pairs of anime, a byte each.

    Attributes:
        codes: [n, n] int8, symmetric, zero on the diagonal.
        input_scale: [n] float32.
        output_scale: [n] float32. B_ij = input_scale_i · codes_ij · output_scale_j.
    """

    codes: NDArray[np.int8]
    input_scale: NDArray[np.float32]
    output_scale: NDArray[np.float32]

    @classmethod
    def from_precision(cls, P: NDArray[np.float32], step: float) -> DenseWeights:
        """Rounds S to multiples of a step.

        The few anime with a weight beyond 127 steps (two halves of one story) get a coarser step
        for their own row and column, in place of a weight cut short: cutting the 200 largest of
        44 million pairs cost more accuracy than halving the precision of all.

        Args:
            P: [n, n], symmetric positive definite.
            step: in units of S, which lies between −1 and 1.
        """
        root = np.sqrt(np.diagonal(P)).astype(np.float32)
        peak = np.empty(len(P), np.float32)
        for rows in _blocks(len(P)):
            scaled = np.abs(P[rows] / root[rows, None] / root[None, :])
            scaled[:, rows][np.diag_indices(len(scaled))] = 0.0
            peak[rows] = scaled.max(axis=1)
        # Two rows share every pair, so each takes the square root of what is needed.
        coarser = np.sqrt(np.maximum(peak / (_LEVELS * np.float32(step)), 1.0))
        unit = root * coarser * np.sqrt(np.float32(step))
        codes = np.empty(P.shape, np.int8)
        for rows in _blocks(len(P)):
            scaled = P[rows] / unit[rows, None] / unit[None, :]
            codes[rows] = np.clip(np.rint(scaled), -_LEVELS, _LEVELS)
        np.fill_diagonal(codes, 0)
        # Two float32 quotients of equal numbers may round apart; the lower triangle decides.
        return cls(symmetric(codes), -unit, unit / np.diagonal(P))

    def apply(self, items: NDArray[np.intp], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product xB for one sparse x.

        Args:
            items: [m] positions of x that are not zero.
            values: [m] what stands there.

        Returns:
            [n].
        """
        return self.apply_rows(self.rows(items), items, values)

    def rows(self, items: NDArray[np.intp]) -> NDArray[np.int8]:
        """[m, n] the codes of some anime, copied from wherever they lie into one place."""
        return self.codes.take(items, axis=0)

    def apply_rows(
        self, rows: NDArray[np.int8], items: NDArray[np.intp], values: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`apply`, where the rows of the items are at hand."""
        scaled = values * self.input_scale[items]
        total = np.zeros(len(self.codes), np.float32)
        wide = np.empty((min(_ROWS_IN_CACHE, len(items)), len(total)), np.float32)
        for start in range(0, len(items), _ROWS_IN_CACHE):
            part = rows[start : start + _ROWS_IN_CACHE]
            np.copyto(wide[: len(part)], part)
            total += scaled[start : start + len(part)] @ wide[: len(part)]
        total *= self.output_scale
        return total

    def columns(
        self,
        items: NDArray[np.intp],
        targets: NDArray[np.intp],
        rows: NDArray[np.int8] | None = None,
    ) -> NDArray[np.float32]:
        """[k, m] the weights B_ij from some inputs i to some outputs j; rows as `apply_rows`."""
        # Symmetric, so a row serves for a column; and one row lies together.
        few = self.codes[targets[:, None], items] if rows is None else rows.take(targets, 1).T
        codes = few.astype(np.float32, order="C")
        codes *= self.input_scale[items]
        codes *= self.output_scale[targets][:, None]
        return codes

    def tensors(self) -> Tensors:
        """What to save: the lower triangle row by row, Huffman-coded, and the scales."""
        n = len(self.codes)
        # Deflate without matches: the codes are noise, and only their frequencies can be used.
        coder = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
        parts = [coder.compress(self.codes[i, :i].tobytes()) for i in range(n)]
        packed = b"".join([*parts, coder.flush()])
        return {
            "codes": np.frombuffer(packed, np.uint8),
            "input_scale": self.input_scale,
            "output_scale": self.output_scale,
        }

    @classmethod
    def from_tensors(cls, tensors: Tensors) -> DenseWeights:
        """The inverse of `tensors`.

        Raises:
            ValueError: the parts do not fit together.
        """
        input_scale, output_scale = tensors["input_scale"], tensors["output_scale"]
        n = len(input_scale)
        if len(output_scale) != n:
            raise ValueError("there are not as many scales as codes")
        packed = np.ascontiguousarray(tensors["codes"])

        def fill(codes: NDArray[np.int8]) -> None:
            try:
                triangle = np.frombuffer(zlib.decompress(packed.data, -15), np.int8)
            except zlib.error as error:
                raise ValueError("the codes cannot be unpacked") from error
            if len(triangle) != n * (n - 1) // 2:
                raise ValueError("there are not as many codes as anime")
            start = 0
            for i in range(n):
                codes[i, :i] = triangle[start : start + i]
                start += i
            symmetric(codes)

        # 91 MB for 9,500 anime: one copy for all processes of a machine.
        codes = shared_array(hashlib.sha256(packed.data).digest(), (n, n), np.int8, fill)
        return cls(codes, np.asarray(input_scale), np.asarray(output_scale))


@dataclass(frozen=True, slots=True)
class SparseWeights:
    """The pairs of anime with the largest weights.

    Attributes:
        codes: [n, n] whole numbers, symmetric, nothing on the diagonal.
        input_scale: [n] float32.
        output_scale: [n] float32. B_ij = input_scale_i · codes_ij · output_scale_j.
    """

    codes: PaddedRows
    input_scale: NDArray[np.float32]
    output_scale: NDArray[np.float32]

    @classmethod
    def from_precision(cls, P: NDArray[np.float32], per_row: int) -> SparseWeights:
        """Keeps the entries of S that are largest in size, on average per_row of them a row."""
        n = len(P)
        root = np.sqrt(np.diagonal(P)).astype(np.float32)
        size = np.empty(n * (n - 1) // 2, np.float32)
        for i in range(1, n):
            size[i * (i - 1) // 2 : i * (i + 1) // 2] = np.abs(_scaled(P, root, i))
        keep = min(n * per_row // 2, len(size))
        if keep:
            size.partition(len(size) - keep)
        least = size[len(size) - keep] if keep else np.inf
        del size
        # Row by row: the positions of all pairs would take four times the matrix.
        kept = [np.flatnonzero(np.abs(_scaled(P, root, i)) >= least) for i in range(n)]
        rows = np.repeat(np.arange(n), [len(those) for those in kept])
        columns = np.concatenate([*kept, np.empty(0, np.intp)])
        values = P[rows, columns] / root[rows] / root[columns]
        step = (np.abs(values).max(initial=0.0) / _LEVELS) or np.float32(1.0)
        codes = np.rint(values / step).astype(np.int8)
        return cls(_mirrored(rows, columns, codes, n), -root * np.float32(step), 1.0 / root)

    def apply(self, items: NDArray[np.intp], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product xB for one sparse x: [n]; see `DenseWeights.apply`."""
        # Only the rows of x that are not zero; symmetric, so rows serve for columns.
        weights = values * self.input_scale[items]
        return self.codes.row_sum(items, weights) * self.output_scale

    def columns(self, items: NDArray[np.intp], targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """[k, m] the weights B_ij from some inputs i to some outputs j."""
        # Symmetric, so a target's row holds its column.
        codes = self.codes.crossing(targets, items)
        codes *= self.input_scale[items]
        codes *= self.output_scale[targets][:, None]
        return codes

    def tensors(self) -> Tensors:
        """What to save: the lower triangle as pairs and codes, and the scales."""
        rows, columns, codes = self.codes.entries()
        lower = rows > columns
        return {
            "rows": rows[lower].astype(np.uint16),
            "columns": columns[lower].astype(np.uint16),
            "codes": codes[lower],
            "input_scale": self.input_scale,
            "output_scale": self.output_scale,
        }

    @classmethod
    def from_tensors(cls, tensors: Tensors) -> SparseWeights:
        """The inverse of `tensors`.

        Raises:
            ValueError: the parts do not fit together.
        """
        rows, columns, codes = tensors["rows"], tensors["columns"], tensors["codes"]
        input_scale, output_scale = tensors["input_scale"], tensors["output_scale"]
        n = len(input_scale)
        if not len(rows) == len(columns) == len(codes) or len(output_scale) != n:
            raise ValueError("there are not as many codes as pairs")
        if len(rows) and max(int(rows.max()), int(columns.max())) >= n:
            raise ValueError("a pair names an anime that is not there")
        return cls(
            _mirrored(rows, columns, codes, n), np.asarray(input_scale), np.asarray(output_scale)
        )


def _scaled(P: NDArray[np.float32], root: NDArray[np.float32], i: int) -> NDArray[np.float32]:
    """Row i of S, up to its diagonal."""
    return P[i, :i] / root[i] / root[:i]


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + _ROWS, n)) for start in range(0, n, _ROWS)]


def _mirrored(
    rows: NDArray[np.integer],
    columns: NDArray[np.integer],
    codes: NDArray[np.generic],
    n: int,
) -> PaddedRows:
    """A symmetric sparse matrix from its lower triangle."""
    whole = SparseRows.from_entries(
        np.concatenate([rows, columns]),
        np.concatenate([columns, rows]),
        np.concatenate([codes, codes]).astype(np.float32),
        (n, n),
    )
    return PaddedRows(whole)
