"""How much there is in the database, in numbers that are about nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from bot.db.errors import translated
from bot.db.models import Entry, Guild, ShownList, ShownPick, User

if TYPE_CHECKING:
    from datetime import datetime

    from bot.db.database import Database


async def counts(database: Database, since: datetime) -> dict[str, int]:
    """Totals, and how many of each came or changed since a moment.

    Raises:
        DatabaseError: the database cannot be read.
    """
    questions = {
        "people": select(func.count()).select_from(User),
        "people_new": select(func.count()).select_from(User).where(User.created_at >= since),
        "people_active": select(func.count(Entry.user_id.distinct())).where(
            Entry.updated_at >= since
        ),
        "servers_with_settings": select(func.count()).select_from(Guild),
        "entries": select(func.count()).select_from(Entry),
        "entries_new": select(func.count()).select_from(Entry).where(Entry.created_at >= since),
        "rated": select(func.count(Entry.score)),
        "lists_shown": select(func.count()).select_from(ShownList),
        "lists_shown_new": select(func.count())
        .select_from(ShownList)
        .where(ShownList.created_at >= since),
        "picks_acted_on": select(func.count(ShownPick.outcome)),
    }
    with translated(database.where):
        async with database.engine.connect() as connection:
            found = {name: await connection.scalar(query) for name, query in questions.items()}
            sqlite = connection.dialect.name == "sqlite"
            size = await connection.scalar(
                text(
                    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
                    if sqlite
                    else "SELECT pg_database_size(current_database())"
                )
            )
    return {name: int(value or 0) for name, value in found.items()} | {"bytes": int(size or 0)}
