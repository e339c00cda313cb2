"""An inverted index of character n-grams: from a misspelt key to the few worth comparing.

Three letters in a row with a mark at either end, two in a row for Chinese characters and for short
keys. Postings lie in one flat array a hashed gram (a CSR matrix without values), so that a query
is a handful of slices added up; see Zobel and Moffat, "Inverted files for text search engines"
(ACM Computing Surveys 38, 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BITS = 17
_EDGE = "\x03"
_FIRST_IDEOGRAPH = 0x2E80
SHORT = 8  # keys up to this length are indexed by letter pairs as well
_PAIR = 1 << 16
_LOW = np.uint32(_PAIR - 1)
_MOST_POSTINGS = 14_000  # read the rarest grams until this many postings; bounds the worst query


def _hash(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The gram that starts at each code point but the last two, hashed to `_BITS` bits."""
    first, second, third = codes[:-2], codes[1:-1], codes[2:]
    ideographs = second >= _FIRST_IDEOGRAPH
    third = np.where(ideographs, np.uint32(0), third)
    mixed = (first * np.uint32(0x9E3779B1)) ^ (second * np.uint32(0x85EBCA6B))
    mixed = (mixed ^ (mixed >> np.uint32(15))) + third * np.uint32(0xC2B2AE35)
    mixed = mixed * np.uint32(0x27D4EB2F)
    return (mixed >> np.uint32(32 - _BITS)).astype(np.int64)


def _hash_pairs(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The pair that starts at each code point but the last, hashed apart from the triples."""
    mixed = (codes[:-1] * np.uint32(0x85EBCA6B)) ^ (codes[1:] * np.uint32(0x27D4EB2F))
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0x9E3779B1)
    return (mixed >> np.uint32(32 - _BITS)).astype(np.int64)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What each key shares with a text, in eighths of a bit of information.

    Attributes:
        shared: (keys,) the sum over triples in the low 16 bits, over pairs in the high 16.
        triples: what a key with every triple read would have.
        pairs: what a key with every pair read would have; 0 where pairs were not read.
    """

    shared: NDArray[np.uint32]
    triples: int
    pairs: int

    def nearest(self, least: float) -> NDArray[np.int64]:
        """Positions of the keys that share at least this part of the triples or of the pairs."""
        enough = (self.shared & _LOW) >= max(1.0, least * self.triples)
        if self.pairs:
            enough |= (self.shared >> np.uint32(16)) >= max(1.0, 2 * least * self.pairs)
        return np.flatnonzero(enough)

    def cover(self, keys: NDArray[np.int64]) -> NDArray[np.float64]:
        """The part of the text's triples, or pairs if larger, that some keys share, 0 to 1."""
        shared = self.shared[keys]
        part = (shared & _LOW) / max(1, self.triples)
        if self.pairs:
            part = np.maximum(part, (shared >> np.uint32(16)) / self.pairs)
        return part


class GramIndex:
    """Which keys share rare n-grams with a text.

    Args:
        keys: the texts to be found, by position.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.size = len(keys)
        grams, owners = [], []
        joined = _codes("".join(f"{_EDGE}{key}{_EDGE}" for key in keys))
        lengths = np.fromiter((len(key) for key in keys), dtype=np.int64, count=self.size)
        owner = np.repeat(np.arange(self.size, dtype=np.int32), lengths + 2)
        # A triple that starts at a key's last letter would run into the next key.
        inside = owner[:-2] == owner[2:]
        grams.append(_hash(joined)[inside])
        owners.append(owner[:-2][inside])
        inside = (owner[:-1] == owner[1:]) & (lengths[owner[:-1]] <= SHORT)
        grams.append(_hash_pairs(joined)[inside])
        owners.append(owner[:-1][inside])
        gram, key = np.concatenate(grams), np.concatenate(owners)
        # Counting sort by way of scipy: the columns of a (key, gram) matrix are the postings.
        matrix = sparse.csr_array(
            (
                np.ones(len(gram), dtype=np.int8),
                (key, gram),
            ),
            shape=(self.size, 1 << _BITS),
        ).tocsc()
        self._starts = matrix.indptr.astype(np.int32)
        self._postings = matrix.indices.astype(np.int32)
        frequency = np.diff(self._starts)
        # How telling a gram is, in eighths of a bit, so that sums stay small integers.
        self._weight = np.rint(8 * np.log2((self.size + 1) / (frequency + 0.5))).astype(np.uint16)

    def overlap(self, text: str) -> Overlap:
        """How much of a text's information each key shares.

        Args:
            text: a folded key, at least one character.

        Returns:
            What the keys share of its triples and, for a short text, of its pairs.
        """
        codes = _codes(f"{_EDGE}{text}{_EDGE}")
        shared = np.zeros(self.size, dtype=np.uint32)
        triples = self._add(shared, _hash(codes), 1)
        pairs = 0
        if len(text) <= SHORT:
            pairs = self._add(shared, _hash_pairs(codes), _PAIR)
        return Overlap(shared, triples, pairs)

    def _add(self, shared: NDArray[np.uint32], gram: NDArray[np.int64], unit: int) -> int:
        """Add the weights of a text's grams, rarest first, to the keys that have them."""
        grams = np.unique(gram)
        starts, ends = self._starts[grams], self._starts[grams + 1]
        order = np.argsort(ends - starts)
        read = total = 0
        for start, end, weight in zip(
            starts[order].tolist(),
            ends[order].tolist(),
            self._weight[grams[order]].tolist(),
            strict=True,
        ):
            read += end - start
            if read > _MOST_POSTINGS and total:
                break
            # The owners of one gram are distinct, so += counts each once.
            shared[self._postings[start:end]] += weight * unit
            total += weight
        return total
