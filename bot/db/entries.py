"""What people have on their lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select

from bot.db.models import Entry as EntryRow
from bot.db.prepared import Prepared, upsert
from bot.db.upsert import rows_of
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Summary:
    """The entries of one person in a few numbers.

    Attributes:
        total: how many.
        rated: how many of them have a score.
        mean: of the scores; None when there are none.
    """

    total: int
    rated: int
    mean: float | None


_ROW = rows_of(EntryRow).c
_OWN = _ROW.user_id == bindparam("user")
_ONE = _ROW.anime_id == bindparam("anime")
_ENTRIES = select(_ROW.anime_id, _ROW.score, _ROW.status).where(_OWN)
_GET = Prepared(_ENTRIES.where(_ONE))
_ALL = Prepared(_ENTRIES.order_by(_ROW.revision))
_NEWEST = Prepared(
    _ENTRIES.order_by(_ROW.revision.desc()).offset(bindparam("offset")).limit(bindparam("limit"))
)
_SUMMARY = Prepared(select(func.count(), func.count(_ROW.score), func.avg(_ROW.score)).where(_OWN))
_REMOVE = Prepared(delete(rows_of(EntryRow)).where(_OWN, _ONE))
_CHANGED = ("score", "status", "source", "revision", "updated_at")
_PUT = upsert(
    rows_of(EntryRow),
    lambda statement: statement.on_conflict_do_update(
        index_elements=["user_id", "anime_id"],
        set_={name: statement.excluded[name] for name in _CHANGED},
    ),
)


def _entry(anime_id: int, score: int | None, status: int) -> Entry:
    return Entry(anime_id, score, Status(status))


class EntryRepository:
    """Rows of `entry`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: int, anime_id: int) -> Entry | None:
        """One entry, or None."""
        row = await _GET.row(self._connection, {"user": user_id, "anime": anime_id})
        return None if row is None else _entry(*row)

    async def put(
        self, user_id: int, entry: Entry, *, revision: int, source: str, now: datetime
    ) -> None:
        """Write an entry, new or changed, and make it the person's newest.

        Args:
            user_id: whose.
            entry: what it shall be.
            revision: from `UserRepository.advance`, called first in the same transaction.
            source: where the change came from, at most 32 characters.
            now: when.
        """
        await _PUT.run(
            self._connection,
            {
                "user_id": user_id,
                "anime_id": entry.anime_id,
                "score": entry.score,
                "status": int(entry.status),
                "source": source,
                "revision": revision,
                "created_at": now,
                "updated_at": now,
            },
        )

    async def remove(self, user_id: int, anime_id: int) -> None:
        """Take an entry off the list; one that is not there is no error.

        `UserRepository.advance` must be called first in the same transaction.
        """
        await _REMOVE.run(self._connection, {"user": user_id, "anime": anime_id})

    async def all(self, user_id: int) -> tuple[Entry, ...]:
        """Every entry of one person, newest last."""
        rows = await _ALL.rows(self._connection, {"user": user_id})
        return tuple([_entry(*row) for row in rows])

    async def newest(self, user_id: int, *, offset: int, limit: int) -> tuple[Entry, ...]:
        """A stretch of one person's entries, newest first."""
        rows = await _NEWEST.rows(
            self._connection, {"user": user_id, "offset": offset, "limit": limit}
        )
        return tuple([_entry(*row) for row in rows])

    async def summary(self, user_id: int) -> Summary:
        """The entries of one person in a few numbers."""
        ((total, rated, mean),) = await _SUMMARY.rows(self._connection, {"user": user_id})
        return Summary(total, rated, None if mean is None else float(mean))
