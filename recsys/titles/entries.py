"""Which entry of a franchise is the third season, the second film, the one from 2003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.titles.which import NOTHING, Which

if TYPE_CHECKING:
    from recsys.catalog import Anime, Catalog
    from recsys.titles.names import Names

_LIKE_KINDS = frozenset({"OVA", "ONA", "Special"})


class Seasons:
    """The place of each anime in its franchise, read from its names or counted by its order."""

    def __init__(self, names: Names) -> None:
        self._said = {names.anime[i].id: which for i, which in names.which.items()}
        self._known: dict[int, Which] = {}

    def of(self, anime: Anime, catalog: Catalog) -> Which:
        """Season, part and number of one anime; a season that no name states is counted."""
        if anime.id not in self._known:
            for one, which in self._count(catalog.franchise(anime.id)):
                self._known[one.id] = which
        return self._known[anime.id]

    def _count(self, entries: tuple[Anime, ...]) -> list[tuple[Anime, Which]]:
        placed: list[tuple[Anime, Which]] = []
        season = 0
        of_kind: dict[str, int] = {}
        for one in entries:
            said = self._said.get(one.id, NOTHING)
            of_kind[one.type] = of_kind.get(one.type, 0) + 1
            number = said.number or of_kind[one.type]
            stated = said.season or said.bare_number
            part = said.part
            here = None
            if one.type == "TV":
                if stated:
                    season = stated
                elif not ((part or 1) > 1 and season):
                    season += 1
                here = season
            elif stated and one.type in _LIKE_KINDS:
                here = stated
            placed.append(
                (
                    one,
                    Which(
                        season=here,
                        part=part,
                        year=one.year,
                        kind=one.type,
                        number=number,
                        final=said.final,
                    ),
                )
            )
        return placed


def fit(wish: Which, place: Which, anime: Anime) -> float:
    """How well an entry is what was asked for: 0 not at all, 1 in every respect."""
    marks: list[float] = []
    season = wish.season or wish.bare_number
    if season:
        marks.append(float(place.season == season) * (1.0 if anime.type == "TV" else 0.6))
    if wish.part and not season and not wish.final:
        marks.append(1.0 if place.part == wish.part else 0.8 if place.season == wish.part else 0.0)
    elif wish.part:
        marks.append(float((place.part or 1) == wish.part))
    elif season or wish.final:
        marks.append(1.0 if (place.part or 1) == 1 else 0.7)
    if wish.final:
        marks.append(float(place.final))
    if wish.year:
        apart = abs((anime.year or 0) - wish.year)
        marks.append(1.0 if apart == 0 else 0.4 if apart == 1 else 0.0)
    if wish.kind:
        same = anime.type == wish.kind
        alike = wish.kind in _LIKE_KINDS and anime.type in _LIKE_KINDS
        marks.append(1.0 if same else 0.6 if alike else 0.0)
        if wish.number:
            marks.append(float(place.number == wish.number))
    if not marks or min(marks) == 0:
        return 0.0
    return sum(marks) / len(marks)
