from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recsys.evaluation.peers import item_weights, latent, surprise_models
from recsys.evaluation.peers.slim import SlimSettings, solve
from recsys.evaluation.splits import fold_in
from recsys.models.gram import gram, matrix
from tests.recsys.training_data import made_up_lists

LISTS = made_up_lists()
X = matrix(LISTS).toarray().astype(np.float64)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.1, 8), st.floats(0.5, 100), st.integers(2, 30))
def test_slim_finds_the_optimum_whatever_it_begins_with(l1, l2, candidates):
    exact = SlimSettings(
        l1, l2, candidates=candidates, let_in=5, rounds=40, tolerance=1e-6, passes=2000
    )
    B = solve(gram(LISTS), exact).toarray().astype(np.float64)
    G = X.T @ X
    assert (np.diagonal(B) == 0).all()
    assert (B >= 0).all()
    # Karush, Kuhn and Tucker: flat where there is a weight, rising where there is none.
    slope = G @ B - G + l2 * B + l1
    off = ~np.eye(len(G), dtype=bool)
    assert np.abs(slope[off & (B > 0)]).max(initial=0) < 0.02
    assert slope[off & (B == 0)].min() > -0.02


def test_slim_is_what_fastslim_finds():
    fastslim = pytest.importorskip("fastslim")
    theirs = fastslim.SLIM(lambd=1, beta=5, tol=1e-7, max_iter=5000, n_threads=1)
    theirs.fit(sparse.csr_array(matrix(LISTS)))
    exact = SlimSettings(1, 5, candidates=10, let_in=5, rounds=20, tolerance=1e-6, passes=2000)
    ours = solve(gram(LISTS), exact).toarray()
    np.testing.assert_allclose(ours, theirs.weights.toarray(), atol=1e-4)


def test_an_anime_on_no_list_gets_no_weight():
    G = gram(LISTS)
    G[7, :], G[:, 7] = 0, 0
    B = solve(G, SlimSettings(1.0, 0.0)).toarray()
    assert np.isfinite(B).all()
    assert not B[7].any()
    assert not B[:, 7].any()


def test_a_person_of_ials_is_the_one_the_library_solves():
    irspack = pytest.importorskip("irspack")
    given_to = {"n_components": 8, "alpha0": 0.1, "reg": 0.003}
    ours = latent.ials(LISTS)(given_to)
    theirs = irspack.IALSRecommender(
        sparse.csr_matrix(matrix(LISTS)), n_threads=1, train_epochs=16, nu=1.0,
        solver_type="CHOLESKY", **given_to,
    )  # fmt: skip
    theirs.start_learning()
    theirs.trainer.core_trainer.item = ours.items
    theirs.trainer.core_trainer.user = theirs.trainer.core_trainer.user
    some = LISTS.of_users(np.arange(LISTS.n_users) < 9)
    wanted = theirs.get_score_cold_user(sparse.csr_matrix(matrix(some)))
    np.testing.assert_allclose(ours.score(some), wanted, atol=2e-3)


def test_pure_svd_is_the_best_of_its_rank():
    pytest.importorskip("irspack")
    directions = latent.pure_svd(LISTS)({"n_components": 5}).directions.astype(np.float64)
    left = ((X - X @ directions @ directions.T) ** 2).sum()
    values = np.linalg.svd(X, compute_uv=False)
    assert left == pytest.approx((values[5:] ** 2).sum(), rel=0.01)


def test_item_knn_is_the_cosine_of_two_columns():
    model = item_weights.item_knn(LISTS)({"top_k": 80, "shrinkage": 0.0, "power": 1.0})
    norms = np.linalg.norm(X, axis=0)
    cosine = (X.T @ X) / np.outer(norms, norms)
    np.fill_diagonal(cosine, 0)
    np.testing.assert_allclose(model.score(LISTS), X @ cosine, rtol=1e-4, atol=1e-4)


def test_rp3beta_is_three_steps_of_a_walk_less_popularity():
    model = item_weights.rp3beta(LISTS)({"top_k": 80, "beta": 0.4})
    to_item = X / np.maximum(X.sum(axis=1, keepdims=True), 1)
    to_person = (X / X.sum(axis=0)).T
    walk = to_person @ to_item / X.sum(axis=0) ** 0.4
    np.fill_diagonal(walk, 0)
    np.testing.assert_allclose(model.score(LISTS), X @ walk, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("prepare", [item_weights.item_knn, item_weights.rp3beta])
def test_so_many_neighbours_of_each_anime_count_and_no_fewer(prepare):
    rest = {"shrinkage": 0.0, "power": 1.0, "beta": 0.4}
    every = prepare(LISTS)({"top_k": 80, **rest}).weights.toarray()
    few = prepare(LISTS)({"top_k": 7, **rest}).weights.toarray()
    assert ((few > 0).sum(axis=0) >= 7).all()
    for column, all_of_it in zip(few.T, every.T, strict=True):
        assert column.max() == all_of_it.max()
        assert all_of_it[column == 0].max() <= column[column > 0].min()


@pytest.mark.parametrize("sparse_too", [False, True])
def test_weights_come_back_from_their_tensors(sparse_too):
    weights = np.random.default_rng(0).random((80, 80)).astype(np.float32)
    kept = sparse.csr_array(np.where(weights > 0.8, weights, 0)) if sparse_too else weights
    model = item_weights.ItemWeights(kept)
    again = item_weights.ItemWeights.from_tensors(model.tensors())
    np.testing.assert_array_equal(model.score(LISTS), again.score(LISTS))


def test_svdpp_has_a_rating_even_for_whoever_told_none():
    pytest.importorskip("surprise")
    asked = np.arange(LISTS.n_users) % 5 == 0
    fold = fold_in(LISTS.of_users(asked), seed=1)
    scores = fold.known.scores.copy()
    scores[fold.known.users == 0] = 0
    silent = replace(fold, known=replace(fold.known, scores=scores))
    fit = surprise_models.svdpp(LISTS.of_users(~asked), silent)
    rated = fit({"n_factors": 2, "n_epochs": 1}).ratings
    assert len(rated) == (fold.hidden.scores > 0).sum()
    assert np.isfinite(rated).all()
