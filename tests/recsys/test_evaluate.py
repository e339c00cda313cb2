from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.__main__ import main
from recsys.bundle import MANIFEST
from recsys.data.interactions import Interactions
from recsys.evaluation.protocol import measure, tastes
from recsys.evaluation.splits import Fold, SplitSettings, fold_in, split_users, uniform_hash
from recsys.models.popularity import Popularity
from tests.recsys.training_data import made_up_columns, made_up_lists, write_ratings

LISTS = made_up_lists()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A ratings file and the bundle that was trained on it."""
    folder = tmp_path_factory.mktemp("evaluate")
    ratings = write_ratings(folder / "ratings.parquet")
    out = folder / "bundle"
    options = ["--out", str(out), "--min-lists", "5", "--no-metrics"]
    assert main(["train", "--ratings", str(ratings), *options]) == 0
    return ratings, out


def test_everybody_is_in_exactly_one_part():
    split = split_users(LISTS)
    assert (split.train.astype(int) + split.validation + split.test == 1).all()


def test_a_persons_place_does_not_depend_on_the_others():
    whole = split_users(LISTS)
    half = np.arange(LISTS.n_users) % 2 == 0
    assert (split_users(LISTS.of_users(half)).test == whole.test[half]).all()


def test_only_samples_with_whole_lists_are_tested():
    capped = replace(LISTS, sources=("mal-2020-a", "mal-2022"))
    split = split_users(capped)
    assert split.test.any()
    assert (capped.source_of[split.test | split.validation] == 1).all()


def test_without_named_samples_everybody_may_be_tested():
    lists = replace(LISTS, sources=("", "other"))
    split = split_users(lists, SplitSettings(test=1.0))
    assert (split.test == (lists.lengths >= 5)).all()


@given(st.integers(0, 2**31), st.floats(0.1, 0.9))
def test_what_is_told_and_what_is_hidden_make_up_the_list(seed, share):
    fold = fold_in(LISTS, seed=seed, share=share)
    assert (fold.known.user_ids == fold.hidden.user_ids).all()
    assert len(fold.known) + len(fold.hidden) <= len(LISTS)
    both = set(zip(fold.known.users, fold.known.items, strict=True)) & set(
        zip(fold.hidden.users, fold.hidden.items, strict=True)
    )
    assert not both
    assert (fold.known.lengths >= 1).all()
    assert (fold.hidden.lengths >= 1).all()


def test_an_exact_number_is_told_where_it_is_asked_for():
    fold = fold_in(LISTS, seed=1, known=3)
    assert set(fold.known.lengths) == {3}
    assert fold.known.n_users == (LISTS.lengths > 3).sum()


def test_the_hash_is_even_and_depends_on_seed_and_order():
    ids = np.arange(1, 20001)
    values = uniform_hash(3, ids)
    assert np.histogram(values, 10, (0, 1))[0] == pytest.approx(np.full(10, 2000), rel=0.1)
    assert not np.allclose(values, uniform_hash(4, ids))
    assert not np.allclose(uniform_hash(3, ids, ids[::-1]), uniform_hash(3, ids[::-1], ids))


def test_liked_is_eight_and_the_persons_median_disliked_is_five_or_dropped():
    def lists(items, scores, statuses):
        return Interactions.from_columns([1] * len(items), items, scores, statuses)[0]

    every = range(1, 9)
    hidden = lists([5, 6, 7, 8], [8, 9, 5, 0], [2, 2, 2, 4]).on_anime(np.array(every))
    strict = Fold(lists([1, 2, 3], [10, 9, 9], [2] * 3).on_anime(np.array(every)), hidden)
    assert tastes(strict)[0].tolist() == [0, 1, 0, 0]
    assert tastes(strict)[1].tolist() == [0, 0, 1, 1]
    mild = Fold(lists([1, 2, 3], [2, 3, 4], [2] * 3).on_anime(np.array(every)), hidden)
    assert tastes(mild)[0].tolist() == [1, 1, 0, 0]


def test_what_was_told_is_never_counted_as_found():
    class Cheat:
        name = "cheat"

        def score(self, known):
            scores = np.zeros((known.n_users, known.n_items), np.float32)
            scores[known.users, known.items] = 9.0
            return scores

    class Oracle(Cheat):
        def score(self, known):
            rows = np.searchsorted(LISTS.user_ids, known.user_ids)
            whole = np.zeros((LISTS.n_users, LISTS.n_items), np.float32)
            whole[LISTS.users, LISTS.items] = 1.0
            return whole[rows]

    fold = fold_in(LISTS, seed=2)
    assert measure(Oracle(), fold).ndcg100 == pytest.approx(np.ones(fold.known.n_users))
    popular = measure(Popularity.fit(LISTS), fold)
    assert measure(Cheat(), fold).ndcg100.mean() < popular.ndcg100.mean() < 1.0


def test_the_report_puts_the_bundle_beside_popularity_and_ease(trained, capsys):
    ratings, out = trained
    assert main(["evaluate", "--ratings", str(ratings), "--bundle", str(out)]) == 0
    said = capsys.readouterr().out
    table = said.split("\n\n")[0].splitlines()[-5:]
    ndcg = {line[:50].strip(): float(line[50:].split()[2]) for line in table}
    ease = next(name for name in ndcg if name.startswith("EASE"))
    assert ndcg["popularity"] < ndcg["bundle, presence only"]
    assert ndcg["popularity"] < ndcg[ease]
    assert {"bundle, first stage", "bundle"} < ndcg.keys()
    assert "Against bundle, first stage" in said
    for wanted in ("Recall@20", "mal-2022", "bangumi-2018", "5 known", "rating head", "interval"):
        assert wanted in said


def test_a_bundle_of_other_ratings_is_not_evaluated_on_them(trained, tmp_path, capsys):
    columns = made_up_columns()
    columns["score"][0] = 10 - columns["score"][0]
    other = write_ratings(tmp_path / "other.parquet", **columns)
    assert main(["evaluate", "--ratings", str(other), "--bundle", str(trained[1])]) == 1
    assert "may have seen the people" in capsys.readouterr().err


@pytest.mark.parametrize("split", [None, {"seed": 20}])
def test_a_bundle_that_does_not_say_whom_it_saw_is_not_evaluated(trained, capsys, split):
    ratings, out = trained
    path = out / MANIFEST
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(json.dumps({**json.loads(before), "split": split}), encoding="utf-8")
        assert main(["evaluate", "--ratings", str(ratings), "--bundle", str(out)]) == 1
    finally:
        path.write_text(before, encoding="utf-8")
    assert "train one with `python -m recsys train`" in capsys.readouterr().err


def test_a_missing_bundle_is_one_sentence(tmp_path, capsys):
    assert main(["evaluate", "--bundle", str(tmp_path)]) == 1
    assert "There is no bundle" in capsys.readouterr().err
