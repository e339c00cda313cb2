"""A lock whose waiters are called several at a time.

`asyncio.Lock` wakes one waiter for each turn of the event loop. On a busy loop a turn takes some
milliseconds, so a queue of people who each need the lock for one would move no faster than that,
however little there is to do. Here the next few are called at once and run one after the other in
the same turn of the loop; whoever finds that the one before has not finished waits on.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from itertools import count
from operator import itemgetter
from typing import Final, Self

CALLED: Final = 8  # at once: each does a millisecond or so, and others use the loop, too


class WaitingLine:
    """A lock for one event loop; first come, first served. Use it with `async with`."""

    def __init__(self) -> None:
        self._held = False
        self._tickets = count()
        self._queue: list[tuple[int, asyncio.Future[None]]] = []  # by ticket
        self._called = 0  # of whom were called, and have not come yet

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()

    def acquire_now(self) -> bool:
        """Take one's turn if nobody has it or waits for it; says whether it was so."""
        if self._held or self._queue or self._called:
            return False
        self._held = True
        return True

    async def acquire(self) -> None:
        """Wait for one's turn."""
        if self.acquire_now():
            return
        ticket = next(self._tickets)
        while True:
            call = asyncio.get_running_loop().create_future()
            mine = ticket, call
            insort(self._queue, mine, key=itemgetter(0))
            self._call()
            try:
                await call
            except asyncio.CancelledError:
                if mine in self._queue:
                    self._queue.remove(mine)
                else:
                    self._called -= 1
                    self._call()
                raise
            self._called -= 1
            if not self._held:
                self._held = True
                return

    def release(self) -> None:
        """Let the next ones come."""
        self._held = False
        self._call()

    def _call(self) -> None:
        while not self._held and self._queue and self._called < CALLED:
            _, call = self._queue.pop(0)
            call.set_result(None)
            self._called += 1
