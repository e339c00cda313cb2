"""What can come of a pick that was shown."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from recsys.profile import Status

if TYPE_CHECKING:
    from recsys.profile import Entry


class Outcome(StrEnum):
    """What a person did about a pick."""

    SEEN = "seen"
    RATED = "rated"
    PLANNED = "planned"
    REFUSED = "refused"


def outcome_of(entry: Entry | None) -> Outcome | None:
    """What an entry says came of the pick that led to it."""
    if entry is None:
        return None
    if entry.score is not None:
        return Outcome.RATED
    if entry.status == Status.PLANNED:
        return Outcome.PLANNED
    if entry.status == Status.NOT_INTERESTED:
        return Outcome.REFUSED
    return Outcome.SEEN
