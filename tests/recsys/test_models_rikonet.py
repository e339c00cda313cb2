"""RikoNet: the network against plain loops, and the lists that it shows."""

import numpy as np
import pytest

from recsys.catalog import Anime, Catalog
from recsys.models.clusters import Clusters
from recsys.models.personal import Items
from recsys.models.rikonet import RikoNetModel, RikoNetSettings
from recsys.models.rikonet_lists import ListSettings, Session, TwoLists, genre_tops, two_lists
from recsys.models.selu_autoencoder import SeluAutoencoder
from recsys.profile import Entry, Profile, Status

# --- the network --------------------------------------------------------------------------------


def some_parameters(sizes=(6, 5, 3), seed=2):
    torch = pytest.importorskip("torch")
    from recsys.models.selu_autoencoder import start

    parameters = start(sizes, np.full(sizes[0], 5, np.float32), seed)
    for tensors in (parameters["encoder_biases"], parameters["decoder_biases"][:-1]):
        for tensor in tensors:
            tensor.uniform_(-0.2, 0.2, generator=torch.Generator().manual_seed(seed))
    return parameters


def entries(*people):
    """Entries of people, each a {item: rating}."""
    torch = pytest.importorskip("torch")
    from recsys.models.entries import Entries

    rows = [(p, i, r) for p, own in enumerate(people) for i, r in own.items()]
    where, items, ratings = zip(*rows, strict=True)
    return Entries(
        torch.tensor(where), torch.tensor(items), torch.tensor(ratings).float(), len(people)
    )


def naive(parameters, dense):
    """The notebook's `encode` and `decode`, on dense rows."""
    from torch.nn import functional

    weights = [w.T for w in parameters["weights"]]  # the notebook's are [out, in]
    x = dense
    for weight, bias in zip(weights, parameters["encoder_biases"], strict=True):
        x = functional.selu(functional.linear(x, weight, bias))
    last = len(weights) - 1
    for i, weight in enumerate(reversed(weights)):
        x = functional.linear(x, weight.t(), parameters["decoder_biases"][i])
        x = functional.selu(x) if i != last else functional.relu(x)
    return x


def test_the_network_is_the_notebooks_with_the_decoder_tied_to_the_encoder():
    torch = pytest.importorskip("torch")
    from recsys.models.selu_autoencoder import predicted

    parameters = some_parameters()
    dense = torch.zeros(3, 6)
    people = ({0: 9, 4: 3}, {1: 10}, {2: 7, 3: 8, 5: 2})
    for row, own in enumerate(people):
        for item, rating in own.items():
            dense[row, item] = rating
    wanted = naive(parameters, dense)
    ours = predicted(parameters, entries(*people), torch.arange(6))
    torch.testing.assert_close(ours, wanted)

    served = SeluAutoencoder(
        *(
            tuple(t.numpy() for t in parameters[name])
            for name in ("weights", "encoder_biases", "decoder_biases")
        )
    )
    for row, own in enumerate(people):
        code = served.encode(np.array(list(own)), np.array(list(own.values()), np.float32))
        np.testing.assert_allclose(served.decode(code), wanted[row].numpy(), rtol=1e-4, atol=1e-5)
    one = served.encode(np.array([3]), np.float32([10]))
    np.testing.assert_allclose(served.encode_singles(10)[3], one, rtol=1e-5, atol=1e-6)


def test_the_only_weights_are_one_matrix_a_layer():
    parameters = some_parameters((6, 5, 3))
    assert [tuple(w.shape) for w in parameters["weights"]] == [(6, 5), (5, 3)]
    assert set(parameters) == {"weights", "encoder_biases", "decoder_biases"}


def test_weights_begin_as_xavier_draws_them():
    weights = some_parameters((400, 200, 50))["weights"]
    for weight in weights:
        bound = (6 / sum(weight.shape)) ** 0.5
        assert float(weight.abs().max()) <= bound
        assert float(weight.std()) == pytest.approx(bound / 3**0.5, rel=0.05)


