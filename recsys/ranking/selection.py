"""What may be shown to a person, and the walk down the scores, one franchise at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.ordering import descending
from recsys.picks import Relaxation
from recsys.profile import Status
from recsys.ranking.franchise import entry_point
from recsys.ranking.leading import Leading
from recsys.ranking.standing import stands_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from recsys.picks import Filters
    from recsys.ranking.facts import Facts
    from recsys.ranking.listed import Listed

_SAMPLED = 16


@dataclass(frozen=True, slots=True)
class Selection:
    """What one person may be shown, whatever the filters say beside adult titles.

    Attributes:
        open: bool [n], which anime may be shown.
        seen: rows that the person has seen.
        closed: bool [franchises], by number, of which nothing may be shown.
    """

    open: NDArray[np.bool_]
    seen: frozenset[int]
    closed: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        facts: Facts,
        listed: Listed,
        filters: Filters,
        *,
        started: bool = False,
        planned: bool = False,
        like: Sequence[int] = (),
    ) -> Selection:
        """What a profile leaves open.

        Args:
            facts: the catalog's facts.
            listed: a profile, nothing on which is shown again; a franchise of which one entry was
                dropped or refused is closed as a whole.
            filters: `adult` counts here, and whether music videos are asked for. Unasked they come
                up only for somebody who has one.
            started: whether the other franchises that it has something of stay open.
            planned: whether what the person plans to watch may be shown.
            like: rows that anime are compared to, as those of somebody who has them.
        """
        seen = listed.is_seen
        kept = seen | (listed.statuses != int(Status.PLANNED)) if planned else slice(None)
        shut = listed.rows[kept]
        open_ = facts.shown(filters)
        has_music = facts.is_music[[*listed.rows[seen].tolist(), *like]].any()
        if not has_music and not asks_for_music(filters):
            open_ &= ~facts.is_music
        open_[shut] = False
        if started:
            shut = listed.rows[listed.is_refused]
        closed = facts.franchises_of(shut)
        return cls(open_, frozenset(listed.rows[seen].tolist()), closed)

    @classmethod
    def beside(cls, facts: Facts, rows: Iterable[int], other: Selection) -> Selection:
        """The same, less the franchises of some rows, as of anime that others are compared to."""
        own = facts.franchises_of(np.array([*rows], np.intp))
        return cls(other.open, frozenset(), other.closed | own)


def asks_for_music(filters: Filters) -> bool:
    """Whether the types that are asked for name music videos."""
    return any(name.casefold() == "music" for name in filters.types)


def best(
    facts: Facts,
    scores: NDArray[np.float32] | Leading,
    selection: Selection,
    filters: Filters,
    k: int,
) -> Iterator[tuple[int, float]]:
    """The best k franchises, best first, each at its entry point.

    Args:
        facts: the catalog's facts.
        scores: float32 [n], or those of which the highest are at hand.
        selection: what may be shown at all.
        filters: what must hold of it.
        k: at most how many.

    Yields:
        The row to show, and the score that brought its franchise up.
    """
    if k < 1:
        return
    allowed = facts.mask(filters)
    allowed &= selection.open
    closed: set[int] = set()
    found = 0
    if not isinstance(scores, Leading):
        scores = Leading.of(scores)
    for row, score in _descending(facts, scores, allowed, selection.closed, at_least=16 * k):
        number = facts.franchise_of[row]
        if number in closed:
            continue
        entry = entry_point(facts, row, allowed, selection.seen)
        if entry is None:
            continue
        closed.add(number)
        yield entry, score
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
    open_ = selection.open & ~selection.closed[facts.franchise] & ~facts.is_extra
    failed = np.zeros(len(facts), dtype=np.int32)
    for _, _, passes in parts:
        failed += ~passes

    def franchises(rows: NDArray[np.bool_]) -> int:
        return _enterable(facts, open_ & rows, selection)

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


def _enterable(facts: Facts, allowed: NDArray[np.bool_], selection: Selection) -> int:
    """How many franchises have something among some rows that this person can begin with."""
    started = facts.franchises_of(np.fromiter(selection.seen, np.intp, len(selection.seen)))
    found: set[int] = set()
    for row in np.flatnonzero(allowed).tolist():
        number = facts.franchise_of[row]
        if number not in found and (
            started[number] or allowed[facts.start(number)] or stands_alone(facts, row)
        ):
            found.add(number)
    return len(found)


def _descending(
    facts: Facts,
    scores: Leading,
    allowed: NDArray[np.bool_],
    shut: NDArray[np.bool_],
    *,
    at_least: int,
) -> Iterator[tuple[int, float]]:
    """Rows and scores by falling score, ties by row, less those of minus infinity.

    Sequels of what was seen score highest of all: left in, they would fill the sorted top. And a
    list of 20,000 seldom needs more than its top, about `at_least`, so that is sorted first.

    Args:
        facts: the catalog's facts.
        scores: of its n anime.
        allowed: bool [n], which rows are wanted.
        shut: bool [franchises], of which none is.
        at_least: about how many.
    """

    def wanted(rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        return allowed.take(rows) & ~shut.take(facts.franchise.take(rows))

    reached = np.float32(np.inf)
    leading: Leading | None = scores
    while leading is not None:
        # What is not at hand comes after what is above all of it.
        last = np.nextafter(np.float32(leading.beyond), np.float32(np.inf))
        for least in (max(_bar(leading, wanted, at_least), last), last):
            # All that tie with the least are in it, so that ties never depend on the bar.
            part = np.flatnonzero((leading.scores >= least) & (leading.scores < reached))
            yield from _sorted(leading.rows.take(part), leading.scores.take(part), wanted)
            reached = least
        leading = None if leading.more is None else leading.more()


def _bar(
    scores: Leading, wanted: Callable[[NDArray[np.intp]], NDArray[np.bool_]], at_least: int
) -> np.float32:
    """A score above which are about so many wanted rows; minus infinity for a few rows.

    Any bar serves: what is above it is sorted first, and the rest if it is needed after all. So it
    is guessed from a sample.
    """
    rank = at_least // _SAMPLED + 2
    if len(scores.rows) > 2 * _SAMPLED * rank:
        some = slice(None, None, _SAMPLED)
        sample = scores.scores[some][wanted(scores.rows[some])]
        if rank < len(sample):
            return np.partition(sample, len(sample) - rank)[len(sample) - rank]
    return np.float32(-np.inf)


def _sorted(
    rows: NDArray[np.intp],
    scores: NDArray[np.float32],
    wanted: Callable[[NDArray[np.intp]], NDArray[np.bool_]],
) -> Iterator[tuple[int, float]]:
    """Rows and scores by falling score, of the rows that are wanted."""
    fit = wanted(rows)
    rows, scores = rows[fit], scores[fit]
    order = descending(scores)
    for row, score in zip(rows.take(order).tolist(), scores.take(order).tolist(), strict=True):
        if score == -np.inf:
            return
        yield row, score
