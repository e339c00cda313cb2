from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.interactions import Interactions
from recsys.models.biases import Biases
from recsys.models.ease import Ease
from recsys.models.edlae import EdlaeSettings, edlae_precision
from recsys.models.gram import gram, inverse, matrix, symmetric
from recsys.models.low_rank import LowRankWeights, Spectrum
from recsys.models.popularity import Popularity
from recsys.models.symmetric import DenseWeights, SparseWeights
from tests.recsys.training_data import KINDS, made_up_lists

LISTS = made_up_lists()
X = matrix(LISTS).toarray().astype(np.float64)


def weights_of(P):
    B = -P / np.diagonal(P)[None, :]
    np.fill_diagonal(B, 0.0)
    return B


def expand(weights):
    n = len(weights.input_scale)
    one = np.ones(1, np.float32)
    return np.stack([weights.apply(np.array([i]), one) for i in range(n)])


@pytest.fixture(scope="module")
def precision():
    return edlae_precision(gram(LISTS), EdlaeSettings(0.33, 20.0, 0.25))


def test_the_gram_matrix_is_the_weighted_product_of_the_lists():
    weights = np.linspace(0.1, 2.0, LISTS.n_users)
    values = np.linspace(-1, 1, len(LISTS))
    dense = matrix(LISTS, values).toarray()
    G = gram(LISTS, values, weights)
    expected = dense.T @ (dense * weights[:, None])
    assert np.tril(G) == pytest.approx(np.tril(expected), abs=1e-3)
    assert symmetric(G) == pytest.approx(expected, abs=1e-3)


@given(st.integers(1, 40))
@settings(deadline=None)
def test_the_inverse_is_one_and_has_both_triangles(n):
    A = np.random.default_rng(n).standard_normal((n, n + 3))
    A = (A @ A.T + np.eye(n)).astype(np.float32)
    P = inverse(np.asfortranarray(np.tril(A)))
    np.testing.assert_allclose(P @ A, np.eye(n), atol=2e-3)


def test_a_matrix_that_needs_more_regularisation_says_so():
    with pytest.raises(ValueError, match="larger λ"):
        inverse(np.asfortranarray(-np.eye(3, dtype=np.float32)))


def test_ease_is_the_best_zero_diagonal_answer_column_by_column():
    l2 = 30.0
    B = Ease.fit(LISTS, l2).weights
    for j in (0, 7, 41):
        others = np.arange(X.shape[1]) != j
        A = X[:, others].T @ X[:, others] + l2 * np.eye(others.sum())
        expected = np.linalg.solve(A, X[:, others].T @ X[:, j])
        assert B[others, j] == pytest.approx(expected, abs=1e-3)
        assert B[j, j] == 0.0


def test_edlae_is_what_training_with_dropped_inputs_converges_to(precision):
    # In expectation over dropout, with inputs scaled by 1 / (1 − p), the second moment of two
    # different inputs is theirs, and of one with itself that divided by 1 − p.
    moments = X.T @ X
    np.fill_diagonal(moments, np.diagonal(moments) / (1 - 0.33))
    moments += 20.0 * np.eye(len(moments))
    B = weights_of(precision)
    for j in (0, 7, 41):
        others = np.arange(len(B)) != j
        expected = np.linalg.solve(moments[np.ix_(others, others)], (X.T @ X)[others, j])
        assert B[others, j] == pytest.approx(expected, abs=1e-3)


def test_what_one_person_likes_is_ranked_first_by_the_item_weights():
    known, _ = Interactions.from_columns([1] * 4, [10, 50, 90, 130], [0] * 4)
    scores = Ease.fit(LISTS, 30.0).score(known.on_anime(LISTS.anime_ids))
    scores[0, [0, 4, 8, 12]] = -np.inf
    best = LISTS.anime_ids[np.argsort(-scores[0])[:5]] // 10
    assert set(best % KINDS) == {1}


def test_popularity_gives_everybody_the_counts():
    scores = Popularity.fit(LISTS).score(LISTS)
    assert scores.shape == (LISTS.n_users, LISTS.n_items)
    assert scores[5].tolist() == X.sum(axis=0).tolist()


def test_dense_weights_are_those_of_the_model_within_half_a_step(precision):
    weights = DenseWeights.from_precision(precision, step=0.001)
    root = np.sqrt(np.diagonal(precision))
    S = np.abs(precision / root[:, None] / root[None, :])
    np.fill_diagonal(S, 0)
    # Rows with a weight beyond 127 steps are coarser by the root of the excess.
    coarser = np.sqrt(np.maximum(S.max(axis=1) / 0.127, 1.0))
    half = 0.5001 * 0.001 * coarser[:, None] * coarser[None, :] * root[:, None] / root[None, :]
    assert (np.abs(expand(weights) - weights_of(precision)) <= half + 1e-6).all()


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_packed_weights_come_back_the_same(precision, kind):
    if kind == "dense":
        weights = DenseWeights.from_precision(precision, step=0.002)
        again = DenseWeights.from_tensors(weights.tensors())
    else:
        weights = SparseWeights.from_precision(precision, per_row=10)
        again = SparseWeights.from_tensors(weights.tensors())
    assert (expand(again) == expand(weights)).all()


