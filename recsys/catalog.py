"""The facts about anime, keyed by MyAnimeList id, and the one compact file that carries them."""

from __future__ import annotations

import hashlib
import json
import lzma
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

POSTER_SOURCE_HOST = "https://lain.bgm.tv"
"""Where `Anime.poster` is a path: the picture host of Bangumi, the source of the addresses."""

SHIPPED = Path(__file__).parent / "pretrained" / "catalog.json.xz"
"""The catalog that comes with the package."""

FORMAT = "osusume-catalog"
VERSION = 1
# A catalog is about 5 MB unpacked; a file that unpacks to far more is not one.
_MOST_BYTES = 1 << 28
# Every setting that changes the bytes is fixed, so that the same facts give the same file.
_PRESET = 9 | lzma.PRESET_EXTREME


class CatalogError(Exception):
    """A catalog that cannot be used; the message is a sentence for the person."""


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

    def __hash__(self) -> int:
        # Equal ones have the same id. To hash all their names takes longer than what is remembered
        # by them.
        return hash(self.id)


class Catalog:
    """Every anime, by MyAnimeList id, in ascending order of id. Never changes once made.

    An anime whose `franchise` is 0 is a franchise of its own.

    Raises:
        CatalogError: two anime share an id.
    """

    def __init__(self, anime: Iterable[Anime]) -> None:
        ordered = sorted(anime, key=lambda one: one.id)
        for one, other in pairwise(ordered):
            if one.id == other.id:
                raise CatalogError(f"The catalog holds the id {one.id} twice.")
        self._by_id = {one.id: one for one in ordered}

    @classmethod
    def load(cls, path: Path | None = None) -> Catalog:
        """Reads a catalog file.

        Args:
            path: the file; None is the one that comes with the package.

        Raises:
            CatalogError: the file is missing, damaged, foreign, or newer than this program.
        """
        path = SHIPPED if path is None else path
        payload = _unpack(path)
        catalog = cls(_decode(payload, path))
        catalog.__dict__["fingerprint"] = hashlib.sha256(payload).hexdigest()
        return catalog

    def save(self, path: Path) -> int:
        """Writes the catalog: columns of JSON, packed by xz. The same anime give the same bytes.

        Returns:
            The size of the file in bytes.
        """
        packed = lzma.compress(
            self._payload(), format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, preset=_PRESET
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(packed)
        partial.replace(path)
        return len(packed)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Anime]:
        return iter(self._by_id.values())

    def __contains__(self, anime_id: object) -> bool:
        return anime_id in self._by_id

    def __getitem__(self, anime_id: int) -> Anime:
        return self._by_id[anime_id]

    def get(self, anime_id: int) -> Anime | None:
        """The anime with this id, or None."""
        return self._by_id.get(anime_id)

    def franchise(self, anime_id: int) -> tuple[Anime, ...]:
        """All entries of the franchise of one anime, itself included, in order.

        Raises:
            KeyError: the id is not in the catalog.
        """
        anime = self._by_id[anime_id]
        return self._franchises.get(anime.franchise, (anime,))

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of the content, in hexadecimal: equal for equal catalogs."""
        return hashlib.sha256(self._payload()).hexdigest()

    @cached_property
    def _franchises(self) -> dict[int, tuple[Anime, ...]]:
        members: dict[int, list[Anime]] = {}
        for anime in self:
            if anime.franchise:
                members.setdefault(anime.franchise, []).append(anime)
        return {
            franchise: tuple(sorted(entries, key=lambda one: (one.order, one.id)))
            for franchise, entries in members.items()
        }

    def _payload(self) -> bytes:
        columns = _encode(tuple(self))
        text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return text.encode()


# The layout. One list a field: neighbours of one kind pack best, and 19,000 small objects would
# parse slowly. Ids are steps from the one before; types, seasons, and whole lists of genres, tags
# and studios, which repeat, are numbers into a table; aliases are one string, parted by line
# feeds; a missing text is "".
_COLUMNS = (
    "title", "english", "japanese", "aliases", "type", "episodes", "year", "season", "genres",
    "tags", "studios", "members", "mean", "adult", "anilist", "poster", "franchise", "order",
)  # fmt: skip


def _encode(anime: tuple[Anime, ...]) -> dict[str, Any]:
    words = sorted({a.type for a in anime} | {a.season for a in anime if a.season})
    lists = sorted({labels for a in anime for labels in (a.genres, a.tags, a.studios)})
    word = {text: i for i, text in enumerate(words)}
    number = {labels: i for i, labels in enumerate(lists)}
    ids = [a.id for a in anime]
    return {
        "format": FORMAT,
        "version": VERSION,
        "words": words,
        "lists": lists,
        "id": [b - a for a, b in pairwise([0, *ids])],
        "title": [a.title for a in anime],
        "english": [a.english or "" for a in anime],
        "japanese": [a.japanese or "" for a in anime],
        "aliases": ["\n".join(a.aliases) for a in anime],
        "type": [word[a.type] for a in anime],
        "episodes": [a.episodes for a in anime],
        "year": [a.year for a in anime],
        "season": [word[a.season] if a.season else None for a in anime],
        "genres": [number[a.genres] for a in anime],
        "tags": [number[a.tags] for a in anime],
        "studios": [number[a.studios] for a in anime],
        "members": [a.members for a in anime],
        "mean": [a.mean for a in anime],
        "adult": [int(a.adult) for a in anime],
        "anilist": [a.anilist_id for a in anime],
        "poster": [a.poster or "" for a in anime],
        "franchise": [a.franchise for a in anime],
        "order": [a.order for a in anime],
    }


def _unpack(path: Path) -> bytes:
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        raise CatalogError(
            f"There is no catalog at {path}; restore the file, or build one with "
            "`python -m recsys catalog`."
        ) from None
    except OSError as error:
        raise CatalogError(f"The catalog {path} cannot be read: {error.strerror}.") from error
    try:
        opened = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
        payload = opened.decompress(packed, max_length=_MOST_BYTES)
    except lzma.LZMAError as error:
        raise CatalogError(
            f"The catalog {path} is damaged or no catalog at all; download it again or build one "
            "with `python -m recsys catalog`."
        ) from error
    if not opened.eof or opened.unused_data:
        raise CatalogError(
            f"The catalog {path} is damaged: it is cut short or goes on after its end; download "
            "it again or build one with `python -m recsys catalog`."
        )
    return payload


def _decode(payload: bytes, path: Path) -> Iterator[Anime]:
    foreign = f"The file {path} is not a catalog; build one with `python -m recsys catalog`."
    try:
        columns = json.loads(payload)
    except ValueError as error:
        raise CatalogError(foreign) from error
    if not isinstance(columns, dict) or columns.get("format") != FORMAT:
        raise CatalogError(foreign)
    version = columns.get("version")
    if version != VERSION:
        raise CatalogError(
            f"The catalog {path} has format version {version} and this program reads "
            f"{VERSION}: update the older of the two."
        )
    try:
        yield from _anime(columns)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise CatalogError(
            f"The catalog {path} is damaged: its columns do not fit together; download it again "
            "or build one with `python -m recsys catalog`."
        ) from error


def _anime(columns: dict[str, Any]) -> Iterator[Anime]:
    words: list[str] = columns["words"]
    # One string for "Comedy" and one tuple for each list of genres serve every anime.
    lists = [tuple([intern(label) for label in labels]) for labels in columns["lists"]]
    rows = zip(accumulate(columns["id"]), *(columns[name] for name in _COLUMNS), strict=True)
    for (
        number, title, english, japanese, aliases, type_, episodes, year, season, genres, tags,
        studios, members, mean, adult, anilist, poster, franchise, order,
    ) in rows:  # fmt: skip
        yield Anime(
            number,
            title,
            english or None,
            japanese or None,
            tuple(aliases.split("\n")) if aliases else (),
            words[type_],
            episodes,
            year,
            None if season is None else words[season],
            lists[genres],
            lists[tags],
            lists[studios],
            members,
            mean,
            bool(adult),
            anilist,
            poster or None,
            franchise,
            order,
        )
