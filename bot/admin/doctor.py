"""Everything that can be wrong with an installation, on one page, each with what mends it."""

from __future__ import annotations

import asyncio
import shutil
import stat
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.admin import portal as discord_side
from bot.admin.memory import available_memory
from bot.admin.opening import settings_of
from bot.admin.tool import NOT_DONE, CannotError, megabytes
from bot.commands.sync import differences
from bot.db import Database, DatabaseError
from bot.db.check import problems
from bot.db.engine import missing_file
from bot.db.errors import Fault
from bot.services.bundles import chosen_bundle, name_cache_folder
from bot.services.errors import StartupError

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Iterator

    from bot.admin.portal import Described
    from bot.admin.tool import Speaker
    from bot.settings import Settings

_LEAST_DISK = 500e6  # bytes: the database, its log, and a backup of a mid-sized bot
_LEAST_MEMORY = 300e6  # bytes: what the bot takes, and some air
_CLOCK = 5.0  # seconds; interactions are three seconds young
_SLOW = 0.5  # seconds to Discord and back
_ASKED = 50  # servers that are asked for their permissions: each is one request


class State(StrEnum):
    """How a part is."""

    GOOD = "ok"
    DOUBTFUL = "warn"
    BAD = "bad"
    SKIPPED = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the page.

    Attributes:
        part: what was looked at.
        state: how it is.
        said: what was found.
        mend: what to do about it; empty where nothing is to be done.
    """

    part: str
    state: State
    said: str
    mend: str = ""


async def examine(options: argparse.Namespace, out: Speaker) -> int | None:
    """Look at everything and say it.

    Returns:
        1 where something is bad.

    Raises:
        SettingsError: a setting is wrong: then there is nothing to look at.
    """
    settings = settings_of(options)
    findings: list[Finding] = []
    async for finding in _all(settings, options.env_file):
        findings.append(finding)
        mark = {State.GOOD: "ok  ", State.SKIPPED: "–   "}.get(
            finding.state, finding.state.value.upper().ljust(4)
        )
        out.say(f"{mark}  {finding.part:<12} {finding.said}")
        if finding.mend:
            out.say(f"      {'':<12} → {finding.mend}")
    bad = sum(finding.state is State.BAD for finding in findings)
    out.say(findings=[asdict(finding) for finding in findings], healthy=not bad)
    out.say("\nAll is well." if not bad else f"\n{bad} to mend.")
    return NOT_DONE if bad else None


async def _all(settings: Settings, env_file: Path) -> AsyncIterator[Finding]:
    yield _python()
    yield _secrets(env_file)
    name_cache_folder(settings)
    yield _cache()
    for finding in await asyncio.to_thread(lambda: list(_bundle(settings))):
        yield finding
    async for finding in _database(settings):
        yield finding
    yield _disk(settings)
    yield _memory()
    if settings.discord_token is None:
        mend = "for Discord: python scripts/setup.py"
        yield Finding("token", State.SKIPPED, "none: the bot runs in your browser", mend)
        return
    try:
        async with discord_side.portal(settings) as client:
            async for finding in _discord(client, settings):
                yield finding
    except CannotError as error:
        said, _, mend = str(error).partition(". ")
        yield Finding("token", State.BAD, said, mend)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("program", State.GOOD, f"Python {version}, discord.py {discord.__version__}")


def _secrets(env_file: Path) -> Finding:
    if not env_file.exists():
        return Finding("settings", State.GOOD, f"no {env_file}; the environment and the defaults")
    mode = stat.S_IMODE(env_file.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        said = f"{env_file} can be read by others (mode {mode:o})"
        return Finding("settings", State.DOUBTFUL, said, f"chmod 600 {env_file}")
    return Finding("settings", State.GOOD, f"{env_file} is well formed and private")


def _bundle(settings: Settings) -> Iterator[Finding]:
    from recsys.bundle import BundleError
    from recsys.catalog import Catalog, CatalogError
    from recsys.recommender import Recommender

    started = time.perf_counter()
    try:
        catalog = Catalog.load()
    except CatalogError as error:
        yield Finding("catalog", State.BAD, str(error), "fetch the project again")
        return
    yield Finding("catalog", State.GOOD, f"{len(catalog):,} anime")
    try:
        path = chosen_bundle(settings)
        recommender = Recommender.load(path, catalog)
    except BundleError as error:
        mend = "python scripts/model.py list; or leave OSUSUME_BUNDLE_PATH empty"
        yield Finding("bundle", State.BAD, str(error), mend)
        return
    where = path or "the one that ships"
    took = time.perf_counter() - started
    said = f"{recommender.model_name} {recommender.model_version} ({where}), read in {took:.1f} s"
    yield Finding("bundle", State.GOOD, said)


def _cache() -> Finding:
    from recsys.shared_file import cache_folder

    folder = cache_folder()
    if folder is None:
        said = "off: a start takes longer, and each process holds its own copy of the weights"
        return Finding("cache", State.SKIPPED, said)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        said = f"{folder} cannot be written ({error.strerror}): starts take longer"
        return Finding("cache", State.DOUBTFUL, said, "name another one with OSUSUME_CACHE_DIR")
    return Finding("cache", State.GOOD, str(folder))


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    try:
        if (missing := missing_file(settings.database_url)) is not None:
            # To look into it would make it.
            yield Finding("database", State.GOOD, f"no {missing} yet; the first start makes it")
            return
        started = time.perf_counter()
        database = await Database.open(settings.database_url, upgrade=False)
    except (DatabaseError, StartupError) as error:
        mend = "see OSUSUME_DATABASE_URL"
        if isinstance(error, DatabaseError) and error.fault is Fault.DAMAGED:
            mend = "move the file away, then: python scripts/restore.py latest"
        yield Finding("database", State.BAD, str(error), mend)
        return
    try:
        await database.ping()
        took = time.perf_counter() - started
        found = await problems(database)
        for problem in found:
            if "is empty" in problem:
                said = "no tables yet; the first start makes them"
                yield Finding("database", State.DOUBTFUL, said, "python scripts/db.py upgrade")
            else:
                yield Finding("database", State.BAD, problem, _mend(problem))
        if not found:
            said = f"{database.where}: sound, up to date, answered in {took * 1000:.0f} ms"
            yield Finding("database", State.GOOD, said)
            await database.check_writable()
    except DatabaseError as error:
        yield Finding("database", State.BAD, str(error), "mend what it says, then start again")
    finally:
        await database.close()


def _mend(problem: str) -> str:
    """What mends one of a database's problems; nothing where its sentence says so itself."""
    if "db.py upgrade" in problem:
        return "python scripts/db.py upgrade"
    if "newer version" in problem or "another program" in problem:
        return ""
    return "python scripts/restore.py puts a backup back"


