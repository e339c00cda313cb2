"""Lists that people bring: read, compared, put onto their own list, and taken off again.

A list is staged in the database before anything of it is on the person's own: read from a file at
once, from a site page by page in the background. Whoever reads it on after a restart finds where
it stopped.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.db.merges import Difference, Undone
from bot.importing import RefusedError, Source
from bot.importing.apart import Reader
from bot.importing.sites import name_of
from bot.importing.sites.directory import NAMES
from bot.services.errors import UserError, storage
from bot.services.import_reading import FAILED, ImportReading
from bot.services.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.db import Database, Transaction
    from bot.db.imports import Job
    from bot.importing.sites import Sites
    from bot.services.titles import TitleService
    from recsys.catalog import Anime, Catalog

__all__ = ["Difference", "ImportService", "ImportStatus", "TitleQuestion", "Undone"]

_EXAMPLES = 5
_UNAPPLIED_DAYS = 7  # after which nobody remembers what the preview said
_UNDO_DAYS = 90


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """How far an import is, and what it would do or did.

    Attributes:
        job_id: its number.
        source: where the list came from.
        account: the person's name on that site; None for a file.
        state: "fetching" and "matching" while it is read; "ready" to be applied; "applied",
            "undone" or "failed".
        read: lines read so far.
        total: lines in all, where the site says so.
        difference: what applying would do. Once applied, what it did.
        newer: anime on it that the catalog does not have yet. They are kept.
        asked: titles that may mean several anime.
        unknown: lines about an anime that is not known here.
        examples: titles of some of those.
        passed_over: lines that name no anime.
        guessed_scale: the scale that the scores were taken for, where the list does not say.
        trouble: why it failed.
    """

    job_id: int
    source: Source
    account: str | None
    state: str
    read: int = 0
    total: int | None = None
    difference: Difference | None = None
    newer: int = 0
    asked: int = 0
    unknown: int = 0
    examples: tuple[str, ...] = ()
    passed_over: int = 0
    guessed_scale: int | None = None
    trouble: UserError | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is still being read."""
        return self.state in {"fetching", "matching"}


@dataclass(frozen=True, slots=True)
class TitleQuestion:
    """A title of a list that is not surely one anime.

    Attributes:
        job_id: the import.
        position: of the line in the list.
        title: as the list spells it.
        year: as the list says, if it does.
        guesses: what it may mean, likeliest first.
        left: how many such questions there are, this one included.
    """

    job_id: int
    position: int
    title: str
    year: int | None
    guesses: tuple[Anime, ...]
    left: int


