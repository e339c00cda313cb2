from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.data.fixed_split import read_split
from recsys.data.interactions import Interactions
from recsys.evaluation.public import report
from recsys.evaluation.public.field import FIELD, OURS, TUNED, Inner, mf_bpr, mult_vae, ours, tuning
from recsys.evaluation.public.order import pieces
from recsys.evaluation.public.protocol import measure, share_found
from recsys.evaluation.public.published import FOLDER, PUBLISHED, best, of
from recsys.models.mf_bpr import MfBpr, MfBprSettings
from recsys.models.mult_vae import MultVaeSettings

USERS, ITEMS, KINDS = 150, 90, 3


def write_split(folder, items=ITEMS, seed=1):
    """Everybody walks through the items of a kind, each next one near the last, and strays a bit.

    Seven tenths are told, the next tenth is to be found, two tenths choose settings.
    """
    random = np.random.default_rng(seed)
    parts = {"train": [], "test": [], "valid": []}
    for user in range(USERS):
        kind = np.arange(items) % KINDS == user % KINDS
        own, others = np.flatnonzero(kind), random.permutation(np.flatnonzero(~kind))
        walk = np.roll(own, -random.integers(0, len(own)))[: round(0.7 * len(own))]
        when = [
            *(np.arange(len(walk)) + random.normal(0, 1.5, len(walk))),
            *random.uniform(0, len(walk), len(walk) // 6),
        ]
        every = np.append(walk, others[: len(walk) // 6])[np.argsort(when)]
        first, second = round(0.7 * len(every)), round(0.8 * len(every))
        pieces_of = {"train": every[:first], "test": every[first:second], "valid": every[second:]}
        for name, part in pieces_of.items():
            parts[name] += [(user, item) for item in part.tolist()]
    folder.mkdir(parents=True, exist_ok=True)
    for name, pairs in parts.items():
        np.save(folder / f"{name}_list.npy", np.array(pairs))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_split(tmp_path_factory.mktemp("split") / FOLDER)


@pytest.fixture(scope="module")
def split(folder):
    return read_split(folder)


def one_person(items):
    table, _ = Interactions.from_columns([1] * len(items), np.array(items) + 1, [8] * len(items))
    return table.on_anime(np.arange(1, 31))


def test_recall_is_over_all_that_there_is_to_find():
    relevant = np.zeros((1, 30), bool)
    relevant[0, :15] = True
    ranked = np.arange(30)[None, :]
    assert share_found(ranked, relevant, 10) == pytest.approx([10 / 15])
    assert np.isnan(share_found(ranked, np.zeros((1, 30), bool), 10)).all()


def test_what_is_masked_takes_no_place_and_scores_are_left_as_they_are():
    scores = np.linspace(1, 0, 30, dtype=np.float32)[None, :]
    before = scores.copy()
    found = measure(scores, [one_person([0, 1]), one_person([2])], one_person([3, 29]))
    assert np.array_equal(scores, before)
    assert found.means[0] == pytest.approx(0.5)  # item 3 is first of those left, 29 not among ten
    assert found.means[2] == pytest.approx(1 / (1 + 1 / np.log2(3)))


def test_a_perfect_order_finds_everything():
    hidden = one_person([4, 9, 20])
    scores = np.zeros((1, 30), np.float32)
    scores[0, hidden.items] = 1
    assert measure(scores, [], hidden).means == pytest.approx((1, 1, 1, 1))


@pytest.mark.parametrize("name", ["EASE", OURS])
def test_models_that_know_tastes_beat_popularity(split, name):
    figures = {
        one: measure(FIELD[one](split), [split.train, split.valid], split.test).means
        for one in ("popularity", name)
    }
    assert all(a > b for a, b in zip(figures[name], figures["popularity"], strict=True))


def test_ours_sees_in_which_direction_a_list_goes(split):
    few_people = replace(TUNED, directed=replace(TUNED.directed, l2=1.0), ease_l2=10.0)
    told = [split.train, split.valid]
    mine = measure(ours(split, few_people), told, split.test).means
    theirs = measure(FIELD["EASE"](split), told, split.test).means
    assert mine[2] > 1.1 * theirs[2]


def test_nothing_of_the_test_part_reaches_a_model(split):
    others = replace_test(split)
    for name in ("popularity", "EASE", OURS):
        assert np.array_equal(FIELD[name](split), FIELD[name](others))


def replace_test(split):
    """The same split with another test part."""
    return split._replace(test=split.valid)


def test_ours_is_tuned_on_the_training_part_alone(split):
    without = split._replace(valid=split.train, test=split.train)
    first, again = tuning(split, 2), tuning(without, 2)
    assert first == again
    assert len(first) == 3
    assert first[0][0] >= first[-1][0]
    assert TUNED in [settings for _, settings in first]


def test_the_end_of_each_training_list_stands_for_the_test_part(split):
    inner = Inner.of(split.in_order)
    lengths = inner.told.lists.lengths + inner.later.lengths
    assert np.array_equal(lengths, split.train.lengths)
    assert (inner.later.lengths > 0).all()
    assert inner.later.lengths.sum() == pytest.approx(len(split.train) / 8, rel=0.5)


def test_bpr_puts_what_people_have_first(split):
    settings = MfBprSettings(dimensions=8, learning_rate=0.02, epochs=40, every=10, batch_size=256)
    checked = []

    def check(scores):
        checked.append(scores)
        return float(len(checked))

    model = MfBpr.fit(split.train, check, settings)
    scores = model.score(split.train)
    own = scores[split.train.users, split.train.items].mean()
    assert own > scores.mean() + 0.5
    assert len(checked) == 4
    assert np.array_equal(scores, checked[-1])


def test_bpr_goes_back_to_its_best_and_stops(split):
    settings = MfBprSettings(dimensions=4, epochs=100, every=1, patience=2)
    checked = []

    def check(scores):
        checked.append(scores)
        return -float(len(checked))

    assert np.array_equal(MfBpr.fit(split.train, check, settings).score(split.train), checked[0])
    assert len(checked) == 3


def test_bpr_refuses_people_it_was_not_trained_on(split):
    model = mf_bpr(split, MfBprSettings(dimensions=4, epochs=1))
    some = np.zeros(USERS, bool)
    some[0] = True
    with pytest.raises(ValueError, match="only the people"):
        model_of(split).score(split.train.of_users(some))
    assert model.shape == (USERS, ITEMS)


def model_of(split):
    return MfBpr.fit(split.train, lambda _: 0.0, MfBprSettings(dimensions=4, epochs=1))


def test_mult_vae_trains_on_everybody_and_learns_their_kinds(split):
    settings = replace(MultVaeSettings(), hidden=32, code=8, epochs=40, batch_size=50)
    scores = mult_vae(split, settings)
    found = measure(scores, [split.train], split.valid).means
    floor = measure(FIELD["popularity"](split), [split.train], split.valid).means
    assert found[1] > 1.2 * floor[1]


def test_pieces_of_a_list_are_harder_to_find_the_further_they_are(tmp_path):
    found = dict(pieces(read_split(write_split(tmp_path, items=300))))
    assert found["train, piece 1 of its end"] > found["test, piece 1"] > found["valid, piece 1"]


def test_every_quoted_figure_names_its_source():
    assert all(row.source for row in PUBLISHED)
    assert all(0 < figure < 1 for row in PUBLISHED for figure in row.figures)
    assert best() == (0.1308, 0.2024, 0.1002, 0.1272)
    assert of("MF").figures[0] == 0.0876
    with pytest.raises(KeyError):
        of("nobody's")


def test_the_command_prints_ours_beside_what_was_published(folder, tmp_path, capsys):
    plot = tmp_path / "deep" / "table.png"
    models = ["--only", "popularity", "--only", "EASE", "--only", OURS]
    assert main(["public", str(folder), *models, "--plot", str(plot)]) == 0
    said = capsys.readouterr().out
    assert "150 people, 90 items" in said
    assert "GiffCF, newer code *" in said
    assert "ours × the largest published" in said
    assert "Ours less each" in said
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_figures_of_another_split_are_not_put_beside_it(tmp_path, capsys):
    folder = write_split(tmp_path / "mine")
    assert main(["public", str(folder), "--only", "popularity"]) == 0
    assert "GiffCF" not in capsys.readouterr().out


def test_a_model_that_is_not_in_the_table_is_named(folder, capsys):
    assert main(["public", str(folder), "--only", "magic"]) == 1
    assert "There is no model magic" in capsys.readouterr().err


def test_the_command_says_in_what_order_the_parts_stand_and_tunes(folder, capsys):
    assert main(["public", str(folder), "--order"]) == 0
    assert "no list is long enough" in capsys.readouterr().out
    assert main(["public", str(folder), "--tune", "1"]) == 0
    assert "DirectedSettings" in capsys.readouterr().out


def test_a_rerun_says_how_many_published_figures_it_agrees_with():
    random = np.random.default_rng(1)
    published = of("MF").figures
    near = [random.normal(figure, 0.1, 4000) for figure in published]
    far = [random.normal(figure + 0.05, 0.1, 4000) for figure in published]
    for columns, count in ((near, 4), (far, 0)):
        run = report.Run("MF-BPR", report.Found(*columns), 1.0)
        assert f"{count} of 4 published figures lie inside." in list(report._rerun(run))[-1]
