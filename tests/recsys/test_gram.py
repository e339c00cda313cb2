from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.interactions import Interactions
from recsys.models.gram import gram, matrix, symmetric


def lists_of(lengths, anime, seed):
    """People with so many entries each, on all of the anime."""
    random = np.random.default_rng(seed)
    chosen = [random.permutation(anime)[:length] + 1 for length in lengths]
    users = np.repeat(np.arange(1, len(lengths) + 1), lengths)
    scores = random.integers(1, 11, len(users))
    table, _ = Interactions.from_columns(users, np.concatenate(chosen), scores)
    return table.on_anime(np.arange(1, anime + 1))


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 70), min_size=1, max_size=30),
    seed=st.integers(0, 1000),
)
def test_short_and_long_lists_add_up_to_the_product_of_matrices(lengths, seed):
    lists = lists_of(lengths, 70, seed)
    random = np.random.default_rng(seed)
    values, weights = random.standard_normal(len(lists)), random.random(lists.n_users)
    X = matrix(lists, values).toarray().astype(np.float64)
    G = gram(lists, values, weights)
    assert not np.triu(G, 1).any()
    assert symmetric(G) == pytest.approx(X.T @ (weights[:, None] * X), abs=1e-4)


def test_more_anime_than_fit_in_one_block_are_all_counted():
    lists = lists_of([3, 40, 900, 2000], 2500, 1)
    X = matrix(lists).toarray()
    assert np.array_equal(gram(lists), np.tril(X.T @ X))


def test_everybody_is_told_of_once():
    lists = lists_of([1, 60, 2, 70], 70, 1)
    told = []
    gram(lists, progress=told.append)
    assert sum(told) == lists.n_users
