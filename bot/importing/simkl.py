"""Simkl's backup in JSON, the same as its `sync/all-items`: anime beside films and series.

Its backup in CSV is a table, for `bot.importing.columns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.importing.lines import Collector, Line, Source, clean_title, whole_id, whole_year
from bot.importing.scores import to_ten
from bot.importing.statuses import status_of
from bot.importing.structured import table, tables

if TYPE_CHECKING:
    from bot.importing.lines import ReadList


def read(data: dict[str, Any]) -> ReadList:
    """Read a backup; what is not anime is left out.

    Raises:
        RefusedError: no anime is in it.
    """
    lines = Collector(Source.SIMKL)
    for entry in tables(data.get("anime")):
        show = table(entry.get("show") or entry.get("movie"))
        ids = table(show.get("ids"))
        lines.add(
            Line(
                mal_id=whole_id(ids.get("mal")),
                anilist_id=whole_id(ids.get("anilist")),
                title=clean_title(show.get("title")),
                score=to_ten(entry.get("user_rating"), 10),
                status=status_of(entry.get("status")),
                year=whole_year(show.get("year")),
            )
        )
    return lines.done()
