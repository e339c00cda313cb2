"""Is the database what the bot expects, and is it sound?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.db import migrate
from bot.db.errors import DatabaseError, Fault, translated

if TYPE_CHECKING:
    from bot.db.database import Database


async def problems(database: Database) -> list[str]:
    """Everything that is wrong with a database, a sentence each; empty when all is well.

    Raises:
        DatabaseError: it cannot be read at all.
    """
    try:
        await migrate.refuse_foreign(database.engine, database.where)
    except DatabaseError as error:
        if error.fault is not Fault.VERSION:
            raise
        return [str(error)]
    revision = await migrate.current(database.engine, database.where)
    head = migrate.head()
    if revision is None:
        return ["The database is empty: run python scripts/db.py upgrade."]
    if revision != head:
        advice = "run python scripts/db.py upgrade"
        return [f"The database is at revision {revision}, the bot expects {head}: {advice}."]
    found = [
        f"The tables differ from what the bot expects: {difference}."
        for difference in await migrate.differences(database.engine, database.where)
    ]
    return found + await _damage(database)


async def _damage(database: Database) -> list[str]:
    with translated(database.where):
        async with database.engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                return []  # PostgreSQL guards its own pages
            found: list[str] = []
            integrity = await connection.exec_driver_sql("PRAGMA integrity_check")
            reports = [str(row[0]) for row in integrity]
            if reports != ["ok"]:
                found += [f"The file is damaged: {report}." for report in reports]
            orphans = await connection.exec_driver_sql("PRAGMA foreign_key_check")
            found += [
                f"A row of {orphan['table']} refers to a row of {orphan['parent']} that is gone."
                for orphan in orphans.mappings()
            ]
            return found
