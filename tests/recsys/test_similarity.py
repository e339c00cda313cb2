"""The test of likeness: what counts as alike, on people whom nobody has to have seen."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.catalog import Anime, Catalog
from recsys.data.interactions import Interactions
from recsys.evaluation.similarity import SimilarityTest, lines
from recsys.ranking.facts import Facts
from recsys.ranking.scoring import Likeness, Scorer
from recsys.training.pipeline import train
from tests.recsys.test_training import SETTINGS

GROUPS, SIZE = 5, 12
SHELF = Catalog(
    Anime(
        1 + group * SIZE + i,
        f"Anime {group} {i}",
        type="TV",
        genres=(f"Kind {group}",),
        # The labels tell the groups apart, and so do the people; the last anime of each is the
        # second season of its first.
        franchise=1 + group * SIZE + (0 if i == SIZE - 1 else i),
        order=int(i == SIZE - 1),
        members=1000,
        mean=7.0,
    )
    for group in range(GROUPS)
    for i in range(SIZE)
)


def people(seed, count=300):
    """Everybody likes one group, and has seen a little of all."""
    random = np.random.default_rng(seed)
    rows = [
        (user, 1 + i, 9 if i // SIZE == group else 5)
        for user, group in enumerate(random.integers(0, GROUPS, count), 1)
        for i in range(GROUPS * SIZE)
        if random.random() < (0.7 if i // SIZE == group else 0.15)
    ]
    return Interactions.from_columns(*np.array(rows).T)[0]


@pytest.fixture(scope="module")
def test():
    model = train(people(1), SETTINGS).model
    return SimilarityTest(Scorer(Facts(SHELF), model), people(2).on_anime(model.item_ids))


def test_what_the_same_people_like_scores_and_what_all_like_does_not(test):
    together = test.measure(Likeness(1, 0, 0, 0))
    at_random = test.measure(Likeness(0, 0, 0, 1))
    assert together.asked == at_random.asked == len(test.queries) > 40
    assert together.liked > 0.3
    assert abs(at_random.liked) < 0.2 < together.liked


def test_labels_alone_find_the_same_kind(test):
    assert test.measure(Likeness(0, 0, 1, 0)).kind > 0.9


def test_the_table_names_every_view(test):
    table = list(lines(test))
    assert len(table) == 9
    assert table[1].startswith("what ships")