def test_a_column_of_dense_weights_adds_up_to_the_score(precision):
    weights = DenseWeights.from_precision(precision, step=0.002)
    items = np.array([3, 9, 27, 40])
    values = np.array([1.0, 0.5, -1.0, 1.0], np.float32)
    total = weights.apply(items, values)
    for target in (0, 9, 79):
        assert (weights.columns(items, np.array([target]))[0] * values).sum() == pytest.approx(
            total[target], abs=1e-6
        )


def test_sparse_weights_keep_the_largest_and_drop_the_rest(precision):
    weights = SparseWeights.from_precision(precision, per_row=6)
    n = len(precision)
    assert len(weights.codes.entries()[0]) <= n * 6
    kept, whole = expand(weights), weights_of(precision)
    root = np.sqrt(np.diagonal(precision))
    size = np.abs(whole) / root[:, None] * root[None, :]
    assert size[kept != 0].min() >= size[kept == 0].max() * 0.999


@pytest.mark.parametrize("change", ["codes", "output_scale", "rows"])
def test_packed_weights_that_do_not_fit_together_are_refused(precision, change):
    dense = DenseWeights.from_precision(precision, step=0.002).tensors()
    sparse = SparseWeights.from_precision(precision, per_row=6).tensors()
    if change in dense:
        with pytest.raises(ValueError, match="codes"):
            DenseWeights.from_tensors({**dense, change: dense[change][:-3]})
    with pytest.raises(ValueError, match="codes"):
        SparseWeights.from_tensors({**sparse, change: sparse[change][:-3]})


def test_a_pair_outside_the_table_is_refused(precision):
    tensors = SparseWeights.from_precision(precision, per_row=6).tensors()
    tensors["rows"] = np.full_like(tensors["rows"], 9999)
    with pytest.raises(ValueError, match="not there"):
        SparseWeights.from_tensors(tensors)


def test_biases_find_the_generous_person_and_the_good_anime():
    random = np.random.default_rng(0)
    users, items = np.divmod(np.arange(60 * 40), 40)
    generous, good = users >= 30, items >= 20
    score = 5 + 2 * generous + 1 * good + random.integers(-1, 2, len(users))
    rated, _ = Interactions.from_columns(users + 1, items + 1, score)
    biases = Biases.fit(rated, user_shrinkage=0.0, anime_shrinkage=0.0)
    assert biases.anime[20:].mean() - biases.anime[:20].mean() == pytest.approx(1.0, abs=0.1)
    of_users = biases.of_users(rated)
    assert of_users[30:].mean() - of_users[:30].mean() == pytest.approx(2.0, abs=0.1)
    some = slice(rated.indptr[45], rated.indptr[46])
    alone = biases.of_user(rated.items[some], rated.scores[some])
    assert alone == pytest.approx(of_users[45], abs=1e-6)


def test_a_person_who_rated_one_anime_is_mostly_average():
    rated = LISTS.where(LISTS.scores > 0)
    biases = Biases.fit(rated, user_shrinkage=1.0, anime_shrinkage=3.0)
    item, score = np.array([0]), np.array([10.0])
    left = 10.0 - biases.mean - biases.anime[0]
    assert biases.of_user(item, score) == pytest.approx(left / 2, abs=1e-5)
    assert biases.of_user(item[:0], score[:0]) == 0.0


def test_embeddings_put_anime_of_one_kind_together():
    G = symmetric(gram(LISTS))
    rows = Spectrum.of(G, dimensions=KINDS, seed=0).embeddings()
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)
    similar = rows @ rows.T
    np.fill_diagonal(similar, -np.inf)
    kinds = LISTS.anime_ids // 10 % KINDS
    common = X.sum(axis=0) > 20
    nearest = similar.argmax(axis=1)
    assert (kinds[nearest] == kinds)[common].mean() > 0.9
    assert (rows == Spectrum.of(G, dimensions=KINDS, seed=0).embeddings()).all()


def test_leading_directions_are_those_of_a_full_decomposition():
    G = symmetric(gram(LISTS))
    spectrum = Spectrum.of(G, dimensions=6, seed=0)
    root = np.sqrt(np.diagonal(G))
    values, vectors = np.linalg.eigh(G / root[:, None] / root[None, :])
    assert spectrum.values == pytest.approx(values[::-1][:6], rel=1e-2)
    along = np.abs((spectrum.vectors[:, :KINDS] * vectors[:, ::-1][:, :KINDS]).sum(axis=0))
    assert along == pytest.approx(np.ones(KINDS), abs=1e-2)


def test_smooth_weights_add_up_and_come_back_within_half_a_step():
    weights = LowRankWeights.from_spectrum(Spectrum.of(symmetric(gram(LISTS)), 6, seed=0))
    items, values = np.array([3, 9, 27]), np.array([1.0, 0.5, -1.0], np.float32)
    total = weights.apply(items, values)
    assert (weights.columns(items, np.array([40]))[0] * values).sum() == pytest.approx(
        total[40], abs=1e-5
    )
    again = LowRankWeights.from_tensors(weights.tensors())
    step = np.abs(weights.factors).max(axis=1, keepdims=True) / 127
    assert (np.abs(again.factors - weights.factors) <= step / 2 + 1e-7).all()
