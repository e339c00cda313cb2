"""A person's list in the two formats that other sites and programs read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bot.services.privacy.cells import guarded
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from recsys.catalog import Anime

COLUMNS = ("anime_id", "title", "score", "status", "updated_at")

# What MyAnimeList calls it. It has no words for the other two: something listed without a status
# was seen, as `recsys.profile.Entry.is_seen` has it, and something refused is no part of its list,
# unless there is a score, which only who saw it gives.
_MAL_STATUS = {
    Status.WATCHING: "Watching",
    Status.COMPLETED: "Completed",
    Status.ON_HOLD: "On-Hold",
    Status.DROPPED: "Dropped",
    Status.PLANNED: "Plan to Watch",
    Status.UNKNOWN: "Completed",
    Status.NOT_INTERESTED: "Completed",
}

# XML 1.0 (section 2.2) cannot hold these, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list.

    Attributes:
        anime: what it is about.
        score: 1 to 10, or None.
        status: where it stands.
        updated_at: when the line last changed.
    """

    anime: Anime
    score: int | None
    status: Status
    updated_at: datetime

    @property
    def on_myanimelist(self) -> bool:
        """Whether MyAnimeList can be told of it."""
        return self.status is not Status.NOT_INTERESTED or self.score is not None


def to_csv(lines: Sequence[Line]) -> bytes:
    """A table with the columns `COLUMNS`, in UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    for line in lines:
        score = "" if line.score is None else line.score
        status = line.status.name.lower()
        title = guarded(line.anime.title)
        writer.writerow([line.anime.id, title, score, status, line.updated_at.isoformat()])
    return text.getvalue().encode("utf-8-sig")


def to_mal_xml(lines: Sequence[Line]) -> bytes:
    """MyAnimeList's own export format, which its import page takes back.

    Only what MyAnimeList has words for is in it. Of what the bot does not know, such as the episode
    somebody has reached, it says what MyAnimeList says of nothing: 0.
    """
    lines = [line for line in lines if line.on_myanimelist]
    counts = Counter(_MAL_STATUS[line.status] for line in lines)
    parts = [
        '<?xml version="1.0" encoding="UTF-8" ?>',
        "<myanimelist>",
        "  <myinfo>",
        "    <user_id>0</user_id>",
        "    <user_name></user_name>",
        "    <user_export_type>1</user_export_type>",
        f"    <user_total_anime>{len(lines)}</user_total_anime>",
        f"    <user_total_watching>{counts['Watching']}</user_total_watching>",
        f"    <user_total_completed>{counts['Completed']}</user_total_completed>",
        f"    <user_total_onhold>{counts['On-Hold']}</user_total_onhold>",
        f"    <user_total_dropped>{counts['Dropped']}</user_total_dropped>",
        f"    <user_total_plantowatch>{counts['Plan to Watch']}</user_total_plantowatch>",
        "  </myinfo>",
    ]
    # Encoded one by one, as in `bot.services.privacy.document.render`.
    head = "\n".join(parts).encode()
    return b"\n".join([head, *(_mal_anime(line).encode() for line in lines), b"</myanimelist>\n"])


def _mal_anime(line: Line) -> str:
    anime, status = line.anime, _MAL_STATUS[line.status]
    episodes = anime.episodes or 0
    # Within CDATA only its own end means anything.
    title = _NO_XML.sub("", anime.title).replace("]]>", "]]]]><![CDATA[>")
    kind = escape(_NO_XML.sub("", anime.type))
    return f"""  <anime>
    <series_animedb_id>{anime.id}</series_animedb_id>
    <series_title><![CDATA[{title}]]></series_title>
    <series_type>{kind}</series_type>
    <series_episodes>{episodes}</series_episodes>
    <my_id>0</my_id>
    <my_watched_episodes>{episodes if status == "Completed" else 0}</my_watched_episodes>
    <my_start_date>0000-00-00</my_start_date>
    <my_finish_date>0000-00-00</my_finish_date>
    <my_rated></my_rated>
    <my_score>{line.score or 0}</my_score>
    <my_storage></my_storage>
    <my_storage_value>0.00</my_storage_value>
    <my_status>{status}</my_status>
    <my_comments><![CDATA[]]></my_comments>
    <my_times_watched>0</my_times_watched>
    <my_rewatch_value></my_rewatch_value>
    <my_priority>LOW</my_priority>
    <my_tags><![CDATA[]]></my_tags>
    <my_rewatching>0</my_rewatching>
    <my_rewatching_ep>0</my_rewatching_ep>
    <my_discuss>1</my_discuss>
    <my_sns>default</my_sns>
    <update_on_import>1</update_on_import>
  </anime>"""
