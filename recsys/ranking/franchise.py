"""One pick a franchise, at the entry where this person should go on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from recsys.titles.fold import words
from recsys.titles.which import parse

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from recsys.catalog import Anime
    from recsys.ranking.facts import Facts

# A franchise begins at its first entry that is about as well known as its best-known one. This
# passes over pilots and shorts that were broadcast before the series proper, and over a first
# telling that a later one has overtaken, while a sequel seldom has more viewers than its start.
_WELL_KNOWN = 0.6


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
        first unseen one after the last that was. None when nothing of it may be shown, or only a
        continuation of what the person has not seen.
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
    start = next(other for other in rows if float(facts.members[other]) >= bar)
    if allowed[start]:
        return start
    # The start may not be shown. A film or another telling can stand alone; a second season cannot.
    return row if allowed[row] and not is_continuation(facts.anime[row]) else None


@lru_cache(maxsize=4096)
def is_continuation(anime: Anime) -> bool:
    """Whether a title says outright that something came before: "2nd Season", "II", "Part 3"."""
    names = (anime.title, anime.english)
    return any(parse(words(name))[1].is_sequel for name in names if name)
