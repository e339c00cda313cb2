"""Learning from a server's own people: only from the file of those who allowed it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.bundle import Bundle
from recsys.data.interactions import DataError, Interactions
from recsys.data.local import FORMAT, joined, read_consented
from tests.recsys.training_data import write_ratings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def consented(path, people, *, when=NOW, said=None, **changes):
    said = len(people) if said is None else said
    head = {"format": FORMAT, "version": 1, "exported_at": when.isoformat(), "people": said}
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for line in ({**head, **changes}, *people):
            file.write(json.dumps(line) + "\n")
    return path


def test_the_lists_are_read_with_their_scores_and_statuses(tmp_path):
    path = consented(tmp_path / "a.gz", [[[5, 9, 2], [1, 0, 6]], [[5, 3, 4]]])
    lists, cleaning = read_consented(path, NOW)
    assert lists.n_users == 2
    assert lists.anime_ids[lists.items].tolist() == [1, 5, 5]
    assert lists.scores.tolist() == [0, 9, 3]
    assert lists.statuses.tolist() == [6, 2, 4]
    assert lists.sources == ("local",)
    assert cleaning.rows == 3


def test_two_tables_become_one_and_nobody_is_mistaken_for_another():
    public, _ = Interactions.from_columns(
        [1, 1, 7], [10, 20, 20], [5, 0, 9], [2, 6, 1], [0, 0, 1], ("a", "b")
    )
    local, _ = Interactions.from_columns([1, 2], [20, 30], [8, 0], sources=("local",))
    both = joined(public, local)
    assert both.sources == ("a", "b", "local")
    assert both.n_users == 4
    assert both.lengths.tolist() == [2, 1, 1, 1]
    assert both.anime_ids[both.items].tolist() == [10, 20, 20, 20, 30]
    assert both.scores.tolist() == [5, 0, 9, 8, 0]
    assert [both.sources[code] for code in both.source_of] == ["a", "b", "local", "local"]
    assert np.array_equal(both.of_users(both.source_of < 2).scores, public.scores)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged or another file"),
        (b"user_id,anime_id,score\n1,2,3\n", "damaged or another file"),
        (gzip.compress(b"[]\n", mtime=0), "another file"),
        (gzip.compress(b'{"format": "osusume"}\n', mtime=0), "another file"),
        (gzip.compress(b'{"format": "osusume-consented", "version": 1}\n', mtime=0), "damaged"),
    ],
)
def test_another_file_is_refused_with_what_to_do(tmp_path, content, said):
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"{said}.*scripts/consented.py"):
        read_consented(path, NOW)


def test_a_file_that_was_cut_short_is_refused(tmp_path):
    path = consented(tmp_path / "a.gz", [[[5, 9, 2]]] * 500)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="damaged"):
        read_consented(path, NOW)
    with pytest.raises(DataError, match="says 3 people and holds 1"):
        read_consented(consented(tmp_path / "b.gz", [[[5, 9, 2]]], said=3), NOW)


@pytest.mark.parametrize("line", [[[1, 2]], [["a", 1, 2]], {"user": 1}, [[1, 2, 3, 4]]])
def test_a_line_of_another_shape_is_refused(tmp_path, line):
    with pytest.raises(DataError, match="damaged"):
        read_consented(consented(tmp_path / "a.gz", [line]), NOW)


def test_a_file_older_than_a_day_is_refused_for_somebody_may_have_changed_their_mind(tmp_path):
    path = consented(tmp_path / "a.gz", [[[5, 9, 2]]])
    read_consented(path, NOW + timedelta(hours=23))
    with pytest.raises(DataError, match=r"from 2026-03-01, and somebody may have changed"):
        read_consented(path, NOW + timedelta(hours=25))


def test_a_file_of_a_later_version_and_one_of_nobody_are_refused(tmp_path):
    with pytest.raises(DataError, match="update Osusume"):
        read_consented(consented(tmp_path / "a.gz", [], version=2), NOW)
    with pytest.raises(DataError, match="/privacy training"):
        read_consented(consented(tmp_path / "b.gz", []), NOW)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(DataError, match=r"no file .*scripts/consented.py"):
        read_consented(tmp_path / "a.gz")


def test_training_with_local_people_learns_from_them_and_says_so(tmp_path, capsys):
    ratings = write_ratings(tmp_path / "ratings.parquet")
    people = [[[900_001, 10, 2], [900_002, 9, 2]]] * 12
    local = consented(tmp_path / "local.gz", people, when=datetime.now(UTC))
    command = ["train", "--ratings", str(ratings), "--one-stage", "--no-metrics"]
    assert main([*command, "--out", str(tmp_path / "without")]) == 0
    assert main([*command, "--out", str(tmp_path / "with"), "--with-local", str(local)]) == 0
    assert "12 people who allowed it" in capsys.readouterr().out
    data = Bundle.load(tmp_path / "with").manifest["data"]
    assert "local" in data["sources"]
    plain = Bundle.load(tmp_path / "without").manifest["data"]
    assert "local" not in plain["sources"]
    assert data["people"] > plain["people"]
    assert data["anime"] >= plain["anime"]
