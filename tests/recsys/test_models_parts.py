"""The parts that the models of the seeds are made of, each against something simpler."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.catalog import Anime, Catalog
from recsys.data.interactions import Interactions
from recsys.models.clusters import Clusters
from recsys.models.descent import Batches
from recsys.models.foldin import Prior, cross_entropy, fold_in, squared_error
from recsys.models.genres import facts, principal_components, weighted_one_hot
from recsys.models.neighbours import NeighboursModel, NeighboursSettings
from recsys.models.personal import Told
from recsys.models.rows import Rows, busiest, interaction_labels
from recsys.models.user_vectors import INTERACTION, RATING, Factors, RatingHead, Reader, Tower
from recsys.profile import Status

RNG = np.random.default_rng(0)


def prior_of(d, people=200, seed=4):
    rng = np.random.default_rng(seed)
    return Prior.of(rng.normal(size=(people, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d))


# --- folding in ---------------------------------------------------------------------------------


def test_folding_into_a_linear_model_is_ridge_regression_around_the_average_person():
    d, m, variance = 4, 7, 0.6
    rng = np.random.default_rng(2)
    V, r, prior = rng.normal(size=(m, d)), rng.normal(size=m), prior_of(d)
    found = fold_in(prior, lambda u: squared_error(V @ u, V, r, variance))
    ridge = np.linalg.solve(
        V.T @ V / variance + prior.precision, V.T @ r / variance + prior.precision @ prior.mean
    )
    np.testing.assert_allclose(found, ridge, rtol=1e-3, atol=1e-4)


def test_folding_in_nothing_gives_the_average_person():
    prior = prior_of(3)
    reader = Reader(
        Factors(np.eye(3, dtype=np.float32)), prior, RatingHead("sigmoid", 0, 10.5, 1.0)
    )
    nobody = reader.vector(np.empty(0, np.intp), np.empty(0, np.float32), np.empty(0, np.float32))
    unrated = reader.vector(np.array([1]), np.float32([np.nan]), np.float32([np.nan]))
    np.testing.assert_array_equal(nobody, prior.mean)
    np.testing.assert_array_equal(unrated, prior.mean)


def test_folding_into_a_squeezed_product_ends_where_the_posterior_is_flat():
    rng = np.random.default_rng(5)
    prior, vectors = prior_of(4), rng.normal(size=(30, 4)).astype(np.float32)
    head = RatingHead("sigmoid", 0.0, 10.5, 1.2)
    items, ratings = np.arange(12), rng.integers(1, 11, 12).astype(np.float32)
    u = Reader(Factors(vectors), prior, head).vector(items, ratings, np.full(12, np.nan))

    def minus_log_posterior(vector):
        off = head.rating(vectors[items] @ vector) - ratings
        away = vector - prior.mean
        return 0.5 * off @ off / head.variance + 0.5 * away @ prior.precision @ away

    here = minus_log_posterior(u.astype(np.float64))
    for direction in np.eye(4):
        for step in (0.02, -0.02):
            assert minus_log_posterior(u + step * direction) > here - 1e-6


def test_more_ratings_move_a_vector_further_from_the_average_person():
    prior = Prior.of(np.random.default_rng(1).normal(size=(500, 2)))
    vectors = np.tile(np.float32([[2, 0]]), (20, 1))
    reader = Reader(Factors(vectors, 5.0), prior, RatingHead("identity", 0, 1, 4.0))
    moved = [
        np.linalg.norm(
            reader.vector(np.arange(m), np.full(m, 9.0, np.float32), np.full(m, np.nan))
            - prior.mean
        )
        for m in (1, 3, 20)
    ]
    assert moved[0] < moved[1] < moved[2]


@given(st.integers(2, 30), st.integers(1, 12))
def test_a_prior_can_be_made_of_however_few_people(people, d):
    prior = Prior.of(np.random.default_rng(people).normal(size=(people, d)))
    assert np.isfinite(prior.precision).all()
    assert (np.linalg.eigvalsh(prior.precision) > 0).all()


def test_the_curves_are_the_derivatives_of_their_values():
    rng = np.random.default_rng(8)
    V, u = rng.normal(size=(6, 3)), rng.normal(size=3)
    labels = np.array([1, 0, 1, 1, 0, 0.0])
    curves = (
        lambda x: squared_error(V @ x, V, labels, 0.5),
        lambda x: cross_entropy(V @ x, V, labels),
    )
    for curve in curves:
        for k, e in enumerate(np.eye(3)):
            rise = (curve(u + 1e-5 * e).value - curve(u - 1e-5 * e).value) / 2e-5
            bend = (curve(u + 1e-5 * e).gradient - curve(u - 1e-5 * e).gradient) / 2e-5
            assert curve(u).gradient[k] == pytest.approx(rise, rel=1e-4, abs=1e-6)
            np.testing.assert_allclose(curve(u).curvature[k], bend, rtol=1e-3, atol=1e-6)


# --- the tower ----------------------------------------------------------------------------------


def a_tower(d=3, n=9):
    rng = np.random.default_rng(6)
    normal = lambda *shape: rng.normal(size=shape).astype(np.float32)  # noqa: E731
    return Tower(
        items=normal(n, 8),
        person=normal(d, 8),
        layers=((normal(8, 5), normal(5)),),
        heads={RATING: (normal(5), 0.3), INTERACTION: (normal(5), -0.2)},
    )


def test_a_towers_jacobian_is_its_slope():
    tower, u = a_tower(), np.float32([0.3, -0.8, 0.5])
    items = np.array([1, 4, 7])
    for name, (z, jacobian) in tower.linearised(u, items).items():
        np.testing.assert_allclose(z, tower.outputs(u)[name][items], rtol=1e-5)
        for k, e in enumerate(np.eye(3, dtype=np.float32)):
            rise = tower.outputs(u + 1e-3 * e)[name] - tower.outputs(u - 1e-3 * e)[name]
            np.testing.assert_allclose(jacobian[:, k], rise[items] / 2e-3, rtol=2e-2, atol=2e-2)


def test_a_tower_for_serving_says_what_the_network_in_training_said():
    torch = pytest.importorskip("torch")
    from recsys.models.pairs import start_tower, tower_of, tower_outputs

    beside = np.random.default_rng(3).random((7, 4)).astype(np.float32)
    parameters = start_tower(5, 7, (6, 6, 4), (16, 8), (RATING, INTERACTION), seed=1)
    for name, tensor in parameters.items():
        if name.endswith("bias"):
            tensor.uniform_(-1, 1)
    tower = tower_of({name: t.numpy() for name, t in parameters.items()}, beside)
    for user in range(5):
        trained = tower_outputs(
            parameters,
            torch.full((7,), user),
            torch.arange(7),
            lambda x: x,
            torch.from_numpy(beside),
        )
        served = tower.outputs(parameters["users"][user].numpy())
        for name in (RATING, INTERACTION):
            np.testing.assert_allclose(served[name], trained[name].numpy(), rtol=1e-4, atol=1e-5)


# --- rows ---------------------------------------------------------------------------------------


def test_labels_are_those_of_the_document():
    cases = [
        (9, Status.COMPLETED, 1),
        (6, Status.COMPLETED, 1),
        (5, Status.COMPLETED, 0),
        (9, Status.DROPPED, 0),
        (0, Status.COMPLETED, 1),
        (0, Status.DROPPED, 0),
        (8, Status.UNKNOWN, 1),
        (3, Status.UNKNOWN, 0),
        (0, Status.UNKNOWN, None),
        (9, Status.WATCHING, None),
        (9, Status.ON_HOLD, None),
        (0, Status.PLANNED, None),
    ]
    scores, statuses, wanted = zip(*cases, strict=True)
    labels = interaction_labels(np.array(scores, np.int8), np.array(statuses, np.int8))
    assert [None if np.isnan(label) else int(label) for label in labels] == list(wanted)


def test_the_busiest_people_and_anime_are_counted_on_the_whole_table():
    lists, _ = Interactions.from_columns(
        [1, 1, 1, 2, 2, 3, 4, 4], [7, 8, 9, 7, 8, 9, 9, 7], [5, 6, 7, 8, 9, 5, 6, 7]
    )
    part = busiest(lists, users=2, anime=2)
    assert part.user_ids.tolist() == [1, 2]
    assert part.anime_ids.tolist() == [7, 9]
    assert part.scores.tolist() == [5, 7, 8]
    assert len(busiest(lists, None, None)) == len(lists)


def test_rows_hold_out_the_share_asked_for_and_drop_what_is_not_rated():
    rng = np.random.default_rng(0)
    lists, _ = Interactions.from_columns(
        np.repeat(np.arange(1, 51), 10), np.tile(np.arange(1, 11), 50), rng.integers(0, 11, 500)
    )
    rows = Rows.rated(lists, held_out=0.2, seed=1)
    assert rows.scores.min() >= 1
    assert len(rows.scores) == (lists.scores > 0).sum()
    assert rows.held_out.sum() == round(0.2 * len(rows.scores))
    again = Rows.rated(lists, held_out=0.2, seed=1)
    np.testing.assert_array_equal(rows.held_out, again.held_out)


@given(st.integers(1, 10**8), st.integers(1, 4096), st.integers(1, 10**4))
def test_batches_never_make_more_steps_than_allowed(rows, size, most):
    batches = Batches.plan(rows, size, most)
    assert batches.size >= size
    assert batches.count(rows) <= most
    assert batches.growth == 1 or batches.count(rows) > most // 2 or batches.size <= rows
    assert batches.rate == pytest.approx((batches.size / size) ** 0.5)


# --- genres -------------------------------------------------------------------------------------


def test_the_first_genre_weighs_most_and_each_later_one_less():
    rows = weighted_one_hot([("Action", "Shounen", "Comedy"), ("Comedy",), ()])
    # Columns: Action, Comedy, Shounen. The longest list is of three.
    np.testing.assert_array_equal(rows, [[3, 1, 2], [0, 3, 0], [0, 0, 0]])


@settings(max_examples=20)
@given(st.integers(2, 12), st.integers(1, 6))
def test_principal_components_keep_the_distances_that_they_can(n, columns):
    rows = np.random.default_rng(n).random((n, columns)).astype(np.float32)
    full = principal_components(rows, columns)
    between = lambda x: np.linalg.norm(x[:, None] - x[None], axis=2)  # noqa: E731
    np.testing.assert_allclose(between(full), between(rows), atol=1e-4)
    variances = full.var(axis=0)
    assert (np.diff(variances) <= 1e-6).all()
    assert principal_components(rows, 1).shape == (n, 1)


def test_facts_lie_between_zero_and_one_and_gaps_take_the_mean():
    catalog = Catalog(
        [
            Anime(1, "A", genres=("Action",), episodes=12, mean=8.0, members=100),
            Anime(2, "B", genres=("Drama", "Action"), episodes=24, mean=6.0, members=300),
            Anime(3, "C", members=200),
        ]
    )
    columns = facts(catalog, np.array([1, 2, 3, 4]), genres=10)
    assert columns.min() == 0
    assert columns.max() == 1
    episodes, mean, members = columns[:, -3:].T
    np.testing.assert_allclose(episodes, [0, 1, 0.5, 0.5])
    np.testing.assert_allclose(mean, [1, 0, 0.5, 0.5])
    np.testing.assert_allclose(members, [0, 1, 0.5, 0.5])


# --- clusters -----------------------------------------------------------------------------------


def test_clusters_are_the_directions_and_opposites_point_away():
    rng = np.random.default_rng(1)
    centres = np.array([[1, 0, 0], [-1, 0.1, 0], [0, 0, 1], [0, 0, -1]])
    planted = np.repeat(np.arange(4), 25)
    rows = centres[planted] + 0.05 * rng.normal(size=(100, 3))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    clusters = Clusters.of_vectors(unit, 4, seed=0)
    for one, other in ((0, 1), (1, 0), (2, 3), (3, 2)):
        label = clusters.of[planted == one]
        assert len(set(label)) == 1
        assert clusters.opposite[label[0]] == clusters.of[planted == other][0]
        np.testing.assert_array_equal(clusters.members(label[0]), np.flatnonzero(planted == one))


@settings(max_examples=30)
@given(st.integers(1, 25), st.integers(1, 30), st.booleans())
def test_no_cluster_is_ever_empty(n, count, same):
    rng = np.random.default_rng(n)
    rows = np.ones((n, 3)) if same else rng.normal(size=(n, 3))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    clusters = Clusters.of_vectors(unit, count, seed=1)
    assert set(clusters.of) == set(range(min(n, count)))
    assert len(clusters.opposite) == min(n, count)


# --- neighbours ---------------------------------------------------------------------------------


def test_neighbours_rank_by_what_similar_people_rated_highest():
    own = [{1: 9, 2: 9, 3: 8}, {1: 9, 2: 8, 3: 9}, {4: 9, 5: 8, 6: 9}, {4: 8, 5: 9, 6: 10}]
    rows = [(u, a, s) for u, mine in enumerate(own, 1) for a, s in mine.items()]
    lists, _ = Interactions.from_columns(*np.array(rows).T)
    model = NeighboursModel.fit(lists, NeighboursSettings(dimensions=2, neighbours=2))
    nearest, cosines = model.neighbours(Told.of(np.array([0]), np.float32([9])))
    assert sorted(nearest) == [0, 1]
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    scores = model.rank_scores(np.array([0]), np.float32([9]))
    np.testing.assert_allclose(scores[[1, 2, 3, 4, 5]], [17, 17, 0, 0, 0], rtol=1e-4)
    predicted = model.ratings(np.array([0]), np.float32([9]))
    assert predicted[1] == pytest.approx((17 + 2 * model._means[1]) / 4, rel=1e-4)