def _disk(settings: Settings) -> Finding:
    _, _, place = settings.database_url.partition("sqlite+aiosqlite:///")
    folder = Path(place).parent if place else Path()
    free = shutil.disk_usage(folder if folder.is_dir() else Path()).free
    if free < _LEAST_DISK:
        mend = "make room: a full disk stops every rating"
        return Finding("disk", State.BAD, f"only {megabytes(free)} free", mend)
    return Finding("disk", State.GOOD, f"{megabytes(free)} free")


def _memory() -> Finding:
    free = available_memory()
    if free is None:
        return Finding("memory", State.SKIPPED, "this system does not tell")
    if free < _LEAST_MEMORY:
        mend = "stop something else, or use a machine with more memory"
        return Finding("memory", State.DOUBTFUL, f"only {megabytes(free)} available", mend)
    return Finding("memory", State.GOOD, f"{megabytes(free)} available")


async def _discord(client: Described, settings: Settings) -> AsyncIterator[Finding]:
    application = await client.application_info()
    yield Finding("token", State.GOOD, f"Discord knows it as {application.name}")
    yield Finding("intents", State.GOOD, "the default ones are enough; nothing to switch on")
    yield await _latency(client)
    yield await _clock()
    yield await _commands(client, settings)
    servers = await discord_side.guilds(client)
    lacking = [
        str(server["name"])
        for server in servers[:_ASKED]
        if not await discord_side.commands_reachable(client, server["id"])
    ]
    if lacking:
        link = discord_side.invite_link(application.id)
        said = f"slash commands are not allowed in: {', '.join(lacking)}"
        yield Finding("servers", State.BAD, said, f"invite the bot there again: {link}")
    elif servers:
        said = f"{len(servers)}, all let the bot have slash commands; it needs no permission else"
        yield Finding("servers", State.GOOD, said)
    else:
        link = discord_side.invite_link(application.id)
        yield Finding("servers", State.DOUBTFUL, "the bot is in none", f"add it: {link}")


async def _latency(client: Described) -> Finding:
    started = time.perf_counter()
    await client.application_info()
    took = time.perf_counter() - started
    said = f"Discord answers in {took * 1000:.0f} ms"
    if took > _SLOW:
        return Finding("latency", State.DOUBTFUL, said, "look at this machine's connection")
    return Finding("latency", State.GOOD, said)


async def _clock() -> Finding:
    ahead = await discord_side.clock_offset()
    if abs(ahead) > _CLOCK:
        way = "ahead of" if ahead > 0 else "behind"
        said = f"{abs(ahead):.0f} s {way} Discord's"
        return Finding("clock", State.BAD, said, "switch on the system's time synchronisation")
    return Finding("clock", State.GOOD, "right to a few seconds")


async def _commands(client: Described, settings: Settings) -> Finding:
    guild_id = settings.test_guild_id
    await client.load_commands_for(guild_id)
    guild = discord.Object(guild_id) if guild_id else None
    try:
        found = await differences(client.tree, guild)
    except discord.Forbidden:
        said = f"the server {guild_id} does not let the bot have commands"
        return Finding("commands", State.BAD, said, "invite it there, or correct the setting")
    if found:
        said = f"{len(found)} are not as this version has them: {', '.join(found)}"
        return Finding("commands", State.BAD, said, "python scripts/commands.py sync")
    return Finding("commands", State.GOOD, "Discord has today's")
