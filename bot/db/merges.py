"""Putting a staged list onto the person's own, and taking it off again.

Both are a few statements over whole tables, so that a list of 20,000 lines is one transaction of
less than a second and never passes through Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, delete, func, insert, literal, or_, select, update

from bot.db.import_tables import ImportChange, ImportLine
from bot.db.models import Entry, User
from bot.db.types import BigId, UtcDateTime
from bot.db.upsert import insert as upsert
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult, Select, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.elements import SQLCoreOperations

    from bot.db.imports import Job


class Difference(NamedTuple):
    """How the sure lines of a list compare with the person's own list.

    Attributes:
        new: not on it.
        changed: on it, and otherwise.
        same: on it, and alike.
    """

    new: int
    changed: int
    same: int


class Undone(NamedTuple):
    """What undoing did.

    Attributes:
        restored: entries that are again what they were before the import.
        kept: entries that the person changed since, and that were left alone.
    """

    restored: int
    kept: int


_ENTRY = (
    "user_id",
    "anime_id",
    "score",
    "status",
    "source",
    "revision",
    "created_at",
    "updated_at",
)

NOT_WATCHED = (Status.UNKNOWN, Status.PLANNED, Status.NOT_INTERESTED)

# The list's line and the person's entry say different things. What a line does not say, a missing
# score or status, is no difference.
_DIFFERS = or_(
    and_(ImportLine.score.is_not(None), Entry.score.is_distinct_from(ImportLine.score)),
    and_(ImportLine.status.is_not(None), Entry.status != ImportLine.status),
)


class MergeRepository:
    """What staged lists do to people's entries, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def difference(self, job: Job) -> Difference:
        """How the sure lines of a list compare with the person's own list."""
        chosen = _chosen(job.id)
        is_new = Entry.anime_id.is_(None)
        result = await self._connection.execute(
            _compared(
                job,
                chosen,
                func.count(),
                func.coalesce(func.sum(case((is_new, 1), else_=0)), 0),
                func.coalesce(func.sum(case((and_(~is_new, _DIFFERS), 1), else_=0)), 0),
            )
        )
        total, new, changed = result.one()
        return Difference(int(new), int(changed), int(total) - int(new) - int(changed))

    async def apply(self, job: Job, revision: int, now: datetime, *, file_wins: bool) -> Difference:
        """Put the sure lines of a list onto the person's own.

        Args:
            job: the list.
            revision: from `UserRepository.advance`, called first in the same transaction.
            now: when.
            file_wins: whether an entry that differs becomes what the list says. A score or a
                status that the list does not give stays either way.

        Returns:
            What it did; `changed` is 0 where the person's own entries won.
        """
        wanted: ColumnElement[bool] = Entry.anime_id.is_(None)
        if file_wins:
            wanted = or_(wanted, _DIFFERS)
        before = await self.difference(job)
        chosen = _chosen(job.id)
        # Each entry has a revision of its own, in the order of the list: its place in the order.
        number = func.row_number().over(order_by=ImportLine.position) + (revision - 1)
        changes = _compared(
            job,
            chosen,
            literal(job.id, BigId),
            ImportLine.anime_id,
            number,
            Entry.anime_id.is_not(None),
            Entry.score,
            Entry.status,
            Entry.source,
            Entry.revision,
            Entry.created_at,
            Entry.updated_at,
        ).where(wanted)
        names = [column.name for column in ImportChange.__table__.columns]
        result = await self._connection.execute(insert(ImportChange).from_select(names, changes))
        await self._write(self._entries(job, chosen, now))
        more = _count(result) - 1  # one was counted by `advance`
        if more > 0:
            await self._connection.execute(
                update(User).where(User.id == job.user_id).values(revision=User.revision + more)
            )
        await self._connection.execute(
            delete(ImportLine).where(ImportLine.job_id == job.id, ImportLine.state == "sure")
        )
        if file_wins:
            return before
        return Difference(before.new, 0, before.changed + before.same)

    def _entries(self, job: Job, chosen: Subquery, now: datetime) -> Select[*tuple[Any, ...]]:
        """The entries that the changes of an import lead to."""
        not_watched = ImportChange.status.in_([int(status) for status in NOT_WATCHED])
        status = case(
            (ImportLine.status.is_not(None), ImportLine.status),
            # Who rates an anime has watched it, as with /rate.
            (
                and_(ImportLine.score.is_not(None), or_(~ImportChange.was_listed, not_watched)),
                int(Status.COMPLETED),
            ),
            (ImportChange.was_listed, ImportChange.status),
            else_=int(Status.UNKNOWN),
        )
        return (
            select(
                literal(job.user_id, BigId),
                ImportChange.anime_id,
                func.coalesce(ImportLine.score, ImportChange.score),
                status,
                literal(f"import:{job.source}"),
                ImportChange.revision,
                func.coalesce(ImportChange.created_at, literal(now, UtcDateTime())),
                literal(now, UtcDateTime()),
            )
            .select_from(ImportChange)
            .join(
                ImportLine,
                and_(
                    ImportLine.job_id == ImportChange.job_id,
                    ImportLine.anime_id == ImportChange.anime_id,
                ),
            )
            .join(chosen, chosen.c.position == ImportLine.position)
            .where(ImportChange.job_id == job.id)
        )

    async def undo(self, job: Job) -> Undone:
        """Make the entries that an import changed what they were, but for those changed since.

        `UserRepository.advance` must be called first in the same transaction.
        """
        untouched = and_(
            Entry.user_id == job.user_id,
            Entry.anime_id == ImportChange.anime_id,
            Entry.revision == ImportChange.revision,
        )
        of_job = ImportChange.job_id == job.id
        total = await self._connection.scalar(
            select(func.count()).select_from(ImportChange).where(of_job)
        )
        restored = await self._connection.scalar(
            select(func.count()).select_from(ImportChange).join(Entry, untouched).where(of_job)
        )
        await self._connection.execute(
            delete(Entry).where(
                Entry.user_id == job.user_id,
                select(ImportChange.anime_id)
                .where(of_job, ~ImportChange.was_listed, untouched)
                .correlate(Entry)
                .exists(),
            )
        )
        await self._write(
            select(
                literal(job.user_id, BigId),
                ImportChange.anime_id,
                ImportChange.score,
                ImportChange.status,
                ImportChange.source,
                ImportChange.old_revision,
                ImportChange.created_at,
                ImportChange.updated_at,
            )
            .select_from(ImportChange)
            .join(Entry, untouched)
            .where(of_job, ImportChange.was_listed)
        )
        await self._connection.execute(delete(ImportChange).where(of_job))
        return Undone(restored or 0, (total or 0) - (restored or 0))

    async def _write(self, entries: Select[*tuple[Any, ...]]) -> None:
        """Write entries, new or changed."""
        statement = upsert(self._connection, Entry).from_select(list(_ENTRY), entries)
        written: Mapping[str, Any] = {name: statement.excluded[name] for name in _ENTRY[2:]}
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[Entry.user_id, Entry.anime_id], set_=dict(written)
            )
        )


def _chosen(job_id: int) -> Subquery:
    """The positions of the sure lines; of several about one anime the last counts."""
    return (
        select(func.max(ImportLine.position).label("position"))
        .where(ImportLine.job_id == job_id, ImportLine.state == "sure")
        .group_by(ImportLine.anime_id)
        .subquery()
    )


def _compared(
    job: Job, chosen: Subquery, *columns: SQLCoreOperations[Any]
) -> Select[*tuple[Any, ...]]:
    """Columns over the chosen lines beside the person's entries, which may be missing."""
    return (
        select(*columns)
        .select_from(ImportLine)
        .join(chosen, chosen.c.position == ImportLine.position)
        .outerjoin(Entry, and_(Entry.user_id == job.user_id, Entry.anime_id == ImportLine.anime_id))
        .where(ImportLine.job_id == job.id)
    )


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount
