"""The tables: brought up to date or back, checked, and moved from SQLite to PostgreSQL."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.admin.opening import refuse_missing, url_of
from bot.admin.tool import NOT_DONE, CannotError
from bot.db import Database, DatabaseError, copying, migrate
from bot.db.check import problems
from bot.db.copying import CopyError
from bot.db.engine import missing_file
from bot.db.errors import SETTING

if TYPE_CHECKING:
    import argparse

    from bot.admin.tool import Speaker


async def manage_database(options: argparse.Namespace, out: Speaker) -> int | None:
    """``current``, ``check``, ``upgrade``, ``downgrade`` or ``copy``.

    Returns:
        1 where ``check`` finds something wrong.

    Raises:
        CannotError: it cannot be done. Nothing changed.
        DatabaseError: the database cannot be used. Nothing changed.
    """
    url = url_of(options)
    if options.command != "upgrade":
        refuse_missing(url)
    elif options.dry_run and missing_file(url) is not None:
        _say_steps(out, migrate.steps(None, options.revision), "run", dry_run=True)
        return None
    database = await Database.open(url, upgrade=False)
    try:
        out.say(database=database.where)
        return await _COMMANDS[options.command](database, options, out)
    finally:
        await database.close()


async def _current(database: Database, _options: argparse.Namespace, out: Speaker) -> None:
    revision = await migrate.current(database.engine, database.where)
    state = "empty" if revision is None else f"at revision {revision}"
    out.say(
        f"The database {database.where} is {state}; the newest is {migrate.head()}.",
        revision=revision,
        newest=migrate.head(),
    )


async def _check(database: Database, _options: argparse.Namespace, out: Speaker) -> int | None:
    found = await problems(database)
    out.say(problems=found)
    for one in found:
        out.say(one)
    if not found:
        out.say(f"The database {database.where} is sound and up to date.")
    return NOT_DONE if found else None


async def _upgrade(database: Database, options: argparse.Namespace, out: Speaker) -> None:
    await migrate.refuse_foreign(database.engine, database.where)  # before it is said what runs
    before = await migrate.current(database.engine, database.where)
    steps = migrate.steps(before, options.revision)
    _say_steps(out, steps, "run", dry_run=options.dry_run)
    if steps and not options.dry_run:
        await migrate.upgrade(database.engine, database.where, options.revision)
    await _current(database, options, out)


async def _downgrade(database: Database, options: argparse.Namespace, out: Speaker) -> None:
    before = await migrate.current(database.engine, database.where)
    steps = migrate.steps(before, options.revision, down=True)
    if steps and not options.dry_run:
        _confirm(
            options,
            f"What revision {options.revision} does not know is lost. Back up first: python "
            "scripts/backup.py.",
        )
    _say_steps(out, steps, "take back", dry_run=options.dry_run)
    if steps and not options.dry_run:
        await migrate.downgrade(database.engine, database.where, options.revision)
    await _current(database, options, out)


async def _copy(source: Database, options: argparse.Namespace, out: Speaker) -> None:
    revision = await migrate.current(source.engine, source.where)
    if revision != migrate.head():
        message = (
            f"The database {source.where} is not up to date, so it is not copied: run python "
            "scripts/db.py upgrade."
        )
        raise CannotError(message)
    # Whoever leads is a bot that runs on it. Ours to keep until the end: none starts meanwhile.
    if not options.while_running and not await source.leadership.claim():
        message = (
            f"A bot is running on {source.where}: stop it first, or what people say from now on "
            "stays behind. (--while-running copies all the same, as of this moment.)"
        )
        raise CannotError(message)
    try:
        missing = missing_file(options.to)
        if options.dry_run and missing is not None:
            await _say_counts(source, str(missing), out)
            return
        target = await Database.open(options.to, upgrade=False)
    except DatabaseError as error:
        # It is the other one whose address is wrong.
        raise DatabaseError(error.fault, str(error).replace(SETTING, "--to")) from error
    try:
        out.say(to=target.where, dry_run=options.dry_run)
        there = await _rows_of(target)
        if there:
            message = (
                f"The database {target.where} already holds {there:,} rows: name an empty one."
            )
            raise CannotError(message)
        if options.dry_run:
            await _say_counts(source, target.where, out)
            return
        await migrate.upgrade(target.engine, target.where)
        async with copying.one_moment(source) as reader, target.alone() as writer:
            done = await copying.copy_rows(reader, writer)
    except CopyError as error:
        raise CannotError(str(error)) from error
    finally:
        await target.close()
    rows = {name: content.rows for name, content in done.items()}
    digests = {name: content.digest for name, content in done.items()}
    out.say(
        f"Copied {sum(rows.values()):,} rows into {target.where}; each was read back and is the "
        "same. Now set OSUSUME_DATABASE_URL to it and start the bot.",
        rows=rows,
        sha256=digests,
    )


async def _say_counts(source: Database, to: str, out: Speaker) -> None:
    async with copying.one_moment(source) as connection:
        rows = await copying.counts(connection)
    out.say(f"{sum(rows.values()):,} rows would be copied into {to}.", rows=rows, dry_run=True)


async def _rows_of(target: Database) -> int:
    if await migrate.current(target.engine, target.where) is None:
        return 0
    async with copying.one_moment(target) as connection:
        return sum((await copying.counts(connection)).values())


def _say_steps(out: Speaker, steps: list[str], verb: str, *, dry_run: bool) -> None:
    out.say(steps=steps, dry_run=dry_run)
    if not steps:
        out.say("There is nothing to do.")
    for step in steps:
        out.say(f"{'Would' if dry_run else 'Now'} {verb} {step}")


def _confirm(options: argparse.Namespace, warning: str) -> None:
    if options.yes:
        return
    message = f"{warning} Nothing was changed; add --yes to do it all the same."
    if options.json or not sys.stdin.isatty():
        raise CannotError(message)
    try:
        answer = input(f"{warning} Type yes to do it all the same: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise CannotError(message)


_COMMANDS = {
    "current": _current,
    "check": _check,
    "upgrade": _upgrade,
    "downgrade": _downgrade,
    "copy": _copy,
}
