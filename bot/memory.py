"""Keeping the garbage collector away from what stays for good, and from whoever waits."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_LOOK = 5.0  # seconds between looks
# Containers that are made before the youngest are looked at. What a collection finds in the middle
# of its work grows old, and once it is garbage only a full one finds it: twice as much with
# Python's 700. With many more, the middle generation would hold the loop for longer than a click.
_YOUNG = 1500
_DUE = 20  # collections of the middle generation, after which a full one is worth it
_NEVER = 1_000_000_000
_MOST_LOOKS = 6  # in a crowd that never pauses: half a minute, or what it leaves takes too long
_COMFORTABLE = 180_000_000  # bytes resident, up to which nothing is given back
_WORTH_IT = 8_000_000  # bytes that came since the last time


def set_aside(*, collect: bool = True) -> None:
    """Have no later collection look at what is there now, and turn the collector on.

    The catalog and the title index are hundreds of thousands of objects that live as long as the
    process. A full collection visits each of them, holds the event loop meanwhile, also where it
    runs in another thread, and frees nothing. So this is for the start, when nobody waits yet.

    Args:
        collect: whether to free first what nothing refers to any more. A start makes next to no
            such garbage, and what there is is never freed; where something large was replaced,
            there is much.
    """
    if collect:
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    gc.enable()
    _give_back()


def _give_back() -> None:
    """Return to the system what was freed, 30 MB by a start; only glibc keeps it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def resident() -> int:
    """Bytes that this process has in memory; 0 where the system does not tell so cheaply."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def growing() -> Generator[None]:
    """Make something large that stays, while people are being answered.

    No collection runs meanwhile, and none looks at what is there afterwards. What it replaces is
    freed as soon as nothing refers to it, if it has no cycles; the little garbage with cycles that
    others leave in this time is never freed, some kilobytes each time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def take_back() -> None:
    """Let everything be collected again."""
    gc.unfreeze()


class QuietCollector:
    """Tidies the memory up while nobody is being answered.

    A full collection takes tens of milliseconds over the profiles that are kept in memory, and
    nothing else runs meanwhile. Left to itself, Python begins one in the middle of somebody's
    click. And every page of the weights that was ever used counts as this process's own, though
    all processes share it and most will not be used again for long; so does what was freed and
    glibc keeps.

    Args:
        under_way: how many people are being answered.
    """

    def __init__(self, under_way: Callable[[], int]) -> None:
        self._under_way = under_way
        self._left = 0  # bytes resident when some were last given back

    async def _give_memory_back(self) -> None:
        from recsys.shared_file import let_go

        if resident() < max(_COMFORTABLE, self._left + _WORTH_IT):
            return
        for _ in let_go():
            await asyncio.sleep(0)
        await asyncio.to_thread(_give_back)
        self._left = resident()

    async def watch(self, every: float = _LOOK) -> None:
        """Take full collections over from Python, and make the others rarer, until cancelled."""
        before = gc.get_threshold()
        gc.set_threshold(_YOUNG, before[1], _NEVER)
        looks = 0
        try:
            while True:
                await asyncio.sleep(every)
                looks = looks + 1 if gc.get_count()[2] >= _DUE else 0
                if looks and (self._under_way() == 0 or looks > _MOST_LOOKS):
                    gc.collect()
                    looks = 0
                if self._under_way() == 0:
                    await self._give_memory_back()
        finally:
            gc.set_threshold(*before)
