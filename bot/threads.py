"""One thread for each product of matrices: more only get in each other's way."""

from __future__ import annotations

import os

_SETTINGS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def one_thread_each() -> None:
    """Tell the libraries under NumPy, which read this once, when they are loaded.

    A list of picks is a few products that one thread finishes in about a millisecond. Shared out
    among several they wait for each other, the longer the busier the machine, and take processor
    time from the event loop. Whoever set one of these in the environment is left alone.
    """
    for setting in _SETTINGS:
        os.environ.setdefault(setting, "1")
