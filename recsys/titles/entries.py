"""Which entry of a franchise is the third season, the second film, the one from 2003."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys.catalog import Anime, Catalog
    from recsys.titles.names import Names
    from recsys.titles.which import Which

_LIKE_KINDS = frozenset({"OVA", "ONA", "Special"})


# A television "season" of fewer episodes is a special that was broadcast.
_FEWEST_EPISODES = 6
# How much less it counts that a season was counted than that a title states it.
_COUNTED = 0.9


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its franchise.

    Attributes:
        season: 1 for the first; None for films and the like, unless their titles state it.
        stated: whether a title states the season; else it was counted.
        part: part or cour of the season that a title states.
        number: which one of its type.
        final: whether a title says "final season".
    """

    season: int | None
    stated: bool
    part: int | None
    number: int
    final: bool


class Seasons:
    """The place of each anime in its franchise, read from its names or counted by its order.

    Args:
        names: what the names say.
        catalog: the franchises.
    """

    def __init__(self, names: Names, catalog: Catalog) -> None:
        self._catalog = catalog
        self._names = names
        self._known: dict[int, Place] = {}

    def place(self, anime: Anime) -> Place:
        """Where one anime stands in its franchise."""
        if anime.id not in self._known:
            self._count(self._catalog.franchise(anime.id))
        return self._known[anime.id]

    def _count(self, entries: tuple[Anime, ...]) -> None:
        season = 0
        of_kind: dict[str, int] = {}
        for one in entries:
            said = self._names.said(self._names.position(one.id))
            of_kind[one.type] = of_kind.get(one.type, 0) + 1
            stated = said.season or said.bare_number
            here = stated
            if one.type == "TV" and (one.episodes or _FEWEST_EPISODES) >= _FEWEST_EPISODES:
                if stated:
                    season = max(season, stated)
                elif (said.part or 1) == 1 or not season:
                    season += 1
                here = stated or season
            number = said.number or of_kind[one.type]
            self._known[one.id] = Place(here, stated is not None, said.part, number, said.final)


def fit(wish: Which, place: Place, anime: Anime) -> float:
    """How well an entry is what was asked for: 0 not at all, 1 in every respect."""
    marks: list[float] = []
    season = wish.season or wish.bare_number
    if season:
        is_called = wish.bare_number is not None and place.stated and anime.type == "Movie"
        marks.append(_season_mark(season, place, anime, is_called=is_called))
    if wish.final:
        marks.append(float(place.final))
    if wish.part and not season and not wish.final:
        # "Part 4" of a series without seasons is its fourth.
        by_count = 0.8 if place.season == wish.part else 0.0
        marks.append(1.0 if place.part == wish.part else by_count)
    elif wish.part:
        marks.append(float((place.part or 1) == wish.part))
    elif season or wish.final:
        marks.append(1.0 if (place.part or 1) == 1 else 0.7)
    if wish.year:
        apart = abs((anime.year or 0) - wish.year)
        marks.append(1.0 if apart == 0 else 0.4 if apart == 1 else 0.0)
    if wish.kind:
        alike = 0.6 if wish.kind in _LIKE_KINDS and anime.type in _LIKE_KINDS else 0.0
        marks.append(1.0 if anime.type == wish.kind else alike)
        if wish.number:
            marks.append(float(place.number == wish.number))
    if not marks or min(marks) == 0:
        return 0.0
    return sum(marks) / len(marks)


def _season_mark(season: int, place: Place, anime: Anime, *, is_called: bool) -> float:
    if place.season != season:
        return 0.0
    # "Patlabor 2" is a film that is called so; "season 2" is none.
    return (1.0 if anime.type == "TV" or is_called else 0.6) * (1.0 if place.stated else _COUNTED)
