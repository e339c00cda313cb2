"""What `python -m recsys train` says of bad ratings and bad wishes, and what it does to them."""

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.bundle import Bundle, save_bundle
from recsys.cli.train import unknown_anime
from recsys.data.interactions import DataError, Interactions
from recsys.models import registry
from recsys.training.named import changed
from tests.recsys.conftest import planted_catalog, planted_ratings
from tests.recsys.training_data import write_ratings

pytest.importorskip("torch").set_num_threads(1)
pytest.importorskip("tqdm")

MODELS = (
    ("edlae", []),
    ("mult-vae", ["--set", "hidden=8", "--set", "code=4", "--set", "epochs=2"]),
    ("mf", ["--set", "dimensions=4", "--set", "epochs=2"]),
)


def words(ratings, out, model, more):
    return [
        *("train", "--ratings", str(ratings), "--out", str(out), "--min-lists", "2"),
        *("--no-metrics", "--one-stage", "--model", model, *more),
    ]


def messy(tmp_path):
    """Planted lists with a row repeated, scores out of range, NaN, and people without an id."""
    lists = planted_ratings(people=60)
    users = lists.user_ids[lists.users].astype(float)
    anime = lists.anime_ids[lists.items].astype(float)
    scores = lists.scores.astype(float)
    users = np.concatenate([users, [users[0], 1, 2, np.nan, 3]])
    anime = np.concatenate([anime, [anime[0], 999_999_001, 999_999_002, 100, np.nan]])
    scores = np.concatenate([scores, [scores[0], 11, np.nan, 5, 5]])
    return write_ratings(tmp_path / "messy.parquet", user_id=users, anime_id=anime, score=scores)


@pytest.mark.parametrize(("model", "more"), MODELS)
def test_what_was_wrong_with_the_rows_is_counted_and_the_rest_is_learnt(
    tmp_path, capsys, model, more
):
    out = tmp_path / "bundle"
    assert main(words(messy(tmp_path), out, model, more)) == 0
    said = capsys.readouterr().out
    assert "2 without a usable person or anime left out" in said
    assert "1 repeated left out" in said
    assert "1 with a score outside 1 to 10 read as not rated" in said
    assert registry.load(Bundle.load(out)).name in {model, "bundle"}


@pytest.mark.parametrize(("model", "more"), MODELS)
@pytest.mark.parametrize(
    ("users", "items", "sentence"),
    [
        ([1] * 20, range(1, 21), "of 1 person"),
        ([1, 1, 2, 2, 3, 3], [1, 2, 1, 2, 1, 2], "five entries or more"),
        ([1] * 6 + [2] * 6, range(1, 13), "2 lists or more"),
    ],
)
def test_too_little_to_learn_from_is_said_by_every_model(
    tmp_path, capsys, model, more, users, items, sentence
):
    users, items = list(users), list(items)
    path = write_ratings(
        tmp_path / "few.parquet", user_id=users, anime_id=items, score=[8] * len(users)
    )
    out = tmp_path / "bundle"
    assert main(words(path, out, model, more)) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert not out.exists()


def test_anime_that_the_catalog_does_not_know_are_named():
    lists, _ = Interactions.from_columns([1] * 8, [100, 101, *range(5001, 5007)], [8] * 8)
    said = unknown_anime(lists, planted_catalog())
    assert said.startswith("6 of 8 anime ids")
    assert "(5001, 5002, 5003, 5004, 5005, …)" in said
    assert unknown_anime(planted_ratings(people=30), planted_catalog()) == ""


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_setting_that_no_training_can_have_is_named(name):
    kind = registry.model_class(name).settings_type
    wrong = ["learning_rate=nan", "learning_rate=-1", "batch_size=0", "epochs=0", "seed=-1"]
    for wish in wrong:
        if wish.partition("=")[0] in kind.__dataclass_fields__:
            with pytest.raises(DataError, match=wish.partition("=")[0]):
                changed(kind, [wish])


@pytest.mark.parametrize("wish", ["dropout=1", "dropout=1.5", "hidden=0", "hidden=-5", "beta=inf"])
def test_shares_are_below_one_and_widths_above_zero(wish):
    with pytest.raises(DataError, match=wish.partition("=")[0]):
        changed(registry.model_class("mult-vae").settings_type, [wish])


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["rikonet"], "holds the model neighbours, and this is the loop of RikoNet"),
        (["evaluate"], "neighbours"),
    ],
)
def test_a_command_that_wants_another_model_than_the_bundle_holds_says_so(
    tmp_path, capsys, command, sentence
):
    lists = planted_ratings(people=60)
    ratings = write_ratings(
        tmp_path / "ratings.parquet",
        user_id=lists.user_ids[lists.users],
        anime_id=lists.anime_ids[lists.items],
        score=lists.scores,
    )
    bundle = tmp_path / "bundle"
    assert main(words(ratings, bundle, "neighbours", [])) == 0
    more = ["--ratings", str(ratings)] if command == ["evaluate"] else []
    assert main([*command, "--bundle", str(bundle), *more]) == 1
    assert sentence in capsys.readouterr().err


def test_a_bundle_whose_wide_part_is_missing_is_refused(tmp_path):
    from recsys.bundle import BundleError

    kind, lists = registry.model_class("wide-deep"), planted_ratings(people=60)
    settings = changed(kind.settings_type, ["hidden=8,8", "epochs=1", "tellings=1"])
    parts, manifest = registry.parts(kind.fit(lists, settings))
    del parts["model"]["wide.presence"]
    save_bundle(tmp_path, parts, manifest)
    with pytest.raises(BundleError, match=r"no part|do not fit together"):
        registry.load(Bundle.load(tmp_path))


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_read(tmp_path, capsys):
    blocked = tmp_path / "a file"
    blocked.write_text("here", encoding="utf-8")
    for out in (blocked, blocked / "deeper" / "bundle"):
        assert main(["train", "--ratings", str(tmp_path / "none.csv"), "--out", str(out)]) == 1
        assert f"{blocked} is a file" in capsys.readouterr().err
    assert blocked.read_text(encoding="utf-8") == "here"


def test_a_file_that_a_command_cannot_write_is_a_sentence(tmp_path, capsys, monkeypatch):
    from recsys.cli import endings

    def cannot(_):
        (tmp_path / "none" / "page.md").write_text("", encoding="utf-8")

    monkeypatch.setattr(endings, "run", cannot)
    assert main(["endings"]) == 1
    said = capsys.readouterr().err
    assert "page.md cannot be read or written: No such file or directory." in said


@pytest.mark.parametrize("picture", ["map.bmpp", "map", "map.txt"])
def test_a_picture_of_no_known_format_is_refused_before_it_is_drawn(tmp_path, capsys, picture):
    assert main(["plot", "embeddings", "--out", str(tmp_path / picture)]) == 1
    assert "end it in .png, .svg or .pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("layers=a,b", "whole numbers joined by commas"),
        ("layers=", "whole numbers joined by commas"),
        ("clusters=x", "it is a whole number"),
        ("learning_rate=fast", "it is a number"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused_in_words_before_anything_is_read(
    tmp_path, capsys, wish, reason
):
    words = ["train", "--model", "rikonet", "--set", wish, "--out", str(tmp_path / "out")]
    assert main([*words, "--ratings", str(tmp_path / "none.csv")]) == 1
    said = capsys.readouterr().err
    assert reason in said
    assert "base 10" not in said
