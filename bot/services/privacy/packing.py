"""Files that a message of Discord can carry: packed where they are large, then cut."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_FILES = 10  # that a message carries


@dataclass(frozen=True, slots=True)
class File:
    """One file to hand over.

    Attributes:
        name: with its suffix.
        content: its bytes.
    """

    name: str
    content: bytes


class Format(Protocol):
    """A file format whose content can be spread over several whole files."""

    @property
    def name(self) -> str:
        """Of the file, with its suffix."""
        ...

    def file(self, part: int, parts: int) -> bytes:
        """One of so many files, 1 for the first; together they hold everything."""
        ...


def pack(formats: Sequence[Format], limit: int) -> tuple[tuple[File, ...], ...]:
    """The files, in as many messages as it takes.

    A file that fits goes as it is, a larger one compressed, and one that is still too large in
    several parts, of which each can be read by itself.

    Args:
        formats: what to write.
        limit: bytes that one message may carry.

    Returns:
        The files of each message.
    """
    whole = [File(one.name, one.file(1, 1)) for one in formats]
    if sum(len(file.content) for file in whole) <= limit:
        return (tuple(whole),)
    files = [
        file
        for one, made in zip(formats, whole, strict=True)
        for file in _compressed(one, made, limit)
    ]
    return tuple(_messages(files, limit))


def _compressed(one: Format, whole: File, limit: int) -> Sequence[File]:
    # The same data gives the same bytes: no name and no time of day within.
    contents = [gzip.compress(whole.content, mtime=0)]
    parts = 1
    while (largest := max(map(len, contents))) > limit:
        parts = max(parts + 1, -(-parts * largest // limit))
        contents = [gzip.compress(one.file(part, parts), mtime=0) for part in range(1, parts + 1)]
    if parts == 1:
        return [File(f"{one.name}.gz", contents[0])]
    stem, _, suffix = one.name.rpartition(".")
    return [
        File(f"{stem}-{part}-of-{parts}.{suffix}.gz", content)
        for part, content in enumerate(contents, start=1)
    ]


def _messages(files: Sequence[File], limit: int) -> Iterable[tuple[File, ...]]:
    carried: list[File] = []
    for file in files:
        size = sum(len(one.content) for one in carried) + len(file.content)
        if carried and (size > limit or len(carried) == MOST_FILES):
            yield tuple(carried)
            carried = []
        carried.append(file)
    yield tuple(carried)


def share(rows: Sequence[object], part: int, parts: int) -> slice:
    """The rows that belong into one of so many parts: each row into exactly one."""
    return slice(len(rows) * (part - 1) // parts, len(rows) * part // parts)