def test_the_loss_looks_at_rated_anime_alone():
    torch = pytest.importorskip("torch")
    from recsys.models.selu_autoencoder import masked_loss

    parameters = some_parameters()
    people = ({0: 9, 4: 3}, {4: 10})
    told = entries(*people)
    for tensors in parameters.values():
        for tensor in tensors:
            tensor.requires_grad_()
    value = masked_loss(parameters, told, told)
    dense = torch.zeros(2, 6)
    for row, own in enumerate(people):
        for item, rating in own.items():
            dense[row, item] = rating
    mask = dense > 0
    wanted = ((naive(parameters, dense) - dense)[mask] ** 2).mean()
    torch.testing.assert_close(value, wanted)
    value.backward()
    gradient = parameters["decoder_biases"][-1].grad
    assert (gradient[[0, 4]] != 0).all()
    assert (gradient[[1, 2, 3, 5]] == 0).all()


# --- the lists ----------------------------------------------------------------------------------


def a_model(n=12, clusters=4):
    """Anime 100 ... 111 in clusters of three, 0 opposite 1 and 2 opposite 3; falling ratings."""
    of = np.repeat(np.arange(clusters), n // clusters).astype(np.int32)
    # One hidden unit that nothing reaches: the prediction is the output's bias, 10, 9.5, 9 ...
    network = SeluAutoencoder(
        weights=(np.zeros((n, 1), np.float32),),
        encoder_biases=(np.zeros(1, np.float32),),
        decoder_biases=((10 - 0.5 * np.arange(n)).astype(np.float32),),
    )
    return RikoNetModel(
        Items(np.arange(100, 100 + n, dtype=np.int32), np.ones(n, np.int32)),
        np.eye(n, dtype=np.float32),
        network,
        Clusters(of, np.array([1, 0, 3, 2], np.int32)),
        RikoNetSettings(clusters=clusters),
    )


def profile(*pairs):
    return Profile(tuple(Entry(anime_id, score) for anime_id, score in pairs))


def test_similar_anime_come_from_the_clusters_of_what_was_rated():
    lists = two_lists(a_model(), profile((106, 8)))
    assert lists.similar == (107, 108)
    assert lists.may_like == (100, 101, 102, 103, 104, 105, 109, 110, 111)


@pytest.mark.parametrize(("score", "similar"), [(6, (107, 108)), (5, (109, 110, 111))])
def test_a_rating_below_six_points_to_the_opposite_cluster(score, similar):
    assert two_lists(a_model(), profile((106, score))).similar == similar


def test_only_the_last_three_ratings_choose_clusters():
    lists = two_lists(a_model(), profile((100, 9), (103, 9), (104, 9), (106, 9)))
    assert lists.similar == (105, 107, 108)
    assert 101 in lists.may_like


def test_lists_are_ten_long_at_most_and_cut_from_the_candidates():
    many = two_lists(a_model(), profile((106, 8)), ListSettings(length=2))
    assert many.may_like == (100, 101)
    few = two_lists(a_model(), profile((106, 8)), ListSettings(candidates=2))
    assert few == TwoLists(similar=(), may_like=(100, 101))


def test_nothing_of_the_profile_is_shown_again_whatever_its_status():
    own = Profile((Entry(100, None, Status.PLANNED), Entry(106, 8)))
    lists = two_lists(a_model(), own)
    assert not {100, 106} & {*lists.similar, *lists.may_like}


def shelf():
    shounen = [
        Anime(i, f"S{i}", genres=("Shounen",), mean=7 + 0.1 * i, members=5) for i in range(1, 8)
    ]
    return Catalog(
        [
            *shounen,
            Anime(20, "Romance", genres=("Romance",), tags=("Shounen",), mean=9.5),
            Anime(21, "Unscored", genres=("Romance",)),
            Anime(22, "Adult", genres=("Romance",), mean=9.9, adult=True),
        ]
    )


def test_who_has_rated_nothing_is_shown_the_tops_of_genres():
    tops = genre_tops(shelf())
    assert list(tops) == ["Shounen", "Supernatural", "Romance", "Slice of Life"]
    assert [anime.id for anime in tops["Shounen"]] == [20, 7, 6, 5, 4]
    assert [anime.id for anime in tops["Romance"]] == [20]
    assert tops["Supernatural"] == ()
    assert two_lists(a_model(), Profile()) == TwoLists()


def test_a_session_begins_with_tops_then_shows_lists_and_keeps_what_they_were_worth():
    session = Session(a_model(), shelf())
    assert session.table() == genre_tops(shelf())
    session.score_table(4)
    session.rate(106, 8)
    session.rate(103, 2)
    assert session.table() == two_lists(a_model(), profile((106, 8), (103, 2)))
    session.score_table(9)
    assert session.table_scores == [4, 9]
    session.rate(106, 9)  # again: now the newest
    assert list(session.ratings) == [103, 106]


@pytest.mark.parametrize("score", [0, 11, 7.5, True, "8"])
def test_a_session_refuses_what_is_no_score_and_keeps_what_it_had(score):
    session = Session(a_model(), shelf())
    session.rate(106, 8)
    with pytest.raises(ValueError, match="from 1 to 10"):
        session.rate(106, score)
    with pytest.raises(ValueError, match="from 1 to 10"):
        session.score_table(score)
    assert session.ratings == {106: 8}
    assert session.table_scores == []


# --- the loop in a terminal ---------------------------------------------------------------------


def titled():
    """The anime of `a_model`, and one that it does not know."""
    names = "Monster Mushishi Trigun Berserk Planetes Bleach Naruto Hyouka Clannad Toradora Gosick"
    shelf = [Anime(100 + i, name, mean=8.0) for i, name in enumerate([*names.split(), "Air"])]
    return Catalog([*shelf, Anime(500, "Haibane Renmei", genres=("Shounen",), mean=9.0)])


def a_talk(tmp_path, monkeypatch, capsys, *lines, model=None):
    from recsys.__main__ import main
    from recsys.bundle import save_bundle
    from recsys.models import registry

    save_bundle(tmp_path, *registry.parts(model or a_model()))
    left = iter(lines)

    def typed(_):
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr(Catalog, "load", titled)
    status = main(["rikonet", "--bundle", str(tmp_path)])
    return status, capsys.readouterr()


def test_a_table_that_was_not_shown_is_not_scored_and_a_wrong_score_is_named(
    tmp_path, monkeypatch, capsys
):
    _, said = a_talk(
        tmp_path, monkeypatch, capsys,
        "table 9", "naruto = 11", "table", "table 4", "table 5", "quit",
    )  # fmt: skip
    assert said.out.count("There is no table without a score") == 2
    assert "naruto is rated with a whole number from 1 to 10" in said.out
    assert said.out.rstrip().endswith("Your scores of the tables\n   1. 4")


def test_the_loop_shows_tops_then_lists_and_at_the_end_the_scores_of_tables(
    tmp_path, monkeypatch, capsys
):
    status, said = a_talk(
        tmp_path, monkeypatch, capsys,
        "table", "table 3", "naruto = 8", "table", "table 9", "quit",
    )  # fmt: skip
    out = said.out
    assert status == 0
    assert out.index("Top Shounen") < out.index("Haibane Renmei") < out.index("Similar Anime")
    assert "Naruto: 8." in out
    lists = out[out.index("Similar Anime") :]
    similar, rest = lists.split("Anime You May Like")
    assert "Hyouka" in similar
    assert "Clannad" in similar
    assert "Monster" in rest
    assert out.rstrip().endswith("1. 3\n   2. 9")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("naruto = 11", "TITLE = SCORE"),
        ("naruto = ten", "TITLE = SCORE"),
        ("naruto", "TITLE = SCORE"),
        ("= 5", "TITLE = SCORE"),
        ("table 11", "from 1 to 10"),
        ("qqqqzzzz 777 = 5", "No anime is called"),
    ],
)
def test_a_line_that_is_wrong_is_answered_and_changes_nothing(
    tmp_path, monkeypatch, capsys, line, said
):
    status, output = a_talk(tmp_path, monkeypatch, capsys, line, "table")
    assert status == 0
    assert said in output.out
    assert "Top Shounen" in output.out
    assert output.out.rstrip().endswith("none")
