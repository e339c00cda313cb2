"""The facts about anime, keyed by MyAnimeList id."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anime:
    """One entry of the catalog.

    Attributes:
        id: MyAnimeList id.
        title: main title in romaji.
        english: official English title, where known.
        japanese: title in Japanese script, where known.
        aliases: every other string it is known by, Chinese titles included.
        type: "TV", "Movie", "OVA", "ONA", "Special", "Music" or "Unknown".
        episodes: how many, where known.
        year: of the first broadcast, where known.
        season: "winter", "spring", "summer" or "fall", where known.
        genres: in the order of the source, most telling first.
        tags: themes, demographics and source material, in English.
        studios: names, in English or romaji.
        members: how many people have it on their list.
        mean: mean score, 1 to 10, where known.
        adult: pornographic (the Hentai genre).
        anilist_id: AniList id, where known.
        poster: path of its picture at the poster host of the catalog's source, where known.
        franchise: id of the franchise: the MyAnimeList id of its first entry.
        order: position within the franchise, 0 for the first.
    """

    id: int
    title: str
    english: str | None = None
    japanese: str | None = None
    aliases: tuple[str, ...] = ()
    type: str = "Unknown"
    episodes: int | None = None
    year: int | None = None
    season: str | None = None
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    members: int = 0
    mean: float | None = None
    adult: bool = False
    anilist_id: int | None = None
    poster: str | None = None
    franchise: int = 0
    order: int = 0
