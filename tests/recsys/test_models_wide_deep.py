"""The linear model with a network beside it: where it begins, and what only the network learns."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import Interactions
from recsys.models.item_facts import ItemFacts
from recsys.models.personal import Items
from recsys.models.side_information import side_information
from recsys.profile import Status
from tests.recsys.conftest import planted_catalog, planted_ratings
from tests.recsys.training_data import made_up_lists

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from recsys.models import stacking, wide_deep  # noqa: E402 -- after the check for torch
from recsys.models import wide_deep_network as network  # noqa: E402
from recsys.models.context import FitContext  # noqa: E402
from recsys.models.descent import Check, Draws, Phase, minimise  # noqa: E402
from recsys.models.entries import Store  # noqa: E402
from recsys.models.wide_deep import WideDeepModel, WideDeepSettings  # noqa: E402

SMALL = WideDeepSettings(
    hidden=(32, 32), batch_size=50, learning_rate=5e-3, epochs=6, patience=None, tellings=2
)
A, B, EITHER, OTHERWISE = 1, 2, 3, 4


def one_or_the_other(people=800, seed=3):
    """Who has exactly one of A and B has EITHER, all the others OTHERWISE; the rest is chance."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(1, people + 1):
        a, b = rng.random(2) < 0.5
        own = [*([A] if a else []), *([B] if b else []), EITHER if a != b else OTHERWISE]
        rows += [(user, anime) for anime in (*own, *(10 + rng.permutation(20)[:5]))]
    users, anime = np.array(rows).T
    return Interactions.from_columns(users, anime, np.full(len(anime), 8))[0]


def share_right(scores_of, ids):
    """How often EITHER and OTHERWISE are in the right order for strangers."""
    place = {int(anime): position for position, anime in enumerate(ids)}
    right = []
    rng = np.random.default_rng(9)
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)) * 10:
        own = [*([A] if a else []), *([B] if b else []), *(10 + rng.permutation(20)[:5])]
        scores = scores_of(np.array([place[anime] for anime in own]), np.full(len(own), 8.0))
        right.append((scores[place[EITHER]] > scores[place[OTHERWISE]]) == (a != b))
    return np.mean(right)


def taught_of(lists, settings):
    return stacking.Taught.of(lists, settings, lambda part: wide_deep._solved(part, settings))


@pytest.fixture(scope="module")
def model():
    return WideDeepModel.fit(planted_ratings(), SMALL, catalog=planted_catalog())


def test_training_begins_where_the_linear_model_is():
    untrained = replace(SMALL, epochs=0, rating_share=0.0)
    model = WideDeepModel.fit(planted_ratings(), untrained, catalog=planted_catalog())
    items, ratings = np.arange(6), np.array([9, 8, 10, np.nan, 4, 7], np.float32)
    first = model.wide.first_stage(items, ratings)
    ours = model.rank_scores(items, ratings)
    left = np.setdiff1d(np.arange(len(ours)), items)
    np.testing.assert_array_equal(np.argsort(-ours[left]), np.argsort(-first.presence[left]))
    np.testing.assert_allclose(model.ratings(items, ratings), first.ratings, rtol=1e-6)


def test_the_deep_path_learns_what_no_linear_model_can():
    lists = one_or_the_other()
    # Most of a list is told, for what is not on a short telling is not known to be missing.
    mostly = replace(SMALL, epochs=40, weight_decay=0.0, least=0.7, tellings=3, rating_weight=0.0)
    mostly = replace(mostly, input_dropout=0.0)
    model = WideDeepModel.fit(lists, mostly)
    ids = model.item_ids

    def linear(items, ratings):
        return model.wide.first_stage(items, ratings.astype(np.float32)).presence

    def both(items, ratings):
        return model.rank_scores(items, ratings.astype(np.float32))

    assert share_right(linear, ids) < 0.8
    assert share_right(both, ids) > 0.95


def test_people_are_told_of_by_a_linear_model_that_has_not_seen_them():
    lists = planted_ratings(people=80)
    settings = replace(SMALL, folds=2)
    taught = taught_of(lists, settings)
    fold_of = stacking.folds(lists, settings)
    person = int(np.flatnonzero(fold_of == 1)[0])
    told = taught.told[0]
    own = slice(told.indptr[person], told.indptr[person + 1])
    ratings = told.scores[own].astype(np.float32)
    without = wide_deep._solved(lists.of_users(fold_of != 1), settings)
    first = without.first_stage(told.items[own].astype(np.intp), ratings)
    np.testing.assert_allclose(taught.presence[0][person], first.presence, rtol=2e-3, atol=1e-3)
    hidden = taught.hidden[0]
    asked = slice(hidden.indptr[person], hidden.indptr[person + 1])
    missed = hidden.scores[asked] - first.ratings[hidden.items[asked]]
    np.testing.assert_allclose(taught.missed[0][asked], missed, rtol=1e-5)


def test_every_list_is_told_in_part_and_each_time_another_part():
    lists = planted_ratings(people=60)
    one, two = (stacking.told_part(lists, SMALL, telling) for telling in (0, 1))
    for told in (one, two):
        counts = np.bincount(lists.users[told], minlength=60)
        assert (counts >= 1).all()
        assert (counts < lists.lengths).all()
        assert len(set(counts.tolist())) > 5
    assert (one != two).mean() > 0.2


