"""Which bundle answers, and taking another one into use without a restart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from typing import TYPE_CHECKING

from bot import memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.settings import Settings
    from recsys.catalog import Catalog
    from recsys.recommender import Recommender

log = logging.getLogger(__name__)

EVERY = 10.0  # seconds


def chosen_bundle(settings: Settings) -> Path | None:
    """The folder of the bundle that is to answer; None for the one that ships.

    ``OSUSUME_BUNDLE_PATH`` wins; otherwise it is the active one of the shelf.

    Raises:
        BundleError: the shelf's pointer is damaged.
    """
    from recsys.shelf import Shelf

    if settings.bundle_path is not None:
        return settings.bundle_path
    return Shelf(settings.bundle_shelf).active_path


def name_cache_folder(settings: Settings) -> None:
    """Have `recsys` keep what it unpacks where the settings say.

    It reads the environment, to which a line of `.env` does not come by itself.
    """
    from recsys.shared_file import FOLDER_VARIABLE

    if settings.cache_dir is not None:
        os.environ[FOLDER_VARIABLE] = str(settings.cache_dir)


class BundleWatch:
    """Looks whether another bundle was activated, or the files of this one replaced.

    Args:
        settings: where bundles are.
        catalog: the facts, which every bundle shares.
        use: takes a recommender into use.
    """

    def __init__(
        self, settings: Settings, catalog: Catalog, use: Callable[[Recommender], None]
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._use = use
        self._seen = self._look()

    async def refresh(self) -> bool:
        """Take another bundle into use, if another one is chosen.

        One that cannot be used is reported once, and the present one goes on answering.

        Returns:
            Whether another one answers now.
        """
        from recsys.bundle import BundleError

        seen = await asyncio.to_thread(self._look)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            recommender = await asyncio.to_thread(self._load)
        except BundleError as error:
            log.error("The chosen bundle cannot be used; the one before answers: %s", error)  # noqa: TRY400 - a sentence, no bug
            return False
        self._use(recommender)
        await asyncio.to_thread(memory.set_aside)
        log.info("The bundle %s answers now", recommender.model_version)
        return True

    async def watch(self, every: float = EVERY) -> None:
        """Look until cancelled; the script that activates a bundle does not know of us."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.refresh()
            except Exception:
                log.exception("The chosen bundle could not be taken into use")

    def _load(self) -> Recommender:
        from recsys.recommender import Recommender

        return Recommender.load(chosen_bundle(self._settings), self._catalog)

    def _look(self) -> tuple[Path | None, str]:
        """What is chosen: the folder, and the hash of its manifest; a name for what is wrong."""
        from recsys.bundle import MANIFEST, PRETRAINED, BundleError

        try:
            path = chosen_bundle(self._settings)
            manifest = ((path or PRETRAINED) / MANIFEST).read_bytes()
        except (BundleError, OSError) as error:
            return None, str(error)
        return path, hashlib.sha256(manifest).hexdigest()
