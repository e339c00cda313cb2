import numpy as np
import pytest

from recsys.catalog import Anime
from recsys.content import Content, Labels, extend

SHELF = [
    Anime(1, "A", type="TV", year=2010, genres=("Music", "School"), studios=("Kyoto Animation",)),
    Anime(2, "B", type="TV", year=2011, genres=("Music", "School")),
    Anime(3, "C", type="TV", year=2010, genres=("Mecha", "Military")),
    Anime(4, "D"),
]


def test_content_vectors_have_unit_length_and_put_like_with_like():
    content = Content(SHELF)
    similarity = content.similarity([0])
    assert similarity[0] == pytest.approx(1)
    assert similarity[1] > similarity[2] > similarity[3]


def test_neighbouring_years_are_alike_wherever_they_fall():
    for year in range(1990, 2030):
        pair = [Anime(1, "A", year=year), Anime(2, "B", year=year + 1), Anime(3, "C", year=1950)]
        similarity = Content(pair).similarity([0])
        assert similarity[1] > similarity[2]


def test_weighted_similarity_is_the_sum_of_the_cosines_it_is_made_of():
    content = Content(SHELF)
    weights = np.array([2.0, -0.5], np.float32)
    total = content.similarity([0, 2], weights)
    for target in range(len(SHELF)):
        parts = content.cosines(np.array([0, 2]), target)
        assert total[target] == pytest.approx(float(parts @ weights), abs=1e-6)


def test_extending_keeps_known_scores_and_gives_a_stranger_what_its_likeness_predicts():
    known = np.array([0, 1, 2], np.intp)
    similarity = np.array([0.0, 0.5, 1.0, 0.75, 0.0], np.float32)
    scores = np.array([1.0, 2.0, 3.0], np.float32)
    assert extend(scores, known, similarity) == pytest.approx([1, 2, 3, 2.5, 1])


def test_extending_never_rewards_being_unlike():
    known = np.array([0, 1], np.intp)
    similarity = np.array([0.0, 1.0, 0.5], np.float32)
    result = extend(np.array([2.0, 0.0], np.float32), known, similarity)
    assert result == pytest.approx([2, 0, 1])


def test_shared_labels_come_most_shared_first():
    labels = Labels(SHELF)
    rows = np.array([0, 3], np.intp)
    assert labels.shared(rows, labels.counts([1, 2])) == [("Music", "School"), ()]
    assert labels.shared(rows, labels.counts([0, 1, 2]))[1] == ()
    assert labels.shared(rows, labels.counts([])) == [(), ()]
    assert labels.shared(rows[:0], labels.counts([1])) == []
