from __future__ import annotations

import numpy as np
import pytest

from recsys.data.interactions import Interactions
from recsys.data.timeline import Timeline
from recsys.models.directed import (
    Directed,
    DirectedEase,
    DirectedSettings,
    recency_weights,
    standard,
)
from recsys.models.ease import Ease

CHAINS, LINKS = 12, 6
SETTINGS = DirectedSettings(cuts=(0.3, 0.5, 0.7), gap=0.0, l2=2.0)


def chains(people=300, seed=1):
    """Everybody goes through some chains of anime, each from its first link to its last."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(1, people + 1):
        for chain in random.permutation(CHAINS)[:3]:
            start = random.integers(0, 3)
            rows += [(user, 1 + chain * LINKS + link) for link in range(start, LINKS)]
    users, anime = np.array(rows).T
    table, _ = Interactions.from_columns(users, anime, [8] * len(users))
    table = table.on_anime(np.arange(1, 1 + CHAINS * LINKS))
    return Timeline.of_rows(table, users, anime, np.arange(len(users)))


def told(*anime_ids):
    """One person who had these, in this order."""
    ids = np.array(anime_ids)
    table, _ = Interactions.from_columns([1] * len(ids), ids, [8] * len(ids))
    table = table.on_anime(np.arange(1, 1 + CHAINS * LINKS))
    return Timeline.of_rows(table, np.ones(len(ids)), ids, np.arange(len(ids)))


@pytest.fixture(scope="module")
def directed():
    return Directed.fit(chains(), SETTINGS)


def test_what_follows_is_expected_and_what_came_before_is_not(directed):
    middle = 1 + 2 * LINKS + 3
    scores = directed.score(told(middle))[0]
    assert scores[middle] > scores[middle - 2]  # positions are ids less 1: the next, the previous
    ease = Ease.fit(chains().lists, 2.0).score(told(middle).lists)[0]
    assert ease[middle - 2] > 0.5 * ease[middle]


def test_the_latest_entry_says_most(directed):
    first, second = 1 + 0 * LINKS + 1, 1 + 5 * LINKS + 1
    one, other = directed.score(told(first, second))[0], directed.score(told(second, first))[0]
    assert one[second] > other[second]  # positions are ids less 1: what comes next
    assert other[first] > one[first]


def test_weights_fall_with_the_entries_that_came_later():
    weights = recency_weights(told(9, 3, 5), 0.5)
    assert weights == pytest.approx([2**-0.5, 1.0, 3**-0.5])  # in the order of ids: 3, 5, 9
    assert recency_weights(told(9, 3, 5), 0.0) == pytest.approx([1, 1, 1])


def test_one_cut_without_extras_is_plain_ridge_regression():
    timeline = chains(40)
    settings = DirectedSettings(
        cuts=(0.5,), gap=0.0, recency=0.0, l2=3.0, dropout=0.0, person_power=0.0
    )
    ends = np.floor(timeline.lists.lengths * 0.5).astype(int)
    X, Y = np.zeros((2, 40, CHAINS * LINKS))
    for place, user, item in zip(
        timeline.places, timeline.lists.users, timeline.lists.items, strict=True
    ):
        (X if place < ends[user] else Y)[user, item] = 1
    expected = np.linalg.solve(X.T @ X + 3 * np.eye(CHAINS * LINKS), X.T @ Y)
    assert Directed.fit(timeline, settings).weights == pytest.approx(expected, abs=1e-5)


def test_what_comes_within_the_gap_is_not_learnt():
    """Each list is four entries; with a gap of one the second after the cut is all there is."""
    users = np.repeat(np.arange(1, 21), 4)
    anime = np.tile([10, 20, 30, 40], 20)
    table, _ = Interactions.from_columns(users, anime, [8] * 80)
    timeline = Timeline.of_rows(table, users, anime, np.arange(80))
    weights = {
        gap: Directed.fit(timeline, DirectedSettings(cuts=(0.5,), gap=gap, l2=0.1)).weights
        for gap in (0.0, 0.5)
    }
    assert weights[0.0][1, 2] > 0.1
    assert weights[0.5][1, 2] == pytest.approx(0, abs=1e-6)
    assert weights[0.5][1, 3] > 0.1


def test_a_person_with_nothing_is_scored_and_changes_nothing(directed):
    timeline = chains(30)
    nobody = np.zeros(30, np.int64)
    assert not directed.score(timeline.before(nobody)).any()
    both = DirectedEase.fit(timeline, SETTINGS, ease_l2=5.0)
    assert np.isfinite(both.score(timeline.before(nobody))).all()


def test_the_blend_is_both_in_standard_deviations():
    timeline = chains(60)
    both = DirectedEase.fit(timeline, SETTINGS, ease_l2=5.0, share=0.5)
    expected = standard(both.directed.score(timeline)) + 0.5 * standard(
        both.ease.score(timeline.lists)
    )
    assert both.score(timeline) == pytest.approx(expected)
    assert standard(np.array([[1, 2, 3]], np.float32)).std() == pytest.approx(1)
