from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys.evaluation.beyond import calibration, coverage, novelty
from recsys.evaluation.paired import p_value, ratio_of_means, ratio_of_rmse

SHARES = st.floats(0, 1, allow_nan=False, width=32)
PAIRS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=SHARES), arrays(np.float64, n, elements=SHARES)
    )
)


@given(PAIRS)
def test_a_chance_is_a_probability_and_does_not_depend_on_who_is_named_first(pair):
    ours, theirs = pair
    p = p_value(ours, theirs, rounds=200)
    assert 0 < p <= 1
    assert p == p_value(theirs, ours, rounds=200)


@given(arrays(np.float64, 12, elements=SHARES))
def test_a_system_cannot_be_told_from_itself(values):
    assert p_value(values, values) == 1.0


def test_few_signs_give_the_chance_that_counting_them_gives():
    # Of the 2⁴ signs of four equal differences, all plus and all minus are as far from 0: 1/8.
    gap = np.full(4, 0.3)
    assert p_value(gap, np.zeros(4), rounds=20_000) == pytest.approx(1 / 8, abs=0.01)


def test_a_steady_lead_is_no_chance_and_noise_is():
    random = np.random.default_rng(0)
    theirs = random.random(400)
    assert p_value(theirs + 0.01 + 0.01 * random.random(400), theirs) < 1e-3
    assert p_value(theirs + random.normal(0, 0.1, 400), theirs) > 0.01


def test_people_without_a_figure_are_left_out_of_both():
    ours, theirs = np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, np.nan])
    assert ratio_of_means(ours, theirs).value == 0.5
    assert p_value(np.full(2, np.nan), np.zeros(2)) == 1.0


@given(PAIRS, st.floats(0.1, 10))
def test_a_ratio_grows_with_what_is_above_and_its_interval_holds_it(pair, factor):
    ours, theirs = pair[0] + 0.1, pair[1] + 0.1
    ratio = ratio_of_means(ours, theirs, rounds=200)
    assert ratio.value == pytest.approx(ours.mean() / theirs.mean())
    times = ratio_of_means(ours * factor, theirs, rounds=200)
    assert times.value == pytest.approx(ratio.value * factor)
    assert times.low == pytest.approx(ratio.low * factor)
    assert ratio.low <= ratio.high


def test_the_ratio_of_a_system_to_itself_is_one_in_every_resample():
    values = np.random.default_rng(1).random(50) + 0.1
    ratio = ratio_of_means(values, values)
    assert (ratio.value, ratio.low, ratio.high) == (1, 1, 1)


def test_twice_the_error_is_a_ratio_of_two():
    squares = np.array([1.0, 2.0, 5.0])
    ratio = ratio_of_rmse(4 * squares, squares)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_nothing_to_compare_is_not_a_number():
    assert np.isnan(ratio_of_means(np.zeros(0), np.zeros(0)).value)
    assert np.isnan(ratio_of_means(np.ones(3), np.zeros(3)).value)


@given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 100))
def test_coverage_counts_each_anime_once(n_items, people, seed):
    k = min(n_items, 5)
    top = np.random.default_rng(seed).integers(0, n_items, (people, k))
    assert coverage(top, n_items) == len(set(top.ravel().tolist())) / n_items
    assert coverage(np.repeat(top, 3, axis=0), n_items) == coverage(top, n_items)


def test_an_anime_half_as_well_known_is_one_bit_newer():
    shares = np.array([0.5, 0.25, 0.125])
    assert novelty(np.array([[0]]), shares) == 1
    assert novelty(np.array([[1]]), shares) == 2
    assert novelty(np.array([[0, 2], [1, 1]]), shares) == 2


@given(
    arrays(np.float64, 60, elements=st.floats(1, 10)),
    arrays(np.int64, 60, elements=st.integers(1, 10)),
)
def test_calibration_keeps_the_means_and_is_never_better_than_the_mean_gap(predicted, actual):
    bins = calibration(predicted, actual)
    assert bins.counts.sum() == 60
    assert np.average(bins.predicted, weights=bins.counts) == pytest.approx(predicted.mean())
    assert np.average(bins.actual, weights=bins.counts) == pytest.approx(actual.mean())
    assert bins.error >= abs(predicted.mean() - actual.mean()) - 1e-9


def test_a_prediction_that_is_right_on_average_within_its_bin_is_calibrated():
    predicted = np.array([6.1, 6.4, 8.2, np.nan])
    actual = np.array([5.0, 7.5, 8.2, 3.0])
    bins = calibration(predicted, actual)
    assert bins.counts.tolist() == [2, 1]
    assert bins.error == pytest.approx(0)
