"""`python -m recsys train --model` and `plot`, from a ratings file to a bundle to a picture."""

import json

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.data.interactions import DataError
from recsys.evaluation.plots import embedding_map, rating_distribution, tsne
from recsys.models import registry
from recsys.models.hybrid import HybridSettings
from recsys.models.rikonet import RikoNetSettings
from recsys.training.named import changed
from tests.recsys.conftest import planted_ratings

pytest.importorskip("torch").set_num_threads(1)  # small networks: threads only wait
pa = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory):
    import pyarrow.parquet as pq

    lists = planted_ratings(people=150)
    path = tmp_path_factory.mktemp("ratings") / "ratings.parquet"
    table = pa.table(
        {
            "user_id": lists.user_ids[lists.users],
            "anime_id": lists.anime_ids[lists.items],
            "score": lists.scores,
        }
    )
    pq.write_table(table, path)
    return path


@pytest.fixture(scope="module")
def trained(ratings_file, tmp_path_factory):
    out = tmp_path_factory.mktemp("dot")
    words = ["train", "--ratings", str(ratings_file), "--model", "dot-product", "--out", str(out)]
    assert main([*words, "--set", "learning_rate=0.005", "--set", "factors=8"]) == 0
    return out


def test_a_model_is_trained_by_name_measured_and_written(trained):
    bundle = Bundle.load(trained)
    model = registry.load(bundle)
    assert bundle.model == model.name == "dot-product"
    assert model.settings.factors == 8
    assert model.settings.epochs == 12
    assert 0 < bundle.manifest["metrics"]["ndcg@100"] <= 1
    assert 0 < bundle.manifest["metrics"]["rating_rmse"] < 3
    assert bundle.manifest["metrics"]["rating_coverage"] == 1
    assert bundle.manifest["split"]["test_fingerprint"]


