"""Another bundle is taken into use without a restart."""

import logging
from pathlib import Path

import pytest

from bot.services.bundles import BundleWatch
from bot.settings import Settings
from recsys.bundle import MANIFEST, save_bundle
from recsys.models.linear import MODEL
from recsys.shelf import Shelf
from tests.bot.builders import engine, model


def save(path: Path, note: str) -> None:
    """The small model as a bundle, of another version for each note."""
    manifest = {"model": MODEL, "serving": model().serving(), "note": note}
    save_bundle(path, model().tensors(), manifest)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def add(shelf, tmp_path):
    """Puts a bundle of the small model on the shelf, one for each name."""

    def _add(name: str) -> str:
        save(tmp_path / name, name)
        return shelf.add(tmp_path / name)

    return _add


@pytest.fixture
def watch(shelf):
    found = []
    settings = Settings(bundle_shelf=shelf.path)
    return BundleWatch(settings, engine().catalog, found.append), found


async def test_nothing_happens_while_nothing_changes(watch) -> None:
    watching, used = watch
    assert not await watching.refresh()
    assert used == []


async def test_an_activated_bundle_answers_and_a_rolled_back_one_no_more(add, shelf, watch) -> None:
    watching, used = watch
    for name in ("a", "b"):
        shelf.activate(add(name))
        assert await watching.refresh()
    shelf.roll_back()
    assert await watching.refresh()
    versions = [recommender.model_version for recommender in used]
    assert versions[0] == versions[2] != versions[1]


async def test_a_bundle_whose_files_are_replaced_under_the_bot_is_loaded_anew(
    add, shelf, watch, tmp_path
) -> None:
    watching, used = watch
    name = add("a")
    shelf.activate(name)
    await watching.refresh()
    save(shelf.path / name, "replaced")
    assert await watching.refresh()
    assert used[0].model_version != used[1].model_version


async def test_a_damaged_bundle_is_reported_once_and_the_one_before_goes_on(
    add, shelf, watch, caplog
) -> None:
    watching, used = watch
    name = add("a")
    shelf.activate(name)
    (shelf.path / name / MANIFEST).write_text("{}", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert not await watching.refresh()
        assert not await watching.refresh()
    assert used == []
    assert len(caplog.records) == 1
    assert "the one before answers" in caplog.text


async def test_the_services_answer_with_the_new_bundle(services, add, shelf) -> None:
    shelf.activate(add("a"))
    services.bundles._settings = Settings(bundle_shelf=shelf.path)
    before = await services.picks.recommend(1, None)
    assert await services.bundles.refresh()
    after = await services.picks.recommend(1, None)
    assert before.model != after.model
