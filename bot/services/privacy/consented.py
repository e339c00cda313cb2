"""The lists of people who allow learning from them, as the file that training reads.

`recsys` knows no database, and training may run on another machine: what it is given is this file.
It holds no id, no name and no time; who stands first in it is drawn by lot. `recsys.data.local`
reads it, and describes it.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.services.errors import storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.db import Database

FORMAT = "osusume-consented"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Consented:
    """What was written, or would be.

    Attributes:
        people: how many allow it.
        entries: how many entries their lists have.
    """

    people: int
    entries: int


async def gather(database: Database) -> list[list[tuple[int, int, int]]]:
    """The lists of everybody who allows it, in no order: anime, score (0 is none) and status.

    Raises:
        UserError: the database cannot be read.
    """
    lists: dict[int, list[tuple[int, int, int]]] = {}
    with storage():
        async with database.read(streams=True) as tx:
            async for one in tx.privacy.consented():
                entry = (one.anime_id, one.score or 0, one.status)
                lists.setdefault(one.user_id, []).append(entry)
    people = list(lists.values())
    random.SystemRandom().shuffle(people)
    return people


def count(people: Sequence[Sequence[object]]) -> Consented:
    """How much that is."""
    return Consented(len(people), sum(map(len, people)))


def write(people: Sequence[Sequence[object]], path: Path, now: datetime) -> None:
    """Write the file whole or not at all, readable by its owner alone.

    Raises:
        OSError: it cannot be written.
    """
    head = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now.isoformat(),
        "people": len(people),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as file:
                for line in (head, *people):
                    file.write(f"{json.dumps(line, separators=(',', ':'))}\n")
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
