"""What may be shown to a person, and the walk down the scores, one franchise at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.picks import Relaxation
from recsys.profile import Status
from recsys.ranking.franchise import entry_point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from recsys.picks import Filters
    from recsys.profile import Profile
    from recsys.ranking.facts import Facts

_SAMPLED = 16

REFUSED = frozenset({Status.DROPPED, Status.NOT_INTERESTED})
"""Statuses that close a whole franchise."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What one person may be shown, whatever the filters say beside adult titles.

    Attributes:
        open: bool [n], which anime may be shown.
        seen: rows that the person has seen.
        closed: numbers of the franchises of which nothing may be shown.
    """

    open: NDArray[np.bool_]
    seen: frozenset[int]
    closed: frozenset[int]

    @classmethod
    def of(
        cls,
        facts: Facts,
        profile: Profile,
        filters: Filters,
        *,
        started: bool = False,
        planned: bool = False,
    ) -> Selection:
        """What a profile leaves open.

        Args:
            facts: the catalog's facts.
            profile: nothing on it is shown again; a franchise of which one entry was dropped or
                refused is closed as a whole.
            filters: only `adult` counts here.
            started: whether the other franchises that it has something of stay open.
            planned: whether what the person plans to watch may be shown.
        """
        seen: list[int] = []
        shut: list[int] = []
        closing: list[int] = []
        row_of = facts.row_of
        for entry in profile.entries:
            row, status = row_of.get(entry.anime_id), entry.status
            if row is None:
                continue
            if entry.is_seen:
                seen.append(row)
            elif planned and status == Status.PLANNED:
                continue
            shut.append(row)
            if not started or status in REFUSED:
                closing.append(row)
        open_ = facts.shown(filters)
        open_[shut] = False
        return cls(open_, frozenset(seen), frozenset(facts.franchise[closing].tolist()))

    @classmethod
    def beside(cls, facts: Facts, rows: Iterable[int], other: Selection) -> Selection:
        """The same, less the franchises of some rows, as of anime that others are compared to."""
        own = frozenset(int(facts.franchise[row]) for row in rows)
        return cls(other.open, frozenset(), other.closed | own)


def best(
    facts: Facts,
    scores: NDArray[np.float32],
    selection: Selection,
    filters: Filters,
    k: int,
) -> Iterator[tuple[int, float]]:
    """The best k franchises, best first, each at its entry point.

    Args:
        facts: the catalog's facts.
        scores: float32 [n].
        selection: what may be shown at all.
        filters: what must hold of it.
        k: at most how many.

    Yields:
        The row to show, and the score that brought its franchise up.
    """
    if k < 1:
        return
    allowed = facts.mask(filters) & selection.open
    # Sequels of what was seen score highest of all: left in, they would fill the sorted top.
    candidates = allowed & ~_in_closed(facts, selection)
    closed: set[int] = set()
    found = 0
    for row in _descending(scores, np.flatnonzero(candidates), at_least=16 * k):
        number = int(facts.franchise[row])
        if number in closed:
            continue
        entry = entry_point(facts, row, allowed, selection.seen)
        if entry is None:
            continue
        closed.add(number)
        yield entry, float(scores[row])
        found += 1
        if found == k:
            return


def relax(facts: Facts, selection: Selection, filters: Filters, k: int) -> Relaxation | None:
    """The one part of the filters whose removal brings most, where they leave fewer than k.

    Args:
        facts: the catalog's facts.
        selection: what may be shown at all.
        filters: as they are.
        k: how many franchises are enough.

    Returns:
        None where k franchises pass already, or where no single part brings any more.
    """
    parts = list(facts.parts(filters))
    open_ = selection.open & ~_in_closed(facts, selection)
    failed = np.zeros(len(facts), dtype=np.int32)
    for _, _, passes in parts:
        failed += ~passes

    def franchises(rows: NDArray[np.bool_]) -> int:
        return len(np.unique(facts.franchise[open_ & rows]))

    enough = franchises(failed == 0)
    found: Relaxation | None = None
    if enough >= k:
        return None
    for name, label, passes in parts:
        # What fails this part alone comes in with it.
        count = franchises(failed == ~passes)
        if count > (enough if found is None else found.franchises):
            found = Relaxation(name, label, count)
    return found


def _in_closed(facts: Facts, selection: Selection) -> NDArray[np.bool_]:
    """Which anime belong to a closed franchise, bool [n]."""
    closed = np.zeros(len(facts.rows_of_franchise), dtype=np.bool_)
    closed[list(selection.closed)] = True
    return closed[facts.franchise]


def _descending(
    scores: NDArray[np.float32], rows: NDArray[np.intp], *, at_least: int
) -> Iterator[int]:
    """Some rows by falling score, ties by row, less those of minus infinity.

    A list of 20,000 seldom needs more than its top, about `at_least`, so that is sorted first.
    """
    values = scores[rows]
    # Any bar serves: what is above it is sorted first, and the rest if it is needed after all. A
    # sample is enough to guess one.
    sample = values[::_SAMPLED]
    rank = at_least // _SAMPLED + 2
    least = -np.inf
    if rank < len(sample):
        least = np.partition(sample, len(sample) - rank)[len(sample) - rank]
    # All that tie with the least of the top are in it, so that ties never depend on its size.
    for inside in (values >= least, values < least):
        part = np.flatnonzero(inside)
        for place in part[np.argsort(-values[part], kind="stable")].tolist():
            if values[place] == -np.inf:
                return
            yield int(rows[place])
