"""One pick a franchise, at the entry where this person should go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.ranking.standing import is_continuation, stands_alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np
    from numpy.typing import NDArray

    from recsys.ranking.facts import Facts


def entry_point(
    facts: Facts, row: int, allowed: NDArray[np.bool_], seen: AbstractSet[int]
) -> int | None:
    """Where someone should enter the franchise of a candidate.

    Args:
        facts: the catalog's facts.
        row: the candidate that the scores brought up.
        allowed: bool [n], what may be shown at all.
        seen: rows that the person has.

    Returns:
        The row to show: the first well-known entry when none of the franchise was seen, else the
        first of `continuations`. None when nothing of it may be shown, or only a continuation of
        what the person has not seen.
    """
    number = facts.franchise_of[row]
    rows = facts.rows_of_franchise[number]
    if len(rows) == 1:
        # A recap or an extra alone belongs to something that the catalog keeps apart.
        begins = not facts.retells[row] and not facts.is_extra[row]
        return row if allowed[row] and row not in seen and begins else None
    if not seen.isdisjoint(rows):
        return _next(facts, row, rows, allowed, seen)
    start = facts.start(number)
    if allowed[start]:
        return start
    # The start may not be shown. Another telling can stand alone; a second season cannot.
    return row if allowed[row] and stands_alone(facts, row) else None


def continuations(facts: Facts, rows: Sequence[int], seen: AbstractSet[int]) -> list[int]:
    """What is left of a started franchise, in the order to watch it.

    Args:
        facts: the catalog's facts.
        rows: the franchise, in order.
        seen: rows that the person has seen.

    Returns:
        The main entries after the last main one that was seen, then the specials after the last
        entry that was seen, recaps behind them. Empty when nothing of the franchise was seen.
    """
    places = [place for place, other in enumerate(rows) if other in seen]
    if not places:
        return []
    mains = [place for place in places if facts.is_main[rows[place]]]
    after_main = rows[mains[-1] + 1 :] if mains else rows
    left = [other for other in after_main if facts.is_main[other] and other not in seen]
    aside = [other for other in rows[places[-1] + 1 :] if not facts.is_main[other]]
    # What tells again what was just watched comes last of all; the sort keeps the rest as it is.
    return left + sorted(aside, key=lambda other: bool(facts.retells[other]))


def _next(
    facts: Facts,
    row: int,
    rows: Sequence[int],
    allowed: NDArray[np.bool_],
    seen: AbstractSet[int],
) -> int | None:
    for other in continuations(facts, rows, seen):
        if allowed[other]:
            return other
        if facts.is_main[other]:
            # What comes after an entry that may not be shown would give its end away.
            return row if _stands_alone(facts, row, allowed, seen) else None
    return row if allowed[row] and row not in seen else None


def _stands_alone(
    facts: Facts, row: int, allowed: NDArray[np.bool_], seen: AbstractSet[int]
) -> bool:
    anime = facts.anime[row]
    free = bool(allowed[row]) and row not in seen
    return free and anime.type == "Movie" and not is_continuation(anime)
