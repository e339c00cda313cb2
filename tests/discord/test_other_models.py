"""The bot on a bundle that predicts no ratings: it says which model answers, and nothing untrue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.services.container import load_engine
from bot.settings import Settings
from recsys.bundle import save_bundle
from recsys.data.interactions import Interactions
from recsys.models import registry
from recsys.training.named import changed
from tests.discord.world import FULLMETAL, MONSTER, World, text

if TYPE_CHECKING:
    from pathlib import Path

    from bot.services.container import Engine

KNOWN = (FULLMETAL, MONSTER, 1535, 9253, 1, 5, 6, 20, 30, 199, 269, 2001)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    pytest.importorskip("torch").set_num_threads(1)
    kind = registry.model_class("mult-vae")
    rng = np.random.default_rng(0)
    own = [rng.choice(KNOWN, 8, replace=False) for _ in range(60)]
    people = np.repeat(np.arange(1, 61), 8)
    lists, _ = Interactions.from_columns(people, np.concatenate(own), np.full(480, 8))
    settings = changed(kind.settings_type, ["hidden=8", "code=4", "epochs=2"])
    save_bundle(tmp_path / "bundle", *registry.parts(kind.fit(lists, settings)))
    return load_engine(Settings(bundle_path=tmp_path / "bundle"))


async def test_somebody_who_has_rated_is_not_told_that_they_have_not(world: World) -> None:
    assert "Nothing rated yet" in text(await world.run("recommend"))
    await world.rate_some()
    said = text(await world.run("recommend"))
    assert "another model than the one that ships: mult-vae" in said
    assert "because you rated" in said
    assert "Nothing rated yet" not in said