class ImportService:
    """Reads lists in, in the background where that takes long.

    A method that returned has what it did on the disk. Every method is given who asks, and knows
    no imports of anybody else.
    """

    def __init__(
        self, database: Database, catalog: Catalog, titles: TitleService, sites: Sites
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._sites = sites
        self._reader = Reader()
        self._reading = ImportReading(database, Matcher(catalog, titles), sites)

    async def bring_file(self, user_id: int, data: bytes) -> int:
        """Read a file, and stage what it says.

        Args:
            user_id: who brings it.
            data: the file as it was uploaded.

        Returns:
            The number of the import.

        Raises:
            UserError: it is no list that can be read, or the database did not take it.
        """
        with _refused():
            read = await self._reader.read(data)
        staged = await self._reading.stage(read.lines, 0)
        newer = self._reading.newer(staged)
        with storage():
            async with self._database.write() as tx:
                job_id = await self._add(tx, user_id, read.source, None)
                await tx.imports.stage(job_id, staged)
                await tx.imports.set(
                    job_id,
                    datetime.now(UTC),
                    passed_over=read.passed_over,
                    guessed_scale=read.guessed_scale,
                    note={"newer": newer},
                    state="matching" if any(line.state == "open" for line in staged) else "ready",
                )
                job = await tx.imports.get(job_id)
        if job is not None:
            self._reading.go_on(job)
        return job_id

    async def bring_account(self, user_id: int, site: Source, typed: str) -> int:
        """Begin to read somebody's public list on a site.

        Args:
            user_id: who asks.
            site: the site.
            typed: their name there, or the address of their profile.

        Returns:
            The number of the import, which is read on in the background.

        Raises:
            UserError: the site or the name cannot be asked for, or the database did not take it.
        """
        with _refused():
            if site not in NAMES:
                raise RefusedError("import_bad_name")
            self._sites.check(site)
            name = name_of(typed)
        with storage():
            async with self._database.write() as tx:
                job_id = await self._add(tx, user_id, site, name)
                job = await tx.imports.get(job_id)
        if job is not None:
            self._reading.go_on(job)
        return job_id

    async def status(self, user_id: int, job_id: int) -> ImportStatus:
        """How far an import is. One that stopped is read on.

        Raises:
            UserError: the person has no such import, or the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                job = await _own(tx, user_id, job_id)
                status = await self._status(tx, job)
        if status.is_running:
            self._reading.go_on(job)
        return status

    def is_running(self, job_id: int) -> bool:
        """Whether this process is reading an import."""
        return self._reading.is_running(job_id)

    async def wait(self, job_id: int, seconds: float) -> None:
        """Return when an import has been read, at the latest after some seconds."""
        await self._reading.wait(job_id, seconds)

    async def question(self, user_id: int, job_id: int, after: int = -1) -> TitleQuestion | None:
        """The next title that may mean several anime; None when none is left.

        Args:
            user_id: who asks.
            job_id: the import.
            after: the position of the line that was asked about last; from the end it goes on
                with the first that was passed over.

        Raises:
            UserError: the person has no such import, or the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                await _own(tx, user_id, job_id, "ready")
                left = (await tx.imports.counts(job_id)).get("asked", 0)
                found = await tx.imports.lines(job_id, "asked", 1, after=after)
                if not found:
                    found = await tx.imports.lines(job_id, "asked", 1)
        if not found:
            return None
        line = found[0]
        guesses = tuple(a for a in map(self._catalog.get, line.guesses) if a is not None)
        return TitleQuestion(job_id, line.position, line.title, line.year, guesses, left)

    async def answer(self, user_id: int, job_id: int, position: int, anime_id: int | None) -> None:
        """Say which anime a title means.

        Args:
            user_id: who says so.
            job_id: the import.
            position: of the line.
            anime_id: one of the guesses; None says that it is none of them.

        Raises:
            UserError: the person has no such import or question, or the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                await _own(tx, user_id, job_id, "ready")
                line = await tx.imports.line(job_id, position)
                if line is None or line.state not in {"asked", "skipped", "sure"}:
                    raise UserError("import_gone")
                if anime_id is None:
                    line = line._replace(state="skipped", anime_id=None)
                elif anime_id in line.guesses:
                    line = line._replace(state="sure", anime_id=anime_id)
                else:
                    raise UserError("import_gone")
                await tx.imports.settle(job_id, [line])

    async def apply(self, user_id: int, job_id: int, *, file_wins: bool) -> ImportStatus:
        """Put what is sure onto the person's own list, in one transaction.

        Args:
            user_id: whose list.
            job_id: the import.
            file_wins: whether entries that differ become what the brought list says.

        Raises:
            UserError: the person has no such import, it is applied already, or the database did
                not take it; then nothing was changed.
        """
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                # First of all, so that whatever else the person changes comes before or after.
                revision = await tx.users.advance(user_id, now)
                if not await tx.imports.lock(job_id, "ready"):
                    raise UserError("import_gone")
                job = await _own(tx, user_id, job_id, "ready")
                done = await tx.merges.apply(job, revision, now, file_wins=file_wins)
                note = {**job.note, "new": done.new, "changed": done.changed, "same": done.same}
                await tx.imports.set(job_id, now, state="applied", note=note)
                job = await _own(tx, user_id, job_id)
                return await self._status(tx, job)

    async def undo(self, user_id: int, job_id: int) -> Undone:
        """Make everything that an import changed what it was before.

        What the person changed since stays as it is now.

        Raises:
            UserError: the person has no such import, it is undone already, or the database did
                not take it; then nothing was changed.
        """
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                await tx.users.advance(user_id, now)
                if not await tx.imports.lock(job_id, "applied"):
                    raise UserError("import_gone")
                job = await _own(tx, user_id, job_id, "applied")
                undone = await tx.merges.undo(job)
                await tx.imports.set(job_id, now, state="undone")
        return undone

    async def cancel(self, user_id: int, job_id: int) -> None:
        """Forget an import that was not applied.

        Raises:
            UserError: the person has no such import, or the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                job = await _own(tx, user_id, job_id)
                if job.state in {"applied", "undone"}:
                    raise UserError("import_gone")
                await tx.imports.remove(job_id)
        self._reading.stop(job_id)

    async def resume(self) -> None:
        """Read on what was being read when the bot stopped, and forget what is old.

        Raises:
            UserError: the database does not answer.
        """
        now = datetime.now(UTC)
        with storage():
            async with self._database.write() as tx:
                await _forget_old(tx, now)
                unfinished = await tx.imports.unfinished()
        for job in unfinished:
            self._reading.go_on(job)

    async def close(self) -> None:
        """Stop reading. What is staged stays, and is gone on with after the next start."""
        await self._reading.close()

    async def _add(self, tx: Transaction, user_id: int, source: Source, account: str | None) -> int:
        now = datetime.now(UTC)
        await tx.users.ensure(user_id, now)
        await tx.imports.drop_unapplied(user_id)
        await _forget_old(tx, now)
        return await tx.imports.add(user_id, source, account, now)

    async def _status(self, tx: Transaction, job: Job) -> ImportStatus:
        counts = await tx.imports.counts(job.id)
        difference = None
        if job.state == "ready":
            difference = await tx.merges.difference(job)
        elif job.state in {"applied", "undone"}:
            difference = Difference(*(int(job.note.get(k, 0)) for k in Difference._fields))
        unknown = await tx.imports.lines(job.id, "unknown", _EXAMPLES)
        trouble = None
        if job.state == "failed":
            trouble = UserError(job.note.get("key", FAILED), **job.note.get("params", {}))
        return ImportStatus(
            job_id=job.id,
            source=Source(job.source),
            account=job.account,
            state=job.state,
            read=sum(counts.values()),
            total=job.total,
            difference=difference,
            newer=job.note.get("newer", 0),
            asked=counts.get("asked", 0),
            unknown=counts.get("unknown", 0) + counts.get("skipped", 0),
            examples=tuple(line.title for line in unknown),
            passed_over=job.passed_over,
            guessed_scale=job.guessed_scale,
            trouble=trouble,
        )


async def _forget_old(tx: Transaction, now: datetime) -> None:
    await tx.imports.prune(now - timedelta(days=_UNAPPLIED_DAYS), now - timedelta(days=_UNDO_DAYS))


async def _own(tx: Transaction, user_id: int, job_id: int, state: str | None = None) -> Job:
    """A person's import, in a state.

    Raises:
        UserError: they have none with that number, or it is in another state.
    """
    job = await tx.imports.get(job_id)
    if job is None or job.user_id != user_id or (state is not None and job.state != state):
        raise UserError("import_gone")
    return job


@contextmanager
def _refused() -> Generator[None]:
    """Say in a sentence for the person why their list is not taken."""
    try:
        yield
    except RefusedError as refused:
        raise UserError(refused.key, **refused.params) from refused
