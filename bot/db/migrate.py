"""Bringing a database to the tables that this version of the bot expects."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect, text

from bot.db.engine import BUSY_SECONDS
from bot.db.errors import DatabaseError, Fault, translated
from bot.db.models import Base
from bot.db.revision import SCRIPTS, current, revision_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# Any number, as long as every Osusume uses the same: "osusume" in ASCII.
_LOCK = 0x6F737573756D65

# A second process waits this long for the first to finish migrating.
_WAIT_SECONDS = 60


def configuration(scripts: Path = SCRIPTS) -> Config:
    """Alembic's configuration, without a file: the folder of the migrations is all it needs."""
    config = Config()
    # Config files interpolate %, and a folder may have one in its name.
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config


def head(scripts: Path = SCRIPTS) -> str:
    """The newest revision that this version of the bot knows."""
    revision = ScriptDirectory.from_config(configuration(scripts)).get_current_head()
    if revision is None:
        message = f"no migrations in {scripts}"
        raise RuntimeError(message)
    return revision


def steps(
    before: str | None, revision: str = "head", *, down: bool = False, scripts: Path = SCRIPTS
) -> list[str]:
    """The migrations between a database's revision and another, in the order they would run.

    Args:
        before: the database's; None for an empty one.
        revision: where to.
        down: back, and not forward.
        scripts: the folder of the migrations.

    Raises:
        DatabaseError: there is no such revision, or it is not in that direction.
    """
    chain = list(ScriptDirectory.from_config(configuration(scripts)).walk_revisions())[::-1]
    places = {one.revision: place for place, one in enumerate(chain, start=1)}
    places |= {"base": 0, "head": len(chain)}
    here, there = places.get(before or "base"), places.get(revision)
    if here is None or there is None:
        unknown = revision if there is None else before
        raise DatabaseError(Fault.VERSION, f"This version of the bot has no revision {unknown}.")
    if (there > here) if down else (there < here):
        way = "later: upgrade goes there" if down else "earlier: downgrade goes there"
        raise DatabaseError(
            Fault.VERSION,
            f"The database is {f'at revision {before}' if before else 'empty'}, and {revision} is "
            f"{way}.",
        )
    found = chain[there:here][::-1] if down else chain[here:there]
    return [f"{one.revision}: {one.doc}" for one in found]


async def upgrade(
    engine: AsyncEngine, where: str, revision: str = "head", *, scripts: Path = SCRIPTS
) -> bool:
    """Bring a database up to a revision, in one transaction.

    Returns:
        Whether there was anything to do.

    Raises:
        DatabaseError: there is no such revision, or the database is newer than the bot, belongs
            to another program, or cannot be written to. It is as it was before.
    """
    known = ScriptDirectory.from_config(configuration(scripts))
    target = known.as_revision_number(revision)
    if target is not None and await current(engine, where) == target:
        return False  # the usual start, which need not wait for anybody
    async with _alone(engine, where) as connection:
        before = await connection.run_sync(revision_of)
        await connection.run_sync(_check_ours, before, known, where)
        if before == target:
            return False  # another process was quicker
        await connection.run_sync(_run, command.upgrade, revision, scripts)
        return True


async def downgrade(
    engine: AsyncEngine, where: str, revision: str, *, scripts: Path = SCRIPTS
) -> None:
    """Bring a database down to a revision, in one transaction; "base" removes every table.

    Raises:
        DatabaseError: there is no such revision, or the database cannot be written to.
    """
    known = ScriptDirectory.from_config(configuration(scripts))
    async with _alone(engine, where) as connection:
        before = await connection.run_sync(revision_of)
        await connection.run_sync(_check_ours, before, known, where)
        await connection.run_sync(_run, command.downgrade, revision, scripts)


async def refuse_foreign(engine: AsyncEngine, where: str, *, scripts: Path = SCRIPTS) -> None:
    """Say whose tables a database holds, where they are not those of this or an older version.

    Raises:
        DatabaseError: they are another program's or a newer version's, or cannot be read.
    """
    known = ScriptDirectory.from_config(configuration(scripts))
    with translated(where):
        async with engine.connect() as connection:
            revision = await connection.run_sync(revision_of)
            await connection.run_sync(_check_ours, revision, known, where)


async def differences(engine: AsyncEngine, where: str) -> list[str]:
    """What the tables of a database have that the models have not, and the reverse.

    Raises:
        DatabaseError: the database cannot be read.
    """
    with translated(where):
        async with engine.connect() as connection:
            return await connection.run_sync(_differences)


@asynccontextmanager
async def _alone(engine: AsyncEngine, where: str) -> AsyncGenerator[AsyncConnection]:
    """A transaction in which no other process migrates the same database."""
    with translated(where):
        async with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                async with _sqlite_alone(connection, where):
                    yield connection
            else:
                async with connection.begin():
                    await connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                    yield connection


@asynccontextmanager
async def _sqlite_alone(connection: AsyncConnection, where: str) -> AsyncGenerator[None]:
    # SQLite cannot alter most things, so a migration copies the table and drops the old one. With
    # foreign keys on, dropping "user" would delete everybody's entries along with it; and they
    # can only be switched off outside a transaction, hence through the driver.
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.execute("PRAGMA foreign_keys = OFF")
    await driver.execute(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000}")
    try:
        await connection.execution_options(writes=True)
        async with connection.begin():
            yield
            broken = await connection.exec_driver_sql("PRAGMA foreign_key_check")
            if broken.first() is not None:
                raise DatabaseError(
                    Fault.DAMAGED,
                    f"Changing the tables of {where} would leave rows that refer to nothing: "
                    "nothing was changed. Restore a backup.",
                )
    finally:
        await driver.execute("PRAGMA foreign_keys = ON")
        await driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _check_ours(
    connection: Connection, revision: str | None, known: ScriptDirectory, where: str
) -> None:
    if revision is None:
        taken = set(inspect(connection).get_table_names()) & set(Base.metadata.tables)
        if taken:
            raise DatabaseError(
                Fault.VERSION,
                f"The database {where} already has tables of another program "
                f"({', '.join(sorted(taken))}): give the bot a database of its own.",
            )
    elif revision not in {script.revision for script in known.walk_revisions()}:
        raise DatabaseError(
            Fault.VERSION,
            f"The database {where} was made by a newer version of the bot (revision {revision}): "
            "update the bot, or restore a backup from before.",
        )


def _run(connection: Connection, step: Any, revision: str, scripts: Path) -> None:  # noqa: ANN401
    config = configuration(scripts)
    config.attributes["connection"] = connection
    try:
        step(config, revision)
    except CommandError as error:
        # Alembic's own sentence says which revision it could not find, or not reach.
        raise DatabaseError(Fault.VERSION, f"{error}.") from error


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, Base.metadata)]