def test_training_twice_writes_the_same_bytes(ratings_file, tmp_path):
    words = ["train", "--ratings", str(ratings_file), "--model", "neighbours", "--no-metrics"]
    for name in ("one", "two"):
        assert main([*words, "--out", str(tmp_path / name)]) == 0
    one, two = (Bundle.load(tmp_path / name) for name in ("one", "two"))
    assert one.version == two.version


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "mf", "--set", "sides=3"], "sides=3"),
        (["--model", "mf", "--set", "epochs=many"], "epochs"),
        (["--set", "epochs=3"], "--set"),
    ],
)
def test_a_wrong_setting_gets_a_sentence_and_writes_nothing(
    ratings_file, tmp_path, capsys, words, said
):
    out = tmp_path / "bundle"
    assert main(["train", "--ratings", str(ratings_file), "--out", str(out), *words]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not out.exists()


def test_settings_are_read_by_their_kind():
    made = changed(RikoNetSettings, ["layers=64,16", "bf16=false", "dropout=0.5", "clusters=9"])
    assert made == RikoNetSettings(layers=(64, 16), bf16=False, dropout=0.5, clusters=9)
    glove = registry.model_class("glove").settings_type
    assert changed(glove, ["most=none"]).most is None
    assert changed(glove, ["most=30"]).most == 30
    assert changed(HybridSettings, ["target=interaction"]).target == "interaction"
    for wrong in ("target=both", "epochs=none", "epochs=1.5", "epochs", "=3"):
        with pytest.raises(DataError):
            changed(HybridSettings, [wrong])
    with pytest.raises(DataError):
        changed(RikoNetSettings, ["bf16=perhaps"])


def test_settings_survive_a_manifest():
    from recsys.models.personal import settings_from

    made = RikoNetSettings(layers=(5, 3), clusters=2)
    stored = json.loads(json.dumps({"layers": [5, 3], "clusters": 2, "of_later": 1}))
    assert settings_from(RikoNetSettings, stored) == made


# --- pictures -----------------------------------------------------------------------------------


def test_a_map_draws_alike_vectors_near_each_other_and_every_title_once(tmp_path):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(0)
    centres = np.eye(3, 8)
    vectors = np.repeat(centres, 20, axis=0) + 0.05 * rng.normal(size=(60, 8))
    titles = [f"Title {i} $" for i in range(60)]
    path = tmp_path / "deep" / "map.svg"
    places = embedding_map(vectors.astype(np.float32), titles, path, first=50)
    assert places.shape == (50, 2)
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    same = (np.arange(50) // 20)[gaps.argmin(axis=1)] == np.arange(50) // 20
    assert same.mean() > 0.95
    assert path.read_text(encoding="utf-8").count("<!-- Title ") == 50
    np.testing.assert_array_equal(places, tsne(vectors[:50].astype(np.float32)))


def test_a_map_of_few_anime_is_drawn_and_of_one_refused():
    pytest.importorskip("sklearn")
    few = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    assert tsne(few).shape == (4, 2)
    with pytest.raises(ValueError, match="two"):
        tsne(few[:1])


def test_the_distribution_of_predicted_ratings_is_a_picture(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "ratings.png"
    rating_distribution(np.linspace(2, 9, 50, dtype=np.float32), path, whose="person 1")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_plot_draws_both_pictures_from_a_bundle(
    trained, ratings_file, tmp_path, capsys, catalog, monkeypatch
):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(Catalog, "load", lambda: catalog)
    bundle, ratings = ["--bundle", str(trained)], ["--ratings", str(ratings_file)]
    picture = tmp_path / "map.svg"
    words = ["plot", "embeddings", *bundle, "--first", "12", "--out", str(picture)]
    assert main(words) == 0
    assert "Mecha 11" in picture.read_text(encoding="utf-8")
    picture = tmp_path / "ratings.png"
    assert main(["plot", "ratings", *bundle, *ratings, "--user", "3", "--out", str(picture)]) == 0
    assert picture.stat().st_size > 1000
    assert "Person 3" in capsys.readouterr().out
    assert main(["plot", "ratings", *bundle, *ratings, "--user", "9999"]) == 1
    assert "9999" in capsys.readouterr().err


# --- answers ------------------------------------------------------------------------------------


def rows(text):
    return [line.split(". ", 1)[1] for line in text.splitlines() if line.strip()[:1].isdigit()]


def test_similar_lists_what_the_bot_would_or_the_plain_cosines(
    trained, capsys, catalog, monkeypatch
):
    monkeypatch.setattr(Catalog, "load", lambda: catalog)
    bundle = ["--bundle", str(trained), "--k", "3"]
    assert main(["similar", "Mecha 0", *bundle]) == 0
    said = capsys.readouterr().out
    assert said.startswith("dot-product ")
    assert len(rows(said)) == 3
    assert "Mecha 1 " not in said, "of the same franchise"

    assert main(["similar", "id:100", "--cosine", *bundle]) == 0
    model = registry.load(Bundle.load(trained))
    cosines = model.embeddings @ model.embeddings[0]
    best = model.item_ids[np.argsort(-cosines)[1:4]]
    assert [line.split("  (")[0] for line in rows(capsys.readouterr().out)] == [
        catalog[int(id_)].title for id_ in best
    ]


def test_recommend_answers_for_a_person_of_the_ratings_and_for_a_typed_list(
    trained, ratings_file, capsys, catalog, monkeypatch
):
    monkeypatch.setattr(Catalog, "load", lambda: catalog)
    bundle, ratings = ["--bundle", str(trained)], ["--ratings", str(ratings_file)]
    assert main(["recommend", *bundle, *ratings, "--user", "3", "--k", "4"]) == 0
    said = capsys.readouterr().out
    assert "for a list of" in said
    assert len(rows(said)) == 4
    assert main(["recommend", *bundle, "Mecha 0 = 9", "Mecha 2=8", "id:104"]) == 0
    said = capsys.readouterr().out
    assert "a list of 3, of which 2 rated" in said
    assert not {"Mecha 0", "Mecha 2", "Mecha 4"} & {line.split("  ")[0] for line in rows(said)}
    assert main(["recommend", *bundle]) == 0
    assert "told nothing yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["similar", "xyzzy"], "No anime is called anything like “xyzzy”"),
        (["similar", "id:7"], "no anime with the MyAnimeList id '7'"),
        (["similar", "New Mecha", "--cosine"], "has no vector for the anime 901"),
        (["recommend", "Mecha 0=11"], "a whole number from 1 to 10"),
        (["recommend", "Mecha 0=x"], "a whole number from 1 to 10"),
        (["recommend", "Mecha 0", "--user", "3"], "not both"),
        (["recommend", "--user", "9999"], "Nobody in the ratings has the id 9999"),
    ],
)
def test_what_cannot_be_answered_is_said(
    trained, ratings_file, capsys, catalog, monkeypatch, words, said
):
    monkeypatch.setattr(Catalog, "load", lambda: catalog)
    monkeypatch.setenv("OSUSUME_RATINGS", str(ratings_file))
    assert main([*words, "--bundle", str(trained)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["similar", "x", "--k", "0"],
        ["recommend", "--k", "many"],
        ["endings", "--people", "-3"],
        ["ask", "--people", "0"],
        ["train", "--min-lists", "0"],
        ["train", "--seed", "-1"],
        ["plot", "embeddings", "--first", "1"],
    ],
)
def test_a_number_that_cannot_be_is_a_wrong_command_line(capsys, words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "is not a whole number" in capsys.readouterr().err