def test_at_most_so_many_people_teach_the_network():
    taught = taught_of(planted_ratings(people=60), replace(SMALL, people=25))
    assert taught.told[0].n_users == taught.hidden[1].n_users == 25


def test_only_samples_of_whole_lists_teach_the_network():
    lists = made_up_lists(users=60, anime=40)
    whole = (lists.source_of == lists.sources.index("mal-2022")) & (lists.lengths >= 2)
    assert 0 < whole.sum() < lists.n_users
    taught = taught_of(lists, SMALL)
    np.testing.assert_array_equal(taught.told[0].user_ids, lists.user_ids[whole])


def test_numpy_serves_what_torch_was_trained_to_say(model):
    lists = planted_ratings(people=8, seed=5).on_anime(model.item_ids)
    told = Store(lists, torch.device("cpu")).of(torch.arange(8))
    on_torch = {name: torch.from_numpy(array) for name, array in model.deep.items()}
    plain = WideDeepModel(
        Items(model.item_ids, model.popularity),
        model.wide,
        model.deep,
        replace(model.settings, rating_share=0.0),
    )
    facts = on_torch.pop("side")
    for person in range(8):
        mine = told.people == person
        items, ratings = told.items[mine].numpy(), told.ratings[mine].numpy()
        presence = torch.from_numpy(model.wide.first_stage(items, ratings).presence)
        state = network.hidden_layer(on_torch, facts, told)
        wanted = network.logits(on_torch, facts, told, state, presence[None])[person]
        ours = plain.rank_scores(items, ratings, told.statuses[mine].numpy().astype(np.int8))
        left = np.setdiff1d(np.arange(len(ours)), items)  # what is told stays below
        np.testing.assert_allclose(ours[left], wanted.numpy()[left], rtol=1e-3, atol=1e-3)


def test_what_was_dropped_and_what_was_rated_low_are_evidence(model):
    items = np.arange(4)
    unrated = np.full(4, np.nan, np.float32)
    watched = model.rank_scores(items, unrated, np.full(4, Status.COMPLETED, np.int8))
    dropped = model.rank_scores(items, unrated, np.full(4, Status.DROPPED, np.int8))
    low = model.rank_scores(items, np.array([9, 9, 2, 2], np.float32))
    high = model.rank_scores(items, np.array([2, 2, 9, 9], np.float32))
    assert not np.array_equal(watched, dropped)
    assert not np.array_equal(low, high)


def test_only_the_candidates_are_put_in_another_order(model):
    few = replace(model.settings, candidates=10)
    of_items = Items(model.item_ids, model.popularity)
    items, ratings = np.arange(4), np.full(4, 9, np.float32)
    ours = WideDeepModel(of_items, model.wide, model.deep, few).rank_scores(items, ratings)
    presence = model.wide.first_stage(items, ratings).presence
    left = np.setdiff1d(np.arange(len(ours)), items)
    linear, both = left[np.argsort(-presence[left])], left[np.argsort(-ours[left])]
    assert set(linear[:10]) == set(both[:10])
    np.testing.assert_array_equal(linear[10:], both[10:])


def test_a_beginning_that_no_epoch_betters_is_kept():
    weight = torch.zeros(1, requires_grad=True)
    draws = Draws(1, torch.device("cpu"))
    # Learning moves the weight to 1; on people kept aside 0 was best.
    minimise(
        {"weight": weight},
        [Phase(lambda batch: (weight - 1).square().sum(), torch.optim.SGD([weight], lr=0.1))],
        rows=4,
        batch_size=2,
        epochs=5,
        draws=draws,
        context=FitContext(),
        check=Check(lambda: float(weight.detach().abs()), patience=2, from_start=True),
    )
    assert weight.item() == 0


def test_reasons_are_the_linear_models_and_add_up_to_it(model):
    items = np.arange(5)
    parts = model.contributions(items, 12)
    np.testing.assert_allclose(parts.sum(), model.wide.presence(items)[12], rtol=1e-4)


def test_without_a_catalog_it_knows_no_facts_and_works():
    model = WideDeepModel.fit(planted_ratings(people=100), replace(SMALL, epochs=2))
    assert np.isfinite(model.rank_scores(np.arange(3), np.full(3, 9, np.float32))).all()


def test_facts_put_anime_of_one_kind_together():
    catalog = planted_catalog()
    ids = np.array([100 * (g + 1) + i for g in range(3) for i in range(20)])
    side = side_information(ItemFacts.of(catalog, ids), len(ids))
    assert len(side) == len(ids)
    np.testing.assert_allclose(side.mean(axis=0), 0, atol=1e-4)
    assert float(np.abs(side).max()) < 20
    genre = np.arange(60) // 20
    gaps = np.linalg.norm(side[:, None] - side[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argsort(gaps, axis=1)[:, :5]
    assert (genre[nearest] == genre[:, None]).mean() > 0.8
    assert side_information(None, 4).shape == (4, 1)
