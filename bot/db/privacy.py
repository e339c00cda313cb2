"""What is kept of one person: counted, read out whole, taken away. See `bot.db.personal`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import JSON, Text, cast, delete, func, select, update

from bot.db.models import Entry, ServiceDay, User
from bot.db.personal import Personal, personal_tables, without
from bot.db.upsert import insert
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import date

    from sqlalchemy import Column
    from sqlalchemy.ext.asyncio import AsyncConnection

# Rows that are read at a time. Making them takes the event loop some milliseconds, and between two
# such times others are answered.
_ROWS = 250


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of one kind is kept of a person.

    Attributes:
        kind: of `bot.db.personal.Personal`.
        table: its name in the database.
        count: how many rows.
    """

    kind: str
    table: str
    count: int


class Rating(NamedTuple):
    """One entry of somebody who allows their list to be learnt from.

    Attributes:
        user_id: whose.
        anime_id: MyAnimeList id.
        score: 1 to 10, or None.
        status: a number of `recsys.profile.Status`.
    """

    user_id: int
    anime_id: int
    score: int | None
    status: int


class PrivacyRepository:
    """All the tables of people at once, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def kept(self, user_id: int) -> tuple[Kept, ...]:
        """How much of each kind is kept of a person, also where that is nothing."""
        found: list[Kept] = []
        for one in personal_tables():
            statement = select(func.count()).select_from(one.table).where(one.of(user_id))
            count = await self._connection.scalar(statement)
            found.append(Kept(one.kind, one.table.name, count or 0))
        return tuple(found)

    async def rows(self, user_id: int, kind: str) -> AsyncGenerator[dict[str, Any]]:
        """Everything of one kind that is kept of a person, each row with all its columns."""
        one = next(one for one in personal_tables() if one.kind == kind)
        statement = select(one.table).where(one.of(user_id)).order_by(*one.table.primary_key)
        stream = await self._connection.stream(
            statement, execution_options={"yield_per": _ROWS, "stream_results": True}
        )
        async for some in stream.mappings().partitions(_ROWS):
            for row in some:
                yield dict(row)

    async def erase(self, user_id: int) -> tuple[Kept, ...]:
        """Take away everything that is kept of a person. Call it within `Database.erasing`.

        Returns:
            How much of each kind went.
        """
        gone: list[Kept] = []
        for one in reversed(personal_tables()):  # what refers to others first
            for name in one.mentions:
                await self._forget_mention(one, one.table.c[name], user_id)
            result = await self._connection.execute(delete(one.table).where(one.of(user_id)))
            gone.append(Kept(one.kind, one.table.name, result.rowcount))
        return tuple(reversed(gone))

    async def _forget_mention(self, one: Personal, column: Column[Any], user_id: int) -> None:
        if not isinstance(column.type, JSON):
            statement = update(one.table).where(column == user_id).values({column.name: None})
            await self._connection.execute(statement)
            return
        # A look at the text finds the rows, and a few too many; what is taken out is decided on
        # the value.
        keys = tuple(one.table.primary_key)
        found = await self._connection.execute(
            select(*keys, column).where(cast(column, Text).contains(str(user_id)))
        )
        for *key, value in found.all():
            this = [name == part for name, part in zip(keys, key, strict=True)]
            changed = {column.name: without(value, user_id)}
            await self._connection.execute(update(one.table).where(*this).values(changed))

    async def ran_on(self, today: date) -> None:
        """Note that the bot runs today."""
        statement = insert(self._connection, ServiceDay).values(day=today)
        await self._connection.execute(statement.on_conflict_do_nothing())

    async def day_before(self, days: int) -> date | None:
        """The day since which the bot has run on so many days; None where it has run on fewer."""
        newest = select(ServiceDay.day).order_by(ServiceDay.day.desc())
        return await self._connection.scalar(newest.offset(days).limit(1))

    async def forget_days(self, before: date) -> None:
        """Drop the days that nobody will ask for again."""
        await self._connection.execute(delete(ServiceDay).where(ServiceDay.day < before))

    async def departed(self, since: date, limit: int) -> tuple[int, ...]:
        """People who were last seen before a day, those who left first."""
        statement = select(User.id).where(User.seen_on < since).order_by(User.seen_on).limit(limit)
        return tuple(await self._connection.scalars(statement))

    async def has_departed(self, user_id: int, since: date) -> bool:
        """Whether a person was last seen before a day."""
        statement = select(User.id).where(User.id == user_id, User.seen_on < since)
        return await self._connection.scalar(statement) is not None

    async def consented(self) -> AsyncGenerator[Rating]:
        """The entries from which the people who own them allow to learn, person by person.

        What somebody merely does not want to see says nothing about what they watched.
        """
        statement = (
            select(Entry.user_id, Entry.anime_id, Entry.score, Entry.status)
            .join(User, User.id == Entry.user_id)
            .where(
                User.training_since.is_not(None),
                (Entry.status != Status.NOT_INTERESTED) | Entry.score.is_not(None),
            )
            .order_by(Entry.user_id, Entry.anime_id)
        )
        stream = await self._connection.stream(
            statement, execution_options={"yield_per": _ROWS, "stream_results": True}
        )
        async for some in stream.partitions(_ROWS):
            for row in some:
                yield Rating(*row)
