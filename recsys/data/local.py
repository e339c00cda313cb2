"""Reads the lists of a server's own people who allow learning from them.

`scripts/consented.py` writes the file from the bot's database: gzip, and in it a line of JSON a
person. The first line says what it is, when it was written and how many people follow; each other
line is one person's list, ``[[anime_id, score, status], ...]`` with 0 for no score and
MyAnimeList's numbers for the status. There is no id of anybody in it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.interactions import DataError, Interactions
from recsys.data.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from recsys.data.interactions import Cleaning

FORMAT = "osusume-consented"
VERSION = 1
SOURCE = "local"

# Somebody may have changed their mind since, or have been erased.
FRESH = timedelta(days=1)

_AGAIN = "write it anew with `python scripts/consented.py`"


def read_consented(path: Path, now: datetime | None = None) -> tuple[Interactions, Cleaning]:
    """Reads the file.

    Args:
        path: where it is.
        now: the time; left out, that of the clock.

    Returns:
        The lists, people numbered from 1, and what was cleaned.

    Raises:
        DataError: there is none, it is another file, damaged, of a later version, or older than a
            day.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            people = _head(path, file.readline(), now or datetime.now(UTC))
            rows = Rows(first_user=1)
            found = _read(rows, file)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}: {_AGAIN}.") from None
    except (OSError, EOFError, LookupError, TypeError, ValueError, zlib.error) as error:
        raise DataError(f"{path} is damaged or another file: {_AGAIN}.") from error
    if found != people:
        raise DataError(f"{path} says {people} people and holds {found}: {_AGAIN}.")
    if not found:
        raise DataError(
            f"Nobody in {path} allows learning from their list yet, so leave --with-local out. "
            "People allow it with /privacy training."
        )
    return rows.table((SOURCE,))


def joined(public: Interactions, local: Interactions) -> Interactions:
    """Both tables as one; the people of the second get numbers beyond those of the first."""
    rows = Rows(first_user=0)
    beyond = int(public.user_ids.max(initial=0)) + 1
    for table, offset, first_source in (
        (public, 0, 0),
        (local, beyond, len(public.sources)),
    ):
        rows.add(
            np.repeat(table.user_ids, table.lengths) + offset,
            table.anime_ids[table.items],
            table.scores,
            table.statuses,
            np.repeat(table.source_of, table.lengths) + first_source,
        )
    return rows.table((*public.sources, *local.sources))[0]


def _head(path: Path, line: str, now: datetime) -> int:
    head = json.loads(line)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise DataError(f"{path} is another file: {_AGAIN}.")
    if head["version"] > VERSION:
        raise DataError(
            f"{path} has version {head['version']}, and this Osusume reads up to {VERSION}: update "
            "Osusume here too."
        )
    age = now - datetime.fromisoformat(head["exported_at"])
    if age > FRESH:
        raise DataError(
            f"{path} is from {head['exported_at'][:10]}, and somebody may have changed their mind "
            f"since: {_AGAIN}."
        )
    return int(head["people"])


def _read(rows: Rows, lines: Iterable[str]) -> int:
    person = 0
    for person, line in enumerate(lines, start=1):
        entries: list[Any] = json.loads(line)
        columns = np.asarray(entries, np.int64).reshape(-1, 3)
        rows.add(np.full(len(columns), person), *columns.T)
    return person
