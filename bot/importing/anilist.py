"""AniList: the file that it hands a person with all their data, and the lists of its API.

The file (Settings → Account → Download data) numbers its statuses and scores up to 100. The API's
shape is also what browser extensions save as a backup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.importing.lines import Collector, Line, Source, clean_title, whole_id, whole_year
from bot.importing.scores import guess_top, to_ten
from bot.importing.statuses import status_of
from bot.importing.structured import table, tables
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.importing.lines import ReadList

_ANIME = 0
_NUMBERED = {
    0: Status.WATCHING,
    1: Status.PLANNED,
    2: Status.COMPLETED,
    3: Status.DROPPED,
    4: Status.ON_HOLD,
    5: Status.WATCHING,  # repeating
}
_SCALES = {"POINT_100": 100, "POINT_10_DECIMAL": 10, "POINT_10": 10, "POINT_5": 5, "POINT_3": 3}


def read_download(data: dict[str, Any]) -> ReadList:
    """Read the file with all of a person's data.

    Raises:
        RefusedError: no anime is in it.
    """
    lines = Collector(Source.ANILIST)
    for entry in tables(data.get("lists")):
        if entry.get("series_type") != _ANIME:
            continue
        status = entry.get("status")
        lines.add(
            Line(
                anilist_id=whole_id(entry.get("series_id")),
                score=to_ten(entry.get("score"), 100),
                status=_NUMBERED.get(status) if isinstance(status, int) else status_of(status),
            )
        )
    return lines.done()


def read_collection(data: dict[str, Any]) -> ReadList:
    """Read a saved answer of the API, or a backup in its shape.

    Raises:
        RefusedError: no anime is in it.
    """
    lines = Collector(Source.ANILIST)
    user = table(data.get("User") or data.get("user"))
    declared = table(user.get("mediaListOptions")).get("scoreFormat")
    top = _SCALES.get(declared) if isinstance(declared, str) else None
    guessed = None
    if top is None:
        scores = (entry.get("score") for entry in entries_of(data))
        guessed = guess_top(s for s in scores if isinstance(s, int | float)) or 100
    for entry in entries_of(data):
        if _is_anime(entry):
            lines.add(line_of(entry, top or guessed or 100))
    return lines.done(guessed_scale=guessed)


def entries_of(collection: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every entry of a `MediaListCollection` once.

    One that is hidden from the status lists stands in a custom list alone, so those are read too.
    """
    seen: set[object] = set()
    for part in tables(collection.get("lists")):
        for entry in tables(part.get("entries")):
            media_id = whole_id(table(entry.get("media")).get("id") or entry.get("mediaId"))
            if media_id is None or media_id not in seen:
                seen.add(media_id)
                yield entry


def line_of(entry: dict[str, Any], top: float) -> Line:
    """An entry of the API as a line.

    Args:
        entry: a `MediaList`.
        top: the best score of the scale that was asked for.
    """
    media = table(entry.get("media"))
    titles = table(media.get("title"))
    score = entry.get("score")
    return Line(
        mal_id=whole_id(media.get("idMal")),
        anilist_id=whole_id(media.get("id") or entry.get("mediaId")),
        title=clean_title(titles.get("romaji") or titles.get("english") or titles.get("native")),
        score=to_ten(score, top),
        status=status_of(entry.get("status")),
        year=whole_year(table(media.get("startDate")).get("year")),
    )


def _is_anime(entry: dict[str, Any]) -> bool:
    return table(entry.get("media")).get("type", "ANIME") == "ANIME"
