"""The league on made-up ratings: the same code that writes the table, in seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.__main__ import main
from recsys.catalog import Anime, Catalog
from recsys.data.interactions import DataError
from recsys.evaluation.league.apart import do
from recsys.evaluation.league.field import ALL, Field, FieldSettings, franchises_of, together
from recsys.evaluation.league.measuring import NEW, foretold, ranked, told_franchises
from recsys.evaluation.league.page import _chosen, row_of
from recsys.evaluation.league.roster import BY_NAME, CONTENDERS
from recsys.evaluation.league.spaces import SPACES, start
from recsys.evaluation.league.standing import Row
from recsys.evaluation.league.store import Store
from recsys.evaluation.league.tuning import best, rmse_of, tune
from recsys.evaluation.league.work import League, left
from recsys.evaluation.protocol import measure
from recsys.evaluation.splits import fold_in
from recsys.models.ease import Ease
from tests.recsys.training_data import made_up_lists, write_ratings

LISTS = made_up_lists()
CATALOG = Catalog(
    Anime(10 * i, f"Title {i}", genres=("Drama",), franchise=10 * (i - i % 3) or 10)
    for i in range(1, 81)
)
FIELD = Field.of(LISTS, CATALOG, FieldSettings(min_lists=5, sample=150, sample_min_lists=5))


class ByEase:
    """EASE with what the league asks beside scores."""

    def __init__(self, lists):
        self.model = Ease.fit(lists, 20.0)

    def score(self, known):
        return self.model.score(known)

    def predict(self, known):
        return None


def test_nobody_is_in_two_parts_and_the_sample_is_of_training_people():
    parts = [FIELD.training, FIELD.validation, FIELD.test, FIELD.alone]
    ids = [set(part.user_ids[part.lengths > 0].tolist()) for part in parts]
    for place, one in enumerate(ids):
        assert one
        for other in ids[place + 1 :]:
            assert not one & other
    assert not set(FIELD.rest.user_ids.tolist()) & (ids[2] | ids[3])
    sample = FIELD.tuning(sample=True)
    assert sample.lists.n_users == 150
    assert set(sample.lists.user_ids.tolist()) <= ids[0]
    assert (sample.fold.known.anime_ids == sample.lists.anime_ids).all()


def test_another_seed_or_another_file_is_another_field():
    settings_too = replace(FIELD.settings, seed=3)
    assert Field.of(LISTS, CATALOG, settings_too).key != FIELD.key
    fewer = LISTS.of_users(np.arange(LISTS.n_users) > 3)
    assert Field.of(fewer, CATALOG, FIELD.settings).key != FIELD.key
    assert Field.of(LISTS, CATALOG, FIELD.settings).key == FIELD.key


def test_ratings_of_too_few_people_are_refused_in_a_sentence():
    few = LISTS.of_users(np.arange(LISTS.n_users) < 4)
    with pytest.raises(DataError, match="larger file"):
        Field.of(few, CATALOG)


def test_reconstructed_scores_are_in_no_test_of_ratings():
    renamed = replace(LISTS, sources=("mal-2021-a", "mal-2022"))
    field = Field.of(renamed, CATALOG, FIELD.settings)
    tested = {renamed.sources[code] for code in field.test.source_of}
    assert tested == {"mal-2022"}


@given(st.integers(0, 2**16))
def test_two_tables_together_hold_everybodys_list_as_it_was(seed):
    chosen = np.random.default_rng(seed).random(LISTS.n_users) < 0.5
    joined = together(LISTS.of_users(~chosen), LISTS.of_users(chosen))
    for name in ("user_ids", "indptr", "items", "scores", "statuses", "source_of"):
        assert (getattr(joined, name) == getattr(LISTS, name)).all(), name


def test_an_anime_without_a_franchise_is_one_of_its_own():
    numbers = franchises_of(CATALOG, np.array([30, 40, 50, 60, 99_999, 99_998]))
    assert numbers[0] == numbers[1] == numbers[2]
    assert len(set(numbers.tolist())) == 4


def test_the_league_measures_what_the_protocol_defines():
    system, fold = ByEase(FIELD.rest), FIELD.fold()
    mine = ranked(system, fold, ALL, keep_top=True)
    theirs = measure(system.model, fold)
    for metric in ("recall20", "recall50", "ndcg100", "liked100", "disliked20"):
        np.testing.assert_array_equal(mine[f"{ALL}.{metric}"], getattr(theirs, metric))
    assert mine["top20"].shape == (fold.known.n_users, 20)


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_nothing_of_a_known_franchise_is_ranked_or_looked_for(seed):
    fold = fold_in(FIELD.test, seed=seed)
    blocked = told_franchises(fold.known, FIELD.franchises)
    for user in range(fold.known.n_users):
        told = fold.known.items[fold.known.indptr[user] : fold.known.indptr[user + 1]]
        same = np.isin(FIELD.franchises, FIELD.franchises[told])
        assert (blocked[user] == same).all()

    class Oracle:
        """Knows what is hidden, and puts what may not be ranked first."""

        def __init__(self):
            self.at = 0

        def score(self, known):
            hidden = np.zeros((known.n_users, known.n_items), np.float32)
            hidden[fold.hidden.users, fold.hidden.items] = 1
            return hidden + 5 * blocked

    found = ranked(Oracle(), fold, ALL, FIELD.franchises)
    left_over = [
        bool(
            (
                ~blocked[u, fold.hidden.items[fold.hidden.indptr[u] : fold.hidden.indptr[u + 1]]]
            ).any()
        )
        for u in range(fold.hidden.n_users)
    ]
    assert (np.isfinite(found[f"{NEW}.ndcg100"]) == left_over).all()
    assert (found[f"{NEW}.ndcg100"][left_over] == 1).all()


def test_every_system_has_a_space_that_its_start_is_in():
    assert set(SPACES) >= set(BY_NAME)
    for name, space in SPACES.items():
        for key, value in start(name).items():
            assert (
                space[key]
                .distribution()
                ._contains(space[key].distribution().to_internal_repr(value))
            ), (name, key)


def test_a_line_that_a_kill_cut_short_is_not_a_trial(tmp_path):
    store = Store(tmp_path)
    assert store.trials() == []
    store.add_trial({"number": 0, "settings": {}, "value": 0.5})
    with (tmp_path / "trials.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"number": 1, "sett')
    assert [trial["number"] for trial in store.trials()] == [0]
    store.add_trial({"number": 1, "settings": {}, "value": 0.6})
    assert [trial["value"] for trial in store.trials()] == [0.5, 0.6]


def test_what_is_stored_comes_back_and_a_new_fit_drops_the_old_figures(tmp_path):
    store = Store(tmp_path / "deep" / "er")
    assert store.cost is None
    assert store.measured is None
    store.save_fit({"a": np.arange(3)}, {"settings": {"x": 1}})
    store.save_measured({"all.ndcg100": np.array([0.5, np.nan])})
    assert store.tensors()["a"].tolist() == [0, 1, 2]
    assert store.cost == {"settings": {"x": 1}}
    np.testing.assert_array_equal(store.measured["all.ndcg100"], [0.5, np.nan])
    store.forget_fit()
    assert store.cost is None
    assert not store.is_measured


def test_trials_go_on_where_they_stopped_and_a_larger_budget_does_not_count_for_a_smaller(tmp_path):
    contender, store = BY_NAME["EASE"], Store(tmp_path)
    tuning = FIELD.tuning(sample=False)
    fitted = []

    def fit():
        from recsys.evaluation.league.roster import Task

        inner = contender.prepare(Task(tuning.lists, tuning.fold, CATALOG))

        def counted(given):
            fitted.append(dict(given))
            return inner(given)

        return counted

    def stop_after_two(record):
        if record["number"] == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(contender, store, 4, fit, tuning.fold, stop_after_two)
    assert len(store.trials()) == 2
    tune(contender, store, 4, fit, tuning.fold, lambda _: None)
    assert [trial["number"] for trial in store.trials()] == [0, 1, 2, 3]
    assert fitted == [trial["settings"] for trial in store.trials()]
    assert fitted[0] == start("EASE")
    assert len({str(given) for given in fitted}) == 4
    tune(contender, store, 4, fit, tuning.fold, lambda _: None)
    assert len(fitted) == 4
    store.add_trial({"number": 4, "settings": {"l2": 1.0}, "value": 9.0, "seconds": 0})
    assert best(contender, store, 4) != {"l2": 1.0}
    assert best(contender, store, 5) == {"l2": 1.0}


def test_an_anime_without_a_prediction_counts_as_the_mean_when_settings_are_chosen():
    fold = FIELD.fold()
    hidden = fold.hidden.scores[fold.hidden.scores > 0].astype(np.float64)
    told = fold.known.scores[fold.known.scores > 0].mean()
    nothing = np.full(len(hidden), np.nan)
    assert rmse_of(nothing, fold) == pytest.approx(np.sqrt(((hidden - told) ** 2).mean()))
    assert rmse_of(hidden, fold) == 0


@pytest.fixture(scope="module")
def league(tmp_path_factory):
    """A league on a disk, in one process."""
    pytest.importorskip("optuna")
    folder = tmp_path_factory.mktemp("league")
    return League(
        write_ratings(folder / "ratings.parquet"),
        folder / "cache",
        folder / "bundle",
        FieldSettings(min_lists=5, sample=150, sample_min_lists=5),
        trials=2,
        isolated=False,
    )


@pytest.mark.parametrize(
    "name",
    [c.name for c in CONTENDERS if c.group != "seed" and not c.name.endswith(("vae", "dae"))],
)
def test_every_published_system_is_tuned_fitted_and_measured(league, name):
    opened = league.open()
    contender = BY_NAME[name]
    for step in left(league, opened.field, contender):
        do(league, name, step, lambda _: None)
    assert left(league, opened.field, contender) == ()
    store = league.store(opened.field, name)
    assert len(store.trials()) == (2 if SPACES[name] else 0)
    assert store.cost["settings"] == best(contender, store, 2)
    if contender.group == "rating":
        fold = opened.field.fold()
        rated = store.measured["rated"]
        assert len(rated) == (fold.hidden.scores > 0).sum()
        # People rate one kind of four 7 to 10 and the others 2 to 6: there is much to learn.
        assert rmse_of(rated, fold) < rmse_of(np.full(len(rated), np.nan), fold)
    else:
        popular = league.store(opened.field, "popularity").measured
        if name != "popularity" and popular is not None and name != "PureSVD":
            assert store.measured["all.ndcg100"].mean() > popular["all.ndcg100"].mean()
        assert store.cost["bytes"] > 0
        assert store.cost["ms_a_user"] > 0


def test_a_trial_made_after_the_fit_that_found_nothing_better_is_counted(league, tmp_path):
    league = replace(league, cache=tmp_path)
    opened = league.open()
    contender = BY_NAME["PureSVD"]
    for step in left(league, opened.field, contender):
        do(league, contender.name, step, lambda _: None)
    more = replace(league, trials=3)
    store = league.store(opened.field, contender.name)
    store.add_trial({**store.trials()[0], "number": 2, "value": 0.0})
    assert row_of(league, opened.field, contender).cost["trials"] == 2
    assert row_of(more, opened.field, contender).cost["trials"] == 3


def test_a_network_says_after_how_many_epochs_it_was_stopped():
    def shown(settings, run):
        cost = {"settings": settings, "epochs_run": run}
        return list(_chosen(Row("a", "A", "peer", "ours", cost, {})))

    stopping = {"epochs": 50, "patience": 4}
    assert shown(stopping, 17) == ["epochs = 50 (stopped after 17)", "patience = 4"]
    assert shown(stopping, 50) == ["epochs = 50", "patience = 4"]
    assert shown({"epochs": 50}, 17) == ["epochs = 50"]


def test_a_seed_of_the_registry_is_restored_to_what_was_fitted(league):
    opened = league.open()
    for step in left(league, opened.field, BY_NAME["neighbours"]):
        do(league, "neighbours", step, lambda _: None)
    store = league.store(opened.field, "neighbours")
    restored = BY_NAME["neighbours"].restore(store.tensors(), store.cost["settings"])
    rated = foretold(restored, opened.field.fold())
    np.testing.assert_array_equal(rated, store.measured["rated"])


def _evaluate(folder, *more):
    return [
        "evaluate", "--all", "--ratings", str(folder / "ratings.parquet"), "--bundle",
        str(folder / "bundle"), "--cache", str(folder / "cache"), "--out", str(folder / "out"),
        "--trials", "4", *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ratings and a bundle that was trained on them."""
    pytest.importorskip("optuna")
    folder = tmp_path_factory.mktemp("killed")
    ratings = write_ratings(folder / "ratings.parquet")
    options = ["--out", str(folder / "bundle"), "--no-metrics", "--one-stage"]
    assert main(["train", "--ratings", str(ratings), *options]) == 0
    return folder


