"""The people."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - a NamedTuple's fields are read at run time
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from bot.db.models import User
from bot.db.upsert import insert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection


class Version(NamedTuple):
    """One state of a person's entries; any change gives another.

    Attributes:
        since: when the person's row was made. One who was erased and came back starts anew.
        revision: how many changes there were since.
    """

    since: datetime
    revision: int


class UserRepository:
    """Rows of `user`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ensure(self, user_id: int, now: datetime) -> None:
        """Make the row of a person who has none."""
        statement = insert(self._connection, User).values(
            id=user_id, preferences={}, revision=0, created_at=now, updated_at=now
        )
        await self._connection.execute(statement.on_conflict_do_nothing())

    async def advance(self, user_id: int, now: datetime) -> int:
        """Begin a change of a person's entries, making their row where there is none.

        Until the transaction ends, another change by the same person waits.

        Returns:
            The revision that belongs to the change.
        """
        statement = insert(self._connection, User).values(
            id=user_id, preferences={}, revision=1, created_at=now, updated_at=now
        )
        statement = statement.on_conflict_do_update(
            index_elements=[User.id],
            set_={"revision": User.revision + 1, "updated_at": now},
        )
        result = await self._connection.execute(statement.returning(User.revision))
        revision: int = result.scalar_one()
        return revision

    async def version(self, user_id: int) -> Version | None:
        """Which state of a person's entries is current; None for somebody without a row."""
        result = await self._connection.execute(
            select(User.created_at, User.revision).where(User.id == user_id)
        )
        row = result.one_or_none()
        return None if row is None else Version(*row)

    async def preferences(self, user_id: int) -> dict[str, Any]:
        """What a person chose for themselves; empty for somebody without a row."""
        result = await self._connection.execute(select(User.preferences).where(User.id == user_id))
        return result.scalar_one_or_none() or {}

    async def put_preferences(
        self, user_id: int, preferences: Mapping[str, Any], now: datetime
    ) -> None:
        """Replace what a person chose, making their row where there is none."""
        changed = {"preferences": dict(preferences), "updated_at": now}
        statement = insert(self._connection, User).values(
            id=user_id, revision=0, created_at=now, **changed
        )
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[User.id], set_=changed)
        )
