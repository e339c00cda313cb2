"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each.

For statements that are run for every click see `bot.db.prepared`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.db.models import Base

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: AsyncConnection, table: type[Base]) -> Insert:
    """An INSERT into `table` that can be given an ON CONFLICT clause."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def rows_of(model: type[Base]) -> Table:
    """The table of a model. Its columns are quicker to build statements with than the model's."""
    return cast("Table", model.__table__)
