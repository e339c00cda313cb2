"""Filters that a person gave a name, to use them again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.services.errors import UserError
from bot.services.missed import tidy

if TYPE_CHECKING:
    from bot.services.preferences import Preferences, PreferenceService
    from recsys.picks import Filters

MOST_SETS = 25
"""What one menu of Discord's holds."""

LONGEST_NAME = 50


async def save(service: PreferenceService, user_id: int, name: str, filters: Filters) -> str:
    """Give filters a name. A set that has it already is replaced.

    Args:
        service: keeps what people choose.
        user_id: whose.
        name: as typed. What is not seen of it, such as marks of direction, is left out.
        filters: as they are to be used again; adult titles are asked for anew each time.

    Returns:
        The name as it is kept.

    Raises:
        UserError: the name is empty or too long, there are too many sets, or the database failed.
    """
    kept = tidy(name)
    if not kept or len(kept) > LONGEST_NAME:
        raise UserError("set_name", most=LONGEST_NAME)

    def change(chosen: Preferences) -> Preferences:
        sets = dict(chosen.filter_sets)
        same = find(chosen, kept)
        if same is not None:
            del sets[same]
        elif len(sets) >= MOST_SETS:
            raise UserError("too_many_sets", most=MOST_SETS)
        return replace(chosen, filter_sets={**sets, kept: replace(filters, adult=False)})

    await service.update(user_id, change)
    return kept


async def drop(service: PreferenceService, user_id: int, name: str) -> Preferences:
    """Delete a set.

    Raises:
        UserError: there is none of that name, or the database failed.
    """

    def change(chosen: Preferences) -> Preferences:
        same = find(chosen, name)
        if same is None:
            raise UserError("no_set")
        sets = {key: filters for key, filters in chosen.filter_sets.items() if key != same}
        return replace(chosen, filter_sets=sets, dropped_set=(same, chosen.filter_sets[same]))

    return await service.update(user_id, change)


async def bring_back(service: PreferenceService, user_id: int) -> Preferences:
    """Undo the last deletion of a set.

    Raises:
        UserError: it was undone already, its name is taken by now, or the database failed.
    """

    def change(chosen: Preferences) -> Preferences:
        if chosen.dropped_set is None or find(chosen, chosen.dropped_set[0]) is not None:
            raise UserError("changed_since")
        if len(chosen.filter_sets) >= MOST_SETS:
            raise UserError("too_many_sets", most=MOST_SETS)
        name, filters = chosen.dropped_set
        sets = {**chosen.filter_sets, name: filters}
        return replace(chosen, filter_sets=sets, dropped_set=None)

    return await service.update(user_id, change)


def find(chosen: Preferences, name: str) -> str | None:
    """The set that is meant by a name, however its letters are written; None for none."""
    folded = tidy(name).casefold()
    return next((key for key in chosen.filter_sets if tidy(key).casefold() == folded), None)
