"""Lists that people bring, staged until they are put onto the person's own list.

`bot.db.merges` does that.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - a NamedTuple's fields are read at run time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select, update

from bot.db.import_tables import ImportJob, ImportLine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import CursorResult
    from sqlalchemy.ext.asyncio import AsyncConnection

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


_JOB = tuple(getattr(ImportJob, name) for name in Job.__dataclass_fields__)
_LINE = tuple(getattr(ImportLine, name) for name in StagedLine._fields)


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


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount
