"""The autoencoders of presence: their parts against plain formulas, and when they stop."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.interactions import DataError, Interactions
from recsys.models import registry
from recsys.models.personal import Items
from recsys.models.rating_scale import RatingScale
from tests.recsys.conftest import planted_ratings

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from recsys.models import rec_vae  # noqa: E402 -- after the check for torch
from recsys.models.autoencoder import Columns, log_likelihood, normalised  # noqa: E402
from recsys.models.context import FitContext  # noqa: E402
from recsys.models.descent import Draws, seeded  # noqa: E402
from recsys.models.device import autocast  # noqa: E402
from recsys.models.entries import Entries, Store  # noqa: E402
from recsys.models.rating_scale import scaled  # noqa: E402
from recsys.models.two_head_dae import partly  # noqa: E402

CPU = torch.device("cpu")
SMALL = {
    "mult-vae": {"hidden": 24, "code": 6},
    "rec-vae": {"hidden": 24, "code": 6},
    "two-head-dae": {"hidden": (24, 12)},
}


def small(name, **changes):
    kind = registry.model_class(name)
    base = replace(kind.settings_type(), batch_size=40, learning_rate=5e-3, epochs=3)
    return kind, replace(base, **{**SMALL[name], **changes})


def entries(*people):
    """Entries of people, each a {item: rating}."""
    rows = [(p, i, r) for p, own in enumerate(people) for i, r in own.items()]
    where, items, ratings = zip(*rows, strict=True)
    return Entries(
        torch.tensor(where), torch.tensor(items), torch.tensor(ratings).float(), len(people)
    )


def share_of_own_genre(model):
    """Of the ten best for somebody with six anime of a genre."""
    genre = model.item_ids // 100 - 1
    items = np.flatnonzero(genre == 1)[:6]
    scores = model.rank_scores(items, np.full(6, 9, np.float32))
    unseen = np.setdiff1d(np.arange(len(genre)), items)
    best = unseen[np.argsort(-scores[unseen])[:10]]
    return (genre[best] == 1).mean()


LISTS = ({0: 9, 4: 3}, {1: 10}, {2: 7, 3: 0, 5: 2})


# --- parts --------------------------------------------------------------------------------------


def test_the_likelihood_is_that_of_a_softmax_over_all_anime():
    lists = entries(*LISTS)
    scores = torch.randn(3, 6, generator=seeded(1, CPU))
    ours = log_likelihood(scores, lists, Columns.of(lists.items, 6, None, seeded(2, CPU)))
    dense = torch.zeros(3, 6)
    dense[lists.people, lists.items] = 1
    torch.testing.assert_close(ours, (scores.log_softmax(dim=1) * dense).sum(dim=1))


def test_a_sampled_softmax_is_on_average_the_whole_one():
    hidden = torch.randn(1, 8, generator=seeded(1, CPU))
    table = torch.randn(300, 8, generator=seeded(2, CPU)) * 0.5
    bias = torch.randn(300, generator=seeded(3, CPU)) * 0.5
    items, draw = torch.tensor([5, 17]), seeded(4, CPU)
    whole = Columns.of(items, 300, None, draw).scores(hidden, table, bias).exp().sum()
    sums = []
    for _ in range(400):
        columns = Columns.of(items, 300, 40, draw)
        assert len(columns.ids) == 42
        assert torch.equal(columns.ids[columns.place], items)
        sums.append(columns.scores(hidden, table, bias).exp().sum())
    assert float(torch.stack(sums).mean()) == pytest.approx(float(whole), rel=0.03)


def test_a_list_goes_in_with_length_one_and_an_empty_one_as_nothing():
    lists = entries(*LISTS)
    table = torch.eye(6)
    summed = lists.summed(table, normalised(lists))
    torch.testing.assert_close(summed.norm(dim=1), torch.ones(3))
    nobody = lists.where(lists.people != 1)
    assert torch.equal(nobody.summed(table, normalised(nobody))[1], torch.zeros(6))


def test_the_store_draws_lists_in_the_order_asked_for():
    lists = planted_ratings(people=20)
    drawn = Store(lists, CPU).of(torch.tensor([7, 2]))
    for row, person in enumerate((7, 2)):
        own = slice(lists.indptr[person], lists.indptr[person + 1])
        assert drawn.items[drawn.people == row].tolist() == lists.items[own].tolist()
        assert drawn.ratings[drawn.people == row].tolist() == lists.scores[own].tolist()


def test_the_share_that_is_dropped_differs_from_person_to_person():
    people, each = 400, 200
    who = torch.arange(people).repeat_interleave(each)
    lists = Entries(who, who * 0, who * 0.0, people)
    left = partly(lists, 0.4, 0.4, seeded(1, CPU)).float().view(people, each).mean(dim=1)
    assert float(left.mean()) == pytest.approx(0.6, abs=0.03)
    assert float(left.min()) < 0.3
    assert float(left.max()) > 0.9


@given(
    st.lists(st.integers(1, 10), max_size=12),
    st.floats(5, 9),
    st.floats(0.5, 3),
)
def test_a_rating_comes_back_from_its_scale_and_torch_agrees(ratings, mean, deviation):
    typical = RatingScale(mean, deviation)
    own = np.array(ratings, np.float32)
    scale = RatingScale.of(own, typical)
    np.testing.assert_allclose(scale.ratings(scale.values(own)), own, atol=1e-3)
    if ratings:
        lists = Entries(
            torch.zeros(len(own), dtype=torch.int64),
            torch.arange(len(own)),
            torch.from_numpy(own),
            1,
        )
        batch = scaled(lists, torch.tensor([mean, deviation]))
        np.testing.assert_allclose(batch.numpy(), scale.values(own), atol=1e-3)


def test_the_scale_is_the_formula_of_its_source():
    ratings = np.array([4, 6, 8, 10], np.float32)
    deviation = ratings.std()
    alpha = np.clip(deviation / 2.6, 0.3, 0.8)
    wanted = alpha * (ratings - 7) / deviation + (1 - alpha) * (ratings - 5.5) / 2.5
    values = RatingScale.of(ratings, RatingScale(7, 2)).values(ratings)
    np.testing.assert_allclose(values, wanted, rtol=1e-5)


def test_what_is_not_rated_is_neither_good_nor_bad():
    lists = entries({0: 0, 1: 0}, {0: 9, 1: 0, 2: 3})
    values = scaled(lists, torch.tensor([7.0, 1.5]))
    assert values[:2].tolist() == [0, 0]
    assert values[3] == 0
    assert values[2] > 0 > values[4]


# --- RecVAE -------------------------------------------------------------------------------------


def test_the_composite_prior_is_a_density():
    mean, log_variance = torch.tensor([[1.5]]), torch.tensor([[-1.0]])
    grid = torch.linspace(-2000, 2000, 800_001, dtype=torch.float64)[:, None]
    density = rec_vae.log_prior(grid, mean.double(), log_variance.double()).exp()
    assert float(density.sum() * 0.005) == pytest.approx(1, abs=1e-3)


def test_a_normal_density_is_torchs():
    x = torch.randn(5, 3, generator=seeded(1, CPU))
    wanted = torch.distributions.Normal(0.5, math.exp(0.3)).log_prob(x)
    torch.testing.assert_close(rec_vae.log_normal(x, 0.5, 0.6), wanted)


def test_encoder_and_decoder_are_trained_in_turn_and_the_former_encoder_is_remembered():
    kind, settings = small("rec-vae")
    lists = planted_ratings(people=30)
    parameters = {
        name: tensor.requires_grad_()
        for name, tensor in kind._start(lists, settings, FitContext()).items()
    }
    first, second = kind._phases(parameters, Store(lists, CPU), settings, Draws(1, CPU))
    before = {name: tensor.detach().clone() for name, tensor in parameters.items()}

    def changed():
        return {n for n, tensor in parameters.items() if not torch.equal(tensor, before[n])}

    first.loss(torch.arange(30)).backward()
    first.optimizer.step()
    assert changed()
    assert not any(name.startswith(("former", "out")) for name in changed())
    first.after()
    assert torch.equal(parameters["former.in"], parameters["in"])
    before = {name: tensor.detach().clone() for name, tensor in parameters.items()}
    second.loss(torch.arange(30)).backward()
    second.optimizer.step()
    assert changed() == {"out", "out_bias"}
    assert (first.passes, second.passes) == (3, 1)


def test_the_former_encoder_is_not_in_the_bundle():
    kind, settings = small("rec-vae", epochs=1)
    names = kind.fit(planted_ratings(people=40), settings).tensors()
    assert not any("former" in name for name in names)


# --- all of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_numpy_serves_what_torch_was_trained_to_say(name):
    kind, settings = small(name)
    lists = planted_ratings(people=60)
    model = kind.fit(lists, settings)
    on_torch = {key: torch.from_numpy(array) for key, array in model.weights.items()}
    told = Store(lists.on_anime(model.item_ids), CPU).of(torch.arange(8))
    wanted = kind._scores(on_torch, told, settings).numpy()
    for person in range(8):
        mine = told.people == person
        ratings = told.ratings[mine].numpy()
        ratings[ratings == 0] = np.nan
        ours = model.rank_scores(told.items[mine].numpy(), ratings)
        np.testing.assert_allclose(ours, wanted[person], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_half_precision_says_nearly_the_same(name):
    kind, settings = small(name)
    lists = planted_ratings(people=60)
    model = kind.fit(lists, settings)
    on_torch = {key: torch.from_numpy(array) for key, array in model.weights.items()}
    told = Store(lists.on_anime(model.item_ids), CPU).of(torch.arange(8))
    whole = kind._scores(on_torch, told, settings)
    with torch.autocast("cpu", torch.bfloat16):
        half = kind._scores(on_torch, told, settings)
    assert float((half.float() - whole).abs().max()) < 0.1 * float(whole.abs().max())


def test_a_processor_takes_half_precision_only_when_it_is_asked_to(monkeypatch):
    def kind_of_product(*, bf16):
        with autocast(CPU, bf16=bf16):
            return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype

    monkeypatch.delenv("OSUSUME_CPU_BF16", raising=False)
    assert kind_of_product(bf16=True) is torch.float32
    monkeypatch.setenv("OSUSUME_CPU_BF16", "1")
    assert kind_of_product(bf16=True) is torch.bfloat16
    assert kind_of_product(bf16=False) is torch.float32


@pytest.mark.parametrize("name", SMALL)
def test_training_in_half_precision_learns_as_much(name, monkeypatch):
    kind, settings = small(name, epochs=15, patience=None)
    monkeypatch.setenv("OSUSUME_CPU_BF16", "1")
    model = kind.fit(planted_ratings(people=150), settings)
    assert share_of_own_genre(model) > 0.6


@pytest.mark.parametrize("name", SMALL)
def test_a_sample_of_the_anime_teaches_too(name):
    kind, settings = small(name, sampled=10, epochs=15, patience=None)
    model = kind.fit(planted_ratings(people=150), settings)
    assert share_of_own_genre(model) > 0.6


def test_training_stops_when_people_kept_aside_gain_nothing_and_goes_back_to_the_best():
    kind, settings = small("mult-vae", epochs=60, patience=3, learning_rate=0.02)
    everybody = planted_ratings(people=160)
    aside = np.arange(everybody.n_users) % 4 == 0
    lists, validation = everybody.of_users(~aside), everybody.of_users(aside)
    said = []
    model = kind.fit(
        lists,
        settings,
        validation=validation,
        progress=lambda done, total, note: said.append(float(note.split()[-1])),
    )
    best = int(np.argmax(said))
    assert len(said) < 60
    assert len(said) - 1 - best == 3
    again = kind.fit(lists, replace(settings, epochs=best + 1), validation=validation)
    for key, values in model.tensors().items():
        np.testing.assert_array_equal(values, again.tensors()[key])


def test_validation_people_are_not_learnt_from_and_otherwise_some_are_kept_aside():
    kind, settings = small("mult-vae", patience=None)
    lists = planted_ratings(people=100)
    strangers = planted_ratings(people=30, seed=5)
    with_them = kind.fit(lists, settings, validation=strangers)
    assert int(with_them.popularity.sum()) == len(lists)
    alone = kind.fit(lists, settings)
    assert int(alone.popularity.sum()) < len(lists)
    everybody = kind.fit(lists, replace(settings, held_out=0))
    assert int(everybody.popularity.sum()) == len(lists)


def test_two_people_are_the_fewest():
    kind, settings = small("mult-vae")
    one, _ = Interactions.from_columns([1, 1, 1], [5, 6, 7], [8, 8, 8])
    with pytest.raises(DataError, match="two people"):
        kind.fit(one, settings)


def test_a_niche_boost_lifts_what_few_have_and_a_rating_share_what_is_rated_high():
    kind, settings = small("two-head-dae", epochs=12, patience=None)
    model = kind.fit(planted_ratings(), settings)
    items, ratings = np.arange(5), np.full(5, 9, np.float32)
    plain = model.rank_scores(items, ratings)

    def with_settings(**changes):
        other = type(model)(
            Items(model.item_ids, model.popularity),
            model.weights,
            replace(model.settings, **changes),
        )
        return other.rank_scores(items, ratings)

    niche = with_settings(niche=1.0)
    top = lambda scores: np.argsort(-scores)[:10]  # noqa: E731
    assert model.popularity[top(niche)].mean() < model.popularity[top(plain)].mean()
    predicted = model.ratings(items, ratings)
    rated = with_settings(rating_share=3.0)
    assert predicted[top(rated)].mean() >= predicted[top(plain)].mean()
