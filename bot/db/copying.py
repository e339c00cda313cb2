"""Every row of one database into another, of the same or of the other kind, and proof of it.

The tables are read from the source itself and not from today's models, so a database of an older
revision is copied as well: into one of the same revision.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import JSON, DateTime, MetaData, Table, delete, func, insert, select, text

from bot.db.errors import translated
from bot.db.types import JsonOrNull, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.db.database import Database

_ROWS = 1000  # read and written together
_VERSION_TABLE = "alembic_version"
_MODULUS = 1 << 256


class CopyError(Exception):
    """What was read back is not what was written; the message names the table."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds, whatever the order.

    Attributes:
        rows: how many.
        digest: the sum of all rows' SHA-256, as hexadecimal digits.
    """

    rows: int
    digest: str


@asynccontextmanager
async def one_moment(database: Database) -> AsyncGenerator[AsyncConnection]:
    """A connection that sees the database as it is now, whatever is written meanwhile.

    Raises:
        DatabaseError: it cannot be read.
    """
    with translated(database.where):
        async with database.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection


async def tables_of(connection: AsyncConnection) -> tuple[Table, ...]:
    """The tables that a database has, one that others refer to before those."""
    return await connection.run_sync(_reflected)


def _reflected(connection: Connection) -> tuple[Table, ...]:
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]
    for table in tables:
        for column in table.columns:
            # What both kinds of database give and take alike.
            if isinstance(column.type, JSON):
                column.type = JsonOrNull
            elif isinstance(column.type, DateTime):
                column.type = UtcDateTime()
    return tuple(tables)


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
        for table in await tables_of(connection)
    }


async def contents(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, Content]:
    """What each table holds."""
    found: dict[str, Content] = {}
    for table in tables:
        rows = total = 0
        async for batch in _batches(connection, table):
            rows += len(batch)
            total += sum(map(_digest, batch))
        found[table.name] = Content(rows, f"{total % _MODULUS:064x}")
    return found


async def copy_rows(source: AsyncConnection, target: AsyncConnection) -> dict[str, Content]:
    """Copy every row and read all of them back. The target's transaction is the caller's.

    Args:
        source: from `one_moment`.
        target: its tables are of the same revision, and empty.

    Returns:
        What each table holds now, in both.

    Raises:
        CopyError: what was read back differs; the caller rolls back.
    """
    tables = await tables_of(source)
    # Each side's own: SQLite has one kind of whole number, PostgreSQL has three.
    theirs = {table.name: table for table in await tables_of(target)}
    for table in tables:
        if table.name not in theirs:
            message = f"The table {table.name} is in one database and not in the other."
            raise CopyError(message)
        async for batch in _batches(source, table):
            await target.execute(insert(theirs[table.name]), batch)
    await _number_on(source, target, tables)
    wanted = await contents(source, tables)
    found = await contents(target, [theirs[table.name] for table in tables])
    for name, content in wanted.items():
        if found[name] != content:
            message = (
                f"The table {name} holds {content.rows} rows, and what was written of it and read "
                f"back, {found[name].rows} rows, is not the same. Nothing was kept."
            )
            raise CopyError(message)
    return found


async def remove_rows(target: AsyncConnection) -> None:
    """Empty every table; the transaction is the caller's."""
    tables = await tables_of(target)
    if target.dialect.name == "postgresql":
        # All at once: deleting rows one by one may take longer than a statement is given.
        quote = target.dialect.identifier_preparer.quote
        await target.execute(text(f"TRUNCATE {', '.join(quote(table.name) for table in tables)}"))
        return
    for table in reversed(tables):
        await target.execute(delete(table))


async def _batches(
    connection: AsyncConnection, table: Table
) -> AsyncGenerator[list[dict[str, Any]]]:
    stream = await connection.stream(
        select(table), execution_options={"yield_per": _ROWS, "stream_results": True}
    )
    async for batch in stream.mappings().partitions(_ROWS):
        yield [dict(row) for row in batch]


async def _number_on(
    source: AsyncConnection, target: AsyncConnection, tables: Iterable[Table]
) -> None:
    """Let the target go on numbering where the source is, so that no number is used twice.

    Buttons in old messages carry the number of a list, also of one that was erased since.
    """
    last = await _numbers(source, tables)
    if target.dialect.name == "sqlite":
        for name, number in last.items():
            # A table that has never had a row has no line yet, and the line has no unique key.
            await target.execute(
                text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name}
            )
            await target.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
                {"name": name, "seq": number},
            )
        return
    for name, sequence in (await _sequences(target, tables)).items():
        number = last.get(name, 0)
        await target.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :number, :used)"),
            {"sequence": sequence, "number": max(number, 1), "used": number > 0},
        )


async def _numbers(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, int]:
    """The last number that was given in each table that numbers its rows."""
    if connection.dialect.name == "sqlite":
        known = await connection.execute(
            text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        )
        if known.first() is None:
            return {}
        found = await connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        names = {table.name for table in tables}
        return {name: seq for name, seq in found if name in names}
    numbers: dict[str, int] = {}
    for name, sequence in (await _sequences(connection, tables)).items():
        # The name comes from the database's own catalogue, quoted by it.
        row = await connection.execute(text(f"SELECT last_value, is_called FROM {sequence}"))  # noqa: S608
        last, used = row.one()
        numbers[name] = last if used else 0
    return numbers


async def _sequences(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in tables:
        for column in table.primary_key.columns:
            sequence = await connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": f'"{table.name}"', "column": column.name},
            )
            if sequence is not None:
                found[table.name] = sequence
    return found


def _digest(row: Mapping[str, Any]) -> int:
    line = json.dumps(_same(dict(row)), sort_keys=True, default=str, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest(), "big")


def _same(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value as both kinds of database give it back: PostgreSQL's JSON has one kind of number."""
    if isinstance(value, dict):
        return {name: _same(one) for name, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_same(one) for one in cast("list[Any]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
