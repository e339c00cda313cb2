"""The two small models that give the second stage another view of a list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import Interactions
from recsys.models.crowds import CROWDS, Crowds, largest
from recsys.models.implicit_factors import FactorSettings, ImplicitFactors
from recsys.models.views import Views
from tests.recsys.test_reranker import LISTS

SETTINGS = FactorSettings(dimensions=6, rounds=6)


def two_tastes(people=60):
    """Half of the people have some of the first ten anime, half some of the last ten."""
    random = np.random.default_rng(2)
    rows = [
        (user, 10 * (user % 2) + item, 8)
        for user in range(1, people + 1)
        for item in random.permutation(10)[:5] + 1
    ]
    return Interactions.from_columns(*np.array(rows).T)[0]


def test_factors_find_the_rest_of_a_taste():
    lists = two_tastes()
    factors = ImplicitFactors.fit(lists, replace(SETTINGS, dimensions=2), seed=1)
    said = factors.items @ factors.of_list(np.array([0, 3]))
    assert said[:10].min() > said[10:].max()


def test_the_vector_of_a_list_is_the_least_of_its_loss():
    factors = ImplicitFactors.fit(LISTS, SETTINGS, seed=1)
    Y, items = factors.items.astype(float), np.array([4, 9, 30])
    told = np.isin(np.arange(len(Y)), items)

    def loss(x):
        held_back = SETTINGS.l2 * (len(items) + SETTINGS.unseen * len(Y)) * (x @ x)
        seen = ((Y[told] @ x) ** 2 - 2 * (Y[told] @ x)).sum()
        return seen + SETTINGS.unseen * ((Y @ x) ** 2).sum() + held_back

    x = factors.of_list(items).astype(float)
    random = np.random.default_rng(0)
    assert all(loss(x) < loss(x + 0.01 * random.standard_normal(len(x))) for _ in range(50))
    nothing = factors.of_list(np.empty(0, np.intp))
    assert (nothing == 0).all()


def test_the_same_seed_gives_the_same_factors_and_few_anime_few_dimensions():
    mine = ImplicitFactors.fit(LISTS, FactorSettings(), seed=1)
    assert (mine.items == ImplicitFactors.fit(LISTS, FactorSettings(), seed=1).items).all()
    assert mine.items.shape == (LISTS.n_items, LISTS.n_items // 4)


def test_a_crowd_is_told_by_what_it_has():
    lists = replace(
        two_tastes(), sources=("here", "there"), source_of=(np.arange(60) % 2).astype(np.int8)
    )
    names = largest(lists)
    crowds = Crowds.of(lists, names)
    first_code = lists.source_of[lists.users[lists.items == 0]][0]
    place = names.index(lists.sources[first_code])
    assert (crowds.lifts[:10, place] > 0.3).all()
    assert (crowds.lifts[10:, place] < -0.3).all()
    assert (crowds.lifts[:, 2:] == 0).all()
    usual = crowds.of_list(np.array([0, 5]))
    alike = crowds.among_alike(usual, 2, crowds.lifts)
    assert alike[:10].min() > alike[10:].max()


def test_columns_mean_the_same_whoever_is_left_out():
    names = largest(LISTS)
    assert 1 < len(names) <= CROWDS
    for left_out, name in enumerate(names):
        rest = LISTS.of_users(LISTS.source_of != LISTS.sources.index(name))
        lifts = Crowds.of(rest, names).lifts
        assert lifts[:, left_out] == pytest.approx(0, abs=1e-5)
        assert np.abs(np.delete(lifts, left_out, axis=1)).max() > 1e-3


def test_views_are_saved_and_loaded_and_refused_where_they_do_not_fit():
    views = Views.fit(LISTS, largest(LISTS), seed=1)
    tensors, n = views.tensors(), LISTS.n_items
    again = Views.from_tensors(tensors, n)
    assert (again.crowds.lifts == views.crowds.lifts).all()
    assert again.factors.items == pytest.approx(views.factors.items, abs=1e-6)
    assert (again.factors.everything == views.factors.everything).all()
    with pytest.raises(ValueError, match="other anime"):
        Views.from_tensors(tensors, n + 1)
    with pytest.raises(ValueError, match="Gram"):
        Views.from_tensors({**tensors, "factors.everything": np.eye(3, dtype=np.float32)}, n)
    with pytest.raises(ValueError, match="crowds"):
        Views.from_tensors({**tensors, "crowds.lifts": tensors["crowds.lifts"][:, :2]}, n)
