"""Statements that are run for every click: built once and compiled once.

SQLAlchemy looks for a statement's compiled form, makes a context, a cursor and a result, and sends
each call through a greenlet: fifty microseconds where SQLite needs two. A click is some fifteen
such statements. Those below keep the SQL that SQLAlchemy made of them and what its types do with
values, and give both to the driver directly. On a connection whose transactions SQLAlchemy manages
they are executed as usual.
"""

# What goes to a driver and comes from it may be anything.
# ruff: noqa: ANN401

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite

from bot.db.driver import driver_of
from bot.db.errors import is_broken_constraint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Dialect, Executable, Table
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.compiler import SQLCompiler

    Values = Mapping[str, Any]
    Row = Sequence[Any]
    Process = Callable[[Any], Any] | None


_FLOAT8: Final = 701
"""PostgreSQL's number for how all our fractions come back; no other type of ours asks for it."""


class Prepared:
    """A statement that is given its values at each execution.

    Args:
        statement: with a named `bindparam` for each value, or an INSERT without values.
        other: what takes its place for some databases, by the name of the dialect.
    """

    def __init__(self, statement: Executable, **other: Executable) -> None:
        self._statement = statement
        self._statements = other
        # For a dialect and the names of the values: an INSERT has the columns that it is given.
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    async def rows(self, connection: AsyncConnection, values: Values) -> Sequence[Row]:
        """Every row of the answer."""
        driver = driver_of(connection)
        if driver is None:
            result = await connection.execute(self._of(connection.dialect), dict(values))
            return [tuple(row) for row in result]
        compiled = self._for(connection.dialect, values)
        with _as_usual(compiled.sql):
            return compiled.read(await driver.rows(compiled.sql, compiled.bound(values)))

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
            result = await connection.execute(self._of(connection.dialect), dict(values))
            return result.rowcount
        compiled = self._for(connection.dialect, values)
        with _as_usual(compiled.sql):
            return await driver.run(compiled.sql, compiled.bound(values))

    async def run_many(self, connection: AsyncConnection, rows: Sequence[Values]) -> None:
        """Change something once for each set of values; all name the same."""
        if not rows:
            return
        driver = driver_of(connection)
        if driver is None:
            statement = self._of(connection.dialect)
            await connection.execute(statement, [dict(values) for values in rows])
            return
        compiled = self._for(connection.dialect, rows[0])
        with _as_usual(compiled.sql):
            await driver.run_many(compiled.sql, [compiled.bound(values) for values in rows])

    def _of(self, dialect: Dialect) -> Executable:
        return self._statements.get(dialect.name, self._statement)

    def _for(self, dialect: Dialect, values: Values) -> _Compiled:
        kind = (dialect.name, *values)
        compiled = self._compiled.get(kind)
        if compiled is None:
            made = _Compiled.of(self._of(dialect), dialect, tuple(values))
            compiled = self._compiled[kind] = made
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
    """A statement as the database's driver takes it.

    Attributes:
        sql: with a mark for each value.
        binds: for each mark the name of its value, or None and the value itself, and what its type
            does with it.
        types: what the types of the answer's columns do with what comes back.
    """

    sql: str
    binds: tuple[tuple[str | None, Any, Process], ...]
    types: tuple[Process, ...]

    @classmethod
    def of(cls, statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(names))
        if compiled.insert_prefetch or compiled.update_prefetch:
            message = f"a default of Python's would be left out: {compiled}"
            raise TypeError(message)
        binds: list[tuple[str | None, Any, Process]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
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
            column["type"].dialect_impl(dialect).result_processor(dialect, _FLOAT8)
            for column in columns
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

    @cached_property
    def _untouched(self) -> bool:
        """Whether what the driver reads is what Python means."""
        return not any(self.types)

    def bound(self, values: Values) -> Row:
        """The values in the order of their marks, as the driver takes them."""
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
        if not rows or self._untouched:
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


class _as_usual:  # noqa: N801 - used as a function
    """A broken constraint is raised as SQLAlchemy does it."""

    __slots__ = ("_sql",)

    def __init__(self, sql: str) -> None:
        self._sql = sql

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: object
    ) -> Literal[False]:
        if error is not None and is_broken_constraint(error):
            # Without the values: they would be somebody's rating in a log.
            raise exc.IntegrityError(self._sql, None, error, hide_parameters=True) from error
        return False
