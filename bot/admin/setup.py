"""Setting the bot up: a token, a database, the weights, the commands. Twice changes nothing."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import discord
from dotenv import set_key

from bot.admin.portal import invite_link, portal, user_link
from bot.admin.tool import CannotError
from bot.commands.sync import differences
from bot.db import Database
from bot.db.engine import missing_file
from bot.services.container import load_engine
from bot.settings import PREFIX, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    import argparse

    from bot.admin.tool import Speaker

_EXAMPLE = Path(__file__).parents[2] / ".env.example"
_PRIVATE = 0o600


async def set_up(options: argparse.Namespace, out: Speaker) -> None:
    """Do every step that is not done yet, and say what comes next.

    Raises:
        CannotError: a step cannot be done. Those before it stay done.
        SettingsError: a given setting is not one.
        StartupError: the weights cannot be used.
        DatabaseError: the database cannot be used.
    """
    given = _given(options)
    settings = _checked(given, options.env_file)
    async with portal(settings) as client:
        application = await client.application_info()
        out.say(
            f"Discord knows this token as {application.name} (application {application.id}).",
            application=application.id,
            name=application.name,
        )
        changed = _write(options.env_file, given, dry_run=options.dry_run)
        _say_written(out, options, changed)
        await _prepare_database(settings, out, dry_run=options.dry_run)
        engine = load_engine(settings)
        version = engine.recommender.model_version
        out.say(f"The bundle {version} is whole and answers.", bundle=version)
        await client.load_commands_for(settings.test_guild_id)
        guild = settings.test_guild_id and discord.Object(settings.test_guild_id)
        try:
            found = await differences(client.tree, guild or None)
            if found and not options.dry_run and not options.no_sync:
                await client.tree.sync(guild=guild or None)
        except discord.Forbidden:
            message = (
                f"The bot may not register commands in the server {settings.test_guild_id}. Invite "
                f"it there first, then run this again: {invite_link(application.id)}"
            )
            raise CannotError(message) from None
        _say_commands(out, found, options, settings.test_guild_id)
        out.say(invite=invite_link(application.id), user_install=user_link(application.id))
        out.say("\nWhat to do next:")
        out.say(f"  1. Add the bot to a server:        {invite_link(application.id)}")
        out.say(f"     or to an account, for anywhere: {user_link(application.id)}")
        if application.bot_public and not options.private:
            out.say("     Anyone with the link can add it; the Bot page can make it private.")
        out.say("  2. Start it:                       python scripts/osusume.py run")
        out.say("  3. If something is wrong:          python scripts/doctor.py")


def _given(options: argparse.Namespace) -> dict[str, str]:
    """The settings that the command line gives, and a token from wherever there is one."""
    given: dict[str, str] = {}
    if options.database_url:
        given["database_url"] = options.database_url
    if options.guild:
        given["test_guild_id"] = str(options.guild)
    if options.token_file:
        given["discord_token"] = _read_token(options.token_file)
    elif options.ask_token or not _has_token(options.env_file):
        given["discord_token"] = _ask_token()
    return given


def _has_token(env_file: Path) -> bool:
    return load_settings(env_file).discord_token is not None


def _read_token(path: str) -> str:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"The token cannot be read from {path}: {why}."
        raise CannotError(message) from None
    if not text.strip():
        where = "standard input" if path == "-" else path
        message = f"There is no token in {where}: put the one of the application's Bot page there."
        raise CannotError(message)
    return text.strip()


def _ask_token() -> str:
    if not sys.stdin.isatty():
        message = (
            "There is no token, and nobody to ask. Give it with --token-file FILE (or - for "
            f"standard input), or in the environment as {PREFIX}DISCORD_TOKEN."
        )
        raise CannotError(message)
    print("The token is on the Bot page of https://discord.com/developers/applications")  # noqa: T201 - to whoever types
    return getpass.getpass("Token (it is not shown): ").strip()


def _checked(given: dict[str, str], env_file: Path) -> Settings:
    """The settings as they will be. The environment wins, as it does when the bot starts."""
    present = load_settings(env_file)
    known = present.model_dump(exclude_unset=True)
    known |= {k: v for k, v in given.items() if f"{PREFIX}{k.upper()}" not in os.environ}
    from pydantic import ValidationError

    try:
        return Settings(**known)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        message = f"{name} {first['msg'].removeprefix('Value error, ')}."
        raise SettingsError(message) from None


def _write(env_file: Path, given: dict[str, str], *, dry_run: bool) -> list[str]:
    """Put settings into the file, which only its owner may read.

    Returns:
        The names of those that were not there already.
    """
    before = load_settings(env_file) if env_file.exists() else None
    changed: list[str] = []
    for name, value in given.items():
        present = getattr(before, name, None)
        shown = getattr(present, "get_secret_value", lambda p=present: p)()
        if before is not None and str(shown) == value:
            continue
        changed.append(f"{PREFIX}{name.upper()}")
    if dry_run or not (changed or not env_file.exists()):
        return changed
    try:
        if not env_file.exists():
            # Made with its mode, so that at no moment anybody else can read it.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(env_file, flags, _PRIVATE), "w", encoding="utf-8") as file:
                file.write(_EXAMPLE.read_text(encoding="utf-8"))
        env_file.chmod(_PRIVATE)
        for name in changed:
            value = given[name.removeprefix(PREFIX).lower()]
            set_key(env_file, name, value, quote_mode="auto", encoding="utf-8")
        env_file.chmod(_PRIVATE)
    except OSError as error:
        message = f"{env_file} cannot be written: {error.strerror}."
        raise CannotError(message) from None
    return changed


def _say_written(out: Speaker, options: argparse.Namespace, changed: list[str]) -> None:
    if not changed:
        out.say(f"{options.env_file} already says so.", written=[])
    elif options.dry_run:
        out.say(f"Would write {', '.join(changed)} to {options.env_file}.", would_write=changed)
    else:
        names = ", ".join(changed)
        out.say(f"Wrote {names} to {options.env_file}, for your eyes only.", written=changed)


async def _prepare_database(settings: Settings, out: Speaker, *, dry_run: bool) -> None:
    if dry_run:
        out.say("Would bring the database up to date.")
        return
    new = missing_file(settings.database_url)
    if new is not None and new.parent.is_dir():
        with suppress(OSError):  # which opening it says in its own words
            new.touch(_PRIVATE)  # people's lists are in it; SQLite's other files get its mode
    database = await Database.open(settings.database_url)
    try:
        out.say(f"The database {database.where} is there and up to date.", database=database.where)
    finally:
        await database.close()


def _say_commands(
    out: Speaker, found: dict[str, str], options: argparse.Namespace, guild: int | None
) -> None:
    where = f"in the server {guild}" if guild else "everywhere"
    if not found:
        out.say(f"Discord has today's commands {where}.", commands="current")
    elif options.dry_run or options.no_sync:
        out.say(f"{len(found)} commands {where} would be sent.", commands="outdated")
    else:
        out.say(f"Sent {len(found)} new or changed commands, {where}.", commands="sent")
