"""The second stage: what it is told, what it learns, and what it leaves alone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from recsys.bundle import MANIFEST, Bundle, BundleError, save_bundle
from recsys.catalog import Anime, Catalog
from recsys.data.interactions import Interactions
from recsys.evaluation.metrics import paired_bootstrap
from recsys.evaluation.protocol import measure, rating_errors
from recsys.evaluation.splits import fold_in
from recsys.models.features import NAMES, OF_RATINGS, CandidateFeatures
from recsys.models.item_facts import OTHER_TYPE, ItemFacts
from recsys.models.linear import LinearModel
from recsys.models.list_network import HOLES, ListNetwork, joined, mixed
from recsys.models.reranker import Gains, best, expected_gains, ranked
from recsys.training.cuts import cuts
from recsys.training.networks import Fitting, fit_ranker, fit_rater
from recsys.training.pipeline import train
from recsys.training.second_stage import (
    Examples,
    SecondStageSettings,
    examples,
    sampled,
    teachers,
)
from tests.recsys.test_training import SETTINGS
from tests.recsys.training_data import made_up_lists

QUICK = SecondStageSettings(
    groups=2,
    times=1,
    candidates=15,
    sampled=15,
    ranker=Fitting((64, 32), 3, 32, 3e-3),
    rater=Fitting((16,), 3, 256, 4e-3),
)
EVEN = (1.0, 1.0, 1.0)
LISTS = made_up_lists()
SHELF = Catalog(
    Anime(
        id_ * 10,
        f"Anime {id_}",
        type="TV" if id_ % 3 else "Movie",
        year=1990 + id_ // 4 if id_ % 5 else None,
        genres=(f"Kind {id_ % 4}",),
        studios=(f"Studio {id_ % 7}",),
        members=1000 * id_,
        mean=5 + id_ % 4,
        franchise=10 * (id_ - id_ % 2) or 10,
        order=id_ % 2,
    )
    for id_ in range(1, 80)  # one less than the ratings know
)


def trained_with(**changes):
    settings = replace(SETTINGS, second_stage=replace(QUICK, **changes))
    return train(LISTS, settings, catalog=SHELF)


@pytest.fixture(scope="module")
def trained():
    return trained_with()


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle")
    save_bundle(path, trained.model.tensors(), trained.manifest())
    return path


@pytest.fixture(scope="module")
def model(folder):
    return LinearModel.load(Bundle.load(folder))


def places(model, *anime_ids):
    return np.array([model.index_of(anime_id) for anime_id in anime_ids])


def someone(model):
    return places(model, 10, 50, 90, 20), np.array([9, 8, np.nan, 4], np.float32)


def test_training_and_serving_compute_the_same_features(model):
    people = LISTS.on_anime(model.item_ids)
    features = model.second_stage.features
    learnt = examples(model, features, people, QUICK, seed=3)
    row = 0
    for cut in cuts(people, features.facts, 3):
        fold = cut.fold
        for user in range(fold.known.n_users):
            told = slice(fold.known.indptr[user], fold.known.indptr[user + 1])
            items = fold.known.items[told].astype(np.intp)
            scores = fold.known.scores[told].astype(np.float32)
            scores[scores == 0] = np.nan
            first = model.first_stage(items, scores)
            candidates = best(first.order, items, 15)
            hidden = fold.hidden.items[fold.hidden.indptr[user] : fold.hidden.indptr[user + 1]]
            present = np.isin(candidates, hidden)
            if not present.any():
                continue
            served = features(model, first, items, scores, candidates)
            served = np.concatenate([served[present], served[~present]])
            ranks = np.concatenate([np.flatnonzero(present), np.flatnonzero(~present)])
            assert (learnt.features[row, : len(served)] == served.astype(np.float16)).all()
            assert ((learnt.states[row] > 0).sum(), (learnt.weights[row] > 0).sum()) == (
                present.sum(),
                len(candidates),
            )
            assert learnt.ranks[row, : len(served)].tolist() == ranks.tolist()
            assert HOLES[learnt.holes[row]] == cut.holes
            row += 1
    assert row == len(learnt.features) > 500
    assert len(learnt.rated) == len(learnt.off) > 500


def test_a_sample_keeps_what_is_on_the_list_and_stands_for_all():
    random = np.random.default_rng(0)
    present = np.zeros(100, bool)
    present[[3, 50, 97]] = True
    chosen, count = sampled(present, 23, random)
    assert present[chosen].sum() == 3
    assert len(set(chosen.tolist())) == len(chosen) == 23
    assert count[present[chosen]] == pytest.approx(1)
    assert count.sum() == pytest.approx(100)
    # Of a list that takes nearly all of them, half of the sample are others where there are some.
    chosen, count = sampled(~present, 10, random)
    assert present[chosen].sum() == 3
    assert len(chosen) == 10


def test_what_a_rating_is_predicted_from_does_not_depend_on_the_other_candidates(model):
    items, scores = someone(model)
    features = model.second_stage.features
    first = model.first_stage(items, scores)
    candidates = best(first.order, items, 15)
    together = features(model, first, items, scores, candidates)[:, OF_RATINGS]
    alone = np.concatenate(
        [features(model, first, items, scores, candidates[[i]]) for i in range(15)]
    )[:, OF_RATINGS]
    assert alone == pytest.approx(together, abs=1e-4)


def test_ratings_are_the_same_with_and_without_the_ranking_and_within_the_scale(model):
    items, scores = someone(model)
    targets = best(model.first_stage(items, scores).order, items, 10)
    ranked = model.answer(items, scores)
    assert len(ranked.order) == len(model.item_ids)
    lazy = model.answer(items, scores).ratings_of(targets)
    assert ranked.ratings_of(targets) == pytest.approx(lazy, abs=1e-4)
    everything = ranked.ratings_of(np.arange(len(model.item_ids)))
    assert ((everything >= 1) & (everything <= 10)).all()
    nobody = model.answer(items[:0], scores[:0])
    assert (nobody.ratings_of(targets) == nobody.first.ratings[targets]).all()


def test_features_do_not_depend_on_the_order_of_the_list_and_are_finite(model):
    items, scores = someone(model)
    features = model.second_stage.features
    first = model.first_stage(items, scores)
    candidates = best(first.order, items, 15)
    one = features(model, first, items, scores, candidates)
    items, scores = items[::-1], scores[::-1]
    again = model.first_stage(items, scores)
    other = features(model, again, items, scores, candidates)
    assert one.shape == (15, len(NAMES))
    assert np.isfinite(one).all()
    assert other == pytest.approx(one, abs=1e-4)


def test_a_loaded_second_stage_is_told_what_the_trained_one_is(trained, model):
    items, scores = someone(model)
    candidates = best(model.first_stage(items, scores).order, items, 15)
    told = [
        m.second_stage.features(m, m.first_stage(items, scores), items, scores, candidates)
        for m in (trained.model, model)
    ]
    steady = [i for i, name in enumerate(NAMES) if "rank" not in name and "largest" not in name]
    assert told[1][:, steady] == pytest.approx(told[0][:, steady], abs=0.1)
    mine, its = (m.second_stage.tensors() for m in (trained.model, model))
    assert mine.keys() == its.keys() > {"network.around", "rater.weights.0"}
    assert all((mine[name] == its[name]).all() for name in mine)


def test_only_candidates_move_and_scores_stay_on_their_scale(model):
    items, scores = someone(model)
    before = model.first_stage(items, scores).order
    after = model.rank_scores(items, scores)
    candidates = best(before, items, 15)
    others = np.setdiff1d(np.arange(len(before)), candidates)
    assert (after[others] == before[others]).all()
    assert sorted(after[candidates]) == sorted(before[candidates])
    assert (after != before).any()
    rest = np.setdiff1d(others, items)
    assert after[candidates].min() >= after[rest].max()


def test_with_nothing_known_or_nothing_left_the_first_stage_answers(model):
    nothing = np.empty(0, np.intp), np.empty(0, np.float32)
    assert (model.rank_scores(*nothing) == model.first_stage(*nothing).order).all()
    everything = np.arange(len(model.item_ids)), np.full(len(model.item_ids), 8, np.float32)
    assert (model.rank_scores(*everything) == model.first_stage(*everything).order).all()


def test_reasons_are_still_the_exact_parts_of_the_first_stage(model):
    items, _ = someone(model)
    presence = model.presence(items)
    for target in (3, 17):
        parts = model.contributions(items, target)
        assert parts.sum() == pytest.approx(presence[target], abs=1e-6)


def test_the_same_seed_gives_the_same_second_stage(trained):
    mine, again = trained.model.tensors()["second_stage"], trained_with().model.tensors()
    assert all((mine[name] == again["second_stage"][name]).all() for name in mine)


def test_nobody_kept_for_testing_teaches_the_second_stage(trained):
    lists = LISTS.seen()
    test = trained.split.test[lists.users]
    changed = replace(lists, scores=np.where(test, np.int8(1), lists.scores))
    settings = replace(SETTINGS, second_stage=QUICK)
    again = train(changed, settings, catalog=SHELF).model.tensors()["second_stage"]
    mine = trained.model.tensors()["second_stage"]
    assert all((mine[name] == again[name]).all() for name in mine)


def test_teachers_are_parted_in_groups_of_those_with_whole_lists():
    place = np.arange(len(LISTS)) - LISTS.indptr[LISTS.users]
    lists = LISTS.where((LISTS.users >= 50) | (place < 4))  # the first fifty are too short
    group = teachers(lists, QUICK, seed=1)
    assert (group[:50] == -1).all()
    assert sorted(set(group[50:].tolist())) == [0, 1]
    sizes = np.bincount(group[50:])
    assert sizes.min() > 0.7 * sizes.max()
    unknown = replace(LISTS, sources=("mal-2022", "cut to popular titles"))
    assert set(unknown.source_of[teachers(unknown, QUICK, seed=1) >= 0]) == {0}
    assert (teachers(LISTS, replace(QUICK, people=30), seed=1) >= 0).sum() == 30
    assert (teachers(lists, QUICK, seed=2) != group).any()
    few = np.zeros(LISTS.n_users, bool)
    few[:20] = True
    assert (teachers(LISTS.of_users(few), QUICK, seed=1) == -1).all()


def test_without_a_catalog_there_is_one_stage_and_older_bundles_load(tmp_path):
    trained = train(LISTS, SETTINGS)
    assert trained.model.second_stage is None
    assert "second_stage" not in trained.model.tensors()
    assert "second_stage" not in trained.model.serving()
    save_bundle(tmp_path, trained.model.tensors(), trained.manifest())
    model = LinearModel.load(Bundle.load(tmp_path))
    items, scores = someone(model)
    assert (model.rank_scores(items, scores) == model.first_stage(items, scores).order).all()


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": "many"},
        {"gains": {"bribes": 1}},
    ],
)
def test_a_second_stage_that_does_not_fit_is_one_sentence(folder, change):
    path = folder / MANIFEST
    before = path.read_text(encoding="utf-8")
    manifest = json.loads(before)
    manifest["serving"]["second_stage"].update(change)
    try:
        path.write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(BundleError, match="do not fit together"):
            LinearModel.load(Bundle.load(folder))
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_second_stage_of_another_version_is_left_out_with_a_warning(folder, caplog):
    path = folder / MANIFEST
    before = path.read_text(encoding="utf-8")
    manifest = json.loads(before)
    manifest["serving"]["second_stage"]["features"].pop()
    try:
        path.write_text(json.dumps(manifest), encoding="utf-8")
        model = LinearModel.load(Bundle.load(folder))
    finally:
        path.write_text(before, encoding="utf-8")
    assert model.second_stage is None
    assert "another version" in caplog.text


def planted(lists=400, k=12, seed=4):
    """On the list where the second feature is large; liked where the fourth is, else disliked.

    And whoever is asked for a rating is off by the third.
    """
    random = np.random.default_rng(seed)
    X = random.standard_normal((lists, k, 6)).astype(np.float16)
    states = np.zeros((lists, k), np.int8)
    present = X[:, :, 1] > 0.8
    states[present & (X[:, :, 3] > 0)] = 2
    states[present & (X[:, :, 3] <= 0)] = 3
    weights = np.ones((lists, k), np.float32)
    states[:, -2:] = weights[:, -2:] = X[:, -2:] = 0
    some = present[:, :-2].any(axis=1)
    rated = random.standard_normal((3000, 6)).astype(np.float16)
    ranks = np.broadcast_to(np.arange(k, dtype=np.int16), weights.shape)
    return Examples(
        X[some],
        states[some],
        weights[some],
        ranks[some],
        np.zeros(some.sum(), np.int8),
        rated,
        rated[:, 2].astype(np.float32),
    )


def test_a_planted_signal_is_learnt_and_dislikes_cost():
    network = fit_ranker(planted(), Fitting((16,), 20, 32, 3e-3), EVEN, seed=0)
    asked = np.zeros((3, 6), np.float32)
    asked[:, 1], asked[:, 3] = [1.5, 1.5, -1.0], [1.0, -1.0, 1.0]
    logits = network(asked)
    assert logits[:2, 0].min() > logits[2, 0] + 2
    assert logits[0, 1] > 0.8 > -0.8 > logits[1, 1]
    assert logits[0, 2] < -0.8 < 0.8 < logits[1, 2]
    plain, stern = expected_gains(logits, [(0, 0), (0, 1)])
    assert plain == pytest.approx(logits[:, 0])
    assert stern[0] - stern[1] > plain[0] - plain[1] + 1


def test_what_a_list_is_like_decides_how_its_candidates_are_read():
    """On half of the lists the large are on it, on the others the small; the rest tells which."""
    learn = planted(lists=800)
    kind = np.where(np.arange(len(learn.features)) % 2, 1, -1)[:, None]
    X = learn.features.copy()
    X[:, :, 5] = 0.5 * X[:, :, 5] + kind
    states = (X[:, :, 1] * kind > 0.8).astype(np.int8)
    states[:, -2:] = X[:, -2:] = 0
    some = states.any(axis=1)
    columns = (X, states, learn.weights, learn.ranks, learn.holes)
    taught = Examples(*(column[some] for column in columns), learn.rated, learn.off)
    network = fit_ranker(taught, Fitting((16, 8), 20, 32, 1e-2), EVEN, seed=0)
    asked = np.zeros((10, 6), np.float32)
    asked[:2, 1] = [1.5, -1.5]
    for sign in (1, -1):
        asked[2:, 5] = sign  # of the two that are compared themselves nothing differs
        logits = network(asked)[:, 0]
        assert sign * (logits[0] - logits[1]) > 1


def opposed():
    """Lists that end have the small ones, the others the large; the last feature tells which."""
    learn = planted(lists=800)
    X = learn.features.copy()
    X[:, :, 5] = 0.3 * X[:, :, 5] - 1
    ended = X * np.array([1, -1, 1, 1, 1, -1], np.float16)
    names = ("states", "weights", "ranks")
    twice = {name: np.concatenate([getattr(learn, name)] * 2) for name in names}
    holes = np.concatenate([learn.holes, learn.holes + HOLES.index("ended")])
    return replace(learn, features=np.concatenate([X, ended]), **twice, holes=holes)


def test_lists_of_one_kind_do_not_unteach_what_another_kind_says():
    network = fit_ranker(opposed(), Fitting((16, 8), 10, 32, 1e-2), EVEN, seed=0)
    asked = np.zeros((10, 6), np.float32)
    asked[:2, 1] = [1.5, -1.5]
    for sign in (1, -1):
        asked[:, 5] = -sign
        logits = network(asked)[:, 0]
        assert sign * (logits[0] - logits[1]) > 2


def test_of_a_list_that_could_be_either_the_prior_decides():
    asked = np.zeros((10, 6), np.float32)
    asked[:2, 1] = [1.5, -1.5]
    for prior, sign in (((0.98, 0.01, 0.01), 1), ((0.01, 0.98, 0.01), -1)):
        network = fit_ranker(opposed(), Fitting((16, 8), 10, 32, 1e-2), prior, seed=0)
        logits = network(asked)[:, 0]
        assert sign * (logits[0] - logits[1]) > 0.5


def test_chances_are_mixed_as_the_gate_says_and_sum_to_one():
    random = np.random.default_rng(3)
    logits = random.standard_normal((7, len(HOLES) + 2)).astype(np.float32)
    holes = np.array([0.5, -1.0, 2.0], np.float32)
    case = np.exp(holes) / np.exp(holes).sum()
    each = np.exp(logits[:, : len(HOLES)])
    wanted = (each / each.sum(axis=0)) @ case
    result = mixed(logits, holes)
    assert np.exp(result[:, 0]) == pytest.approx(wanted, abs=1e-6)
    assert np.exp(result[:, 0]).sum() == pytest.approx(1, abs=1e-5)
    assert (result[:, 1:] == logits[:, len(HOLES) :]).all()
    assert np.isfinite(mixed(logits * 1000, holes * 1000)).all()


@pytest.mark.parametrize("hidden", [(8,), (8, 4), (8, 6, 4)])
def test_networks_side_by_side_answer_with_their_mean_before_they_are_mixed(hidden):
    learn = planted(lists=60)
    members = [fit_ranker(learn, Fitting(hidden, 4, 16, 1e-2), EVEN, seed) for seed in range(3)]
    features = learn.features[0].astype(np.float32)
    both = joined(members)
    of_tastes = np.mean([member(features)[:, 1:] for member in members], axis=0)
    assert both(features)[:, 1:] == pytest.approx(of_tastes, abs=1e-5)
    assert joined(members[:1])(features) == pytest.approx(members[0](features), abs=1e-6)
    assert joined([members[1]] * 3)(features) == pytest.approx(members[1](features), abs=1e-5)
    assert np.ptp([member(features) for member in members], axis=0).max() > 0.01
    units = [len(member.alone.layers[0][1]) for member in members]
    means = np.random.default_rng(0).standard_normal((2, sum(units))).astype(np.float32)
    parts = np.split(means, np.cumsum(units)[:-1], axis=1)
    holes = [m.holes(part.reshape(-1)) for m, part in zip(members, parts, strict=True)]
    assert both.holes(means.reshape(-1)) == pytest.approx(np.mean(holes, axis=0), abs=1e-5)
    saved = both.tensors("network")
    loaded = ListNetwork.load(saved, "network", features=6)
    assert (loaded(features) == both(features)).all()
    for name in ("network.around", "network.gate.weights.0", "network.gate.bias.1"):
        wrong = {**saved, name: saved[name][1:]}
        with pytest.raises(ValueError, match="fit together"):
            ListNetwork.load(wrong, "network", features=6)


def test_a_dislike_costs_most_on_the_first_page():
    logits = np.zeros((6, 3), np.float32)
    logits[:, 0] = [6, 5, 4, 3, 2, 1]
    logits[:, 1] = -9
    logits[:, 2] = [-9, 9, -9, -9, 9, -9]  # the second and the fifth are disliked
    stern = Gains(liked=0, disliked=1, liked_beyond=0, disliked_beyond=0, page=3)
    assert ranked(logits, stern).tolist() == [0, 2, 3, 1, 4, 5]
    assert ranked(logits, Gains(0, 0, 0, 0)).tolist() == [0, 1, 2, 3, 4, 5]
    assert ranked(logits[:1], stern).tolist() == [0]


def test_a_planted_error_of_ratings_is_learnt():
    network = fit_rater(planted(), Fitting((16,), 20, 64, 3e-3), seed=0)
    asked = np.zeros((3, 6), np.float32)
    asked[:, 2] = [-1, 0, 1]
    assert network(asked)[:, 0] == pytest.approx([-1, 0, 1], abs=0.25)


def test_facts_of_an_anime_that_the_catalog_lacks_are_guessed():
    facts = ItemFacts.of(SHELF, [10, 15, 30, 50, 70])
    assert facts.type.tolist() == [0, OTHER_TYPE, 1, 0, 0]
    assert facts.studio[1] == 0
    assert 1990 <= facts.year[1] <= 2000
    assert facts.year[3] == pytest.approx(1990, abs=3)  # unknown, guessed from its neighbours
    assert np.isfinite(facts.mean).all()
    again = ItemFacts.from_tensors(facts.tensors())
    assert all((getattr(again, n) == getattr(facts, n)).all() for n in ("type", "year", "labels"))
    assert (ItemFacts.of(Catalog([]), [1, 2]).year > 1900).all()
    with pytest.raises(ValueError, match="different numbers"):
        ItemFacts.from_tensors({**facts.tensors(), "facts.type": facts.type[1:]})


def test_features_of_another_models_anime_are_refused(model):
    with pytest.raises(ValueError, match="other anime"):
        CandidateFeatures.of(
            model, ItemFacts.of(SHELF, [10, 20]), model.second_stage.features.views
        )


def test_the_second_stage_ranks_strangers_better_than_the_first():
    """Everybody stopped at some year, picked at random until then, and scores films low.

    The first stage looks at what is on a list and not at scores.
    """
    random = np.random.default_rng(6)
    shelf = [
        Anime(i, f"Anime {i}", type="Movie" if i % 3 == 0 else "TV", year=1940 + i, franchise=i)
        for i in range(1, 81)
    ]
    rows = [
        (user, a.id, 3 if a.type == "Movie" else 9)
        for user, stop in enumerate(random.integers(20, 81, 700), 1)
        for a in shelf[:stop]
        if random.random() < 0.4
    ]
    lists = Interactions.from_columns(*np.array(rows).T)[0]
    ranker = Fitting((64, 32), 8, 32, 3e-3)
    quick = replace(QUICK, candidates=40, sampled=40, ranker=ranker)
    settings = replace(SETTINGS, rating_share=0.0, second_stage=quick)
    trained = train(lists, settings, catalog=Catalog(shelf))
    people = trained.lists.of_users(trained.split.test).on_anime(trained.model.item_ids)
    fold = fold_in(people, seed=9)
    after = measure(trained.model, fold)
    before = measure(replace(trained.model, second_stage=None), fold)
    assert paired_bootstrap(after.liked100, before.liked100).low > 0
    assert after.disliked20.mean() < before.disliked20.mean()
    errors = rating_errors(trained.model, fold)
    assert errors.model < errors.head < errors.mean
