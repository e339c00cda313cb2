"""See which titles people miss, and add names by which anime are found.

  python scripts/aliases.py missed                   what nothing was found for, most wanted first
  python scripts/aliases.py add "fmab" 5114          a further name of an anime, by its id
  python scripts/aliases.py add "fmab" "fullmetal alchemist brotherhood"     or by its title
  python scripts/aliases.py list                     the names that were added
  python scripts/aliases.py remove "fmab"            take one away again

The names are kept in the bot's database, so they survive an upgrade, and a running bot takes them
into use within a minute.

Exit status: 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from dataclasses import asdict
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _environment  # noqa: F401 - finds the project

from bot.admin.opening import opened, url_of
from bot.admin.tool import DONE, MISCONFIGURED, NOT_DONE, CannotError, whole
from bot.db import DatabaseError
from bot.locales import DEFAULT, strings
from bot.services.aliases import AliasService
from bot.services.errors import UserError
from bot.services.missed import MissedTitles
from bot.services.titles import Resolved, TitleService
from bot.settings import SettingsError
from recsys.catalog import Catalog, CatalogError
from recsys.titles import TitleIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.db import Database
    from bot.db.aliases import Alias
    from recsys.catalog import Anime


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # for a console that cannot show every title
    logging.disable()  # what it would say is said below
    try:
        asyncio.run(_run(options, url_of(options)))
    except SettingsError as error:
        return _fail(options, str(error), MISCONFIGURED)
    except UserError as error:
        sentence = strings(DEFAULT)(f"errors.{error.key}", **error.params)
        return _fail(options, str(error.__cause__ or sentence), NOT_DONE)
    except (CannotError, CatalogError, DatabaseError) as error:
        return _fail(options, str(error), NOT_DONE)
    except KeyboardInterrupt:
        return _fail(options, "\nNothing was changed.", NOT_DONE)
    return DONE


def _fail(options: argparse.Namespace, sentence: str, status: int) -> int:
    if options.json:
        _print_json({"error": sentence.strip()})
    print(sentence, file=sys.stderr)
    return status


class Tool:
    """The commands, over an open database."""

    def __init__(self, database: Database, aliases: tuple[Alias, ...]) -> None:
        self.catalog = Catalog.load()
        self._known = aliases
        self.aliases = AliasService(database, self.catalog)
        self.missed_titles = MissedTitles(database)

    @cached_property
    def titles(self) -> TitleService:
        """How titles are found today."""
        return self._titles()

    def _titles(self, *more: Alias) -> TitleService:
        """How titles are found, as the bot does, with names that are not stored yet."""
        return TitleService(self.catalog, TitleIndex(self.catalog, [*self._known, *more]))

    async def missed(self, options: argparse.Namespace) -> None:
        """List what nothing was found for, and is not found today."""
        found = [
            one
            for one in await self.missed_titles.top()
            if options.all or self.titles.resolve(one.text) == Resolved()
        ][: options.limit]
        if options.json:
            _print_json([asdict(one) for one in found])
            return
        for one in found:
            print(f"{one.count:>6}  {one.first_seen}  {one.last_seen}  {one.text}")
        if not found:
            print("Nothing is missed.")

    async def add(self, options: argparse.Namespace) -> None:
        """Add a name, and say what it finds then."""
        anime = self._anime(options.anime, ask=not options.json)
        alias = self.aliases.checked(options.text, anime.id)
        before = self.titles.resolve(alias.text).anime
        after = self._titles(alias).resolve(alias.text).anime
        if before is not None and before != after and not options.force:
            message = (
                f"“{alias.text}” finds {_describe(before)} today, and no longer would. "
                "Nothing was added; --force adds it all the same."
            )
            raise CannotError(message)
        known = bool(await self.aliases.called(alias.text, anime.id))
        if not known and not options.dry_run:
            await self.aliases.add(alias.text, anime.id)
        if options.json:
            finds = None if after is None else after.id
            told = {"added": not known, "dry_run": options.dry_run, "finds": finds}
            _print_json({**self._told(alias), **told})
            return
        if known:
            print(f"“{alias.text}” is a name of {_describe(anime)} already.")
        else:
            verb = "would be" if options.dry_run else "is now"
            print(f"“{alias.text}” {verb} a name of {_describe(anime)}.")
        if after is None:
            print("Typed as it is, the bot will ask which anime is meant: several are called so.")
        elif after != anime:
            print(f"Typed as it is, it still finds {_describe(after)}, which is better known.")

    async def remove(self, options: argparse.Namespace) -> None:
        """Take a name away."""
        anime = None if options.anime is None else self._anime(options.anime, ask=not options.json)
        anime_id = None if anime is None else anime.id
        if options.dry_run:
            found = await self.aliases.called(options.text, anime_id)
        else:
            found = await self.aliases.remove(options.text, anime_id)
        if not found:
            message = f"No added name is “{options.text}”; the command list shows them all."
            raise CannotError(message)
        if options.json:
            removed = [self._told(alias) for alias in found]
            _print_json({"removed": removed, "dry_run": options.dry_run})
            return
        verb = "would no longer be" if options.dry_run else "is no longer"
        for alias in found:
            print(f"“{alias.text}” {verb} a name of {self._title(alias.anime_id)}.")

    async def list(self, options: argparse.Namespace) -> None:
        """List the names that were added."""
        if options.json:
            _print_json([self._told(alias) for alias in self._known])
            return
        for alias in self._known:
            print(f"{alias.text}  →  {self._title(alias.anime_id)}")
        if not self._known:
            print("No name was added yet.")

    def _anime(self, value: str, *, ask: bool) -> Anime:
        """The anime that an id or a title means; asks where that is not sure.

        Raises:
            CannotError: none, or several and nobody to ask.
        """
        found = self.titles.resolve(value, adult=True)
        if found.anime is not None:
            return found.anime
        if not found.guesses:
            message = f"Nothing is called anything like “{value}”. Give its MyAnimeList id."
            raise CannotError(message)
        if ask and sys.stdin.isatty():
            return _ask(value, found.guesses)
        # Not a bare number: "86" is a title too.
        lines = "\n".join(f"  id:{one.id:<6}  {_describe(one)}" for one in found.guesses)
        message = f"“{value}” may mean several anime. Give one of these ids for it:\n{lines}"
        raise CannotError(message)

    def _title(self, anime_id: int) -> str:
        anime = self.catalog.get(anime_id)
        return f"{anime_id}, which the catalog does not have" if anime is None else _describe(anime)

    def _told(self, alias: Alias) -> dict[str, Any]:
        anime = self.catalog.get(alias.anime_id)
        title = None if anime is None else anime.title
        return {"text": alias.text, "anime_id": alias.anime_id, "title": title}


async def _run(options: argparse.Namespace, url: str) -> None:
    async with opened(url) as database:
        async with database.read() as tx:
            aliases = await tx.aliases.all()
        tool = Tool(database, aliases)
        commands = {
            "missed": tool.missed,
            "add": tool.add,
            "remove": tool.remove,
            "list": tool.list,
        }
        await commands[options.command](options)


def _ask(value: str, guesses: Sequence[Anime]) -> Anime:
    print(f"“{value}” may mean:")
    for number, anime in enumerate(guesses, start=1):
        print(f"  {number}  {_describe(anime)}")
    try:
        answer = input("Which number? (Enter for none) ").strip()
    except EOFError:
        answer = ""
    if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(guesses):
        return guesses[int(answer) - 1]
    message = "Nothing was changed."
    raise CannotError(message)


def _describe(anime: Anime) -> str:
    facts: Iterable[Any] = (anime.year, anime.type, f"id {anime.id}")
    return f"{anime.title} ({', '.join(str(fact) for fact in facts if fact)})"


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, default=str))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python scripts/aliases.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", help="database URL; by default OSUSUME_DATABASE_URL")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")
    commands = parser.add_subparsers(dest="command", required=True)
    missed = commands.add_parser("missed", help="list what nothing was found for")
    missed.add_argument("--all", action="store_true", help="also what is found by now")
    missed.add_argument(
        "--limit", type=whole(), default=50, metavar="N", help="at most so many (default 50)"
    )
    add = commands.add_parser("add", help="add a name of an anime")
    add.add_argument("text", metavar="TEXT", help="the name, in quotes where it has spaces")
    add.add_argument("anime", metavar="ANIME", help="MyAnimeList id, link, or title")
    add.add_argument("--force", action="store_true", help="even if it finds another anime today")
    remove = commands.add_parser("remove", help="take an added name away")
    remove.add_argument("text", metavar="TEXT", help="the name")
    remove.add_argument("anime", metavar="ANIME", nargs="?", help="from this anime alone")
    listing = commands.add_parser("list", help="list the names that were added")
    for command in (missed, add, remove, listing):
        # Here too, as in the other scripts; left out, what stands before the command stays.
        command.add_argument("--url", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        command.add_argument(
            "--env-file", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        command.add_argument("--json", action="store_true", help="for another program to read")
    for command in (add, remove):
        command.add_argument("--dry-run", action="store_true", help="change nothing, only say")
    return parser


if __name__ == "__main__":
    sys.exit(main())
