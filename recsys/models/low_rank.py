"""A smooth companion of the sharp weights: the leading directions of co-occurrence, and no more.

EDLAE subtracts from what an anime says all that the rest of the list says too. Of three known
anime there is no rest, and a projection on the few directions in which most lists differ guesses
better: with D = diag(XᵀWX) and the leading eigenvectors U and eigenvalues σ of
D^−½ (XᵀWX) D^−½, B = D^−½ U diag(σ / (σ + σ_last)) Uᵀ D^½. It is the model of Cremonesi et al.
2010 (PureSVD) on normalised anime, its eigenvalues shrunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

_ITERATIONS = 6
_OVERSAMPLING = 16
# So many rows of bytes are widened to floats at a time, to stay in cache.
_ROWS_IN_CACHE = 2048


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Leading eigenvectors of normalised co-occurrence.

    Attributes:
        vectors: [n, d] float32, orthonormal columns, largest eigenvalue first.
        values: [d] float32.
        root: [n] float32, the square root of D.
    """

    vectors: NDArray[np.float32]
    values: NDArray[np.float32]
    root: NDArray[np.float32]

    @classmethod
    def of(cls, G: NDArray[np.float32], dimensions: int, seed: int) -> Spectrum:
        """Randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4).

        Args:
            G: [n, n] symmetric, both triangles. Whoever has 0 on its diagonal has nothing else in
                its row, and gets no direction.
            dimensions: at most; fewer where there are fewer anime.
            seed: of the random start.
        """
        n = len(G)
        root = np.sqrt(np.diagonal(G)).astype(np.float32)
        root[root == 0] = 1

        def product(V: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.divide(G @ (V / root[:, None]), root[:, None], dtype=np.float32)

        random = np.random.default_rng(seed)
        width = min(dimensions + _OVERSAMPLING, n)
        basis = np.linalg.qr(random.standard_normal((n, width), dtype=np.float32))[0]
        for _ in range(_ITERATIONS):
            basis = np.linalg.qr(product(basis))[0]
        values, vectors = np.linalg.eigh(basis.T @ product(basis))
        largest = np.argsort(-values)[:dimensions]
        vectors = basis @ vectors[:, largest]
        return cls(vectors.astype(np.float32), values[largest].astype(np.float32), root)

    def embeddings(self) -> NDArray[np.float32]:
        """[n, d − 1] unit rows whose inner products approximate normalised co-occurrence.

        The first direction, which says how popular an anime is and nothing else, is left out.
        """
        rows = self.vectors[:, 1:] * np.sqrt(np.maximum(self.values[1:], 0.0))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return rows


@dataclass(frozen=True, slots=True)
class LowRankWeights:
    """B_ij = factors_i · factors_j · root_j / root_i, where factors_i = scale_i · codes_i.

    Attributes:
        codes: [n, d], float32 as fitted, int8 as served.
        scale: [n] float32.
        root: [n] float32.
    """

    codes: NDArray[np.float32] | NDArray[np.int8]
    scale: NDArray[np.float32]
    root: NDArray[np.float32]

    @classmethod
    def from_spectrum(cls, spectrum: Spectrum) -> LowRankWeights:
        """Shrinks the eigenvalues towards those that were cut off."""
        values = np.maximum(spectrum.values, 1e-9)
        shrunk = values / (values + values[-1])
        factors = spectrum.vectors * np.sqrt(shrunk)
        return cls(factors, np.ones(len(factors), np.float32), spectrum.root)

    @property
    def factors(self) -> NDArray[np.float32]:
        """[n, d]."""
        return self.codes.astype(np.float32) * self.scale[:, None]

    def apply(self, items: NDArray[np.intp], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product xB for one sparse x: [n]; see `DenseWeights.apply`."""
        return self.of_place(self.place(items, values))

    def place(self, items: NDArray[np.intp], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Where one sparse x lies among the directions: float32 [d]."""
        weights = values * self.scale.take(items)
        weights /= self.root.take(items)
        return np.asarray(weights @ self._codes_of(items), np.float32)

    def of_place(self, place: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product xB for an x of which the place is known: [n]."""
        result = np.empty(len(self.codes), np.float32)
        for start in range(0, len(result), _ROWS_IN_CACHE):
            part = slice(start, start + _ROWS_IN_CACHE)
            np.matmul(self.codes[part].astype(np.float32, copy=False), place, out=result[part])
        result *= self.scale
        result *= self.root
        return result

    def at(self, place: NDArray[np.float32], targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """`of_place` at some positions [k] only."""
        result = self._codes_of(targets) @ place
        result *= self.scale.take(targets)
        result *= self.root.take(targets)
        return result

    def columns(self, items: NDArray[np.intp], targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """[k, m] the weights B_ij from some inputs i to some outputs j."""
        products = self._codes_of(targets) @ self._codes_of(items).T
        products *= (self.scale[targets] * self.root[targets])[:, None]
        products *= self.scale[items] / self.root[items]
        return products

    def _codes_of(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        return self.codes.take(places, axis=0).astype(np.float32, copy=False)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save: bytes, each row with a scale of its own."""
        if self.codes.dtype == np.int8:
            return {"codes": self.codes, "scale": self.scale, "root": self.root}
        return {**as_bytes(self.factors), "root": self.root}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]]) -> LowRankWeights:
        """The inverse of `tensors`, within half a step."""
        return cls(tensors["codes"], tensors["scale"], tensors["root"])


def as_bytes(rows: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Rows rounded to bytes, each filling their range, and the scale of each."""
    scale = np.abs(rows).max(axis=1, initial=0.0) / np.float32(127.0)
    scale[scale == 0] = 1.0
    return {"codes": np.rint(rows / scale[:, None]).astype(np.int8), "scale": scale}
