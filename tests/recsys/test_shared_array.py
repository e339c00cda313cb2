"""One copy of a large array for all processes of a machine, whatever happens to its file."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from recsys.shared_array import shared_array, shared_tables
from recsys.shared_file import FOLDER_VARIABLE

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


def test_the_word_off_turns_sharing_off(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER_VARIABLE, "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert np.array_equal(shared_array(b"one", SHAPE, np.int8, Filler()), expected())
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the folder of other systems")
def test_an_empty_variable_means_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shared_array(b"one", SHAPE, np.int8, Filler())
    assert len(list((tmp_path / "osusume").iterdir())) == 1


def test_that_no_file_can_be_written_is_logged_once(tmp_path, monkeypatch, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(blocked))
    for key in (b"one", b"other"):
        shared_array(key, SHAPE, np.int8, Filler())
    (record,) = caplog.records
    assert str(blocked) in record.getMessage()
    assert FOLDER_VARIABLE in record.getMessage()


@pytest.mark.skipif(sys.platform == "win32", reason="its modes say nothing")
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_is_made_again(folder, mode):
    fill = Filler()
    shared_array(b"one", SHAPE, np.int8, fill)
    only_file(folder).chmod(mode)
    assert np.array_equal(shared_array(b"one", SHAPE, np.int8, fill), expected())
    assert fill.calls == 2
    assert only_file(folder).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not hasattr(os, "chown") or os.geteuid() != 0, reason="only root can give away")
def test_a_file_of_another_user_is_not_read(folder):
    fill = Filler()
    shared_array(b"one", SHAPE, np.int8, fill)
    path = only_file(folder)
    os.chown(path, 65534, -1)
    # Root trusts root alone; the other's file is replaced by one of our own.
    assert np.array_equal(shared_array(b"one", SHAPE, np.int8, fill), expected())
    assert fill.calls == 2
    assert path.stat().st_uid == 0


def test_one_file_cannot_stand_in_for_another(folder):
    fill = Filler()
    shared_array(b"one", SHAPE, np.int8, fill)
    first = only_file(folder)
    shared_array(b"other", SHAPE, np.int8, fill)
    (second,) = set(folder.iterdir()) - {first}
    first.replace(second)
    shared_array(b"other", SHAPE, np.int8, fill)
    assert fill.calls == 3


def test_of_files_that_change_often_only_some_are_kept(folder):
    for number in range(20):
        shared_tables(b"%d" % number, lambda: {"a": np.arange(10)})
    assert 1 < len(list(folder.iterdir())) < 12


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
        arrays(
            st.sampled_from([np.int8, np.int16, np.float32, np.intp]),
            array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
        ),
        max_size=5,
    )
)
def test_tables_come_back_from_the_file_as_they_were_built(tables):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, name)
        shared_tables(b"key", lambda: tables)
        mapped = shared_tables(b"key", dict)
        assert mapped.keys() == tables.keys()
        for one, table in mapped.items():
            assert table.dtype == tables[one].dtype
            assert np.array_equal(table, tables[one], equal_nan=table.dtype.kind == "f")
            assert not table.flags.writeable
        mapped = table = None  # Windows removes no file that is mapped


def test_tables_are_built_in_memory_where_no_file_can_be_written(monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, "off")
    tables = shared_tables(b"key", lambda: {"a": np.arange(3)})
    assert tables["a"].tolist() == [0, 1, 2]
    assert not tables["a"].flags.writeable


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
