"""As many processes for picks as are wanted, kept running."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.picking.running import GoneError, Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recsys.catalog import Catalog

log = logging.getLogger(__name__)

_AGAIN = 1.0  # seconds before another one is started; twice as many after each that fails
_AGAIN_MOST = 60.0
_LONG_ENOUGH = 60.0  # seconds: one that ran for so long had started well


class PickProcesses:
    """Starts processes, and starts them anew when they end or another bundle is to answer.

    Until one is ready nobody waits for it: `free` has none to offer, and picks are worked out as
    if there were none.

    Args:
        many: how many; 0 is none.
        bundle: says which folder of weights is to answer, None for the one that ships.
        catalog: what answers are about.
        version: of the bundle that answers in the bot.
        variables: of the environment, for the processes.
    """

    def __init__(
        self,
        many: int,
        bundle: Callable[[], Path | None],
        catalog: Catalog,
        version: str,
        variables: dict[str, str] | None = None,
    ) -> None:
        self._many = many
        self._bundle = bundle
        self._catalog = catalog
        self._version = version
        self._variables = variables
        self._running: set[Running] = set()
        self._changed = asyncio.Event()

    def free(self, version: str) -> Running | None:
        """The one with the fewest questions that answers by a bundle; None if there is none."""
        fit = [one for one in self._running if one.version == version and one.is_there]
        return min(fit, key=lambda one: one.waiting, default=None)

    def use(self, version: str) -> None:
        """Have all of them answer by the bundle of this version, which is chosen by now."""
        self._version = version
        self._changed.set()
        self._changed = asyncio.Event()

    async def watch(self) -> None:
        """Keep them running until cancelled; then they end."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._many):
                group.create_task(self._keep())

    async def _keep(self) -> None:
        """One after the other."""
        loop = asyncio.get_running_loop()
        wait = _AGAIN
        while True:
            began = loop.time()
            how = await self._run()
            if how is None:
                continue
            if loop.time() - began > _LONG_ENOUGH:
                wait = _AGAIN
            log.warning(
                "A process for picks is gone (%s). Picks go on without it, and another one is "
                "started in %.0f s.",
                how,
                wait,
            )
            await asyncio.sleep(wait)
            wait = min(2 * wait, _AGAIN_MOST)

    async def _run(self) -> str | None:
        """One of them, to its end: how it ended, or None if another bundle is to answer."""
        from recsys.bundle import BundleError

        wanted = self._version
        try:
            one = await Running.start(self._bundle(), self._catalog, self._variables)
        except (GoneError, BundleError) as error:
            return str(error)
        log.info("A process for picks is ready, with the bundle %s", one.version)
        self._running.add(one)
        listening = asyncio.create_task(one.listen())
        try:
            # One that loaded a newer bundle than the bot has yet is waited for.
            while self._version in {wanted, one.version}:
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({listening, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                if listening.done():
                    return listening.result()
            return None
        finally:
            self._running.discard(one)
            await one.stop()
            listening.cancel()
