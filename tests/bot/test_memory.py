"""The garbage collector does its long work while nobody waits."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from bot import memory
from recsys.shared_array import shared_array


class Cyclic:
    """Freed by a collection alone."""

    def __init__(self) -> None:
        self.me = self


def garbage() -> weakref.ref[Cyclic]:
    """Something that no collection but a full one finds."""
    gone = Cyclic()
    kept = weakref.ref(gone)
    gc.collect()  # it survives, and is old now
    del gone
    return kept


def age() -> None:
    """Let so much time pass, in the collector's own measure, that a full collection is due."""
    for _ in range(memory._DUE + 1):
        gc.collect(1)


async def until_freed(kept: weakref.ref[Cyclic], seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while kept() is not None:
                age()
                await asyncio.sleep(0.01)
    return kept() is None


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def test_garbage_is_collected_once_nobody_is_being_answered() -> None:
    busy = 1
    before = gc.get_threshold()
    task = asyncio.create_task(memory.QuietCollector(lambda: busy).watch(every=0.1))
    await asyncio.sleep(0)
    assert gc.get_threshold()[2] > 10**6  # Python itself begins no full collection any more
    kept = garbage()
    assert not await until_freed(kept, 0.3)
    busy = 0
    assert await until_freed(kept, 30)
    await stop(task)
    assert gc.get_threshold() == before


async def test_in_a_crowd_that_never_pauses_it_is_collected_in_the_end() -> None:
    task = asyncio.create_task(memory.QuietCollector(lambda: 9).watch(every=0.001))
    assert await until_freed(garbage(), 30)
    await stop(task)


def test_what_is_made_while_growing_is_never_looked_at() -> None:
    gc.collect()
    frozen = gc.get_freeze_count()
    with memory.growing():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(made)
    memory.take_back()


def in_memory(address: int) -> int:
    """Bytes of the mapping at an address that this process has in memory."""
    found = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        name, *values = line.split()
        if not name.endswith(":"):
            first, last = (int(end, 16) for end in name.split("-"))
            found = first <= address < last
        elif found and name == "Rss:":
            return int(values[0]) * 1024
    raise AssertionError("nothing is mapped there")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives pages back")
async def test_pages_of_the_weights_are_given_back_while_nobody_is_being_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSUSUME_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(memory, "_COMFORTABLE", 0)
    shape = (32 << 20,)
    array = shared_array(b"weights", shape, np.int8, lambda array: array.fill(1))

    def read() -> int:
        """Use all of it, and say how many bytes of it this process has in memory now."""
        assert int(array.sum(dtype=np.int64)) == shape[0]
        return in_memory(array.ctypes.data)

    assert read() == shape[0]
    busy = 1
    task = asyncio.create_task(memory.QuietCollector(lambda: busy).watch(every=0.01))
    await asyncio.sleep(0.2)
    assert in_memory(array.ctypes.data) == shape[0]
    busy = 0
    async with asyncio.timeout(10):
        while in_memory(array.ctypes.data):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)
    await stop(task)
    assert read() == shape[0]  # it is there again when it is wanted
