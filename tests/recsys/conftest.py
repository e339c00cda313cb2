"""A small world with planted tastes: enough to train a real bundle in a second."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.bundle import save_bundle
from recsys.catalog import Anime, Catalog
from recsys.data.interactions import Interactions
from recsys.training.pipeline import TrainingSettings, train

GENRES = ("Mecha", "Romance", "Sports")
PER_GENRE = 20
NEW_MECHA, NEW_ROMANCE, HENTAI = 901, 902, 990


def planted_catalog():
    """Ids 100, 200 and 300 begin a genre each; odd ones are the sequels of the even ones before.

    901 and 902 nobody has yet, and 990 is for adults.
    """
    shelf = []
    for g, genre in enumerate(GENRES):
        for i in range(PER_GENRE):
            id_ = 100 * (g + 1) + i
            shelf.append(
                Anime(
                    id_,
                    f"{genre} {i}",
                    type="TV" if i % 2 == 0 else "Movie",
                    episodes=12,
                    year=2000 + i // 2,
                    genres=(genre, "Drama"),
                    studios=(f"Studio {genre}",),
                    members=100_000 - 1000 * i,
                    mean=8 - 0.05 * i,
                    franchise=id_ - i % 2,
                    order=i % 2,
                )
            )
    shelf += [
        Anime(
            NEW_MECHA, "New Mecha", type="TV", year=2026, genres=("Mecha", "Drama"), franchise=901
        ),
        Anime(
            NEW_ROMANCE,
            "New Romance",
            type="TV",
            year=2026,
            genres=("Romance", "Drama"),
            franchise=902,
        ),
        Anime(
            HENTAI,
            "For Adults",
            genres=("Hentai",),
            adult=True,
            members=90_000,
            mean=8.5,
            franchise=990,
        ),
    ]
    return Catalog(shelf)


def planted_ratings(people=400, seed=1):
    """Everybody loves one genre, rates it 8 to 10, and rates a few of another 3 to 5."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(1, people + 1):
        love, other = rng.permutation(len(GENRES))[:2]
        loved = 100 * (love + 1) + rng.permutation(PER_GENRE)[:10]
        meh = 100 * (other + 1) + rng.permutation(PER_GENRE)[:3]
        rows += [(user, id_, rng.integers(8, 11)) for id_ in loved]
        rows += [(user, id_, rng.integers(3, 6)) for id_ in meh]
        if rng.random() < 0.3:
            rows.append((user, HENTAI, rng.integers(5, 10)))
    users, anime, scores = np.array(rows).T
    return Interactions.from_columns(users, anime, scores)[0]


@pytest.fixture(scope="session")
def catalog():
    return planted_catalog()


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory):
    settings = replace(TrainingSettings(), min_lists=5, dimensions=8)
    trained = train(planted_ratings(), settings)
    path = tmp_path_factory.mktemp("bundle")
    save_bundle(path, trained.model.tensors(), trained.manifest())
    return path
