"""How a long `fit` says where it is, without printing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and a few words."""


def silent(done: int, total: int, note: str) -> None:
    """Says nothing."""
