"""A training that is stopped half-way goes on, and several processes train together."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.bundle import Bundle
from recsys.data.interactions import DataError
from recsys.models import registry
from recsys.models.checkpoint import Checkpoints, epochs_kept
from recsys.training.named import train_named
from tests.recsys.conftest import planted_ratings
from tests.recsys.training_data import write_ratings

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytest.importorskip("tqdm")

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OSUSUME_DEVICE": "cpu"}
# With a schedule, with an early stop, with Adagrad, with layers, with phases in turn.
SHORT = {
    "dot-product": ["factors=8", "epochs=6"],
    "mf": ["dimensions=8", "epochs=6"],
    "glove": ["dimensions=8", "epochs=6"],
    "rikonet": ["layers=16,8", "clusters=4", "epochs=6"],
    "mult-vae": ["hidden=16", "code=4", "epochs=6", "batch_size=30"],
    "rec-vae": ["hidden=16", "code=4", "epochs=6", "batch_size=30"],
    "two-head-dae": ["hidden=16,8", "epochs=6", "batch_size=30"],
    "wide-deep": ["hidden=16,8", "epochs=6", "batch_size=30"],
}


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory):
    lists = planted_ratings(people=150)
    return write_ratings(
        tmp_path_factory.mktemp("ratings") / "ratings.parquet",
        user_id=lists.user_ids[lists.users],
        anime_id=lists.anime_ids[lists.items],
        score=lists.scores,
    )


def words(ratings_file, out, *more):
    return [
        *("train", "--ratings", str(ratings_file), "--out", str(out), "--no-metrics"),
        *("--min-lists", "2", *more),
    ]


def train(name, work, *, dies_after=None, changes=(), lists=None):
    def progress(done, total, note):
        if done == dies_after:
            raise KeyboardInterrupt

    return train_named(
        name,
        lists if lists is not None else planted_ratings(people=120),
        changes=[*SHORT[name], *changes],
        seed=20,
        min_lists=2,
        catalog=None,
        progress=progress,
        work=work,
    ).model


@pytest.mark.parametrize("name", SHORT)
def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(name, tmp_path):
    whole = train(name, None)
    with pytest.raises(KeyboardInterrupt):
        train(name, tmp_path / "work", dies_after=2)
    assert epochs_kept(tmp_path / "work") == 2
    with pytest.raises(KeyboardInterrupt):
        train(name, tmp_path / "work", dies_after=4)
    went_on = train(name, tmp_path / "work")
    for tensor, values in whole.tensors().items():
        np.testing.assert_array_equal(values, went_on.tensors()[tensor])


def test_a_process_that_is_killed_goes_on_to_the_very_same_bundle(ratings_file, tmp_path):
    long = ["--model", "dot-product", "--set", "epochs=80", "--set", "factors=8"]
    command = [sys.executable, "-m", "recsys"]
    out, work = tmp_path / "bundle", tmp_path / "bundle.training"
    process = subprocess.Popen(
        [*command, *words(ratings_file, out, *long)],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while epochs_kept(work) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait()
    stopped_after = epochs_kept(work)
    assert 3 <= stopped_after < 80
    assert not out.exists()

    done = subprocess.run(
        [*command, *words(ratings_file, out, *long)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"after epoch {stopped_after}" in done.stdout
    assert not work.exists()
    subprocess.run(
        [*command, *words(ratings_file, tmp_path / "whole", *long)],
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    assert Bundle.load(out).version == Bundle.load(tmp_path / "whole").version


@pytest.mark.parametrize(
    ("changes", "people", "named"),
    [(["learning_rate=0.1"], 120, "settings"), ([], 110, "ratings")],
)
def test_a_checkpoint_of_another_training_is_refused(tmp_path, changes, people, named):
    with pytest.raises(KeyboardInterrupt):
        train("dot-product", tmp_path, dies_after=1)
    lists = planted_ratings(people=people)
    with pytest.raises(DataError, match=rf"of other {named}.*--fresh"):
        train("dot-product", tmp_path, changes=changes, lists=lists)
    assert epochs_kept(tmp_path) == 1
    train("dot-product", tmp_path)


def test_a_damaged_checkpoint_is_named_and_fresh_begins_anew(ratings_file, tmp_path, capsys):
    quick = ["--model", "dot-product", "--set", "epochs=3", "--set", "factors=4"]
    out, work = tmp_path / "bundle", tmp_path / "bundle.training"
    with pytest.raises(KeyboardInterrupt):
        train("dot-product", work, dies_after=2)
    part = next(work.glob("parameters.*.safetensors"))
    part.write_bytes(part.read_bytes()[:-1] + b"!")
    assert main(words(ratings_file, out, *quick)) == 1
    assert "--fresh" in capsys.readouterr().err
    assert main(words(ratings_file, out, *quick, "--fresh")) == 0
    assert registry.load(Bundle.load(out)).name == "dot-product"
    assert not work.exists()


def test_a_folder_with_a_bundle_in_it_is_no_checkpoint_and_is_left_alone(ratings_file, tmp_path):
    quick = ["--model", "neighbours"]
    assert main(words(ratings_file, tmp_path / "bundle.training", *quick)) == 0
    before = Bundle.load(tmp_path / "bundle.training").version
    with pytest.raises(DataError, match="something else"):
        train("mf", tmp_path / "bundle.training")
    main(words(ratings_file, tmp_path / "bundle", *quick, "--fresh"))
    assert Bundle.load(tmp_path / "bundle.training").version == before


def test_nothing_of_a_checkpoint_is_pickled(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train("mf", tmp_path, dies_after=2)
    kinds = {path.suffix for path in tmp_path.iterdir()}
    assert kinds == {".json", ".safetensors"}
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert {"parameters", "optimizer"} <= manifest["files"].keys()


def test_checkpoints_of_an_optimizer_come_back_to_the_bit(tmp_path):
    def make():
        weight = torch.arange(6.0).reshape(2, 3).requires_grad_()
        optimizer = torch.optim.Adam([weight], lr=0.1, betas=(0.8, 0.9))
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=20)
        return weight, optimizer, schedule

    def steps(weight, optimizer, schedule, count):
        for _ in range(count):
            optimizer.zero_grad()
            (weight**2).sum().backward()
            optimizer.step()
            schedule.step()

    from recsys.models.checkpoint import Progressed

    kept = Checkpoints(tmp_path, {"settings": {"layers": (1, 2)}})
    one = make()
    steps(*one, 5)
    kept.save({"weight": one[0]}, [one[1]], one[2], Progressed(epoch=1, history=[0.5]))
    steps(*one, 5)
    two = make()
    so_far = kept.restore({"weight": two[0]}, [two[1]], two[2])
    assert (so_far.epoch, so_far.history) == (1, [0.5])
    steps(*two, 5)
    assert torch.equal(one[0], two[0])


def test_a_training_that_diverges_says_so(tmp_path):
    with pytest.raises(DataError, match="learning rate"):
        train("rikonet", tmp_path, changes=["learning_rate=1e30"])


# --- several processes --------------------------------------------------------------------------


def test_two_processes_reach_what_one_reaches(ratings_file, tmp_path):
    settings = ["--model", "dot-product", "--set", "epochs=12", "--set", "learning_rate=0.005"]
    out = tmp_path / "two"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    free_port = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    done = subprocess.run(
        [*torchrun, *free_port, "-m", "recsys", *words(ratings_file, out, *settings)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Bundle ") == 1  # only the first speaks
    assert main(words(ratings_file, tmp_path / "one", *settings)) == 0
    two, one = (registry.load(Bundle.load(tmp_path / name)) for name in ("two", "one"))
    people = planted_ratings(people=60, seed=9)
    gap = np.abs(two.predict(people) - one.predict(people))
    assert gap.max() < 0.01  # added in another order, and nothing else


def test_the_model_that_is_solved_says_that_it_takes_one_process(
    ratings_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(words(ratings_file, tmp_path / "bundle")) == 1
    assert "torchrun" in capsys.readouterr().err


# --- the device ---------------------------------------------------------------------------------


def test_a_device_that_is_not_there_is_named(ratings_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OSUSUME_DEVICE", "abacus")
    words_ = words(ratings_file, tmp_path / "bundle", "--model", "mf")
    assert main(words_) == 1
    error = capsys.readouterr().err
    assert "abacus" in error
    assert "cpu" in error
