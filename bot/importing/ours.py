"""What `/privacy export` writes as JSON: read back, every line as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.importing.errors import RefusedError
from bot.importing.lines import Collector, Line, Source, clean_title, whole_id
from bot.importing.scores import to_ten
from bot.importing.statuses import status_of
from bot.importing.structured import tables

if TYPE_CHECKING:
    from bot.importing.lines import ReadList

FORMAT: Final = "osusume"
VERSION: Final = 1


def read(data: dict[str, Any]) -> ReadList:
    """Read an export.

    Raises:
        RefusedError: a newer version wrote it, or no entry is in it.
    """
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise RefusedError("import_newer_export")
    lines = Collector(Source.OSUSUME)
    for entry in tables(data.get("entries")):
        lines.add(
            Line(
                mal_id=whole_id(entry.get("anime_id")),
                title=clean_title(entry.get("title")),
                score=to_ten(entry.get("score"), 10),
                status=status_of(entry.get("status")),
            )
        )
    return lines.done()
