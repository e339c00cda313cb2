"""Interactions leave nothing for the garbage collector: it holds the event loop while it runs."""

from __future__ import annotations

import asyncio
import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from tests.discord.world import MONSTER, open_services

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from bot.services.container import Engine
    from bot.settings import Settings

PERSON, GUILD = 4242, 1 << 22


@contextmanager
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def interactions() -> int:
    # The type, not isinstance(): that asks every object of torch what it takes itself for.
    return sum(issubclass(type(one), discord.Interaction) for one in gc.get_objects())


async def test_commands_keystrokes_and_taps_are_gone_when_they_are_over(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not the simulated Discord, which keeps every interaction for a test to look at.
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    from gateway import Gateway

    services = await open_services(settings, engine)
    try:
        async with Gateway(settings, services) as gateway:
            with no_collector():
                before = interactions()
                for _ in range(3):
                    await gateway.type(PERSON, GUILD, "rate", "title", "monst")
                    card = await gateway.command(PERSON, GUILD, "anime", title=f"id:{MONSTER}")
                    await gateway.tap(PERSON, GUILD, card, card.buttons()[0])
                    await gateway.command(PERSON, GUILD, "rate", title="monster", score=9)
                    await gateway.command(PERSON, GUILD, "recommend")
                    await gateway.command(PERSON, GUILD, "rate", title="no such title", score=9)
                await asyncio.sleep(0.1)  # the last one's task ends after its answer
                assert interactions() == before
    finally:
        await services.close()
