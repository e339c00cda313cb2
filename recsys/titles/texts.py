"""Many short texts in two arrays, which processes can share, instead of an object each."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from numpy.typing import NDArray

# Anything that Python can hold as a text comes back the same, half a surrogate pair included.
_ERRORS = "surrogatepass"


class Texts:
    """Texts by number, each decoded when it is asked for.

    Args:
        content: uint8, all texts in UTF-8, one after the other.
        starts: int32 [n + 1], where each begins.
    """

    __slots__ = ("_content", "_starts")

    def __init__(self, content: NDArray[np.uint8], starts: NDArray[np.int32]) -> None:
        # One element of a memoryview is read several times faster than one of an array.
        self._content = content.data
        self._starts = starts.data

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: int) -> str:
        starts = self._starts
        return str(self._content[starts[at] : starts[at + 1]], "utf-8", _ERRORS)

    def tolist(self) -> list[str]:
        """All of them, quicker than one by one."""
        content = self._content.tobytes()
        return [
            content[start:end].decode("utf-8", _ERRORS)
            for start, end in pairwise(self._starts.tolist())
        ]

    def find(self, text: str) -> int | None:
        """The number of a text among texts in ascending order; None where it is not there."""
        at = bisect_left(self, text)
        return at if at < len(self) and self[at] == text else None


def pack(texts: Iterable[str], name: str) -> dict[str, NDArray[Any]]:
    """The arrays of `Texts`, as ``{name}`` and ``{name}_starts``."""
    encoded = [text.encode("utf-8", _ERRORS) for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(text) for text in encoded], out=starts[1:])
    return {name: np.frombuffer(b"".join(encoded), np.uint8), f"{name}_starts": starts}


def unpack(tables: Mapping[str, NDArray[Any]], name: str) -> Texts:
    """The inverse of `pack`."""
    return Texts(tables[name], tables[f"{name}_starts"])
