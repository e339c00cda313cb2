"""What was shown to people, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from bot.db.models import ShownList, ShownPick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class PickRow:
    """One line of a shown list; the fields are those of `bot.db.models.ShownPick`."""

    anime_id: int
    score: float
    predicted: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """A shown list with its picks in order; the fields are those of `bot.db.models.ShownList`."""

    id: int
    user_id: int
    guild_id: int | None
    kind: str
    model: str
    query: Mapping[str, Any]
    created_at: datetime
    picks: tuple[PickRow, ...]


class ShownRepository:
    """Rows of `shown_list` and `shown_pick`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        user_id: int,
        guild_id: int | None,
        kind: str,
        model: str,
        query: Mapping[str, Any],
        picks: Sequence[PickRow],
        now: datetime,
    ) -> int:
        """Store a list. The person's row must exist.

        Returns:
            The list's id.
        """
        result = await self._connection.execute(
            insert(ShownList)
            .values(
                user_id=user_id,
                guild_id=guild_id,
                kind=kind,
                model=model,
                query=dict(query),
                created_at=now,
            )
            .returning(ShownList.id)
        )
        list_id: int = result.scalar_one()
        if picks:
            await self._connection.execute(
                insert(ShownPick),
                [
                    {
                        "list_id": list_id,
                        "position": position,
                        "anime_id": pick.anime_id,
                        "score": pick.score,
                        "predicted": pick.predicted,
                        "detail": dict(pick.detail),
                    }
                    for position, pick in enumerate(picks)
                ],
            )
        return list_id

    async def get(self, list_id: int) -> ListRow | None:
        """A list with its picks, or None."""
        lists = await self._connection.execute(
            select(
                ShownList.id,
                ShownList.user_id,
                ShownList.guild_id,
                ShownList.kind,
                ShownList.model,
                ShownList.query,
                ShownList.created_at,
            ).where(ShownList.id == list_id)
        )
        found = lists.one_or_none()
        if found is None:
            return None
        picks = await self._connection.execute(
            select(
                ShownPick.anime_id,
                ShownPick.score,
                ShownPick.predicted,
                ShownPick.detail,
                ShownPick.outcome,
            )
            .where(ShownPick.list_id == list_id)
            .order_by(ShownPick.position)
        )
        return ListRow(*found, picks=tuple(PickRow(*row) for row in picks))

    async def latest_with(self, user_id: int, anime_id: int, since: datetime) -> int | None:
        """The newest list since a moment in which a person was shown an anime."""
        result = await self._connection.execute(
            select(ShownList.id)
            .join(ShownPick, ShownPick.list_id == ShownList.id)
            .where(
                ShownList.user_id == user_id,
                ShownList.created_at >= since,
                ShownPick.anime_id == anime_id,
            )
            .order_by(ShownList.created_at.desc(), ShownList.id.desc())
            .limit(1)
        )
        return result.scalar_one_or_none()

    async def set_outcome(
        self,
        *,
        user_id: int,
        list_id: int,
        anime_id: int,
        outcome: str | None,
        now: datetime,
    ) -> None:
        """Record what came of one pick of a person's own list; somebody else's is left alone."""
        own = select(ShownList.id).where(ShownList.id == list_id, ShownList.user_id == user_id)
        await self._connection.execute(
            update(ShownPick)
            .where(ShownPick.list_id.in_(own), ShownPick.anime_id == anime_id)
            .values(outcome=outcome, outcome_at=None if outcome is None else now)
        )
