"""Which revision a database has, and which one the bot expects, without loading Alembic.

That is all that a usual start asks; Alembic itself takes 13 MB and some tenths of a second.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

import migrations
from bot.db.errors import translated

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

SCRIPTS = Path(migrations.__file__).parent

_NAMED = re.compile(r'^(revision|down_revision) = "([^"]+)"$', re.MULTILINE)


def newest(scripts: Path = SCRIPTS) -> str | None:
    """The revision that no other follows; None where the files do not say just one."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for file in (scripts / "versions").glob("*.py"):
        for name, value in _NAMED.findall(file.read_text(encoding="utf-8")):
            (revisions if name == "revision" else followed).add(value)
    ends = revisions - followed
    return ends.pop() if len(ends) == 1 else None


async def current(engine: AsyncEngine, where: str) -> str | None:
    """The revision of a database, or None for an empty one.

    Raises:
        DatabaseError: the database cannot be read.
    """
    with translated(where):
        async with engine.connect() as connection:
            return await connection.run_sync(revision_of)


def revision_of(connection: Connection) -> str | None:
    """The revision of the database behind a connection, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
