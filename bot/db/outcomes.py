"""What came of all that was shown, added up: nobody's id leaves this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, cast, func, select

from bot.db.asked import KIND as ASKED
from bot.db.models import Entry, ShownList, ShownPick

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


class PlaceRow(NamedTuple):
    """How often one thing came of the picks at one place.

    Attributes:
        kind: of the lists.
        model: that made them.
        position: 0 for the first.
        outcome: what came of them; None for nothing.
        picks: how many.
    """

    kind: str
    model: str
    position: int
    outcome: str | None
    picks: int


class ListRow(NamedTuple):
    """One list.

    Attributes:
        kind: its kind.
        model: that made it.
        query: what was asked for.
        score: 1 to 10, what the person gave it, or None.
        shown: how many of its picks were shown.
        rated: how many of those were rated; the others likewise.
        seen: were seen.
        planned: were planned.
        refused: were refused.
    """

    kind: str
    model: str
    query: Mapping[str, Any]
    score: int | None
    shown: int
    rated: int
    seen: int
    planned: int
    refused: int


class RatedRow(NamedTuple):
    """One pick that was rated.

    Attributes:
        model: that predicted.
        predicted: the rating that was predicted.
        detail: of the pick; its "range" holds both ends of what was predicted.
        score: the rating as it is now.
    """

    model: str
    predicted: float
    detail: Mapping[str, Any]
    score: int


class OutcomeRepository:
    """Reads `shown_list` and `shown_pick` across all people, within one transaction.

    The questions of `/start` are no picks and are left out, and so is what was never shown.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_position(self, since: datetime | None, kind: str | None = None) -> list[PlaceRow]:
        """What came of the picks, by kind, model and position."""
        result = await self._connection.execute(
            select(
                ShownList.kind,
                ShownList.model,
                ShownPick.position,
                ShownPick.outcome,
                func.count(),
            )
            .join(ShownPick, ShownPick.list_id == ShownList.id)
            .where(*_counted(since, kind))
            .group_by(ShownList.kind, ShownList.model, ShownPick.position, ShownPick.outcome)
        )
        return [PlaceRow(*row) for row in result]

    async def lists(self, since: datetime | None, kind: str | None = None) -> list[ListRow]:
        """Every list with what came of it, in no order."""

        def came(outcome: str) -> ColumnElement[int]:
            return func.coalesce(func.sum(cast(ShownPick.outcome == outcome, Integer)), 0)

        outcomes = [came(outcome) for outcome in ("rated", "seen", "planned", "refused")]
        # Grouped by the key alone: PostgreSQL knows that the rest of the row follows from it.
        counts = (
            select(ShownList.id, func.count().label("shown"), *outcomes)
            .join(ShownPick, ShownPick.list_id == ShownList.id)
            .where(*_counted(since, kind))
            .group_by(ShownList.id)
            .subquery()
        )
        counted = [counts.c[name] for name in counts.c.keys()[1:]]
        result = await self._connection.execute(
            select(
                ShownList.kind, ShownList.model, ShownList.query, ShownList.score, *counted
            ).join(counts, counts.c.id == ShownList.id)
        )
        return [ListRow(*row) for row in result]

    async def rated(self, since: datetime | None, kind: str | None = None) -> list[RatedRow]:
        """Every pick with a predicted rating that was rated, with the rating."""
        result = await self._connection.execute(
            select(ShownList.model, ShownPick.predicted, ShownPick.detail, Entry.score)
            .join(ShownPick, ShownPick.list_id == ShownList.id)
            .join(
                Entry,
                (Entry.user_id == ShownList.user_id) & (Entry.anime_id == ShownPick.anime_id),
            )
            .where(
                *_counted(since, kind),
                ShownPick.outcome == "rated",
                ShownPick.predicted.is_not(None),
                Entry.score.is_not(None),
            )
        )
        return [RatedRow(*row) for row in result]


def _counted(since: datetime | None, kind: str | None) -> list[ColumnElement[bool]]:
    """The conditions on lists made since a moment, and of one kind; None takes all."""
    conditions = [ShownList.kind != ASKED, ShownPick.position < ShownList.shown]
    if since is not None:
        conditions.append(ShownList.created_at >= since)
    if kind is not None:
        conditions.append(ShownList.kind == kind)
    return conditions
