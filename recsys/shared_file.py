"""Files of the cache folder: made once, then mapped by every process of the machine.

What takes long to make and is the same for everybody (unpacked weights, the title index) lies in a
file there. Every process maps it read-only, so the system keeps one copy of what is used of it, and
none of it is private memory.

A file is named by what it was made from and vouches for its own content: it ends with the SHA-256
of its name and of all that comes before. It is written beside its place and moved there in one
step, so a half-written one is never read, and a damaged one is made again. One that somebody else
could have written is not read either. Where no file can be written (a read-only system, a full
disk), that is logged once, and each process has a copy of its own in private memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import mmap
import os
import re
import stat
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader

    Buffer = bytes | memoryview

log = logging.getLogger(__name__)

FOLDER_VARIABLE = "OSUSUME_CACHE_DIR"
"""Environment variable that names the folder; without it, it is one in the user's cache folder."""

NOWHERE = "off"
"""Value of the variable that keeps no files."""

_DIGEST = hashlib.sha256().digest_size
_CHUNK = 1 << 20
_NAME = re.compile(r"[0-9a-f]{32}\.[a-z]+")
_PART = ".part"
# Files that nobody opens any more are left for a while to processes of an older version.
_KEPT_SECONDS = 14 * 24 * 3600
# Of a kind that changes often, such as title indexes with an admin's names, only so many are kept.
_MOST_OF_A_KIND = 8

# Bytes written at once. What is written in one piece Linux caches in one piece, of up to 2 MB, and
# maps whole when one byte of it is read: 16 rows of the weights would be 20 MB of each process.
_WRITTEN = 1 << 16
# Pages are given back so many bytes at a time, which takes a millisecond or two.
_PIECE = 1 << 24

_told: set[Path] = set()
_mappings: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def shared_file(kind: str, key: bytes, make: Callable[[], Iterable[Buffer]]) -> mmap.mmap | None:
    """The content of a file that other processes may share, made where no good one is there.

    Args:
        kind: the suffix of its name, small letters.
        key: whatever decides the content, a digest for instance.
        make: gives the content, in pieces. Whatever it raises is raised here, and leaves no file.

    Returns:
        The file, mapped read-only; behind the content stands its digest. None where no file can be
        kept; then it depends on where that was noticed whether `make` was called.
    """
    folder = cache_folder()
    if folder is None:
        return None
    name = hashlib.sha256(kind.encode() + b"\0" + key).hexdigest()[:32]
    path = folder / f"{name}.{kind}"
    with contextlib.suppress(OSError, ValueError):
        return _mapped(path)
    try:
        _write(path, make)
        return _mapped(path)
    except OSError as error:
        if folder not in _told:
            _told.add(folder)
            log.warning(
                "Nothing can be kept in the cache folder %s (%s): starts take longer, and each "
                "process holds its own copy of the weights. %s can name another folder.",
                folder,
                error.strerror or error,
                FOLDER_VARIABLE,
            )
        return None


def let_go() -> Iterator[int]:
    """Take what was used of the files out of this process, some at a time.

    It stays in the system's cache, and comes back when it is used: a row of a matrix in a tenth of
    a millisecond at most. Only Linux can do this; elsewhere nothing happens.

    Yields:
        How many bytes of addresses were looked through.
    """
    advice = getattr(mmap, "MADV_DONTNEED", None)
    if advice is None or sys.platform != "linux":
        return
    for content in tuple(_mappings):
        for start in range(0, len(content), _PIECE):
            length = min(_PIECE, len(content) - start)
            content.madvise(advice, start, length)
            yield length


def cache_folder() -> Path | None:
    """Where the files are; None where none are to be kept."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return None if named.lower() == NOWHERE else Path(named).expanduser()
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


def _mapped(path: Path) -> mmap.mmap:
    """A file that is what it says.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged, or somebody else may have written it.
    """
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        if not _is_ours(about):
            raise ValueError("somebody else could have written it")
        # Read, not mapped: what is only hashed should not count as memory of this process.
        if _digest(path, file, about.st_size - _DIGEST) != file.read(_DIGEST):
            raise ValueError("not what was written")
        with contextlib.suppress(OSError):
            os.utime(path)  # in use: see `_prune`
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _mappings.add(content)
    return content


def _is_ours(about: os.stat_result) -> bool:
    """Whether nobody but this user and the system's administrator can have written a file."""
    if not stat.S_ISREG(about.st_mode):
        return False
    if sys.platform == "win32":
        return True  # a user's folder is theirs alone, and the mode says nothing
    return about.st_uid in {0, os.geteuid()} and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _digest(path: Path, file: BufferedReader, left: int) -> bytes:
    # With the name, so that one file cannot stand in for another.
    digest = hashlib.sha256(path.name.encode())
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while left > 0:
        count = file.readinto(view[: min(left, _CHUNK)])
        if not count:
            raise ValueError("shorter than it said")
        digest.update(view[:count])
        left -= count
    return digest.digest()


def _write(path: Path, make: Callable[[], Iterable[Buffer]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_PART)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb", buffering=_WRITTEN) as file:
            digest = hashlib.sha256(path.name.encode())
            for piece in make():
                view = memoryview(piece)
                for start in range(0, len(view), _WRITTEN):
                    file.write(view[start : start + _WRITTEN])
                digest.update(view)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _prune(path)


def _prune(kept: Path) -> None:
    """Removes files of ours that no process has opened for long, and all but some of this kind.

    A process that has one of them mapped keeps what it has.
    """
    with contextlib.suppress(OSError):
        by_use = sorted(
            ((other.stat().st_mtime, other) for other in kept.parent.iterdir() if other != kept),
            reverse=True,
        )
        oldest, alike = time.time() - _KEPT_SECONDS, 1
        for used, other in by_use:
            if not _NAME.fullmatch(other.name) and other.suffix != _PART:
                continue
            alike += other.suffix == kept.suffix
            if used < oldest or (other.suffix == kept.suffix and alike > _MOST_OF_A_KIND):
                with contextlib.suppress(OSError):
                    other.unlink()
