"""Which format a file is in, by what it holds and never by its name, and what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot.importing import anilist, anime_planet, csv_text, mal_xml, ours, simkl
from bot.importing.columns import read_records
from bot.importing.decode import decode
from bot.importing.errors import RefusedError
from bot.importing.limits import MEGABYTE, MOST_BYTES, MOST_LINES
from bot.importing.structured import items, load, table, tables
from bot.importing.unpack import unpack

if TYPE_CHECKING:
    from bot.importing.lines import ReadList

_MARKS: Final = b"\xef\xbb\xbf\xff\xfe\x00"
_XML: Final = re.compile(rb"\s*<\s*(?:\?xml|!--|!DOCTYPE|[A-Za-z])", re.IGNORECASE)
_AROUND: Final = ("anime", "animelist", "entries", "data", "list", "items")
_AROUND_EMPTY: Final = frozenset({*_AROUND, "lists", "shows", "movies"})
_HTML: Final = re.compile(r"<!doctype\s+html|<html", re.IGNORECASE)


def read_list(data: bytes) -> ReadList:
    """Read a list that somebody brings, in any of the formats that the bot knows.

    It takes memory and, for a hostile file, seconds: `bot.importing.apart` runs it in a process of
    its own.

    Args:
        data: the file as it was uploaded, packed or not.

    Raises:
        RefusedError: it is none that is known, is broken, or is too much.
    """
    if len(data) > MOST_BYTES:
        raise RefusedError("import_too_large", most=MOST_BYTES // MEGABYTE)
    data = unpack(data)
    head = data[:1024].lstrip(_MARKS)
    if _XML.match(head.replace(b"\0", b"")):  # UTF-16 has a NUL beside each ASCII letter
        return _read_markup(data, head)
    text = decode(data)
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if not start:
        raise RefusedError("import_empty")
    return _read_json(load(text)) if start in "{[" else csv_text.read(text)


def _read_markup(data: bytes, head: bytes) -> ReadList:
    if _HTML.search(head.replace(b"\0", b"").decode("latin-1")):
        raise RefusedError("import_web_page")
    return mal_xml.read(data)


def _read_json(value: object) -> ReadList:
    data = table(value)
    collection = table(table(data.get("data")).get("MediaListCollection")) or data
    if data.get("format") == ours.FORMAT:
        return ours.read(data)
    if "entries" in data and isinstance(data.get("export"), dict):
        return anime_planet.read(data)
    if any("show" in entry for entry in tables(data.get("anime"))):
        return simkl.read(data)
    if any("series_id" in entry for entry in tables(data.get("lists"))):
        return anilist.read_download(data)
    if any("entries" in part for part in tables(collection.get("lists"))):
        return anilist.read_collection(collection)
    return _read_array(items(value) or _rows_within(data))


def _rows_within(data: dict[str, Any]) -> list[Any]:
    """The rows of a list with an object around it: {"anime": [...]}, {"data": [...]}."""
    for name in _AROUND:
        if rows := items(data.get(name)):
            return rows
    raise RefusedError(
        "import_empty" if not data or data.keys() & _AROUND_EMPTY else "import_unknown_file"
    )


def _read_array(rows: list[Any]) -> ReadList:
    if len(rows) > MOST_LINES:
        raise RefusedError("import_too_many", most=MOST_LINES)
    records = list(tables(rows))
    if not records:
        raise RefusedError("import_empty" if not rows else "import_unknown_file")
    # MyAnimeList's API puts the anime and what the person says of it into two objects.
    return read_records(
        [{**r, **table(r.get("node")), **table(r.get("list_status"))} for r in records]
    )
