"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each.

A statement that is run for every click is built once, when its module is loaded, and only given its
values then: building takes SQLAlchemy longer than SQLite takes to run it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import ReturningInsert

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


class Prepared:
    """An INSERT that is built once for each database.

    Args:
        model: into whose table.
        finish: adds what is to be done on a conflict. The values come with each execution.
    """

    def __init__(
        self, model: type[Base], finish: Callable[[Any], Insert | ReturningInsert[Any]]
    ) -> None:
        table = rows_of(model)
        self._statements = {
            "postgresql": finish(postgresql.insert(table)),
            "sqlite": finish(sqlite.insert(table)),
        }

    def on(self, connection: AsyncConnection) -> Insert | ReturningInsert[Any]:
        """The statement for the database of a connection."""
        return self._statements[connection.dialect.name]
