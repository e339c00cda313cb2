"""What "haven't seen it" says about everything else, and what it does not say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.bundle import PRETRAINED, Bundle, BundleError, save_bundle
from recsys.data.interactions import Interactions
from recsys.models.copresence import NOISE, Copresence
from recsys.models.linear import LinearModel
from recsys.profile import Entry, Hints, Profile
from recsys.recommender import Recommender
from tests.recsys.conftest import planted_ratings

MECHA, ROMANCE, SPORTS = (range(start, start + 20) for start in (100, 200, 300))


@pytest.fixture(scope="module")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


@pytest.fixture(scope="module")
def lists():
    return planted_ratings()


@pytest.fixture(scope="module")
def pairs(lists):
    return Copresence.of(lists)


def mean_score(recommender, ids, profile, hints):
    of, scores = recommender.scores(profile, hints)
    left = set(ids) - profile.anime_ids - set(hints.asked)
    return float(scores[np.isin(of, list(left))].mean())


def test_what_was_not_seen_speaks_against_what_is_like_it(recommender):
    told = Profile((Entry(200, 6),))
    hints = Hints(asked=(200, *MECHA[::4]))

    def ahead(hints):
        mecha, sports = (mean_score(recommender, ids, told, hints) for ids in (MECHA, SPORTS))
        return mecha - sports

    assert ahead(hints) < ahead(Hints()) - 0.1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 59), max_size=6, unique=True),
    st.lists(st.integers(0, 59), max_size=6, unique=True),
    st.integers(0, 59),
)
def test_an_anime_is_not_moved_by_its_own_answer(pairs, seen, unseen, item):
    unseen = [i for i in unseen if i not in seen and i != item]
    seen = [i for i in seen if i != item]

    def presence(*more):
        guess = pairs.guess(np.array(seen, int), np.array([*unseen, *more], int))
        return guess.presence[np.searchsorted(pairs.targets, item)]

    assert presence(item) == pytest.approx(presence(), abs=0.02)


def test_a_guess_is_the_regression_on_what_people_have(lists, pairs):
    X = np.zeros((lists.n_users, lists.n_items))
    X[lists.users, lists.items] = 1
    seen, unseen = [3, 21], [7, 40, 44]
    asked = [*seen, *unseen]
    centred = X - X.mean(axis=0)
    A, ridge = centred[:, asked], NOISE * len(X) * np.eye(len(asked))
    weights = np.linalg.solve(A.T @ A + ridge, A.T @ centred)
    answers = np.array([1, 1, 0, 0, 0]) - X.mean(axis=0)[asked]
    expected = X.mean(axis=0) + answers @ weights
    guess = pairs.guess(np.array(seen), np.array(unseen))
    others = np.setdiff1d(np.arange(lists.n_items), asked)
    assert guess.presence[others] == pytest.approx(expected[others], abs=0.02)
    left = centred.T @ centred / len(X)
    left -= left[:, asked] @ np.linalg.solve(
        left[np.ix_(asked, asked)] + ridge / len(X), left[asked]
    )
    assert pairs.left(guess) == pytest.approx(left, abs=0.01)


def test_entries_that_nobody_asked_for_count_instead(recommender):
    asked = Hints(asked=tuple(MECHA[::4]))
    own = Profile(tuple(Entry(i, 9) for i in ROMANCE[:6]))
    ids, scores = recommender.scores(own, asked)
    assert np.array_equal(scores, recommender.scores(own)[1])
    fewer = Profile(own.entries[:1])
    assert not np.array_equal(recommender.scores(fewer, asked)[1], recommender.scores(fewer)[1])
    # The same six, had they been asked for.
    hints = Hints(asked=(*asked.asked, *own.anime_ids))
    assert not np.array_equal(recommender.scores(own, hints)[1], scores)
    assert len(ids) == len(recommender.catalog)


def test_the_more_was_answered_the_longer_it_counts_beside_what_nobody_asked_for(recommender):
    own = Profile(tuple(Entry(i, 9) for i in ROMANCE[:6]))
    plain = recommender.scores(own)[1]
    few, many = (Hints(asked=tuple(ids)) for ids in (MECHA[::4], (*MECHA, *SPORTS)))
    assert np.array_equal(recommender.scores(own, few)[1], plain)
    assert not np.array_equal(recommender.scores(own, many)[1], plain)


def test_what_is_no_evidence_was_seen_all_the_same(recommender):
    told = Profile((Entry(200, 8), Entry(100, 9)))
    muted = Hints(muted=frozenset({100}))
    both = replace(muted, asked=(200, 100))
    assert np.array_equal(recommender.scores(told, both)[1], recommender.scores(told, muted)[1])


def test_reasons_stay_what_the_model_added_up(recommender):
    told = Profile((Entry(200, 9), Entry(204, 8)))
    hints = Hints(asked=(200, 204, *MECHA[::4], 424242))
    score_of = dict(zip(*recommender.scores(told, hints), strict=True))
    for pick in recommender.recommend(told, 8, hints=hints):
        explained = recommender.explain(told, pick.anime.id, hints)
        assert explained.score == pytest.approx(score_of[pick.anime.id], rel=1e-4)
        for reason, shown in zip(explained.reasons, pick.reasons, strict=False):
            assert reason.anime_id == shown.anime_id
            assert reason.contribution == pytest.approx(shown.contribution, rel=1e-4)
        assert explained.reasons == recommender.explain(told, pick.anime.id).reasons


def test_what_was_not_seen_is_named_with_what_it_adds_or_takes(recommender):
    told = Profile((Entry(200, 9), Entry(204, 8)))
    unseen = tuple(MECHA[::4])
    hints = Hints(asked=(200, 204, *unseen))
    mecha = recommender.explain(told, 106, hints)
    assert mecha.unseen
    assert {reason.anime_id for reason in mecha.unseen} <= set(unseen)
    assert all(reason.contribution < 0 for reason in mecha.unseen)
    sizes = [abs(reason.contribution) for reason in mecha.unseen]
    assert sizes == sorted(sizes, reverse=True)
    # It is no reason for itself, and none once it is switched off.
    own = recommender.explain(told, unseen[0], hints)
    assert unseen[0] not in {reason.anime_id for reason in own.unseen}
    muted = replace(hints, muted=frozenset(unseen))
    assert recommender.explain(told, 106, muted).unseen == ()
    assert recommender.explain(told, 106).unseen == ()


def test_the_parts_of_a_guess_add_up_to_it(lists, pairs):
    guess = pairs.guess(np.array([3, 21]), np.array([7, 40, 44]))
    whole = pairs.share[pairs.targets] + guess.weights @ guess.rows
    others = np.setdiff1d(np.arange(lists.n_items), [3, 21, 7, 40, 44])
    assert guess.presence[others] == pytest.approx(whole[others], abs=1e-5)


def test_an_anime_that_was_not_seen_may_still_be_picked(recommender):
    told = Profile((Entry(200, 9), Entry(204, 9), Entry(206, 10)))
    hints = Hints(asked=(200, 204, 206, 202, *MECHA[::4]))
    assert 202 in {pick.anime.id for pick in recommender.recommend(told, 12, hints=hints)}


def test_a_model_that_never_learnt_of_it_takes_no_notice(recommender, catalog):
    model = replace(recommender._scorer.model, copresence=None)
    older = Recommender(catalog, model)
    told, hints = Profile((Entry(200, 6),)), Hints(asked=(200, *MECHA[::4]))
    assert np.array_equal(older.scores(told, hints)[1], older.scores(told)[1])
    assert older.ask(told, MECHA[::4])


def test_counts_come_back_as_saved_and_foreign_ones_are_refused(tmp_path, bundle_path, pairs):
    bundle = Bundle.load(bundle_path)
    model = LinearModel.load(bundle)
    items = len(model.item_ids)
    again = Copresence.from_tensors(model.copresence.tensors(), items)
    assert np.array_equal(again.codes, model.copresence.codes)
    parts = {name: bundle.tensors(name) for name in bundle.manifest["files"]}
    parts["copresence"] = {**parts["copresence"], "share": np.zeros(items + 1, np.float32)}
    save_bundle(tmp_path, parts, {"model": bundle.model, "serving": bundle.manifest["serving"]})
    with pytest.raises(BundleError, match="do not fit together"):
        LinearModel.load(Bundle.load(tmp_path))


def test_only_whole_lists_say_what_was_not_seen():
    users = np.repeat([1, 2, 3, 4], 2)
    anime = np.array([1, 2, 1, 2, 1, 3, 1, 3])
    cut = np.repeat([0, 0, 1, 1], 2)
    names = ("mal-2018-c", "mal-2022")
    lists, _ = Interactions.from_columns(users, anime, np.full(8, 7), None, cut, names)
    assert Copresence.of(lists).share.tolist() == [1, 0, 1]


def test_the_bundle_that_ships_knows_what_was_not_seen():
    model = LinearModel.load(Bundle.load(PRETRAINED))
    assert model.copresence is not None
    assert len(model.copresence.asked) == 600
