"""Large arrays that all processes of a machine share: unpacked once into a file, then mapped.

A bundle keeps its weights packed. Unpacked, they would be tens of megabytes of private memory in
every process, and a second or so of every start. Here the first process unpacks them into a file
of the cache folder, which every process maps; see `recsys.shared_file`. Where there is no such
file, the array is unpacked into private memory.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from recsys.shared_file import shared_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from numpy.typing import DTypeLike, NDArray

    Tables = Mapping[str, NDArray[Any]]

# What is smaller is not worth a file.
_LEAST_BYTES = 1 << 22
# Tables begin where no number of theirs can straddle two lines of the processor's cache.
_ALIGNED = 64
_LENGTH = 8


def shared_array(
    key: bytes, shape: tuple[int, ...], dtype: DTypeLike, fill: Callable[[NDArray[Any]], None]
) -> NDArray[Any]:
    """A read-only array that other processes may share.

    Args:
        key: whatever decides the content, a digest for instance.
        shape: of the array.
        dtype: of the array.
        fill: writes the content into an array of zeros. Called where no good file is there.

    Returns:
        The array, mapped from its file where that is possible.
    """
    kind = np.dtype(dtype)
    count = int(np.prod(shape))
    filled: list[NDArray[Any]] = []

    def make() -> NDArray[Any]:
        if not filled:
            array = np.zeros(shape, kind)
            fill(array)
            array.flags.writeable = False
            filled.append(array)
        return filled[0]

    if count * kind.itemsize >= _LEAST_BYTES:
        content = shared_file(
            "array",
            key + repr((shape, kind.str)).encode(),
            lambda: [np.ascontiguousarray(make()).data.cast("B")],
        )
        if content is not None:
            return np.frombuffer(content, kind, count=count).reshape(shape)
    return make()


def shared_tables(key: bytes, build: Callable[[], Tables]) -> dict[str, NDArray[Any]]:
    """Several read-only arrays in one file that other processes may share.

    Args:
        key: whatever decides the content.
        build: makes them. Called where no good file is there.

    Returns:
        The arrays by name, mapped from their file where that is possible.
    """
    built: dict[str, NDArray[Any]] = {}

    def make() -> dict[str, NDArray[Any]]:
        if not built:
            built.update({name: np.ascontiguousarray(table) for name, table in build().items()})
            for table in built.values():
                table.flags.writeable = False
        return built

    content = shared_file("tables", key, lambda: _packed(make()))
    if content is None:
        return make()
    length = int.from_bytes(content[:_LENGTH], "little")
    described: dict[str, Any] = json.loads(content[_LENGTH : _LENGTH + length])
    return {
        name: np.ndarray(shape, np.dtype(kind), content, offset)
        for name, (kind, shape, offset) in described.items()
    }


def _packed(tables: Tables) -> Iterator[bytes | memoryview]:
    """A description of the tables, then the tables."""
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    # The description's own length depends on the offsets in it, so they are given room enough.
    room = _aligned(_LENGTH + 256 * (1 + len(tables)))
    end = room
    for name, table in tables.items():
        places[name] = (table.dtype.str, table.shape, end)
        end = _aligned(end + table.nbytes)
    described = json.dumps(places).encode()
    head = len(described).to_bytes(_LENGTH, "little") + described
    if len(head) > room:
        raise ValueError("too long names")
    yield head.ljust(room, b"\0")
    for table in tables.values():
        if table.nbytes:
            yield table.data.cast("B")
        yield bytes(_aligned(table.nbytes) - table.nbytes)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
