"""Lists that people bring are read to their end in the background, also after a restart."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from bot.importing import RefusedError, Source
from bot.importing.limits import MOST_LINES
from bot.importing.sites.directory import NAMES
from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.db import Database
    from bot.db.imports import Job, StagedLine
    from bot.importing import Line
    from bot.importing.sites import Page, Sites
    from bot.services.matching import Matcher

log = logging.getLogger(__name__)

FAILED = "import_failed"

_TITLES_AT_ONCE = 100
_STRETCH = 500  # lines; between one and the next the event loop does other work


class ImportReading:
    """Fetches what sites have page by page, and looks up titles.

    After each step what was read is on the disk, and with it where to go on.
    """

    def __init__(self, database: Database, matcher: Matcher, sites: Sites) -> None:
        self._database = database
        self._matcher = matcher
        self._sites = sites
        self._running: dict[int, asyncio.Task[None]] = {}

    def is_running(self, job_id: int) -> bool:
        """Whether this process is reading an import."""
        return job_id in self._running

    async def wait(self, job_id: int, seconds: float) -> None:
        """Return when an import has been read, at the latest after some seconds."""
        task = self._running.get(job_id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    def stop(self, job_id: int) -> None:
        """Read no more of an import."""
        if (task := self._running.get(job_id)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop reading. What is staged stays, and is gone on with after the next start."""
        tasks = set(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def stage(self, lines: Sequence[Line], first: int) -> list[StagedLine]:
        """What lines say, as it is staged.

        Args:
            lines: of the list.
            first: how many came before them.
        """
        staged: list[StagedLine] = []
        for start in range(0, len(lines), _STRETCH):
            stretch = lines[start : start + _STRETCH]
            staged += map(self._matcher.stage, stretch, count(first + start))
            await asyncio.sleep(0)
        return staged

    def newer(self, staged: Iterable[StagedLine]) -> int:
        """How many are about an anime that the catalog does not have yet."""
        return sum(one.state == "sure" and not self._matcher.knows(one.anime_id) for one in staged)

    def go_on(self, job: Job) -> None:
        """Read an import to its end in the background, unless that is being done."""
        if job.id in self._running or job.state not in {"fetching", "matching"}:
            return
        task = asyncio.create_task(self._read_on(job.id), name=f"import {job.id}")
        self._running[job.id] = task
        task.add_done_callback(lambda _: self._running.pop(job.id, None))

    async def _read_on(self, job_id: int) -> None:
        try:
            with storage():
                while await self._step(job_id):
                    pass
        except RefusedError as refused:
            await self._fail(job_id, refused.key, refused.params)
        except UserError:
            pass  # the log has it; the person's next tap goes on
        except Exception:
            log.exception("Import %d failed", job_id)
            await self._fail(job_id, FAILED, {})

    async def _step(self, job_id: int) -> bool:
        """Read one page, or look some titles up.

        Returns:
            Whether there is more to do.
        """
        async with self._database.read() as tx:
            job = await tx.imports.get(job_id)
            if job is None or job.state not in {"fetching", "matching"}:
                return False
            counts = await tx.imports.counts(job_id)
            unread = await tx.imports.lines(job_id, "open", _TITLES_AT_ONCE)
        if job.state == "fetching":
            return await self._fetch(job, sum(counts.values()))
        looked_up = await asyncio.to_thread(lambda: list(map(self._matcher.look_up, unread)))
        async with self._database.write() as tx:
            if not await tx.imports.lock(job_id, "matching"):
                return False
            await tx.imports.settle(job_id, looked_up)
            if len(unread) < _TITLES_AT_ONCE:
                await tx.imports.set(job_id, datetime.now(UTC), state="ready")
        return len(unread) == _TITLES_AT_ONCE

    async def _fetch(self, job: Job, read: int) -> bool:
        site, name = Source(job.source), job.account or ""
        page: Page = await self._sites.page(site, name, job.cursor)
        if read + len(page.lines) > MOST_LINES:
            raise RefusedError("import_too_many", most=MOST_LINES)
        if not read and not page.lines and page.after is None:
            raise RefusedError("import_empty_site", site=NAMES[site], name=name)
        named = [line for line in page.lines if line.names_an_anime]
        staged = await self.stage(named, read)
        newer = job.note.get("newer", 0) + self.newer(staged)
        async with self._database.write() as tx:
            now = datetime.now(UTC)
            if not await tx.imports.turn_page(job.id, job.cursor, page.after, now):
                return False
            await tx.imports.stage(job.id, staged)
            await tx.imports.set(
                job.id,
                now,
                total=page.total or job.total,
                passed_over=job.passed_over + len(page.lines) - len(named),
                note={"newer": newer},
            )
        return True

    async def _fail(self, job_id: int, key: str, params: dict[str, str | int]) -> None:
        try:
            with storage():
                async with self._database.write() as tx:
                    if await tx.imports.lock(job_id, "fetching", "matching"):
                        note = {"key": key, "params": params}
                        await tx.imports.set(job_id, datetime.now(UTC), state="failed", note=note)
        except UserError:
            pass  # the log has it
