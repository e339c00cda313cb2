from __future__ import annotations

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.catalog import Anime, Catalog
from recsys.data.interactions import DataError, Interactions
from recsys.data.timeline import Timeline
from recsys.evaluation.drift import (
    ERAS,
    aired_lines,
    baselines,
    by_era,
    draw,
    latest_aired,
    lines,
    recent_people,
)
from recsys.evaluation.temporal import by_airing, compare, folds, hide_last, shuffled
from tests.recsys.training_data import write_ratings

SOURCES = ("mal-2016-a", "mal-2020-b", "mal-2022", "bangumi-2018")
ANIME = 60


def two_eras(people=400, seed=1):
    """Until 2020 people have the first forty anime; those of 2022 have the last forty."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(1, people + 1):
        source = user % 4
        lowest = 20 if SOURCES[source] == "mal-2022" else 0
        kind = random.integers(0, 2)
        own = [i for i in range(lowest, lowest + 40) if i % 2 == kind]
        rows += [(user, i + 1, source) for i in random.permutation(own)[:12]]
    users, anime, sources = np.array(rows).T
    return Interactions.from_columns(
        users, anime, [8] * len(users), None, sources.astype(np.int8), SOURCES
    )[0]


def catalog():
    """Two a year from 1990; the last one has no year."""
    seasons = ("winter", "fall")
    return Catalog(
        [
            Anime(
                i + 1,
                f"Anime {i}",
                year=None if i == ANIME - 1 else 1990 + i // 2,
                season=seasons[i % 2],
                franchise=i + 1,
            )
            for i in range(ANIME)
        ]
    )


@pytest.fixture(scope="module")
def eras():
    return by_era(two_eras(), min_lists=2)


def test_every_era_trains_on_as_many_people(eras):
    assert [era.name for era in eras] == list(ERAS)
    assert len({era.people for era in eras}) == 1


def test_old_samples_teach_little_about_new_people(eras):
    found = {era.name: era.ndcg["mal-2022"].mean() for era in eras}
    assert found["2021 to 2024"] > 1.5 * found["up to 2018"]
    assert found["all years"] > found["up to 2018"]
    unknown = {era.name: era.unknown["mal-2022"] for era in eras}
    assert unknown["up to 2018"] > 0.3
    assert unknown["2021 to 2024"] == pytest.approx(0, abs=0.05)


def test_new_samples_teach_little_about_old_people(eras):
    found = {era.name: era.ndcg["mal-2016-a"].mean() for era in eras}
    assert found["up to 2018"] > 1.5 * found["2021 to 2024"]


def test_the_tables_and_the_picture_say_all_eras(eras, tmp_path):
    said = "\n".join(lines(eras))
    for era in ERAS:
        assert era in said
    assert "paired bootstrap" in said
    draw(eras, tmp_path / "drift.png")
    assert (tmp_path / "drift.png").read_bytes().startswith(b"\x89PNG")


def test_ratings_without_named_samples_are_refused_in_one_sentence():
    lists, _ = Interactions.from_columns([1, 1, 2, 2], [1, 2, 1, 2], [8] * 4)
    with pytest.raises(DataError, match="do not say from when they are"):
        by_era(lists)


def test_lists_are_ordered_by_when_their_anime_were_aired():
    lists, _ = Interactions.from_columns([1] * 4, [60, 3, 2, 1], [8] * 4)
    timeline = by_airing(lists, catalog())
    places = dict(zip(lists.anime_ids.tolist(), timeline.places.tolist(), strict=True))
    assert places == {60: 0, 1: 1, 2: 2, 3: 3}  # no year, winter 1990, fall 1990, winter 1991


def test_the_latest_aired_fifth_is_hidden_and_as_much_at_random():
    lists = two_eras()
    random, latest = folds(lists, catalog(), seed=1)
    assert np.array_equal(random.known.lengths, latest.known.lengths)
    assert (latest.hidden.lengths == 2).all()  # of twelve ten are told: 9.6, rounded up
    for user in range(0, lists.n_users, 50):
        told = latest.known.items[latest.known.indptr[user] : latest.known.indptr[user + 1]]
        hidden = latest.hidden.items[latest.hidden.indptr[user] : latest.hidden.indptr[user + 1]]
        assert told[told < ANIME - 1].max() <= hidden.min()


def test_models_are_measured_on_the_recent_people():
    lists = two_eras()
    recent = recent_people(lists)
    assert 0 < recent.n_users < lists.n_users
    rows = latest_aired(recent, catalog(), baselines(lists))
    assert [row.name for row in rows] == ["popularity", "EASE"]
    assert rows[1].random.ndcg100.mean() > 0.1
    assert "latest aired" in next(iter(aired_lines(rows)))


def walks(people=120, items=80, seed=1):
    """Everybody goes from item to item in one direction, from another start."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(1, people + 1):
        start = random.integers(0, items)
        own = (start + np.arange(25)) % items + 1
        rows += [(user, item, i) for i, item in enumerate(own.tolist())]
    users, anime, times = np.array(rows).T
    table, _ = Interactions.from_columns(users, anime, [8] * len(users))
    return Timeline.of_rows(table, users, anime, times)


def test_the_latest_are_harder_than_random_ones_and_direction_helps_with_them():
    popularity, ease, directed = compare(walks())
    assert (popularity.name, ease.name, directed.name) == (
        "popularity",
        "EASE",
        "EASE and directed",
    )
    assert ease.random.means[3] > 1.1 * ease.latest.means[3]
    assert directed.latest.means[3] > 1.1 * ease.latest.means[3]


def test_a_shuffled_list_is_the_same_list():
    timeline = walks(20)
    other = shuffled(timeline, 1)
    assert other.lists is timeline.lists
    assert not np.array_equal(other.places, timeline.places)
    told, hidden = hide_last(other)
    assert (told.lists.lengths == 20).all()
    assert (hidden.lengths == 5).all()


def test_the_command_reads_a_file_with_times(tmp_path, capsys):
    timeline = walks(60)
    lists = timeline.lists
    lines_of = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    for user, item, place in zip(lists.users, lists.items, timeline.places, strict=True):
        lines_of.append(f"{lists.user_ids[user]}\t{lists.anime_ids[item]}\t4\t{place}")
    path = tmp_path / "walks.inter"
    path.write_text("\n".join(lines_of) + "\n", encoding="utf-8")
    assert main(["temporal", str(path)]) == 0
    said = capsys.readouterr().out
    assert "60 people" in said
    assert "EASE and directed" in said


def test_the_command_prints_both_tables_of_a_bundle(tmp_path, capsys):
    lists = two_eras()
    random = np.random.default_rng(2)
    ratings = write_ratings(
        tmp_path / "ratings.parquet",
        user_id=lists.user_ids[lists.users],
        anime_id=lists.anime_ids[lists.items],
        score=random.integers(5, 11, len(lists)),
        status=np.full(len(lists), 2),
        source=np.array(SOURCES)[lists.source_of][lists.users],
    )
    bundle, plot = tmp_path / "bundle", tmp_path / "drift.png"
    train = ["train", "--ratings", str(ratings), "--out", str(bundle), "--no-metrics"]
    assert main([*train, "--one-stage", "--min-lists", "5"]) == 0
    capsys.readouterr()
    drift = ["drift", "--ratings", str(ratings), "--bundle", str(bundle), "--plot", str(plot)]
    assert main(drift) == 0
    said = capsys.readouterr().out
    assert "up to 2018" in said
    assert "hidden entries that nobody of the era has" in said
    assert "latest aired" in said
    assert plot.read_bytes().startswith(b"\x89PNG")
