"""The services open together, or say all that is wrong at once."""

from __future__ import annotations

import asyncio
import gc
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.db import Database
from bot.db.aliases import Alias
from bot.services import Services, StartupError
from bot.services.container import load_engine
from bot.settings import Settings
from recsys.bundle import save_bundle
from recsys.profile import Entry
from recsys.training.pipeline import MODEL
from tests.bot.builders import MONSTER, model

if TYPE_CHECKING:
    from pathlib import Path

AKI = 10**18


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The small model as a bundle on the disk; the catalog is the one that ships."""
    folder = tmp_path / "bundle"
    save_bundle(folder, model().tensors(), {"model": MODEL, "serving": model().serving()})
    return folder


@pytest.fixture
def damaged(bundle: Path) -> Path:
    """The same with one bit flipped."""
    part = next(bundle.glob("*.safetensors"))
    content = bytearray(part.read_bytes())
    content[-1] ^= 1
    part.write_bytes(content)
    return bundle


def settings(tmp_path: Path, bundle: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'a.sqlite3'}", bundle_path=bundle)


async def test_what_was_rated_is_there_after_a_restart(tmp_path: Path, bundle: Path) -> None:
    services = await Services.open(settings(tmp_path, bundle))
    await services.ratings.rate(AKI, MONSTER, 10)
    shown = await services.picks.recommend(AKI, None, k=3)
    assert len(shown.picks) == 3
    await services.close()

    services = await Services.open(settings(tmp_path, bundle))
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 10)
    stored = await services.picks.list(shown.list_id)
    assert stored is not None
    assert stored.picks == shown.picks
    assert services.titles.resolve("monster").anime == services.catalog[MONSTER]
    await services.close()


def test_what_is_unpacked_is_kept_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSUSUME_CACHE_DIR", "")  # put back afterwards
    load_engine(Settings(cache_dir=tmp_path / "cache"))
    assert {file.suffix for file in (tmp_path / "cache").iterdir()} == {".array", ".tables"}


async def test_a_damaged_bundle_and_a_missing_folder_are_both_named(
    tmp_path: Path, damaged: Path
) -> None:
    wrong = Settings(database_url=f"sqlite:///{tmp_path / 'no' / 'a.db'}", bundle_path=damaged)
    with pytest.raises(StartupError) as raised:
        await Services.open(wrong)
    of_the_bundle, of_the_database = str(raised.value).splitlines()
    assert str(damaged) in of_the_bundle
    assert str(tmp_path / "no") in of_the_database


async def test_a_bundle_that_is_not_there_leaves_the_database_closed(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="bundle"):
        await Services.open(settings(tmp_path, tmp_path / "nowhere"))
    # The log beside the file goes when the last connection is closed.
    assert os.listdir(tmp_path) == ["a.sqlite3"]  # noqa: PTH208


async def test_an_open_bot_knows_the_added_names_and_its_engine_is_not_collected(
    tmp_path: Path, bundle: Path
) -> None:
    database = await Database.open(settings(tmp_path, bundle).database_url)
    async with database.write() as tx:
        await tx.aliases.add(Alias("flibber jib", MONSTER), datetime.now(UTC))
    await database.close()

    gc.disable()  # as `python -m bot` does first of all
    services = await Services.open(settings(tmp_path, bundle))
    assert gc.isenabled()
    assert services.titles.resolve("flibber jib").anime == services.catalog[MONSTER]
    set_aside = gc.get_freeze_count()
    await services.close()
    assert set_aside > len(services.catalog)
    assert gc.get_freeze_count() == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
