"""Names that an admin adds to those of the catalog, in use without a restart."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.db.aliases import Alias
from bot.services import memory
from bot.services.checks import checked_anime
from bot.services.errors import UserError, storage
from bot.services.missed import key_of, tidy

if TYPE_CHECKING:
    from bot.db import Database
    from bot.services.titles import TitleService
    from recsys.catalog import Catalog
    from recsys.titles import TitleIndex

log = logging.getLogger(__name__)

LONGEST = 100
LOOK_EVERY = 60.0  # seconds


class AliasService:
    """Keeps the names, and the title index in step with them."""

    def __init__(self, database: Database, catalog: Catalog, titles: TitleService) -> None:
        self._database = database
        self._catalog = catalog
        self._titles = titles
        self._in_use: tuple[Alias, ...] = ()

    async def all(self) -> tuple[Alias, ...]:
        """Every name that was added.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return await tx.aliases.all()

    async def add(self, text: str, anime_id: int) -> Alias | None:
        """Store a further name of an anime. It is no longer counted as missed.

        Returns:
            The name as it is stored; None if the anime was given it before, in whatever case.

        Raises:
            UserError: no such anime, no such name, or the database did not take it.
        """
        alias = self.checked(text, anime_id)
        with storage():
            async with self._database.write() as tx:
                if _same(await tx.aliases.all(), alias.text, anime_id):
                    return None
                await tx.aliases.add(alias, datetime.now(UTC))
                await tx.missed.remove(key_of(text))
        return alias

    async def remove(self, text: str, anime_id: int | None = None) -> tuple[Alias, ...]:
        """Take a name away again, in whatever case it is given.

        Args:
            text: the name.
            anime_id: of this anime alone; None takes it from every anime that was given it.

        Returns:
            What was removed.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                found = _same(await tx.aliases.all(), text, anime_id)
                for alias in found:
                    await tx.aliases.remove(alias)
        return found

    def checked(self, text: str, anime_id: int) -> Alias:
        """A name as it would be stored.

        Raises:
            UserError: no such anime, or nothing visible in the name, or too much of it.
        """
        anime = checked_anime(self._catalog, anime_id)
        name = tidy(text)
        if not name or len(name) > LONGEST:
            raise UserError("bad_alias", most=LONGEST)
        return Alias(name, anime.id)

    async def refresh(self) -> bool:
        """Build the title index anew if the names are not those it was built with.

        It is built in a worker thread, which takes a second or two; until then the old one
        answers.

        Returns:
            Whether they had changed.

        Raises:
            UserError: the database cannot be read.
        """
        wanted = await self.all()
        if wanted == self._in_use:
            return False
        self._titles.use(await asyncio.to_thread(_build, self._catalog, wanted))
        self._in_use = wanted
        await asyncio.to_thread(memory.set_aside)
        return True

    async def watch(self, every: float = LOOK_EVERY) -> None:
        """Look for changed names until cancelled; the script that changes them is not told of us.

        All names are read each time: they are few, and no clock or counter can then mislead.
        """
        while True:
            await asyncio.sleep(every)
            try:
                if await self.refresh():
                    log.info("Titles are found by %d added names", len(self._in_use))
            except UserError:
                pass  # the log has it; the database may be back next time
            except Exception:
                log.exception("The added names could not be taken into use")


def _build(catalog: Catalog, aliases: tuple[Alias, ...]) -> TitleIndex:
    from recsys.titles import TitleIndex

    return TitleIndex(catalog, aliases)


def _same(aliases: tuple[Alias, ...], text: str, anime_id: int | None) -> tuple[Alias, ...]:
    """Those that are called the same but for case and width."""
    key = key_of(text)
    return tuple(
        alias
        for alias in aliases
        if key_of(alias.text) == key and anime_id in (None, alias.anime_id)
    )
