"""A training of the default model that is stopped half-way goes on from the last group."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from recsys.bundle import Bundle
from recsys.data.interactions import DataError
from recsys.models.checkpoint import epochs_kept, forget
from recsys.training.pipeline import steps, train
from recsys.training.second_stage import SecondStageSettings
from tests.recsys.test_reranker import LISTS, QUICK, SHELF
from tests.recsys.test_training import SETTINGS
from tests.recsys.training_data import made_up_columns, made_up_lists, write_ratings

THREE: SecondStageSettings = replace(QUICK, groups=3)


def trained(work, *, dies_at=None, said=None, lists=LISTS, **changes):
    def tell(step):
        if said is not None:
            said.append(step)
        if dies_at is not None and step.startswith(dies_at):
            raise KeyboardInterrupt

    settings = replace(SETTINGS, second_stage=replace(THREE, **changes))
    return train(lists, settings, tell, SHELF, work).model


def stopped(work, *, at):
    with pytest.raises(KeyboardInterrupt):
        trained(work, dies_at=at)


def test_it_ends_as_if_it_had_not_been_stopped(tmp_path):
    whole = trained(None)
    work = tmp_path / "work"
    stopped(work, at="without group 1: lessons")
    assert not work.exists()
    stopped(work, at="without group 2: lessons")
    assert epochs_kept(work) == 1
    stopped(work, at="second stage")
    assert epochs_kept(work) == 3
    said = []
    went_on = trained(work, said=said)
    assert not [step for step in said if step.endswith("lessons")]
    assert len(said) == steps(replace(SETTINGS, second_stage=THREE), SHELF)  # the bar is full
    for part, tensors in whole.tensors().items():
        for name, values in tensors.items():
            np.testing.assert_array_equal(values, went_on.tensors()[part][name])
    forget(work)
    assert not work.exists()


@pytest.mark.parametrize(
    ("other", "named"),
    [({"lists": made_up_lists(seed=2)}, "ratings"), ({"candidates": 14}, "settings")],
)
def test_that_of_another_training_is_refused_and_left_alone(tmp_path, other, named):
    stopped(tmp_path, at="without group 2: lessons")
    with pytest.raises(DataError, match=rf"of other {named}.*--fresh"):
        trained(tmp_path, **other)
    assert epochs_kept(tmp_path) == 1


def test_what_is_damaged_is_named(tmp_path):
    stopped(tmp_path, at="without group 2: lessons")
    part = next(tmp_path.glob("group-1/lessons.*.safetensors"))
    part.write_bytes(part.read_bytes()[:-1] + b"!")
    with pytest.raises(DataError, match=r"damaged.*--fresh"):
        trained(tmp_path)


def test_a_process_that_is_killed_goes_on_when_it_is_run_again(tmp_path):
    ratings = write_ratings(tmp_path / "ratings.parquet", **made_up_columns(90))
    out, work = tmp_path / "bundle", tmp_path / "bundle.training"
    words = ["train", "--ratings", str(ratings), "--out", str(out), "--no-metrics"]
    command = [sys.executable, "-m", "recsys", *words]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not epochs_kept(work) and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    first.wait()
    groups = epochs_kept(work)
    assert groups
    assert not out.exists()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"after group {groups}: going on from there" in done.stdout
    assert "second_stage" in Bundle.load(out).manifest["files"]
    assert not work.exists()
