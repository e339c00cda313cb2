"""A list on its way from the process that read it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bot.importing.lines import Line
from recsys.profile import Status

if TYPE_CHECKING:
    from bot.importing.errors import RefusedError
    from bot.importing.lines import ReadList

_FIELDS = tuple(field.name for field in fields(Line))


def packed(read: ReadList) -> dict[str, Any]:
    """A list as plain values, to be sent from process to process."""
    return {
        "source": read.source,
        "passed_over": read.passed_over,
        "guessed_scale": read.guessed_scale,
        "lines": [tuple(getattr(line, name) for name in _FIELDS) for line in read.lines],
    }


def refusal(refused: RefusedError) -> dict[str, Any]:
    """A refusal as plain values."""
    return {"refused": refused.key, "params": refused.params}


def line_of(row: list[Any]) -> Line:
    """One of the lines that `packed` packed."""
    mal_id, anilist_id, title, score, status, year = row
    return Line(mal_id, anilist_id, title, score, None if status is None else Status(status), year)
