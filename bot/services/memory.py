"""Keeping the garbage collector away from what stays for good."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


def set_aside() -> None:
    """Collect once, and have no later collection look at what is there now.

    The catalog and the title index are hundreds of thousands of objects that live as long as the
    process. A full collection visits each of them, holds the event loop meanwhile, also where it
    runs in another thread, and frees nothing. So this is for the start, when nobody waits yet.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


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
