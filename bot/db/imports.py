"""Lists that people bring: staging their lines, and putting them onto the person's list and back.

Applying and undoing are a few statements over whole tables, so that a list of 20,000 lines is one
transaction of less than a second and never passes through Python.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - a NamedTuple's fields are read at run time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, delete, func, insert, literal, or_, select, update

from bot.db.import_tables import ImportChange, ImportJob, ImportLine
from bot.db.models import Entry, User
from bot.db.types import BigId, UtcDateTime
from bot.db.upsert import insert as upsert
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult, Select, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.elements import SQLCoreOperations

_ROWS_AT_ONCE = 500  # between two batches the event loop does other work


@dataclass(frozen=True, slots=True)
class Job:
    """A row of `bot.db.import_tables.ImportJob`; the fields are described there."""

    id: int
    user_id: int
    source: str
    account: str | None
    state: str
    cursor: str | None
    total: int | None
    passed_over: int
    guessed_scale: int | None
    note: dict[str, Any]
    created_at: datetime


class StagedLine(NamedTuple):
    """A row of `bot.db.import_tables.ImportLine`; the fields are described there."""

    position: int
    state: str
    anime_id: int | None
    title: str
    year: int | None
    score: int | None
    status: int | None
    guesses: Sequence[int]


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


_JOB = tuple(getattr(ImportJob, name) for name in Job.__dataclass_fields__)
_LINE = tuple(getattr(ImportLine, name) for name in StagedLine._fields)
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


class ImportRepository:
    """Rows of `import_job` and its lines and changes, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user_id: int, source: str, account: str | None, now: datetime) -> int:
        """Begin a list. `UserRepository.ensure` must be called first.

        Returns:
            Its id.
        """
        state = "matching" if account is None else "fetching"
        result = await self._connection.execute(
            insert(ImportJob)
            .values(
                user_id=user_id,
                source=source,
                account=account,
                state=state,
                passed_over=0,
                note={},
                created_at=now,
                updated_at=now,
            )
            .returning(ImportJob.id)
        )
        job_id: int = result.scalar_one()
        return job_id

    async def get(self, job_id: int) -> Job | None:
        """One list, or None."""
        result = await self._connection.execute(select(*_JOB).where(ImportJob.id == job_id))
        row = result.one_or_none()
        return None if row is None else Job(*row)

    async def unfinished(self) -> tuple[Job, ...]:
        """The lists that were being read when the bot stopped, or are being read now."""
        result = await self._connection.execute(
            select(*_JOB)
            .where(ImportJob.state.in_(("fetching", "matching")))
            .order_by(ImportJob.id)
        )
        return tuple(Job(*row) for row in result)

    async def set(self, job_id: int, now: datetime, **values: object) -> None:
        """Change some columns of a list."""
        await self._connection.execute(
            update(ImportJob).where(ImportJob.id == job_id).values(updated_at=now, **values)
        )

    async def lock(self, job_id: int, *states: str) -> bool:
        """Whether a list is in one of the states; if so it stays until the transaction ends."""
        result = await self._connection.execute(
            update(ImportJob)
            .where(ImportJob.id == job_id, ImportJob.state.in_(states))
            .values(state=ImportJob.state)
        )
        return _count(result) == 1

    async def turn_page(
        self, job_id: int, before: str | None, after: str | None, now: datetime
    ) -> bool:
        """Note how far a site was read.

        Returns:
            False if another process has read this page meanwhile, or the list is gone: then
            nothing of the page may be kept.
        """
        result = await self._connection.execute(
            update(ImportJob)
            .where(
                ImportJob.id == job_id,
                ImportJob.state == "fetching",
                ImportJob.cursor.is_not_distinct_from(before),
            )
            .values(
                cursor=after,
                state="fetching" if after is not None else "matching",
                updated_at=now,
            )
        )
        return _count(result) == 1

    async def drop_unapplied(self, user_id: int) -> None:
        """Forget a person's lists that were not put onto their own."""
        await self._connection.execute(
            delete(ImportJob).where(
                ImportJob.user_id == user_id, ImportJob.state.not_in(("applied", "undone"))
            )
        )

    async def remove(self, job_id: int) -> None:
        """Forget a list, and with it its way back; one that is not there is no error."""
        await self._connection.execute(delete(ImportJob).where(ImportJob.id == job_id))

    async def prune(self, unapplied_before: datetime, before: datetime) -> None:
        """Forget what nobody comes back to.

        Args:
            unapplied_before: lists not applied that last got on before this.
            before: lists of any kind that last got on before this.
        """
        await self._connection.execute(
            delete(ImportJob).where(
                or_(
                    ImportJob.updated_at < before,
                    and_(
                        ImportJob.updated_at < unapplied_before,
                        ImportJob.state.not_in(("applied", "undone")),
                    ),
                )
            )
        )

    async def stage(self, job_id: int, lines: Sequence[StagedLine]) -> None:
        """Keep lines until the person says what to do with them."""
        for start in range(0, len(lines), _ROWS_AT_ONCE):
            batch = lines[start : start + _ROWS_AT_ONCE]
            rows = [{"job_id": job_id, **line._asdict()} for line in batch]
            await self._connection.execute(insert(ImportLine), rows)

    async def lines(
        self, job_id: int, state: str, limit: int, *, after: int = -1
    ) -> tuple[StagedLine, ...]:
        """Some lines of a list, in its order.

        Args:
            job_id: the list.
            state: of the lines.
            limit: at most how many.
            after: only those that stand after this position.
        """
        result = await self._connection.execute(
            select(*_LINE)
            .where(
                ImportLine.job_id == job_id,
                ImportLine.state == state,
                ImportLine.position > after,
            )
            .order_by(ImportLine.position)
            .limit(limit)
        )
        return tuple(StagedLine(*row) for row in result)

    async def line(self, job_id: int, position: int) -> StagedLine | None:
        """One line of a list, or None."""
        result = await self._connection.execute(
            select(*_LINE).where(ImportLine.job_id == job_id, ImportLine.position == position)
        )
        row = result.one_or_none()
        return None if row is None else StagedLine(*row)

    async def settle(self, job_id: int, lines: Iterable[StagedLine]) -> None:
        """Write what was found out about lines: their state, anime and guesses."""
        for line in lines:
            await self._connection.execute(
                update(ImportLine)
                .where(ImportLine.job_id == job_id, ImportLine.position == line.position)
                .values(state=line.state, anime_id=line.anime_id, guesses=line.guesses)
            )

    async def counts(self, job_id: int) -> dict[str, int]:
        """How many lines of a list are in each state."""
        result = await self._connection.execute(
            select(ImportLine.state, func.count())
            .where(ImportLine.job_id == job_id)
            .group_by(ImportLine.state)
        )
        return {state: count for state, count in result}  # noqa: C416 - rows, not tuples, to pyright

    async def sure_ids(self, job_id: int, limit: int) -> tuple[int, ...]:
        """The anime of a list's sure lines, each once, in ascending order."""
        result = await self._connection.scalars(
            select(ImportLine.anime_id)
            .where(ImportLine.job_id == job_id, ImportLine.state == "sure")
            .distinct()
            .order_by(ImportLine.anime_id)
            .limit(limit)
        )
        return tuple(anime_id for anime_id in result if anime_id is not None)

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
