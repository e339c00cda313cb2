"""What the second stage knows of each anime beside who has it: facts of the catalog, as arrays.

They are stored with the weights that were trained on them, so a later catalog does not shift a
network's inputs, and serving needs no catalog.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from recsys.catalog import Anime, Catalog

TYPES = ("TV", "Movie", "OVA", "Special", "ONA", "Music")
OTHER_TYPE = len(TYPES)
# Years of neighbours by id, on either side, whose median stands in for an unknown year.
_NEIGHBOURS = 25
_USUAL_YEAR = 2010


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Facts of n anime, in the order of the model's items.

    Attributes:
        type: uint8 [n], positions in `TYPES`, or `OTHER_TYPE`.
        year: float32 [n] of the first broadcast; where unknown, the median of anime with ids near
            it, for ids were given out in the order of entry.
        franchise: int32 [n], dense numbers; anime of one franchise share one.
        order: int16 [n], position within the franchise.
        studio: int32 [n], dense numbers of the first studio; 0 where unknown.
        episodes: float32 [n], log(1 + episodes); of one episode where unknown.
        mean: float32 [n], mean score in the catalog; where unknown, a little under the average.
        members: float32 [n], log(1 + members) in the catalog.
        adult: bool [n].
        labels: uint8 [n, ⌈l / 8⌉], genres and tags, a bit each.
    """

    type: NDArray[np.uint8]
    year: NDArray[np.float32]
    franchise: NDArray[np.int32]
    order: NDArray[np.int16]
    studio: NDArray[np.int32]
    episodes: NDArray[np.float32]
    mean: NDArray[np.float32]
    members: NDArray[np.float32]
    adult: NDArray[np.bool_]
    labels: NDArray[np.uint8]

    @classmethod
    def of(cls, catalog: Catalog, item_ids: Iterable[int]) -> ItemFacts:
        """Looks up anime by MyAnimeList id; of those that are missing little is known."""
        ids = [int(item_id) for item_id in item_ids]
        anime = [catalog.get(item_id) for item_id in ids]
        means = np.array([a.mean or np.nan if a else np.nan for a in anime], np.float32)
        usual = float(np.nanmean(means)) if np.isfinite(means).any() else 7.0
        return cls(
            type=np.array([_type(a) for a in anime], np.uint8),
            year=_years(np.array([(a.year or 0) if a else 0 for a in anime], np.float32)),
            franchise=_dense(
                [(a.franchise or a.id) if a else i for a, i in zip(anime, ids, strict=True)]
            ),
            order=np.array([a.order if a else 0 for a in anime], np.int16),
            studio=_dense(["", *[a.studios[0] if a and a.studios else "" for a in anime]])[1:],
            episodes=np.log1p(np.array([(a.episodes or 1) if a else 1 for a in anime], np.float32)),
            mean=np.where(np.isfinite(means), means, np.float32(usual - 0.5)),
            members=np.log1p(np.array([a.members if a else 0 for a in anime], np.float32)),
            adult=np.array([bool(a and a.adult) for a in anime]),
            labels=_labels(anime),
        )

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        return {f"facts.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]]) -> ItemFacts:
        """The inverse of `tensors`.

        Raises:
            KeyError: a column is missing.
            ValueError: the columns are about different numbers of anime.
        """
        facts = cls(**{field.name: tensors[f"facts.{field.name}"] for field in fields(cls)})
        if len({len(getattr(facts, field.name)) for field in fields(cls)}) != 1:
            raise ValueError("the facts are about different numbers of anime")
        return facts


def _type(anime: Anime | None) -> int:
    return TYPES.index(anime.type) if anime and anime.type in TYPES else OTHER_TYPE


def _dense(values: list[Any]) -> NDArray[np.int32]:
    """Numbers from 0 in the order of the values."""
    return np.unique(values, return_inverse=True)[1].astype(np.int32)


def _years(years: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fills in zeros from known neighbours."""
    known = np.flatnonzero(years)
    if not len(known):
        return np.full_like(years, _USUAL_YEAR)
    around = [
        np.median(years[known[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]])
        for i in range(len(known))
    ]
    guessed = np.interp(np.arange(len(years)), known, around)
    return np.where(years > 0, years, guessed).astype(np.float32)


def _labels(anime: list[Anime | None]) -> NDArray[np.uint8]:
    names = sorted({label for a in anime if a for label in (*a.genres, *a.tags)})
    column = {name: i for i, name in enumerate(names)}
    has = np.zeros((len(anime), max(len(names), 1)), np.bool_)
    for row, a in enumerate(anime):
        if a:
            has[row, [column[label] for label in (*a.genres, *a.tags)]] = True
    return np.packbits(has, axis=1)
