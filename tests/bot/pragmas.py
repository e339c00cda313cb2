"""Say something to SQLite's connections, such as that the disk is full from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.db import Database


async def pragma(database: Database, statement: str) -> Callable[[], None]:
    """Say ``PRAGMA statement`` to each connection that the database uses from now on.

    Returns:
        Ends that; what was said stays said.
    """

    def say(connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {statement}")
        cursor.close()

    engine = database.engine.sync_engine
    event.listen(engine, "checkout", say)
    await (
        database._kept.close()
    )  # each transaction takes its connection out of the pool, and so is told
    return lambda: event.remove(engine, "checkout", say)
