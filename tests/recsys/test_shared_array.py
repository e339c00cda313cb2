"""One copy of a large array for all processes of a machine, whatever happens to its file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys.shared_array import FOLDER_VARIABLE, shared_array

SHAPE = (2048, 2100)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


class Filler:
    """Writes a pattern, and counts how often it was asked to."""

    def __init__(self):
        self.calls = 0

    def __call__(self, array):
        self.calls += 1
        array[:] = np.arange(SHAPE[1]) % 127


def expected():
    return np.broadcast_to(np.arange(SHAPE[1]) % 127, SHAPE)


def only_file(folder):
    (path,) = folder.iterdir()
    return path


def test_the_first_unpacks_and_the_second_maps_what_the_first_wrote(folder):
    fill = Filler()
    first = shared_array(b"one", SHAPE, np.int8, fill)
    second = shared_array(b"one", SHAPE, np.int8, fill)
    assert fill.calls == 1
    assert np.array_equal(first, expected())
    assert np.array_equal(second, expected())
    assert not first.flags.writeable
    assert not second.flags.writeable


def test_another_key_is_another_array(folder):
    fill = Filler()
    shared_array(b"one", SHAPE, np.int8, fill)
    shared_array(b"other", SHAPE, np.int8, fill)
    assert fill.calls == 2
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("harm", ["a flipped byte", "cut short", "emptied"])
def test_a_damaged_file_is_made_again(folder, harm):
    fill = Filler()
    shared_array(b"one", SHAPE, np.int8, fill)
    path = only_file(folder)
    content = bytearray(path.read_bytes())
    if harm == "a flipped byte":
        content[len(content) // 2] ^= 1
    path.write_bytes({"cut short": content[:-100], "emptied": b""}.get(harm, content))
    assert np.array_equal(shared_array(b"one", SHAPE, np.int8, fill), expected())
    assert fill.calls == 2
    shared_array(b"one", SHAPE, np.int8, fill)
    assert fill.calls == 2


def test_where_no_file_can_be_written_the_array_is_private(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(blocked))
    array = shared_array(b"one", SHAPE, np.int8, Filler())
    assert np.array_equal(array, expected())
    assert not array.flags.writeable
    assert blocked.read_text(encoding="utf-8") == "in the way"


def test_an_empty_variable_turns_sharing_off(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert np.array_equal(shared_array(b"one", SHAPE, np.int8, Filler()), expected())
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_unpacked_leaves_no_file_behind(folder):
    def fail(_array):
        raise ValueError("the codes cannot be unpacked")

    with pytest.raises(ValueError, match="cannot be unpacked"):
        shared_array(b"one", SHAPE, np.int8, fail)
    assert not list(folder.iterdir())


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc")
def test_a_second_process_holds_no_private_copy(folder):
    shared_array(b"one", SHAPE, np.int8, Filler())
    code = """
import numpy as np
from pathlib import Path
from recsys.shared_array import shared_array

def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))

def fail(_array):
    raise AssertionError("unpacked again")

before = private()
array = shared_array(b"one", (2048, 2100), np.int8, fail)
print(int(array.sum(dtype=np.int64)), private() - before)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    total, grown = map(int, ran.stdout.split())
    assert total == int(expected().sum())
    assert grown < 3000  # kilobytes; the array has 4,200
