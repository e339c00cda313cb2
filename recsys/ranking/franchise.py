"""One pick a franchise, at the entry where this person should go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from recsys.ranking.facts import Facts

# A franchise begins at its first entry that is about as well known as its best-known one: this
# passes over pilots, recaps and shorts that were broadcast before the series proper.
_WELL_KNOWN = 0.4


def entry_point(
    facts: Facts, row: int, allowed: NDArray[np.bool_], seen: Collection[int]
) -> int | None:
    """Where someone should enter the franchise of a candidate.

    Args:
        facts: the catalog's facts.
        row: the candidate that the scores brought up.
        allowed: bool [n], what may be shown at all.
        seen: rows that the person has.

    Returns:
        The row to show: the first well-known entry when none of the franchise was seen, else the
        first unseen one after the last that was. None when nothing of it may be shown.
    """
    rows = facts.rows_of_franchise[facts.franchise[row]]
    if len(rows) == 1:
        return row if allowed[row] and row not in seen else None
    places = [place for place, other in enumerate(rows) if other in seen]
    if places:
        after = [other for other in rows[places[-1] + 1 :] if other not in seen and allowed[other]]
        if after:
            return after[0]
        return row if allowed[row] and row not in seen else None
    bar = _WELL_KNOWN * max(float(facts.members[other]) for other in rows)
    for other in rows:
        if other == row or (float(facts.members[other]) >= bar > 0):
            if allowed[other]:
                return other
            if other == row:
                return None
    return row if allowed[row] else None
