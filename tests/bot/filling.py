"""Rows in every table of people, made from the tables themselves.

A table that somebody adds tomorrow is filled too, so the tests of export and erase cover it without
being changed.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    LargeBinary,
    String,
    Text,
    cast,
    select,
)

from bot.db.models import Base
from bot.db.personal import Personal, declared

if TYPE_CHECKING:
    from sqlalchemy import Column, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.db import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Filler:
    """Makes rows whose every value can be told from every other."""

    def __init__(self, connection: AsyncConnection, first: int = 1000) -> None:
        self._connection = connection
        self._numbers = itertools.count(first)
        self._keys: dict[tuple[Table, int], dict[str, Any]] = {}

    async def fill(self, user_id: int, other_id: int) -> None:
        """One row of each table for a person; where it mentions somebody, that is the other."""
        for table in Base.metadata.sorted_tables:
            how = declared(table)
            assert how is not None, f"{table.name} is not declared"
            row = {
                column.name: value
                for column in table.columns
                if (value := self._value(table, column, how, user_id, other_id)) is not None
            }
            result = await self._connection.execute(table.insert().values(row))
            keys = dict(
                zip(table.primary_key.columns.keys(), result.inserted_primary_key, strict=True)
            )
            self._keys[table, user_id] = {**row, **keys}

    def _value(
        self, table: Table, column: Column[Any], how: object, user_id: int, other_id: int
    ) -> Any:
        if isinstance(how, Personal):
            if column.name in how.owners:
                return user_id
            if column.name in how.mentions:
                return [other_id, str(other_id)] if isinstance(column.type, JSON) else other_id
        for key in column.foreign_keys:
            return self._keys[key.column.table, user_id][key.column.name]
        return self.reflected(table, column)

    def reflected(self, table: Table, column: Column[Any]) -> Any:
        """A value for a column that refers to nothing; None where the database gives one."""
        if (allowed := _allowed(table, column)) is not None:
            return allowed
        numbered = table.autoincrement_column is column and not column.foreign_keys
        if numbered and column.autoincrement is not False:
            return None  # by the database
        return self._plain(column)

    def _plain(self, column: Column[Any]) -> Any:
        number = next(self._numbers)
        kind: Any = column.type
        kind = getattr(kind, "impl_instance", getattr(kind, "impl", kind))
        made: tuple[tuple[type, Any], ...] = (
            (Boolean, True),
            (JSON, {"number": number}),
            (DateTime, NOW.replace(microsecond=number)),
            (Date, date.fromordinal(NOW.date().toordinal() + number)),
            (LargeBinary, str(number).encode()),
            (Float, number + 0.5),
            (String, f"text{number}"[: getattr(kind, "length", None) or 100]),
        )
        return next((value for one, value in made if isinstance(kind, one)), number)


# The two ways in which our checks are written.
_IN = r"{}\s+IN\s+\((?:'(?P<text>[^']*)'|(?P<number>-?\d+))"
_BETWEEN = r"{}\s+BETWEEN\s+(?P<number>-?\d+)"


def _allowed(table: Table, column: Column[Any]) -> Any:
    """A value that the checks of a column allow; None where there are none."""
    for check in table.constraints:
        if not isinstance(check, CheckConstraint):
            continue
        for form in _IN, _BETWEEN:
            if found := re.search(form.format(rf"\b{column.name}"), str(check.sqltext)):
                text = found.groupdict().get("text")
                return int(found["number"]) if text is None else text
    return None


async def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, each as one text."""
    found: dict[str, list[str]] = {}
    async with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = await connection.execute(
                select(*(cast(column, Text) for column in table.columns)).order_by(
                    *table.primary_key.columns
                )
            )
            found[table.name] = ["|".join(map(str, row)) for row in rows]
    return found
