"""An inverted index of character n-grams: from a misspelt key to the few worth comparing.

Three letters in a row with a mark at either end, two in a row for Chinese characters; pairs of
letters for an index of short keys. Postings lie in one flat array a hashed gram (a CSR matrix
without values), so that a query is a handful of slices added up; see Zobel and Moffat, "Inverted
files for text search engines" (ACM Computing Surveys 38, 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

SHORT_KEY = 8
"""Characters of the longest key that is indexed by pairs of letters too."""

_BITS = 17
_EDGE = "\x03"
_FIRST_IDEOGRAPH = 0x2E80
_TRIPLES, _PAIRS = "triples", "pairs"
_MOST_POSTINGS = 9_000  # read the rarest grams until this many postings; bounds the worst query


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
        shared: (keys,) the sum over the grams that the key has.
        total: what a key with every gram that was read would have.
    """

    shared: NDArray[np.uint16]
    total: int

    def nearest(self, least: float) -> NDArray[np.int64]:
        """Positions of the keys that share at least this part of the text."""
        return np.flatnonzero(self.shared >= max(1, int(least * self.total)))

    def cover(self, keys: NDArray[np.int64]) -> NDArray[np.float64]:
        """The part of the text that some keys share, 0 to 1."""
        return self.shared[keys] / max(1, self.total)


class GramIndex:
    """Which keys share rare n-grams with a text.

    Args:
        tables: as `index_grams` made them.
        size: of how many keys.
        pairs: whether of two letters in a row instead of three.
    """

    def __init__(
        self, tables: Mapping[str, NDArray[Any]], size: int, *, pairs: bool = False
    ) -> None:
        self.size = size
        kind = _PAIRS if pairs else _TRIPLES
        self._hash = _hash_pairs if pairs else _hash
        self._starts = tables[f"{kind}_starts"]
        self._postings = tables[f"{kind}_postings"]
        self._weight = tables[f"{kind}_weight"]

    def overlap(self, text: str) -> Overlap:
        """How much of a text's information each key shares.

        Args:
            text: a folded key, at least one character.
        """
        grams = np.array(sorted(set(self._hash(_codes(f"{_EDGE}{text}{_EDGE}")).tolist())))
        starts, ends = self._starts[grams], self._starts[grams + 1]
        order = np.argsort(ends - starts)
        shared = np.zeros(self.size, dtype=np.uint16)
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
            shared[self._postings[start:end]] += weight
            total += weight
        return Overlap(shared, total)


def index_grams(keys: Sequence[str], *, pairs: bool = False) -> dict[str, NDArray[Any]]:
    """The tables of a `GramIndex`.

    Args:
        keys: the texts to be found, by position.
        pairs: index two letters in a row instead of three.
    """
    kind, width = (_PAIRS, 2) if pairs else (_TRIPLES, 3)
    joined = _codes("".join([f"{_EDGE}{key}{_EDGE}" for key in keys]))
    lengths = np.fromiter((len(key) for key in keys), dtype=np.int64, count=len(keys))
    owner = np.repeat(np.arange(len(keys)), lengths + 2)
    # A gram that starts at a key's last letter would run into the next key.
    inside = owner[: 1 - width] == owner[width - 1 :]
    gram = (_hash_pairs if pairs else _hash)(joined)[inside]
    # By gram, then by key, and each key once.
    each = np.unique(gram * len(keys) + owner[: 1 - width][inside])
    gram, postings = np.divmod(each, max(1, len(keys)))
    starts = np.searchsorted(gram, np.arange((1 << _BITS) + 1)).astype(np.int32)
    # How telling a gram is, in eighths of a bit, so that sums stay small integers.
    weight = np.rint(8 * np.log2((len(keys) + 1) / (np.diff(starts) + 0.5)))
    return {
        f"{kind}_starts": starts,
        f"{kind}_postings": postings.astype(np.intp),
        f"{kind}_weight": weight.astype(np.uint16),
    }
