"""What people did about their picks: hit rates, scores of lists, errors of predicted ratings.

A *hit* is a pick that was planned, seen or rated; a *refusal* one that was not wanted. Both are
out of what was shown: a page that nobody turned to counts for nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from bot.services.errors import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from bot.db import Database
    from bot.db.outcomes import ListRow, PlaceRow, RatedRow

_Z = 1.96  # two-sided 95 %


@dataclass(slots=True)
class Tally:
    """What came of some picks.

    Attributes:
        shown: how many there were.
        rated: how many of them were rated.
        seen: were said to be seen, without a score.
        planned: were planned.
        refused: were not wanted.
        scores: what the lists that they stood in were given, each 1 to 10.
    """

    shown: int = 0
    rated: int = 0
    seen: int = 0
    planned: int = 0
    refused: int = 0
    scores: list[int] = field(default_factory=list[int])

    @property
    def hits(self) -> int:
        """How many were rated, seen or planned."""
        return self.rated + self.seen + self.planned

    @property
    def hit_rate(self) -> float | None:
        """The share of hits, 0 to 1; None where nothing was shown."""
        return self.hits / self.shown if self.shown else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true hit rate is with 95 % certainty (Wilson 1927); None as `hit_rate`."""
        if not self.shown:
            return None
        n, p = self.shown, self.hits / self.shown
        middle = p + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        scale = 1 + _Z**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    @property
    def score(self) -> float | None:
        """The mean score of the lists; None where none was scored."""
        return sum(self.scores) / len(self.scores) if self.scores else None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How near predicted ratings came.

    Attributes:
        ratings: how many there are to compare.
        error: mean absolute error, in points of the scale from 1 to 10.
        bias: mean of predicted minus given; above zero is too hopeful.
        covered: share of the ratings that fell within the range that came with them; 0.8 is what
            the ranges promise. None where there were no ranges.
    """

    ratings: int
    error: float
    bias: float
    covered: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything, each by its own key, in the order of the keys.

    Attributes:
        lists: how many lists were shown.
        total: all of it.
        by_kind: by kind of list.
        by_position: by place in the list, 1 for the first.
        by_model: by version of the bundle.
        by_dial: by the name of a dial, then by how it stood, −1 to 1.
        accuracy: of predicted ratings, by version of the bundle.
    """

    lists: int
    total: Tally
    by_kind: Mapping[str, Tally]
    by_position: Mapping[int, Tally]
    by_model: Mapping[str, Tally]
    by_dial: Mapping[str, Mapping[float, Tally]]
    accuracy: Mapping[str, Accuracy]


DIALS = ("niche", "varied", "loved")

Key = TypeVar("Key", str, float)


class ReportService:
    """Adds up what was shown. It reads everything there is: for a script, not for a command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, since: datetime | None = None, kind: str | None = None) -> Report:
        """What people did about the picks that they were shown.

        Args:
            since: lists made before it are left out; None takes all.
            kind: the one kind of list to count; None takes all.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                places = await tx.outcomes.by_position(since, kind)
                lists = await tx.outcomes.lists(since, kind)
                rated = await tx.outcomes.rated(since, kind)
        by_dial = {
            # Only personal picks have dials.
            dial: _lists_by(
                (row for row in lists if row.kind == "recommend"), lambda row, d=dial: _at(row, d)
            )
            for dial in DIALS
        }
        return Report(
            lists=len(lists),
            total=_lists_by(lists, lambda _row: "all").get("all", Tally()),
            by_kind=_lists_by(lists, lambda row: row.kind),
            by_position=_by_position(places),
            by_model=_lists_by(lists, lambda row: row.model),
            by_dial=by_dial,
            accuracy=_accuracy(rated),
        )


def _at(row: ListRow, dial: str) -> float:
    """How a dial stood for a list; what was not turned is not stored."""
    return float(row.query.get("dials", {}).get(dial, 0.0))


def _lists_by(lists: Iterable[ListRow], key: Callable[[ListRow], Key]) -> dict[Key, Tally]:
    tallies: defaultdict[Key, Tally] = defaultdict(Tally)
    for row in lists:
        tally = tallies[key(row)]
        tally.shown += row.shown
        tally.rated += row.rated
        tally.seen += row.seen
        tally.planned += row.planned
        tally.refused += row.refused
        if row.score is not None:
            tally.scores.append(row.score)
    return dict(sorted(tallies.items()))


def _by_position(places: Iterable[PlaceRow]) -> dict[int, Tally]:
    tallies: defaultdict[int, Tally] = defaultdict(Tally)
    for row in places:
        tally = tallies[row.position + 1]
        tally.shown += row.picks
        if row.outcome is not None:
            setattr(tally, row.outcome, getattr(tally, row.outcome) + row.picks)
    return dict(sorted(tallies.items()))


def _accuracy(rated: Iterable[RatedRow]) -> dict[str, Accuracy]:
    by_model: defaultdict[str, list[RatedRow]] = defaultdict(list)
    for row in rated:
        by_model[row.model].append(row)
    return {model: _accuracy_of(rows) for model, rows in sorted(by_model.items())}


def _accuracy_of(rows: list[RatedRow]) -> Accuracy:
    errors = [row.predicted - row.score for row in rows]
    ranges = [(row.detail["range"], row.score) for row in rows if "range" in row.detail]
    inside = sum(low <= score <= high for (low, high), score in ranges)
    return Accuracy(
        ratings=len(rows),
        error=sum(map(abs, errors)) / len(rows),
        bias=sum(errors) / len(rows),
        covered=inside / len(ranges) if ranges else None,
    )
