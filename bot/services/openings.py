"""What to offer before a person has typed anything of a title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.profile import Status

if TYPE_CHECKING:
    from recsys.profile import Profile

_RECENT = 10

# What they turned away from is not what they come back to ask about.
_REFUSED = frozenset({Status.DROPPED, Status.NOT_INTERESTED})


@dataclass(frozen=True, slots=True)
class Opening:
    """What comes before the popular titles.

    Attributes:
        first: anime to offer first, in order.
        without: anime that are not offered at all.
    """

    first: tuple[int, ...] = ()
    without: frozenset[int] = frozenset()


def recent(profile: Profile) -> Opening:
    """For a look at one anime or at what is like it: what the person's list had last."""
    kept = [entry for entry in reversed(profile.entries) if entry.status not in _REFUSED]
    refused = frozenset(entry.anime_id for entry in profile.entries if entry.status in _REFUSED)
    return Opening(tuple(entry.anime_id for entry in kept[:_RECENT]), refused)


def to_drop(profile: Profile) -> Opening:
    """For giving up: what is being watched, paused or planned, and nothing that was given up."""
    newest = tuple(reversed(profile.entries))
    going = (Status.WATCHING, Status.ON_HOLD, Status.PLANNED)
    first = [entry.anime_id for status in going for entry in newest if entry.status is status]
    done = frozenset(e.anime_id for e in newest if e.status in _REFUSED | {Status.COMPLETED})
    return Opening(tuple(first), done)


def to_rate(profile: Profile) -> Opening:
    """For a rating: what is on the list without one, newest first, and nothing that has one."""
    newest = tuple(reversed(profile.entries))
    first = tuple(
        entry.anime_id
        for entry in newest
        if entry.score is None and entry.status is not Status.NOT_INTERESTED
    )
    return Opening(first, frozenset(entry.anime_id for entry in newest) - frozenset(first))
