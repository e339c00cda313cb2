"""What is kept of a person: said, handed over, taken away; and whether it may be learnt from."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.services.errors import storage
from bot.services.privacy.document import Row, jsonable, render
from bot.services.privacy.lists import Line, to_csv, to_mal_xml
from bot.services.privacy.packing import File, Format, pack, share
from recsys.catalog import Anime
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from bot.db import Database
    from bot.db.privacy import Kept
    from recsys.catalog import Catalog


class _StillHereError(Exception):
    """A person who was taken for gone is not."""


ENTRIES = "entries"
PERSON = "person"


@dataclass(frozen=True, slots=True)
class Report:
    """What is kept of a person.

    Attributes:
        kept: how much of each kind, those with nothing left out.
        training_since: since when they allow their list to be learnt from; None where they do not.
    """

    kept: tuple[Kept, ...]
    training_since: datetime | None


class PrivacyService:
    """Shows, exports and erases. What it works on is every table that `bot.db.personal` knows.

    Attributes:
        forgetters: called with the id of a person who was erased. Whoever keeps something about
            people in memory adds a function that lets go of it.
    """

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self.forgetters: list[Callable[[int], None]] = []

    async def report(self, user_id: int) -> Report:
        """What is kept of a person.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                kept = await tx.privacy.kept(user_id)
                since = await tx.users.training_since(user_id)
        return Report(tuple(one for one in kept if one.count), since)

    async def export(self, user_id: int, limit: int) -> tuple[tuple[File, ...], ...]:
        """Everything that is kept of a person: as JSON, and their list as CSV and for MyAnimeList.

        Args:
            user_id: whose.
            limit: bytes that one message may carry.

        Returns:
            The files of each message.

        Raises:
            UserError: the database cannot be read.
        """
        sections: dict[str, list[Mapping[str, Any]]] = {}
        with storage():
            async with self._database.read(streams=True) as tx:
                for one in await tx.privacy.kept(user_id):
                    rows = tx.privacy.rows(user_id, one.kind)
                    sections[one.kind] = [row async for row in rows]
        return await asyncio.to_thread(self._pack, sections, limit)

    async def erase(
        self, user_id: int, *, unless_seen_since: date | None = None
    ) -> tuple[Kept, ...]:
        """Take away everything that is kept of a person, in one transaction.

        What they asked for before and was not written yet is refused, so that nothing of them is
        left. When this returns, no file of the database holds it any more, but for backups.

        Args:
            user_id: who.
            unless_seen_since: a day; one who was seen on it or later is left alone.

        Returns:
            How much of each kind went; nothing where there was nothing.

        Raises:
            UserError: the database did not take it, and everything is as it was.
        """
        with storage(), suppress(_StillHereError):
            async with self._database.erasing(user_id) as tx:
                day = unless_seen_since
                if day is not None and not await tx.privacy.has_departed(user_id, day):
                    raise _StillHereError  # which undoes the preparations, too
                gone = await tx.privacy.erase(user_id)
            for forget in self.forgetters:
                forget(user_id)
            await self._database.scrub()
            return tuple(one for one in gone if one.count)
        return ()

    async def allow_training(self, user_id: int, *, allowed: bool) -> datetime | None:
        """Store whether a person allows their list to be learnt from.

        Returns:
            Since when they do; None where they do not.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                before = await tx.users.training_since(user_id)
                if allowed == (before is not None):
                    return before  # also for somebody without a row, who then needs none
                now = self._clock()
                since = now if allowed else None
                await tx.users.put_training(user_id, since, now)
        return since

    def _pack(
        self, sections: Mapping[str, Sequence[Mapping[str, Any]]], limit: int
    ) -> tuple[tuple[File, ...], ...]:
        lines = [self._line(row) for row in sections[ENTRIES]]
        document = {
            kind: [jsonable(row, self._catalog, kind=kind) for row in rows]
            for kind, rows in sections.items()
        }
        formats: tuple[Format, ...] = (
            _Document(document, self._clock()),
            _List("osusume.csv", to_csv, lines),
            _List("myanimelist.xml", to_mal_xml, lines),
        )
        return pack(formats, limit)

    def _line(self, row: Mapping[str, Any]) -> Line:
        anime_id = row["anime_id"]
        anime = self._catalog.get(anime_id) or Anime(anime_id, f"MyAnimeList {anime_id}")
        return Line(anime, row["score"], Status(row["status"]), row["updated_at"])


@dataclass(frozen=True, slots=True)
class _Document:
    """The JSON document; a person's own row is in every part."""

    sections: Mapping[str, Sequence[Row]]
    now: datetime
    name: str = "osusume.json"

    def file(self, part: int, parts: int) -> bytes:
        shared = {
            kind: rows if kind == PERSON else rows[share(rows, part, parts)]
            for kind, rows in self.sections.items()
        }
        return render(shared, self.now, part=part, parts=parts)


@dataclass(frozen=True, slots=True)
class _List:
    """A person's list in another format."""

    name: str
    write: Callable[[Sequence[Line]], bytes]
    lines: Sequence[Line]

    def file(self, part: int, parts: int) -> bytes:
        return self.write(self.lines[share(self.lines, part, parts)])
