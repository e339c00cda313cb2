from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.readers import read_ratings
from recsys.evaluation.splits import fold_in
from recsys.evaluation.synthetic import FULL_ANIME, FULL_USERS, Shape, write_ratings
from recsys.models.ease import Ease
from recsys.models.gram import matrix
from recsys.models.popularity import Popularity

SMALL = Shape(rows=10_000, users=500, anime=300)


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    path = tmp_path_factory.mktemp("made-up") / "rating_complete.csv"
    written = write_ratings(path, SMALL)
    table, cleaning = read_ratings(path)
    assert cleaning.rows == written == len(table)
    return table


def test_it_has_the_people_and_about_the_ratings_that_were_asked_for(lists):
    assert lists.n_users == 500
    assert lists.n_items <= 300
    assert len(lists) == pytest.approx(10_000, rel=0.25)
    assert set(np.unique(lists.scores)) <= set(range(1, 11))


def test_a_few_anime_are_on_most_lists_and_a_few_lists_are_long(lists):
    popularity = np.sort(np.bincount(lists.items))[::-1]
    assert popularity[:30].sum() > 0.2 * len(lists)
    assert np.median(lists.lengths) < 0.75 * lists.lengths.mean()


def test_there_is_a_taste_to_learn():
    """More than fame: EASE finds what was hidden, popularity less of it."""
    hits = {}
    for sharpness in (1.5, 0.0):
        shape = replace(SMALL, sharpness=sharpness, spread=0.3)
        fold = fold_in(made_up(shape), seed=1)
        known, hidden = matrix(fold.known).toarray() > 0, matrix(fold.hidden).toarray() > 0
        for model in (Ease.fit(fold.known, 30.0), Popularity.fit(fold.known)):
            scores = np.where(known, -np.inf, model.score(fold.known))
            top = np.argsort(-scores, axis=1)[:, :10]
            hits[model.name, sharpness] = np.take_along_axis(hidden, top, 1).sum()
    assert hits["EASE", 1.5] > 1.3 * hits["popularity", 1.5]
    assert hits["EASE", 0.0] < 1.1 * hits["popularity", 0.0]


def made_up(shape):
    from recsys.data.rows import Rows
    from recsys.evaluation.synthetic import blocks

    rows = Rows()
    for block in blocks(shape):
        rows.add(*block)
    return rows.table()[0]


def test_the_same_seed_gives_the_same_file_and_another_seed_another(tmp_path):
    small = Shape(rows=500, users=20, anime=60)
    first, again, other = (tmp_path / name for name in "abc")
    write_ratings(first, small)
    write_ratings(again, small)
    write_ratings(other, replace(small, seed=1))
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


def test_fewer_rows_are_fewer_people_with_lists_as_long():
    part = Shape.of_rows(4_000_000)
    assert part.anime == FULL_ANIME
    assert part.rows / part.users == pytest.approx(57_633_278 / FULL_USERS, rel=0.01)
