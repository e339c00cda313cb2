"""A list on its way from the process that read it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bot.importing.errors import RefusedError
from bot.importing.lines import Line, ReadList, Source
from recsys.profile import Status

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


def unpacked(answer: dict[str, Any]) -> ReadList:
    """The list that `packed` packed.

    Raises:
        RefusedError: there is none, but a refusal.
    """
    if "refused" in answer:
        raise RefusedError(answer["refused"], **answer["params"])
    return ReadList(
        Source(answer["source"]),
        tuple(
            Line(mal_id, anilist_id, title, score, None if status is None else Status(status), year)
            for mal_id, anilist_id, title, score, status, year in answer["lines"]
        ),
        answer["passed_over"],
        answer["guessed_scale"],
    )
