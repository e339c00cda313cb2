"""Lists as the sites write them, small, and written by hand after their public examples."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

MAL_ENTRY = """
				<anime>
					<series_animedb_id>{id}</series_animedb_id>
					<series_title><![CDATA[{title}]]></series_title>
					<series_type>TV</series_type>
					<series_episodes>24</series_episodes>
					<my_id>0</my_id>
					<my_watched_episodes>24</my_watched_episodes>
					<my_start_date>0000-00-00</my_start_date>
					<my_finish_date>2017-07-02</my_finish_date>
					<my_rated></my_rated>
					<my_score>{score}</my_score>
					<my_dvd></my_dvd>
					<my_storage></my_storage>
					<my_status>{status}</my_status>
					<my_comments><![CDATA[]]></my_comments>
					<my_times_watched>0</my_times_watched>
					<my_rewatch_value></my_rewatch_value>
					<my_tags><![CDATA[]]></my_tags>
					<my_rewatching>0</my_rewatching>
					<my_rewatching_ep>0</my_rewatching_ep>
					<update_on_import>0</update_on_import>
				</anime>
"""


def mal_xml(*entries: tuple[int, str, int, str], kind: int = 1) -> bytes:
    """MyAnimeList's export: id, title, score (0 for none), status of each."""
    body = "".join(
        MAL_ENTRY.format(id=i, title=title, score=score, status=status)
        for i, title, score, status in entries
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!--\n Created by XML Export feature at '
        "MyAnimeList.net\n-->\n\n<myanimelist>\n\n<myinfo>\n<user_id>1</user_id>\n"
        f"<user_name>aki</user_name>\n<user_export_type>{kind}</user_export_type>\n"
        f"<user_total_anime>{len(entries)}</user_total_anime>\n</myinfo>\n{body}\n</myanimelist>\n"
    )
    return text.encode()


def anilist_download(*entries: tuple[int, int, int]) -> bytes:
    """AniList's file with all data: AniList id, score of 100, numbered status of each."""
    rows = [
        {
            "id": number,
            "user_id": 1,
            "series_id": series,
            "series_type": 0,
            "status": status,
            "score": score,
            "progress": 12,
            "progress_volume": 0,
            "rewatched": 0,
            "priority": 0,
            "private": 0,
            "hidden_default": 0,
            "notes": None,
            "started_on": 20200101,
            "finished_on": 0,
            "created_at": "2020-01-01 00:00:00",
            "updated_at": "2020-01-01 00:00:00",
        }
        for number, (series, score, status) in enumerate(entries, 1)
    ]
    manga = {**rows[0], "series_id": 30013, "series_type": 1} if rows else {}
    data: dict[str, Any] = {
        "user": {"id": 1, "display_name": "aki"},
        "user_options": {},
        "lists": [*rows, manga],
        "favourites": [],
        "activity": [{"object_id": 1, "status": "watched episode"}],
    }
    return json.dumps(data).encode()


def anime_planet(*entries: tuple[str, float, str]) -> bytes:
    """Anime-Planet's export: title, stars of five (0 for none), status of each."""
    rows = [
        {
            "name": name,
            "status": status,
            "started": None,
            "completed": "2020-08-16 16:56:47-07",
            "rating": rating,
            "times": 1,
            "eps": 24,
        }
        for name, rating, status in entries
    ]
    about = {"type": "anime", "date": "2022-01-12 14:22-0800", "version": "0.1a"}
    return json.dumps({"user": {"name": "aki"}, "export": about, "entries": rows}).encode()


def simkl(*entries: tuple[int | None, str, int | None, str]) -> bytes:
    """Simkl's backup: MyAnimeList id, title, score of ten, status of each anime; and a film."""
    rows = [
        {
            "last_watched_at": "2020-01-01T00:00:00Z",
            "user_rating": score,
            "status": status,
            "watched_episodes_count": 12,
            "anime_type": "tv",
            "show": {
                "title": title,
                "year": 2006,
                "ids": {"simkl": 36, "slug": "x", **({"mal": str(mal)} if mal else {})},
            },
        }
        for mal, title, score, status in entries
    ]
    film = {"status": "completed", "user_rating": 8, "movie": {"title": "Heat", "ids": {}}}
    return json.dumps({"shows": [], "movies": [film], "anime": rows}).encode()


def ours_json(*entries: tuple[int, str, int | None, str]) -> bytes:
    """Our own export: id, title, score, status of each."""
    rows = [
        {
            "anime_id": i,
            "title": title,
            "score": score,
            "status": status,
            "created_at": "2026-01-01T00:00:00+00:00",
            "updated_at": "2026-01-01T00:00:00+00:00",
        }
        for i, title, score, status in entries
    ]
    return json.dumps({"format": "osusume", "version": 1, "entries": rows}).encode()


def ours_csv(*entries: tuple[int, str, int | None, str]) -> bytes:
    """Our own table: id, title, score, status of each."""
    lines = ["anime_id,title,score,status,updated_at"]
    for i, title, score, status in entries:
        quoted = title.replace('"', '""')
        lines.append(f'{i},"{quoted}",{score or ""},{status},2026-01-01T00:00:00+00:00')
    return ("\r\n".join(lines) + "\r\n").encode()


def zipped(name: str, data: bytes) -> bytes:
    """A zip archive with one file in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return target.getvalue()


SAMPLES: dict[str, bytes] = {
    "mal": mal_xml((9253, "Steins;Gate", 9, "Completed"), (19, "Monster", 0, "Plan to Watch")),
    "mal.gz": gzip.compress(mal_xml((19, "Monster", 10, "2")), mtime=0),
    "anilist": anilist_download((109253, 85, 2), (100019, 0, 1)),
    "anime_planet": anime_planet(("Monster", 4.5, "watched"), ("Toradora!", 0, "stalled")),
    "simkl": simkl((19, "Monster", 9, "completed"), (None, "Clannad", None, "hold")),
    "simkl.zip": zipped("SimklBackup.json", simkl((1, "Cowboy Bebop", 8, "completed"))),
    "simkl.csv": b"SIMKL_ID,Title,Type,Year,Watchlist,LastEpWatched,WatchedDate,Rating\r\n"
    b"36,Monster,anime,2004,completed,,,9\r\n37,Heat,movie,1995,completed,,,8\r\n",
    "ours": ours_json((19, "Monster", 9, "completed"), (1, "Cowboy Bebop", None, "planned")),
    "ours.csv": ours_csv((19, "Monster", 9, "completed"), (1, "=Bebop", None, "on_hold")),
    "table": "タイトル;評価;状態\nMonster;8;視聴済み\nClannad;10;見たい\n".encode(),
    "utf16": "title\tscore\nMonster\t8\n".encode("utf-16"),
    "records": json.dumps(
        [{"target_title": "Monster", "target_id": 19, "target_type": "Anime", "score": 8}]
    ).encode(),
}
"""One of each kind that is accepted."""
