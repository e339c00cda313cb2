"""Taking the names that an admin adds into use, without a restart."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot import memory
from bot.services.errors import UserError

if TYPE_CHECKING:
    from bot.db.aliases import Alias
    from bot.services.aliases import AliasService
    from bot.services.titles import TitleService
    from recsys.catalog import Catalog
    from recsys.titles import TitleIndex

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


class TitleUpkeep:
    """Keeps the title index in step with the names that were added."""

    def __init__(self, aliases: AliasService, catalog: Catalog, titles: TitleService) -> None:
        self._aliases = aliases
        self._catalog = catalog
        self._titles = titles
        self._in_use: tuple[Alias, ...] = ()

    async def refresh(self) -> bool:
        """Build the title index anew if the names are not those it was built with.

        It is built in a worker thread, which takes a second or two; until then the old one
        answers.

        Returns:
            Whether they had changed.

        Raises:
            UserError: the database cannot be read.
        """
        wanted = await self._aliases.all()
        if wanted == self._in_use:
            return False
        self._titles.use(await asyncio.to_thread(_build, self._catalog, wanted))
        self._in_use = wanted
        return True

    async def watch(self, every: float = EVERY) -> None:
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

    with memory.growing():
        return TitleIndex(catalog, aliases)
