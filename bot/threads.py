"""How threads share the processor: they must not get in the event loop's way."""

from __future__ import annotations

import os
import sys
from typing import Final

_SETTINGS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


SWITCH_SECONDS: Final = 0.0005


def take_turns() -> None:
    """Let the event loop have Python's lock back soon after it gave it away.

    It gives it away at every statement of SQLite and whenever it looks for what is ready. A thread
    that computes picks then keeps it for Python's 5 ms: as long as ten clicks take, each of which
    has a dozen such moments.
    """
    sys.setswitchinterval(SWITCH_SECONDS)


def one_thread_each() -> None:
    """Tell the libraries under NumPy, which read this once, when they are loaded.

    A list of picks is a few products that one thread finishes in about a millisecond. Shared out
    among several they wait for each other, the longer the busier the machine, and take processor
    time from the event loop. Whoever set one of these in the environment is left alone.
    """
    for setting in _SETTINGS:
        os.environ.setdefault(setting, "1")
