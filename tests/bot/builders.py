"""A small world for the services: two dozen anime, two tastes, and a model trained on them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from bot.services.container import Engine
from recsys.catalog import Anime, Catalog
from recsys.data.interactions import Interactions
from recsys.models.copresence import Copresence
from recsys.recommender import Recommender
from recsys.titles import TitleIndex
from recsys.training.pipeline import TrainingSettings, fit

if TYPE_CHECKING:
    from recsys.models.linear import LinearModel

# Ids as on MyAnimeList, so that a test reads like what happened. One is also another's title.
EIGHTY_SIX, SHAMAN_KING = 41457, 86
STEINS_GATE, MONSTER, COWBOY_BEBOP, DEATH_NOTE = 9253, 19, 1, 1535
CLANNAD, TORADORA = 2167, 4224
ADULT = 900
UNTRAINED = 52991
UNKNOWN = 10**8


def _anime(anime_id: int, title: str, genres: str, members: int, *, adult: bool = False) -> Anime:
    return Anime(
        anime_id,
        title,
        type="TV",
        episodes=24,
        year=2006,
        genres=tuple(genres.split()),
        members=members,
        mean=8.0,
        adult=adult,
        anilist_id=anime_id + 100_000,
        franchise=anime_id,
    )


ANIME = (
    _anime(STEINS_GATE, "Steins;Gate", "Sci-Fi Thriller", 900_000),
    _anime(MONSTER, "Monster", "Mystery Thriller", 500_000),
    _anime(COWBOY_BEBOP, "Cowboy Bebop", "Sci-Fi Action", 800_000),
    _anime(DEATH_NOTE, "Death Note", "Mystery Thriller", 1_000_000),
    _anime(EIGHTY_SIX, "86", "Sci-Fi Action", 300_000),
    _anime(SHAMAN_KING, "Shaman King", "Action", 200_000),
    _anime(CLANNAD, "Clannad", "Romance Drama", 600_000),
    _anime(TORADORA, "Toradora!", "Romance Comedy", 700_000),
    _anime(UNTRAINED, "Sousou no Frieren", "Drama Fantasy", 400_000),
    _anime(ADULT, "Grown-up Nights", "Hentai", 950_000, adult=True),
    *(_anime(1000 + n, f"Thriller of Night {n}", "Mystery Thriller", 1000 + n) for n in range(8)),
    *(_anime(2000 + n, f"Spring Romance {n}", "Romance Drama", 2000 + n) for n in range(8)),
)


@cache
def model() -> LinearModel:
    """The real model, trained on the lists of a hundred people who like one of two things."""
    thrilling = [a.id for a in ANIME if {"Thriller", "Action"} & set(a.genres)]
    romantic = [a.id for a in ANIME if "Romance" in a.genres]
    rng = np.random.default_rng(7)
    rows = [
        (person, anime_id, rng.integers(6, 11) if anime_id in liked else rng.integers(2, 7))
        for person in range(1, 121)
        for liked, other in [(thrilling, romantic) if person % 2 else (romantic, thrilling)]
        for anime_id in [*rng.permutation(liked)[:8], *rng.permutation(other)[:2]]
    ]
    users, anime_ids, scores = zip(*rows, strict=True)
    lists, _ = Interactions.from_columns(users, anime_ids, scores)
    fitted = fit(lists, TrainingSettings(dimensions=8, per_row=16), lambda _: None)
    return replace(fitted, copresence=Copresence.of(lists))


@cache
def engine() -> Engine:
    """The real catalog, title index and recommender, on small data."""
    catalog = Catalog(ANIME)
    return Engine(catalog, TitleIndex(catalog), Recommender(catalog, model(), version="tiny"))
