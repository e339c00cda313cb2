"""What people typed that nothing was found for: the text and how often, not who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from bot.db.models import MissedQuery
from bot.db.upsert import insert

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Missed:
    """One text; the fields are those of `bot.db.models.MissedQuery`."""

    text: str
    count: int
    first_seen: date
    last_seen: date


# Most wanted first; of two wanted equally often, the one asked for last.
_ORDER = (MissedQuery.count.desc(), MissedQuery.last_seen.desc(), MissedQuery.text)


class MissedRepository:
    """Rows of `missed_query`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, text: str, today: date) -> None:
        """Count a text once more."""
        statement = insert(self._connection, MissedQuery).values(
            text=text, count=1, first_seen=today, last_seen=today
        )
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[MissedQuery.text],
                set_={"count": MissedQuery.count + 1, "last_seen": today},
            )
        )

    async def prune(self, most: int, keep: int) -> None:
        """Where there are more than `most` texts, leave the `keep` that were asked for most.

        Keeping fewer than may be there leaves room in which a new text can become a frequent one.
        """
        total = await self._connection.scalar(select(func.count()).select_from(MissedQuery))
        if (total or 0) <= most:
            return
        kept = select(MissedQuery.text).order_by(*_ORDER).limit(keep)
        await self._connection.execute(delete(MissedQuery).where(MissedQuery.text.not_in(kept)))

    async def top(self, limit: int) -> tuple[Missed, ...]:
        """The texts asked for most."""
        result = await self._connection.execute(
            select(
                MissedQuery.text, MissedQuery.count, MissedQuery.first_seen, MissedQuery.last_seen
            )
            .order_by(*_ORDER)
            .limit(limit)
        )
        return tuple(Missed(*row) for row in result)

    async def remove(self, text: str) -> None:
        """Forget a text; one that is not there is no error."""
        await self._connection.execute(delete(MissedQuery).where(MissedQuery.text == text))
