from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.bundle import Bundle, save_bundle
from recsys.data.interactions import DataError, Interactions
from recsys.models.edlae import EdlaeSettings
from recsys.models.linear import LinearModel
from recsys.training.pipeline import TrainingSettings, train
from tests.recsys.training_data import KINDS, made_up_columns, made_up_lists, write_ratings

SETTINGS = TrainingSettings(
    min_lists=5, presence=EdlaeSettings(0.3, 10.0, 0.25), rating=EdlaeSettings(0.3, 10.0, 0.25)
)


@pytest.fixture(scope="module")
def trained():
    return train(made_up_lists(), SETTINGS)


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle")
    save_bundle(path, trained.model.tensors(), trained.manifest())
    return LinearModel.load(Bundle.load(path))


def places(model, *anime_ids):
    return np.array([model.index_of(anime_id) for anime_id in anime_ids])


def test_a_model_out_of_its_bundle_answers_like_the_one_that_was_trained(trained, model):
    items, scores = places(model, 10, 50, 90), np.array([9, 8, np.nan], np.float32)
    for method in ("presence", "rank_scores"):
        arguments = (items,) if method == "presence" else (items, scores)
        expected = getattr(trained.model, method)(*arguments)
        assert getattr(model, method)(*arguments) == pytest.approx(expected, rel=0.01, abs=0.05)
    similar = trained.model.embeddings @ trained.model.embeddings.T
    assert model.embeddings @ model.embeddings.T == pytest.approx(similar, abs=0.02)


def test_more_of_the_same_kind_is_ranked_first(model):
    items = places(model, 10, 50, 90)
    scores = model.rank_scores(items, np.full(3, 9, np.float32))
    scores[items] = -np.inf
    assert set(model.item_ids[np.argsort(-scores)[:5]] // 10 % KINDS) == {1}


def test_reasons_add_up_to_the_score_exactly(model):
    items = places(model, 10, 20, 50, 90, 300)
    weights = np.array([1.0, 0.3, 1.0, -0.5, 2.0], np.float32)
    for chosen in (None, weights):
        presence = model.presence(items, chosen)
        for target in (0, 17, int(items[1])):
            parts = model.contributions(items, target, chosen)
            assert parts.sum() == pytest.approx(presence[target], abs=1e-6)


def test_ratings_stay_on_the_scale_and_follow_the_persons_taste(model):
    items, scores = places(model, 10, 50, 90, 20, 60), np.array([10, 10, 9, 2, 3], np.float32)
    predicted = model.ratings(items, scores)
    assert predicted.min() >= 1.0
    assert predicted.max() <= 10.0
    kinds = model.item_ids // 10 % KINDS
    assert predicted[kinds == 1].mean() > predicted[kinds == 2].mean() + 1


def test_a_generous_person_gets_higher_ratings_predicted(model):
    items = places(model, 10, 20, 30, 40)
    low = model.ratings(items, np.array([3, 3, 3, 3], np.float32))
    high = model.ratings(items, np.array([9, 9, 9, 9], np.float32))
    assert (high > low).mean() > 0.9


def test_an_empty_profile_gets_what_is_good_on_average(model):
    nothing = np.array([], np.intp)
    predicted = model.ratings(nothing, np.array([], np.float32))
    assert predicted == pytest.approx(model.biases.mean + model.biases.anime, abs=1e-5)
    assert np.isfinite(model.rank_scores(nothing, np.array([], np.float32))).all()
    assert not model.presence(nothing).any()


def test_an_anime_that_was_not_learnt_has_no_position(model):
    assert model.index_of(15) is None
    assert model.index_of(10**9) is None
    assert model.item_ids[model.index_of(20)] == 20


def test_counts_and_means_are_those_of_the_training_people(trained):
    lists = trained.lists.of_users(~trained.split.test)
    item = int(trained.model.index_of(100))
    those = lists.anime_ids[lists.items] == 100
    rated = those & (lists.scores > 0)
    assert trained.model.popularity[item] == those.sum()
    assert trained.model.ratings_count[item] == rated.sum()
    assert trained.model.ratings_mean[item] == pytest.approx(lists.scores[rated].mean())


def test_test_people_leave_no_trace_in_the_weights(trained):
    """Another list of theirs, and the bundle is the same to the byte."""
    lists = made_up_lists()
    users = trained.split.test[lists.users]
    changed = replace(lists, scores=np.where(users, np.int8(1), lists.scores))
    again = train(changed, SETTINGS).model
    for part, tensors in trained.model.tensors().items():
        for name, values in tensors.items():
            assert np.array_equal(
                values, again.tensors()[part][name], equal_nan=values.dtype == "f4"
            )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path):
    ratings = write_ratings(tmp_path / "ratings.parquet")
    arguments = ["train", "--ratings", str(ratings), "--no-metrics", "--min-lists", "5"]
    for folder, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert main([*arguments, "--out", str(tmp_path / folder), "--seed", seed]) == 0
    first, second, other = (
        {file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()} for folder in "abc"
    )
    assert first == second
    split = [json.loads(files["manifest.json"])["split"] for files in (first, other)]
    assert split[0]["test_fingerprint"] != split[1]["test_fingerprint"]


