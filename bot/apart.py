"""Processes of the bot's own beside it: what they are given of its environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = "OSUSUME_"


def environment() -> Iterator[tuple[str, str]]:
    """What the interpreter needs, without the bot's secrets."""
    for name, value in os.environ.items():
        if not name.upper().startswith(_SETTINGS):
            yield name, value
    yield "PYTHONUTF8", "1"
    # Where this very package was found, also when it is not installed.
    paths = [path for path in sys.path if path]
    yield "PYTHONPATH", os.pathsep.join(paths)