def _wait_for(found, seconds=120):
    deadline = time.monotonic() + seconds
    while not found() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found()


def test_a_killed_run_goes_on_without_repeating_finished_work(folder, capsys):
    command = [sys.executable, "-m", "recsys", *_evaluate(folder, "--only", "popularity", "EASE")]
    run = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip

    def trials():
        return next((folder / "cache").glob("*/ease/trials.jsonl"), None)

    _wait_for(trials)
    run.kill()
    run.wait()
    # The step that was under way ends by itself once it notices that nobody waits for it.
    size = -1
    while size != (size := trials().stat().st_size):
        time.sleep(1)
    before = trials().read_text(encoding="utf-8")
    fitted = next((folder / "cache").glob("*/popularity/model.npz")).stat().st_mtime_ns

    assert main(_evaluate(folder, "--only", "popularity", "EASE")) == 0
    after = trials().read_text(encoding="utf-8")
    assert after.startswith(before)
    assert [json.loads(line)["number"] for line in after.splitlines()] == [0, 1, 2, 3]
    assert next((folder / "cache").glob("*/popularity/model.npz")).stat().st_mtime_ns == fitted

    done = {path: path.stat().st_mtime_ns for path in (folder / "cache").rglob("*.*")}
    page = (folder / "out" / "league.md").read_bytes()
    capsys.readouterr()
    assert main(_evaluate(folder, "--only", "popularity", "EASE")) == 0
    assert {p: p.stat().st_mtime_ns for p in (folder / "cache").rglob("*.*")} == done
    assert (folder / "out" / "league.md").read_bytes() == page
    said = capsys.readouterr().out
    assert "1.05 × the best tuned peer" in said
    assert "Not measured yet: ItemKNN" in said