def test_training_says_what_it_read_wrote_and_needed(tmp_path, capsys):
    columns = made_up_columns()
    columns["score"][:3] = 99
    ratings = write_ratings(tmp_path / "ratings.parquet", **columns)
    out = tmp_path / "bundle"
    assert main(["train", "--ratings", str(ratings), "--out", str(out), "--min-lists", "5"]) == 0
    said = capsys.readouterr().out
    assert "3 with a score outside 1 to 10 read as not rated" in said
    assert "people held out for testing" in said
    assert Bundle.load(out).version in said
    assert "GiB" in said
    assert 0 < Bundle.load(out).manifest["metrics"]["ndcg@100"] <= 1


@pytest.mark.parametrize(
    ("users", "items", "sentence"),
    [
        ([1] * 20, range(1, 21), "of 1 person"),
        ([1, 1, 2, 2, 3, 3], [1, 2, 1, 2, 1, 2], "five entries or more"),
        ([1] * 6 + [2] * 6, range(1, 13), "10 lists or more"),
    ],
)
def test_too_little_to_learn_from_is_said_in_one_sentence(users, items, sentence):
    lists, _ = Interactions.from_columns(list(users), list(items), [8] * len(users))
    with pytest.raises(DataError, match=sentence):
        train(lists)


def test_only_plans_are_nothing_to_learn_from():
    lists, _ = Interactions.from_columns([1, 2], [1, 1], [0, 0], [6, 6])
    with pytest.raises(DataError, match="of no people"):
        train(lists)


def test_without_ratings_the_command_asks_which(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("OSUSUME_RATINGS", raising=False)
    monkeypatch.setattr("recsys.cli.ratings._BESIDE", tmp_path / "nothing.parquet")
    assert main(["train", "--out", str(tmp_path / "b")]) == 1
    assert "Pass --ratings PATH or set OSUSUME_RATINGS" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_the_variable_names_the_ratings_too(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("OSUSUME_RATINGS", str(tmp_path / "gone.parquet"))
    assert main(["train", "--out", str(tmp_path / "b")]) == 1
    assert "gone.parquet" in capsys.readouterr().err


@pytest.mark.filterwarnings("error")
def test_an_anime_that_no_training_person_has_is_scored_for_long_lists_too(model):
    """Where people are left out to teach, some anime of the others are on nobody's list."""
    popularity = model.popularity.copy()
    popularity[:3] = 0
    # What lists of some hundred entries are tilted by.
    blend = replace(model.blend, popularity=-0.1)
    tilted = replace(model, popularity=popularity, blend=blend)
    told = np.arange(3, 9)
    assert tilted.blend.popularity_power(len(told)) < 0
    scores = tilted.presence(told)
    assert np.isfinite(scores).all()
    for target in (0, 1, 5):
        assert tilted.contributions(told, target).sum() == pytest.approx(scores[target], rel=1e-4)
