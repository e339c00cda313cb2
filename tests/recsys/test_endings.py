from __future__ import annotations

import re

import pytest

from recsys.__main__ import main
from tests.recsys.training_data import write_ratings

QUICK = ["--set", "epochs=2", "--set", "dimensions=4", "--set", "hidden=4"]


@pytest.fixture(scope="module")
def ratings(tmp_path_factory):
    return write_ratings(tmp_path_factory.mktemp("endings") / "ratings.parquet")


def test_both_tables_have_a_row_for_each_of_the_three_models(ratings, tmp_path, capsys):
    out = tmp_path / "deep" / "tables.md"
    assert main(["endings", "--ratings", str(ratings), "--out", str(out), *QUICK]) == 0
    said = capsys.readouterr().out
    assert said.endswith(out.read_text(encoding="utf-8"))
    errors, ends = said.split("| Model | val_loss | Acc | Precision | Recall |")
    for name in ("Hybrid NN", "Matrix Factorization", "Neural Network"):
        loss, rmse = map(
            float, re.search(rf"\| {name} \| ([\d.]+) \| ([\d.]+) \|", errors).groups()
        )
        assert rmse == pytest.approx(loss**0.5, abs=1e-3)
        row = re.search(
            rf"\| {name} \| ([\d.]+) \| ([\d.]+) \| ([\d.nan]+) \| ([\d.nan]+) \|", ends
        )
        assert 0 <= float(row[2]) <= 1


def test_a_sample_is_of_so_many_people_and_always_the_same(ratings, capsys):
    said = []
    for _ in range(2):
        assert main(["endings", "--ratings", str(ratings), "--people", "120", *QUICK]) == 0
        said.append(capsys.readouterr().out)
    assert "120 people;" in said[0]
    assert said[0] == said[1]


def test_a_setting_that_the_models_lack_is_named(ratings, capsys):
    assert main(["endings", "--ratings", str(ratings), "--set", "depth=3"]) == 1
    assert "“depth=3”" in capsys.readouterr().err
