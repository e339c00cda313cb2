from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recsys.evaluation.metrics import ndcg, paired_bootstrap, recall, rmse, top_k

SHAPE = (3, 12)
SCORES = hnp.arrays(np.float32, SHAPE, elements=st.floats(-9, 9, width=32), unique=True)
RELEVANT = hnp.arrays(np.bool_, SHAPE)


def naive_ndcg(order: list[int], relevant: set[int], k: int) -> float:
    if not relevant:
        return math.nan
    gain = sum(1 / math.log2(rank + 2) for rank, item in enumerate(order[:k]) if item in relevant)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(len(relevant), k)))


def naive_recall(order: list[int], relevant: set[int], k: int) -> float:
    if not relevant:
        return math.nan
    return len(relevant & set(order[:k])) / min(k, len(relevant))


@given(SCORES, RELEVANT, st.integers(1, 20))
def test_both_metrics_agree_with_a_loop_over_the_definition(scores, relevant, k):
    ranked = top_k(scores, k)
    for user in range(SHAPE[0]):
        order = sorted(range(SHAPE[1]), key=lambda item: -scores[user, item])
        wanted = set(np.flatnonzero(relevant[user]).tolist())
        expected = naive_ndcg(order, wanted, k), naive_recall(order, wanted, k)
        found = ndcg(ranked, relevant, k)[user], recall(ranked, relevant, k)[user]
        assert found == pytest.approx(expected, nan_ok=True)


def test_the_best_ranking_scores_one_and_one_that_misses_everything_scores_nothing():
    relevant = np.array([[True, True, False, False]])
    assert ndcg(np.array([[1, 0]]), relevant, 2) == pytest.approx([1.0])
    assert recall(np.array([[0, 1]]), relevant, 2) == pytest.approx([1.0])
    assert ndcg(np.array([[2, 3]]), relevant, 2) == pytest.approx([0.0])


def test_recall_divides_by_no_more_than_k():
    assert recall(np.array([[0]]), np.ones((1, 50), bool), 1) == pytest.approx([1.0])


def test_of_equal_scores_the_earlier_anime_comes_first():
    assert top_k(np.array([[1.0, 2.0, 1.0, 2.0]]), 4).tolist() == [[1, 3, 0, 2]]


TIED = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 6), st.integers(1, 15)),
    elements=st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 3.0]),
)  # fmt: skip


@given(TIED, st.integers(1, 20))
def test_the_best_few_are_the_head_of_everything_sorted_ties_included(scores, k):
    everything = np.argsort(-scores, axis=1, kind="stable")
    np.testing.assert_array_equal(top_k(scores, k), everything[:, :k])


def test_what_was_told_and_set_to_minus_infinity_comes_last():
    assert top_k(np.array([[-np.inf, 0.0, -5.0]]), 3).tolist() == [[1, 2, 0]]


def test_rmse_is_the_root_of_the_mean_square():
    assert rmse(np.array([1.0, 5.0]), np.array([2.0, 8.0])) == pytest.approx(math.sqrt(5))
    assert math.isnan(rmse(np.array([]), np.array([])))


def test_an_interval_excludes_zero_only_when_one_model_is_ahead():
    random = np.random.default_rng(3)
    theirs = random.random(400)
    ahead = paired_bootstrap(theirs + 0.05 + 0.1 * random.standard_normal(400), theirs)
    assert 0 < ahead.low < ahead.mean < ahead.high
    level = paired_bootstrap(random.permutation(theirs), theirs)
    assert level.low < 0 < level.high


def test_people_whom_a_metric_cannot_judge_are_left_out_of_the_comparison():
    gap = paired_bootstrap(np.array([1.0, np.nan, 1.0]), np.array([0.5, 0.5, 0.5]))
    assert (gap.low, gap.mean, gap.high) == (0.5, 0.5, 0.5)
    assert math.isnan(paired_bootstrap(np.array([np.nan]), np.array([1.0])).mean)
