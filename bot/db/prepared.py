"""Statements that are run for every click: built once, and for SQLite compiled once, too.

SQLAlchemy builds a statement, looks for its compiled form, makes a context, a cursor and a result,
and sends each call through a greenlet: fifty microseconds where SQLite needs two. A click is some
fifteen such statements. Those below keep the compiled SQL and what its types do with values, and
give both to SQLite directly; on PostgreSQL, where the way to the server takes longer than all
this, they are executed as usual.
"""

# What goes to a driver and comes from it may be anything.
# ruff: noqa: ANN401

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import aiosqlite

from bot.db.brief import driver_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sqlalchemy import Executable, Table
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Values = Mapping[str, Any]
    Row = tuple[Any, ...]
    Process = Callable[[Any], Any] | None

_DIALECT: Final = aiosqlite.dialect()


class Prepared:
    """A statement that is given its values at each execution.

    Args:
        statement: with a named `bindparam` for each value, or an INSERT without values.
        other: what takes its place for some databases, by the name of the dialect.
    """

    def __init__(self, statement: Executable, **other: Executable) -> None:
        self._statement = statement
        self._statements = other
        # An INSERT has the columns that it is given.
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    async def rows(self, connection: AsyncConnection, values: Values) -> Sequence[Row]:
        """Every row of the answer."""
        driver = driver_of(connection)
        if driver is None:
            result = await connection.execute(self._of(connection), dict(values))
            return [tuple(row) for row in result]
        compiled = self._for(values)
        with _as_usual(compiled.sql):
            found, _ = await driver.run(compiled.sql, compiled.bound(values))
        return compiled.read(found)

    async def row(self, connection: AsyncConnection, values: Values) -> Row | None:
        """The first row of the answer; None where there is none."""
        found = await self.rows(connection, values)
        return found[0] if found else None

    async def value(self, connection: AsyncConnection, values: Values) -> Any:
        """The first value of the first row; None where there is no row."""
        found = await self.rows(connection, values)
        return found[0][0] if found else None

    async def run(self, connection: AsyncConnection, values: Values) -> int:
        """Change something.

        Returns:
            How many rows were changed.
        """
        driver = driver_of(connection)
        if driver is None:
            return (await connection.execute(self._of(connection), dict(values))).rowcount
        compiled = self._for(values)
        with _as_usual(compiled.sql):
            _, count = await driver.run(compiled.sql, compiled.bound(values))
        return count

    async def run_many(self, connection: AsyncConnection, rows: Sequence[Values]) -> None:
        """Change something once for each set of values; all name the same."""
        if not rows:
            return
        driver = driver_of(connection)
        if driver is None:
            await connection.execute(self._of(connection), [dict(values) for values in rows])
            return
        compiled = self._for(rows[0])
        with _as_usual(compiled.sql):
            await driver.run_many(compiled.sql, [compiled.bound(values) for values in rows])

    def _of(self, connection: AsyncConnection) -> Executable:
        return self._statements.get(connection.dialect.name, self._statement)

    def _for(self, values: Values) -> _Compiled:
        names = tuple(values)
        compiled = self._compiled.get(names)
        if compiled is None:
            compiled = self._compiled[names] = _Compiled.of(self._statement, names)
        return compiled


def upsert(table: Table, finish: Callable[[Any], Executable]) -> Prepared:
    """An INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each.

    Args:
        table: into which.
        finish: adds what is to be done on a conflict.
    """
    return Prepared(finish(sqlite.insert(table)), postgresql=finish(postgresql.insert(table)))


@dataclass(frozen=True)
class _Compiled:
    """A statement as SQLite takes it.

    Attributes:
        sql: with a question mark for each value.
        binds: for each question mark the name of its value, or None and the value itself, and what
            its type does with it.
        types: what the types of the answer's columns do with what comes back.
    """

    sql: str
    binds: tuple[tuple[str | None, Any, Process], ...]
    types: tuple[Process, ...]

    @classmethod
    def of(cls, statement: Any, names: tuple[str, ...]) -> _Compiled:
        compiled: SQLCompiler = statement.compile(dialect=_DIALECT, column_keys=list(names))
        if compiled.insert_prefetch or compiled.update_prefetch:
            message = f"a default of Python's would be left out: {compiled}"
            raise TypeError(message)
        binds: list[tuple[str | None, Any, Process]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            process = _implementation(bind.type).bind_processor(_DIALECT)
            if bind.required or name in names:
                binds.append((bind.key, None, process))
            else:
                value = bind.effective_value
                binds.append((None, process(value) if process else value, None))
        if statement.is_select:
            columns = statement.column_descriptions
        else:
            columns = statement.returning_column_descriptions
        types = (
            _implementation(column["type"]).result_processor(_DIALECT, None) for column in columns
        )
        return cls(str(compiled), tuple(binds), tuple(types))

    @cached_property
    def _plain(self) -> Callable[[Values], Any] | None:
        """Reads the values off where no type changes any of them."""
        # Of one name it would give no tuple.
        names = [name for name, _, process in self.binds if name is not None and process is None]
        if len(names) < len(self.binds) or len(names) < 2:
            return None
        return itemgetter(*names)

    def bound(self, values: Values) -> Row:
        """The values in the order of the question marks, as SQLite keeps them."""
        if self._plain is not None:
            return self._plain(values)
        return tuple(
            [
                constant
                if name is None
                else (values[name] if process is None else process(values[name]))
                for name, constant, process in self.binds
            ]
        )

    def read(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows of the answer as Python means them."""
        if not any(self.types):
            return rows
        return [
            tuple(
                [
                    value if process is None else process(value)
                    for process, value in zip(self.types, row, strict=True)
                ]
            )
            for row in rows
        ]


@contextmanager
def _as_usual(sql: str) -> Generator[None]:
    """A broken constraint is raised as SQLAlchemy does it."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        # Without the values: they would be somebody's rating in a log.
        raise exc.IntegrityError(sql, None, error, hide_parameters=True) from error


def _implementation(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(_DIALECT)
