from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from recsys.__main__ import main
from recsys.data.interactions import DataError
from recsys.evaluation.scale import Cost, draw, keep, kept, lines, measure
from recsys.evaluation.synthetic import Shape

SMALL = Shape(rows=4_000, users=150, anime=120, spread=0.5)
COST = Cost(4_000_000, 3_999_000, 21_000, 9_000, ("--no-metrics",), 100.0, 90.0, 3.5, 12.0)
QUICK = ("--no-metrics", "--one-stage", "--min-lists", "3")


def test_a_training_in_a_process_of_its_own_is_measured(tmp_path):
    told = []
    cost = measure(SMALL, tmp_path, QUICK, None, told.append)
    assert cost.rows == pytest.approx(4_000, rel=0.2)
    assert cost.users == 150
    assert 2 <= cost.anime <= 120
    assert cost.seconds > 0
    if sys.platform != "win32":
        assert cost.cpu_seconds > 0
        assert 0.05 < cost.peak_gib < 4
    assert (tmp_path / "bundle-4000" / "manifest.json").is_file()
    assert told[0].startswith("writing")
    again: list[str] = []
    measure(SMALL, tmp_path, QUICK, None, again.append)
    assert not again[0].startswith("writing")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits data")
def test_a_training_that_takes_more_memory_than_it_may_is_named(tmp_path):
    with pytest.raises(DataError, match="ended with status"):
        measure(SMALL, tmp_path, QUICK, 0.05, lambda _: None)


def test_results_are_kept_and_added_to(tmp_path):
    path = tmp_path / "deep" / "results.jsonl"
    assert kept(path) == []
    other = replace(COST, rows=5, limit_gib=None)
    keep(COST, path)
    keep(other, path)
    assert kept(path) == [COST, other]
    path.write_text("no results\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds no results"):
        kept(path)


def test_the_table_says_what_it_cost_and_within_what(tmp_path):
    said = "\n".join(lines([COST, replace(COST, limit_gib=None, rows=10)]))
    assert "3,999,000" in said
    assert "3.50" in said
    assert "none" in said
    draw([COST], tmp_path / "scale.png")
    assert (tmp_path / "scale.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_leaves_out_what_it_has_measured(tmp_path, capsys):
    path = tmp_path / "results.jsonl"
    keep(COST, path)
    assert main(["scale", "--rows", "4000000", "--results", str(path)]) == 0
    assert "3,999,000" in capsys.readouterr().out
    assert main(["scale", "--rows", "0"]) == 1
    assert "--rows takes numbers of ratings" in capsys.readouterr().err
