"""What a tick on a card of `/start` says, and what it makes of the person's list.

A title that was only ticked as seen is an entry without a score: none is made up. *Loved* and *not
for me* are scores, for that is what they say, and `/rate` makes them exact.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from bot.db.asked import KIND
from bot.services.outcomes import outcome_of
from bot.services.shown import undo_from_json, undo_to_json
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from datetime import datetime

    from bot.db import Transaction
    from bot.db.asked import Asked


class Feeling(IntEnum):
    """What the menus of a card are for. The numbers stand in menus already sent."""

    SEEN = 0
    LOVED = 1
    DISLIKED = 2


SCORES: dict[Feeling, int | None] = {
    Feeling.SEEN: None,
    Feeling.LOVED: 9,
    Feeling.DISLIKED: 4,
}
"""What each is stored as."""

_LOVED_FROM, _DISLIKED_TO = 8, 5


def feeling_of(entry: Entry | None) -> Feeling | None:
    """Which tick an entry amounts to, wherever it came from; None for what was not seen."""
    if entry is None or not entry.is_seen:
        return None
    if entry.score is None:
        return Feeling.DISLIKED if entry.status is Status.DROPPED else Feeling.SEEN
    if entry.score >= _LOVED_FROM:
        return Feeling.LOVED
    return Feeling.DISLIKED if entry.score <= _DISLIKED_TO else Feeling.SEEN


def ticked(now: Feeling | None, menu: Feeling, *, chosen: bool) -> Feeling | None:
    """What holds for a title once a menu was used.

    Args:
        now: what held before.
        menu: which menu.
        chosen: whether the title stands chosen in it.
    """
    if menu is Feeling.SEEN:
        return (menu if now is None else now) if chosen else None
    if chosen:
        return menu
    return Feeling.SEEN if now is menu else now


async def put_tick(
    tx: Transaction,
    user_id: int,
    asked: Asked,
    entry: Entry | None,
    wanted: Feeling | None,
    now: datetime,
) -> None:
    """Make a person's entry say what they ticked, as their newest.

    What stands on their list from elsewhere is not taken off it because a tick is.

    Args:
        tx: one in which `UserRepository.advance` was called before the next two were read.
        user_id: whose.
        asked: the title, as it is stored.
        entry: the entry, as it is.
        wanted: what shall hold; None for "not seen".
        now: when.
    """
    if feeling_of(entry) is wanted:
        return
    undo = undo_from_json(asked.anime_id, asked.undo)
    is_tick = undo is not None and undo[1] == entry and _is_tick(entry)
    before = undo[0] if undo is not None and is_tick else entry
    if wanted is not None:
        after = Entry(asked.anime_id, SCORES[wanted])
    elif is_tick:
        after = before if feeling_of(before) is None else None
    else:
        return
    revision = await tx.users.advance(user_id, now)
    if after is None:
        await tx.entries.remove(user_id, asked.anime_id)
    else:
        await tx.entries.put(user_id, after, revision=revision, source=KIND, now=now)
    outcome = None if wanted is None else outcome_of(after)
    await tx.shown.set_outcome(
        user_id=user_id,
        list_id=asked.list_id,
        anime_id=asked.anime_id,
        outcome=outcome,
        now=now,
        undo=None if wanted is None else undo_to_json(before, after),
    )
    if outcome is not None:
        tx.meter.pick_outcome(outcome)


def _is_tick(entry: Entry | None) -> bool:
    return entry in {Entry(entry.anime_id, score) for score in SCORES.values()} if entry else False
