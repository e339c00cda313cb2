"""Keeping the garbage collector away from what stays for good."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Collect once, and have no later collection look at what is there now.

    The catalog and the title index are hundreds of thousands of objects that live as long as the
    process. A full collection visits each of them, holds the event loop meanwhile, and frees
    nothing. What was set aside before is looked at once more, so that an index that was replaced
    is freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def take_back() -> None:
    """Let everything be collected again."""
    gc.unfreeze()
