"""MF as it is written in its source, the loss of the hybrid, and the two tables."""

import math
from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import Interactions
from recsys.evaluation.interactions_table import interaction_row, rating_row, tables
from recsys.models.hybrid import (
    HybridModel,
    HybridSettings,
    MatrixFactorizationModel,
    NeuralNetworkModel,
    labelled,
)
from recsys.models.pairs import HeldOut
from recsys.models.user_vectors import RatingHead
from recsys.profile import Status
from tests.recsys.conftest import planted_ratings

pytest.importorskip("torch").set_num_threads(1)  # small networks: threads only wait

SMALL = HybridSettings(dimensions=8, hidden=16, epochs=3, learning_rate=1e-2, dropout=0.1)


def test_mf_adds_its_biases_to_every_coordinate_before_the_product():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    parameters = {
        "users": rng.normal(size=(3, 4)),
        "items": rng.normal(size=(5, 4)),
        "user_biases": rng.normal(size=(3, 1)),
        "item_biases": rng.normal(size=(5, 1)),
        "bias": np.array([0.7]),
    }
    tensors = {name: torch.from_numpy(array).float() for name, array in parameters.items()}
    for user in range(3):
        for item in range(5):
            wanted = parameters["bias"][0] + sum(
                (parameters["users"][user, k] + parameters["user_biases"][user, 0])
                * (parameters["items"][item, k] + parameters["item_biases"][item, 0])
                for k in range(4)
            )
            ours = MatrixFactorizationModel._outputs(
                tensors, torch.tensor([user]), torch.tensor([item]), lambda x: x, ("rating",)
            )
            assert float(ours["rating"][0]) == pytest.approx(wanted, rel=1e-4)


def test_half_of_either_vector_is_dropped_and_the_rest_made_up_for():
    torch = pytest.importorskip("torch")
    from recsys.models.descent import dropped, seeded

    x = torch.ones(2000, 50)
    kept = dropped(x, 0.5, seeded(1, torch.device("cpu")))
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert float(kept.mean()) == pytest.approx(1, abs=0.02)
    assert dropped(x, 0.0, seeded(1, torch.device("cpu"))) is x


def test_only_finished_and_dropped_entries_with_a_score_are_learnt_from():
    lists, _ = Interactions.from_columns(
        [1] * 6 + [2] * 2,
        [1, 2, 3, 4, 5, 6, 1, 2],
        [9, 8, 3, 0, 7, 6, 9, 9],
        [2, 4, 2, 2, 1, -1, 2, 2],
    )
    left = labelled(lists, fewest=3)
    assert left.user_ids.tolist() == [1]
    assert left.anime_ids[left.items].tolist() == [1, 2, 3, 6]
    assert Status.WATCHING == 1


def test_mf_and_nn_foretell_the_end_when_asked():
    for kind in (MatrixFactorizationModel, NeuralNetworkModel):
        model = kind.fit(planted_ratings(people=60), replace(SMALL, target="interaction"))
        items, ratings = np.array([0, 30]), np.array([9, 4], np.float32)
        assert set(model.held_out.outputs) == {"interaction"}
        assert model.ratings(items, ratings) is None
        again = kind.from_tensors(model.tensors(), model.settings)
        np.testing.assert_array_equal(
            again.rank_scores(items, ratings), model.rank_scores(items, ratings)
        )


def test_a_drop_speaks_against_an_anime_even_with_a_good_score():
    model = HybridModel.fit(
        planted_ratings(), replace(SMALL, epochs=40, patience=40, dropout=0.0, dimensions=16)
    )
    items, ratings = np.array([0, 1, 2]), np.array([8, 8, 8], np.float32)
    finished = model.rank_scores(items, ratings, np.full(3, Status.COMPLETED, np.int8))
    dropped = model.rank_scores(items, ratings, np.full(3, Status.DROPPED, np.int8))
    assert dropped[items].mean() < finished[items].mean()


def test_the_figures_of_the_tables_are_those_of_plain_loops():
    rng = np.random.default_rng(3)
    z, scores = rng.normal(size=40), rng.integers(1, 11, 40).astype(np.float32)
    labels = np.where(rng.random(40) < 0.2, np.nan, rng.integers(0, 2, 40)).astype(np.float32)
    held_out = HeldOut(
        scores, labels, {"rating": np.float32(7 + z), "interaction": z.astype(np.float32)}
    )
    rated = rating_row("x", held_out, RatingHead("relu", 0, 1, 1))
    loss = sum((7 + float(a) - float(s)) ** 2 for a, s in zip(z, scores, strict=True)) / 40
    assert rated.loss == pytest.approx(loss, rel=1e-5)
    assert rated.rmse == pytest.approx(math.sqrt(loss), rel=1e-5)

    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    entropy = n = 0
    for a, label in zip(z, labels, strict=True):
        if not np.isnan(label):
            chance = 1 / (1 + math.exp(-a))
            counts[chance >= 0.5, label == 1] += 1
            entropy -= math.log(chance if label == 1 else 1 - chance)
            n += 1
    row = interaction_row("x", held_out)
    assert row.loss == pytest.approx(entropy / n, rel=1e-4)
    assert row.accuracy == pytest.approx((counts[True, True] + counts[False, False]) / n)
    assert row.precision == pytest.approx(
        counts[True, True] / (counts[True, True] + counts[True, False])
    )
    assert row.recall == pytest.approx(
        counts[True, True] / (counts[True, True] + counts[False, True])
    )


def test_the_tables_have_the_rows_of_the_document_over_the_same_entries():
    lists = planted_ratings(people=80)
    told = []
    both = tables(lists, SMALL, progress=lambda *step: told.append(step))
    names = ["Hybrid NN", "Neural Network", "Matrix Factorization"]
    assert [row.model for row in both.ratings] == names
    assert [row.model for row in both.interactions] == names
    assert both.rows == round(0.05 * len(lists))
    assert len(told) == 5 * SMALL.epochs
    assert all(0 < row.rmse < 10 for row in both.ratings)
    assert all(0 <= row.accuracy <= 1 for row in both.interactions)
    text = both.markdown()
    assert text.count("| Hybrid NN |") == 2
    assert f"{both.ratings[0].rmse:.4f}" in text
