"""Where Discord finds the picture of an anime. The bot itself never fetches one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from recsys.catalog import POSTER_SOURCE_HOST

if TYPE_CHECKING:
    from recsys.catalog import Anime

PosterHost = Literal["anilist", "source", "off"]


def poster_url(anime: Anime, host: PosterHost) -> str | None:
    """The address of an anime's poster at the chosen host, or None where it has none."""
    if host == "anilist" and anime.anilist_id is not None:
        return f"https://img.anili.st/media/{anime.anilist_id}"
    if host == "source" and anime.poster:
        return f"{POSTER_SOURCE_HOST}/{anime.poster.lstrip('/')}"
    return None
