"""What began before what, so that nothing begun before a person was erased writes them anew.

Taking away what is kept of a person is one transaction. But a command of theirs may be under way at
that moment: waiting for its turn to write, or still computing. It would write after the erasure,
and the person would be back. So whatever a person asks for is numbered when it begins, an erasure
is numbered when it is done, and a write for a person with a smaller number than their erasure is
refused.
"""

from __future__ import annotations

import itertools
import sys
import time
from contextvars import ContextVar

_numbers = itertools.count(1)
_began: ContextVar[int | None] = ContextVar("began", default=None)

# Longer than Discord lets a command be under way.
_KEPT_SECONDS = 20 * 60.0


def mark_beginning() -> None:
    """Number what this task is about to do. Tasks that it starts share the number."""
    _began.set(next(_numbers))


def beginning() -> int:
    """The number of what this task does; a new one where it was not numbered."""
    known = _began.get()
    return next(_numbers) if known is None else known


class Erasures:
    """Who was erased by this process, and when, as long as something older can be under way."""

    def __init__(self) -> None:
        self._erased: dict[int, tuple[int, float]] = {}

    def begin(self, user_id: int) -> None:
        """Until the erasure is done, refuse everything."""
        now = time.monotonic()
        for old in [one for one, (_, at) in self._erased.items() if now - at > _KEPT_SECONDS]:
            del self._erased[old]
        self._erased[user_id] = sys.maxsize, now

    def done(self, user_id: int) -> None:
        """From now on refuse what began earlier."""
        self._erased[user_id] = next(_numbers), time.monotonic()

    def undo(self, user_id: int) -> None:
        """The erasure failed: the person is still there."""
        self._erased.pop(user_id, None)

    def since(self, user_id: int, number: int) -> bool:
        """Whether a person was erased after something began."""
        return self._erased.get(user_id, (0, 0.0))[0] > number
