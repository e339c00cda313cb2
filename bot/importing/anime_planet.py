"""Anime-Planet's export (Settings → Export): titles without ids, half stars up to five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.importing.errors import RefusedError
from bot.importing.lines import Collector, Line, Source, clean_title
from bot.importing.scores import to_ten
from bot.importing.statuses import status_of
from bot.importing.structured import table, tables

if TYPE_CHECKING:
    from bot.importing.lines import ReadList


def read(data: dict[str, Any]) -> ReadList:
    """Read an export.

    Raises:
        RefusedError: it is the list of manga, or nothing is in it.
    """
    if table(data.get("export")).get("type") == "manga":
        raise RefusedError("import_manga")
    lines = Collector(Source.ANIME_PLANET)
    for entry in tables(data.get("entries")):
        lines.add(
            Line(
                title=clean_title(entry.get("name")),
                score=to_ten(entry.get("rating"), 5),
                status=status_of(entry.get("status")),
            )
        )
    return lines.done()
