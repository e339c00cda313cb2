"""A shelf of bundles, one of which answers."""

import json

import numpy as np
import pytest

from recsys.bundle import MANIFEST, BundleError, save_bundle
from recsys.shelf import POINTER, Shelf


def bundle(path, value):
    save_bundle(path, {"weights": {"w": np.full(9, value, np.float32)}}, {"model": "test"})
    return path


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def two(shelf, tmp_path):
    return [shelf.add(bundle(tmp_path / str(value), value)) for value in (1.0, 2.0)]


def test_an_empty_shelf_leaves_the_choice_to_the_bundle_that_ships(shelf):
    assert shelf.active is None
    assert shelf.active_path is None
    assert shelf.bundles() == []


def test_what_is_added_stands_there_whole_and_does_not_answer_yet(shelf, two):
    assert {one.name for one in shelf.bundles()} == set(two)
    assert all(one.trouble == "" and one.size > 0 for one in shelf.bundles())
    assert shelf.active is None


def test_adding_the_same_twice_keeps_one(shelf, tmp_path, two):
    assert shelf.add(tmp_path / "1.0") == two[0]
    assert len(shelf.bundles()) == 2


def test_activate_and_roll_back_walk_along_the_history(shelf, two):
    first, second = two
    shelf.activate(first)
    shelf.activate(second)
    assert shelf.active == second
    assert [one.name for one in shelf.bundles() if one.active] == [second]
    assert shelf.roll_back() == first
    assert shelf.active_path == shelf.path / first
    assert shelf.roll_back() is None
    assert shelf.active is None
    with pytest.raises(BundleError, match="nothing to go back to"):
        shelf.roll_back()


def test_activating_one_that_was_active_before_does_not_make_a_circle(shelf, two):
    first, second = two
    for name in (first, second, first):
        shelf.activate(name)
    assert shelf.roll_back() == second
    assert shelf.roll_back() is None


@pytest.mark.parametrize("name", ["nothing", "..", "../1.0", ""])
def test_a_bundle_that_is_not_on_the_shelf_is_refused(shelf, two, name):
    with pytest.raises(BundleError, match="There is no bundle"):
        shelf.activate(name)
    assert shelf.active is None


def test_a_damaged_bundle_is_named_and_never_activated(shelf, two):
    (file,) = (shelf.path / two[0]).glob("*.safetensors")
    file.write_bytes(b"x")
    with pytest.raises(BundleError, match="damaged"):
        shelf.activate(two[0])
    trouble = {one.name: one.trouble for one in shelf.bundles()}
    assert "damaged" in trouble[two[0]]
    assert trouble[two[1]] == ""


def test_a_damaged_bundle_is_not_added(shelf, tmp_path):
    source = bundle(tmp_path / "bad", 3.0)
    (source / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError):
        shelf.add(source)
    assert shelf.bundles() == []


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"activated": 3}', '{"activated": ["../../etc"]}', json.dumps({"activated": [1]})],
)
def test_a_damaged_pointer_is_a_sentence(shelf, two, content):
    (shelf.path / POINTER).write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="Delete it"):
        _ = shelf.active
