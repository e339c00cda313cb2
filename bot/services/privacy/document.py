"""Everything that is kept of a person as one JSON document, which `/import` reads back.

::

    {
    "format": "osusume", "version": 1, "exported_at": "...", "part": 1, "parts": 1,
    "person": [{"id": "...", "preferences": {...}, ...}],
    "entries": [{"anime_id": 1, "title": "...", "score": 9, "status": "completed", ...}, ...],
    "shown_lists": [...],
    ...
    }

A section a table, named by its kind in `bot.db.personal`, with every column of every row. Moments
are in ISO 8601. A number beyond what JavaScript holds exactly is written as text, as Discord does
with its ids. An anime's title is added beside its id.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING, Any

from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from recsys.catalog import Catalog

FORMAT = "osusume"
VERSION = 1

Row = dict[str, Any]

_EXACT = 2**53
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_STATUS = {int(status): status.name.lower() for status in Status}


def jsonable(row: Mapping[str, Any], catalog: Catalog, *, kind: str) -> Row:
    """A row of the database as it stands in the document."""
    shown: Row = {}
    for name, value in row.items():
        if kind == "entries" and name == "status":
            shown[name] = _STATUS[value]
            continue
        shown[name] = _plain(value)
        if name == "anime_id" and (anime := catalog.get(value)) is not None:
            shown["title"] = anime.title
    return shown


def render(
    sections: Mapping[str, Sequence[Row]], now: datetime, *, part: int = 1, parts: int = 1
) -> bytes:
    """The document, a row a line, in UTF-8.

    Each row is encoded by itself: one step over the whole, in another thread, would hold up
    whoever is being answered, for only between steps does Python let another thread run.
    """
    head = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now.isoformat(),
        "part": part,
        "parts": parts,
    }
    pieces = [b"%s: %s" % (_text(name), _text(value)) for name, value in head.items()]
    for name, rows in sections.items():
        body = b",\n".join(map(_text, rows))
        pieces.append(b"%s: [\n%s\n]" % (_text(name), body) if rows else _text(name) + b": []")
    return b"{\n" + b",\n".join(pieces) + b"\n}\n"


def _text(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    return _ENCODER.encode(value).encode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, date):  # or a datetime, which is one
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value
