"""Large arrays that all processes of a machine share: unpacked once into a file, then mapped.

A bundle keeps its weights packed. Unpacked, they would be tens of megabytes of private memory in
every process, and a second or so of every start. Here the first process unpacks them into a file
of the user's cache folder, and every process maps that file read-only, so the system keeps one
copy of what is used of it.

A file is named by what it was unpacked from and vouches for its own content: it ends with the
SHA-256 of all that comes before. It is written beside its place and moved there in one step, so
a half-written one is never read, and a damaged one is made again. Where no file can be written
(a read-only system, a full disk), the array is unpacked into private memory as before.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import DTypeLike, NDArray

FOLDER_VARIABLE = "OSUSUME_CACHE_DIR"
"""Environment variable that names another folder; empty, nothing is shared."""

_DIGEST = hashlib.sha256().digest_size
_CHUNK = 1 << 20
# What is smaller is not worth a file.
_LEAST_BYTES = 1 << 22
_NAME = re.compile(r"[0-9a-f]{32}\.array")
# Files of former bundles are left to processes that may still open them, and then removed.
_KEPT_SECONDS = 14 * 24 * 3600


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
    folder = _folder() if int(np.prod(shape)) * kind.itemsize >= _LEAST_BYTES else None
    if folder is not None:
        name = hashlib.sha256(key + repr((shape, kind.str)).encode()).hexdigest()[:32]
        path = folder / f"{name}.array"
        with contextlib.suppress(OSError, ValueError):
            return _mapped(path, shape, kind)
        with contextlib.suppress(OSError):
            _write(path, shape, kind, fill)
            return _mapped(path, shape, kind)
    array = np.zeros(shape, kind)
    fill(array)
    array.flags.writeable = False
    return array


def _mapped(path: Path, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
    """The array of a file.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged.
    """
    size = int(np.prod(shape)) * kind.itemsize
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != size + _DIGEST:
            raise ValueError("not of the size that it should have")
        # Read, not mapped: what is only hashed should not count as memory of this process.
        if _digest(file, size) != file.read(_DIGEST):
            raise ValueError("not what was written")
        with contextlib.suppress(OSError):
            os.utime(path)  # in use: see `_prune`
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(content, kind, count=int(np.prod(shape))).reshape(shape)


def _digest(file: Any, size: int) -> bytes:  # noqa: ANN401 -- a binary file, open for reading
    digest, left = hashlib.sha256(), size
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while left:
        count = file.readinto(view[: min(left, _CHUNK)])
        if not count:
            raise ValueError("shorter than it said")
        digest.update(view[:count])
        left -= count
    return digest.digest()


def _write(
    path: Path,
    shape: tuple[int, ...],
    kind: np.dtype[Any],
    fill: Callable[[NDArray[Any]], None],
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        array = np.zeros(shape, kind)
        fill(array)
        with os.fdopen(handle, "wb") as file:
            content = np.ascontiguousarray(array).data.cast("B")
            file.write(content)
            file.write(hashlib.sha256(content).digest())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _prune(path)


def _prune(kept: Path) -> None:
    """Removes files of ours that no process has opened for long."""
    oldest = time.time() - _KEPT_SECONDS
    for other in kept.parent.iterdir():
        ours = _NAME.fullmatch(other.name) or other.suffix == ".part"
        if ours and other != kept:
            with contextlib.suppress(OSError):
                if other.stat().st_mtime < oldest:
                    other.unlink()


def _folder() -> Path | None:
    """Where the files are; None where nothing is to be shared."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named).expanduser() if named else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "osusume" / "cache" if base else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "osusume"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else home / ".cache") / "osusume"
