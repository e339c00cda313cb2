"""The people."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, update

from bot.db.models import User
from bot.db.prepared import Prepared, upsert
from bot.db.upsert import insert, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection


_AT_ONCE = 500  # values of one statement

_ROW = rows_of(User).c
_OWN = _ROW.id == bindparam("user")
_VERSION = Prepared(select(_ROW.created_at, _ROW.revision).where(_OWN))
_PREFERENCES = Prepared(select(_ROW.preferences).where(_OWN))
_ENSURE = upsert(rows_of(User), lambda statement: statement.on_conflict_do_nothing())
_ADVANCE = upsert(
    rows_of(User),
    lambda statement: statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"revision": _ROW.revision + 1, "updated_at": statement.excluded.updated_at},
    ).returning(_ROW.revision),
)


class Version(NamedTuple):
    """One state of a person's entries; any change gives another.

    Attributes:
        since: when the person's row was made. One who was erased and came back starts anew.
        revision: how many changes there were since.
    """

    since: datetime
    revision: int


class UserRepository:
    """Rows of `user`, within one transaction.

    Args:
        connection: the transaction's.
        refuse: called with a person about whom something was written; raises where that must not
            be, see `bot.db.began`.
    """

    def __init__(self, connection: AsyncConnection, refuse: Callable[[int], None]) -> None:
        self._connection = connection
        self._refuse = refuse

    async def ensure(self, user_id: int, now: datetime) -> None:
        """Make the row of a person who has none."""
        await _ENSURE.run(
            self._connection,
            {"id": user_id, "preferences": {}, "revision": 0, **_first_seen(now)},
        )
        self._refuse(user_id)

    async def advance(self, user_id: int, now: datetime) -> int:
        """Begin a change of a person's entries, making their row where there is none.

        Until the transaction ends, another change by the same person waits.

        Returns:
            The revision that belongs to the change.
        """
        revision: int = await _ADVANCE.value(
            self._connection,
            {"id": user_id, "preferences": {}, "revision": 1, **_first_seen(now)},
        )
        # After the statement, which waits for an erasure that is being made.
        self._refuse(user_id)
        return revision

    async def version(self, user_id: int) -> Version | None:
        """Which state of a person's entries is current; None for somebody without a row."""
        row = await _VERSION.row(self._connection, {"user": user_id})
        return None if row is None else Version(*row)

    async def preferences(self, user_id: int) -> dict[str, Any]:
        """What a person chose for themselves; empty for somebody without a row."""
        return await _PREFERENCES.value(self._connection, {"user": user_id}) or {}

    async def put_preferences(
        self, user_id: int, preferences: Mapping[str, Any], now: datetime
    ) -> None:
        """Replace what a person chose, making their row where there is none."""
        await self._put(user_id, {"preferences": dict(preferences)}, now)

    async def lock(self, user_id: int) -> None:
        """Wait until nobody else writes for a person, and keep it so to the end.

        That takes a row, so one is made for somebody who has none: a row that another transaction
        is just about to make cannot be waited for otherwise.
        """
        now = datetime.now(UTC)
        await _ENSURE.run(
            self._connection,
            {"id": user_id, "preferences": {}, "revision": 0, **_first_seen(now)},
        )
        await self._connection.execute(select(User.id).where(User.id == user_id).with_for_update())

    async def saw(self, user_ids: Collection[int], today: date) -> None:
        """Note that people used the bot; nothing is made for somebody without a row."""
        for some in _batched(user_ids, _AT_ONCE):
            await self._connection.execute(
                update(User).where(User.id.in_(some), User.seen_on < today).values(seen_on=today)
            )

    async def training_since(self, user_id: int) -> datetime | None:
        """Since when a person allows their list to be learnt from; None where they do not."""
        result = await self._connection.execute(
            select(User.training_since).where(User.id == user_id)
        )
        return result.scalar_one_or_none()

    async def put_training(self, user_id: int, since: datetime | None, now: datetime) -> None:
        """Store whether a person allows their list to be learnt from, and since when."""
        await self._put(user_id, {"training_since": since}, now)

    async def _put(self, user_id: int, values: Mapping[str, Any], now: datetime) -> None:
        statement = insert(self._connection, User).values(
            {"preferences": {}, **values, "id": user_id, "revision": 0, **_first_seen(now)}
        )
        changed = {**values, "updated_at": now}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[User.id], set_=changed)
        )
        self._refuse(user_id)


def _batched(ids: Iterable[int], size: int) -> Iterable[list[int]]:
    """The ids, so many at a time."""
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some


def _first_seen(now: datetime) -> dict[str, Any]:
    return {"seen_on": now.date(), "created_at": now, "updated_at": now}