def test_the_page_has_every_table_and_its_plots(folder):
    assert main(_evaluate(folder, "--only", "popularity", "Osusume")) == 0
    page = (folder / "out" / "league.md").read_text(encoding="utf-8")
    for title in (
        "What holds", "Ranking", "Against the best tuned peer", "By source",
        "By how much is known", "Without known franchises", "What is shown", "Predicted ratings",
        "What it costs", "Settings",
    ):  # fmt: skip
        assert f"## {title}\n" in page
    assert "| **Osusume** | ours |" in page
    costs = page.partition("## What it costs")[2]
    trained = next(line for line in costs.splitlines() if line.startswith("| **Osusume** |"))
    assert all(cell.strip() for cell in trained.strip("|").split("|"))
    for name in ("ranking", "known", "liked", "calibration", "cost"):
        assert f"({name}.svg)" in page
        assert (folder / "out" / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_name_that_nobody_has_is_answered_with_the_names_there_are(folder, capsys):
    assert main(_evaluate(folder, "--only", "EASY")) == 1
    said = capsys.readouterr().err
    assert "“EASY”" in said
    assert "EASE" in said


def _compare(folder, a, b, *more):
    options = ["--ratings", str(folder / "ratings.parquet"), "--cache", str(folder / "cache")]
    return main(["compare", a, b, *options, *more])


def test_compare_says_who_beats_whom_and_how_sure_that_is(folder, capsys):
    assert main(_evaluate(folder, "--only", "popularity")) == 0
    capsys.readouterr()
    assert _compare(folder, "popularity", str(folder / "bundle")) == 0
    said = capsys.readouterr().out
    assert f"NDCG@100: {folder / 'bundle'} beats popularity" in said
    assert "p < 0.0001" in said or "p = 0.00" in said
    assert "randomisation test" in said
    assert _compare(folder, str(folder / "bundle"), str(folder / "bundle"), "--told", "5") == 0
    assert "cannot be told apart" in capsys.readouterr().out


def test_compare_names_what_it_can_compare(folder, capsys):
    assert _compare(folder, "popularity", "nobody") == 1
    assert "“nobody” is neither" in capsys.readouterr().err
    assert _compare(folder, "SLIM", str(folder / "bundle")) == 1
    assert 'evaluate --all --only "SLIM"' in capsys.readouterr().err
