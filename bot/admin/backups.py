"""Backups that are made, kept for a while, and restored."""

from __future__ import annotations

import re
import shutil
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.admin.opening import refuse_missing, url_of
from bot.admin.tool import CannotError, megabytes
from bot.db import Database, DatabaseError, backup, migrate
from bot.db.copying import CopyError
from bot.db.engine import missing_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bot.admin.tool import Speaker
    from bot.db.backup import Inside

LATEST = "latest"
KEEP_OUT, BRING_BACK = "keep-out", "bring-back"

_NAME = "osusume-{when}-{revision}.sqlite3"
_LEFT_SECONDS = 24 * 3600.0  # no backup takes so long
_WHEN = "%Y%m%dT%H%M%SZ"
_BEFORE = "before-restore"  # in the place of the revision: what a restoration replaced
_OURS = re.compile(r"osusume-(?P<when>\d{8}T\d{6}Z)-[\w-]+\.sqlite3")


async def make_backup(options: argparse.Namespace, out: Speaker) -> None:
    """Write a backup, check it, and throw away those that are too many or too old.

    Raises:
        CannotError: it cannot be written.
        DatabaseError: the database cannot be read, or what was written is not sound.
    """
    folder: Path = options.to
    url = url_of(options)
    refuse_missing(url)
    database = await Database.open(url, upgrade=False)
    try:
        revision = await migrate.current(database.engine, database.where)
        if revision is None:
            message = f"The database {database.where} is empty: there is nothing to back up."
            raise CannotError(message)
        path = folder / name_of(revision, datetime.now(UTC))
        out.say(database=database.where, revision=revision, dry_run=options.dry_run)
        going = superfluous([*backups_in(folder), path], options.keep, options.days)
        if options.dry_run:
            out.say(f"{path} would be written.", would_write=str(path))
        else:
            _make_room(folder, database)
            _sweep(folder)
            found = await _written(database, path)
            _say_inside(out, path, found)
    finally:
        await database.close()
    for old in going:
        if not options.dry_run:
            old.unlink(missing_ok=True)
        out.say(f"{old} {'would be' if options.dry_run else 'is'} thrown away.")
    out.say(thrown_away=[str(old) for old in going])


async def _written(database: Database, path: Path) -> Inside:
    try:
        return await backup.back_up(database, path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise CannotError(message) from error
    except CopyError as error:
        raise CannotError(str(error)) from error


def name_of(revision: str, now: datetime) -> str:
    """What a backup is called; names are in the order of time."""
    return _NAME.format(when=now.strftime(_WHEN), revision=revision)


def backups_in(folder: Path) -> list[Path]:
    """The backups of a folder, oldest first; what is called otherwise is none of ours."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))


def superfluous(paths: Iterable[Path], keep: int, days: int) -> list[Path]:
    """Those of the backups that are too many or too old; never the newest."""
    *older, newest = sorted(paths)
    when = _when(newest)
    recent = [path for path in older if when - _when(path) <= timedelta(days=days)]
    kept = set(recent[-(keep - 1) :] if keep > 1 else [])
    return [path for path in older if path not in kept]


def _when(path: Path) -> datetime:
    found = _OURS.fullmatch(path.name)
    assert found is not None, path  # noqa: S101 - chosen by that very pattern
    return datetime.strptime(found["when"], _WHEN).replace(tzinfo=UTC)


def _make_room(folder: Path, database: Database) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        message = f"The folder {folder} cannot be used: {error.strerror}."
        raise CannotError(message) from error
    if database.engine.dialect.name != "sqlite":
        return
    needed = Path(database.engine.url.database or "").stat().st_size * 2  # and a copy, to check it
    if free < needed:
        message = (
            f"A backup needs {megabytes(needed)} and {folder} has {megabytes(free)}: make room, or "
            "name another folder with --to."
        )
        raise CannotError(message)


def _sweep(folder: Path) -> None:
    """Throw away what a backup that was killed left half written, a day ago or longer."""
    for left in folder.glob(".osusume-*.part*"):
        if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
            left.unlink(missing_ok=True)


async def restore_backup(options: argparse.Namespace, out: Speaker) -> None:
    """Check a backup, back up what is there, and put the backup in its place.

    Raises:
        CannotError: it is not what the person wants, or cannot be done. Nothing changed.
        DatabaseError: the backup or the database cannot be used. Nothing changed.
    """
    path = _chosen(options)
    found = await backup.inside(path)
    _say_inside(out, path, found)
    url = url_of(options)
    if options.dry_run and (new := missing_file(url)) is not None:
        out.say(f"A new database {new} would be made of it. Nothing was changed.", changed=False)
        return
    database = await Database.open(url, upgrade=not options.dry_run)
    try:
        gone = await _gone(path, database, options)
        out.say(database=database.where, gone_since=gone, dry_run=options.dry_run)
        if gone:
            kept_out = options.gone == KEEP_OUT
            out.say(
                f"{gone:,} people of the backup are not in the database today; they "
                f"{'stay out' if kept_out else 'come back'}."
            )
        if options.dry_run:
            out.say("Nothing was changed, as you asked.", changed=False)
            return
        _confirm(options, database)
        if not options.no_backup:
            await _save_first(database, options.to, out)
        done = await backup.restore(path, database, without_gone=options.gone == KEEP_OUT)
    except CopyError as error:
        raise CannotError(str(error)) from error
    finally:
        await database.close()
    rows = sum(done.rows.values())
    out.say(
        f"Restored {rows:,} rows into {database.where}, each read back and the same.",
        changed=True,
        restored=asdict(done),
    )


def _chosen(options: argparse.Namespace) -> Path:
    if options.file != LATEST:
        return Path(options.file)
    found = [path for path in backups_in(options.to) if _BEFORE not in path.name]
    if not found:
        message = f"There is no backup in {options.to}. Name a file, or another folder with --to."
        raise CannotError(message)
    return found[-1]


async def _gone(path: Path, database: Database, options: argparse.Namespace) -> int:
    """How many people were erased since; the admin has to say what becomes of them."""
    if await migrate.current(database.engine, database.where) is None:
        return 0  # a new database, which knows nobody
    gone = await backup.gone_since(path, database)
    if gone and options.gone is None and not options.dry_run:
        message = (
            f"{gone:,} people of the backup are not in the database today. If they erased their "
            f"data since, add --gone {KEEP_OUT}; if the database has lost them, add "
            f"--gone {BRING_BACK}. Nothing was changed."
        )
        raise CannotError(message)
    return gone


def _confirm(options: argparse.Namespace, database: Database) -> None:
    if options.yes:
        return
    message = "Nothing was changed. Add --yes to restore without being asked."
    if options.json or not sys.stdin.isatty():
        raise CannotError(message)
    try:
        answer = input(f"Replace everything in {database.where} by this backup? Type yes: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise CannotError(message)


async def _save_first(database: Database, folder: Path, out: Speaker) -> None:
    path = folder / name_of(_BEFORE, datetime.now(UTC))
    _make_room(folder, database)
    try:
        await _written(database, path)
    except DatabaseError as error:
        message = f"What is there now cannot be backed up first ({error}). --no-backup goes on."
        raise CannotError(message) from error
    out.say(f"What was there before is in {path}.", before=str(path))


def _say_inside(out: Speaker, path: Path, found: Inside) -> None:
    rows = sum(found.rows.values())
    size = path.stat().st_size
    out.say(
        f"{path} is sound: {found.rows.get('user', 0):,} people, {rows:,} rows, "
        f"{megabytes(size)}, revision {found.revision}.",
        file=str(path),
        bytes=size,
        revision=found.revision,
        rows=found.rows,
    )
