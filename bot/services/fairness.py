"""That nobody who hammers the bot slows it down for the others.

Each person and each server has a bucket of tokens for each class of work (a token bucket: so many
at once, then so many a second), and only so much may be under way at a time. What goes beyond is
answered with a sentence that says how long to wait, before any work is done for it.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bot.services.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Rate(NamedTuple):
    """A token bucket's size: so many at once, then so many a second."""

    burst: float
    per_second: float


class Cost(Enum):
    """How dear a class of work is: what one person, and one server, may ask of it."""

    KEYSTROKE = (Rate(40, 15), Rate(400, 200))
    READ = (Rate(15, 3), Rate(150, 60))
    WRITE = (Rate(20, 4), Rate(200, 60))
    PICKS = (Rate(10, 1), Rate(100, 30))
    BULK = (Rate(6, 1 / 10), Rate(40, 1))

    def __init__(self, person: Rate, guild: Rate) -> None:
        self.person = person
        self.guild = guild


UNDER_WAY = 400  # in all; at 1 ms of work each the last one still answers within a second
UNDER_WAY_EACH = 6  # of one person: more taps than fingers

_MOST_BUCKETS = 50_000  # some 10 MB; whoever was away longest is forgotten, which favours them


class Turnstile:
    """Lets work in, or says why not.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[Cost, bool, int], tuple[float, float]] = OrderedDict()
        self._busy: Counter[int] = Counter()
        self._under_way = 0

    @contextmanager
    def admitted(self, cost: Cost, user_id: int, guild_id: int | None) -> Generator[None]:
        """Let a piece of work in for as long as the block lasts.

        Raises:
            UserError: too much is under way, or this person or this server asks too fast.
        """
        self.enter(cost, user_id, guild_id)
        try:
            yield
        finally:
            self.leave(user_id)

    def enter(self, cost: Cost, user_id: int, guild_id: int | None) -> None:
        """As `admitted`, for work whose end is told by `leave`.

        Raises:
            UserError: it may not enter; then there is nothing to leave.
        """
        if self._under_way >= UNDER_WAY:
            raise UserError("crowded")
        if self._busy[user_id] >= UNDER_WAY_EACH:
            raise UserError("slow_down", seconds=1)
        wanted = [((cost, True, user_id), cost.person)]
        if guild_id is not None:
            wanted.append(((cost, False, guild_id), cost.guild))
        now = self._clock()
        levels = [self._level(key, rate, now) for key, rate in wanted]
        waits = [
            (1 - level) / rate.per_second for level, (_, rate) in zip(levels, wanted, strict=True)
        ]
        if (wait := max(waits)) > 0:
            raise UserError("slow_down", seconds=math.ceil(wait))
        for level, (key, _) in zip(levels, wanted, strict=True):
            self._buckets[key] = (level - 1, now)
            self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        self._busy[user_id] += 1
        self._under_way += 1

    def leave(self, user_id: int) -> None:
        """A piece of work that had entered is done."""
        self._under_way -= 1
        self._busy[user_id] -= 1
        if self._busy[user_id] <= 0:
            del self._busy[user_id]

    @property
    def under_way(self) -> int:
        """How many pieces of work have entered and not left."""
        return self._under_way

    def _level(self, key: tuple[Cost, bool, int], rate: Rate, now: float) -> float:
        """How many tokens a bucket holds."""
        level, then = self._buckets.get(key, (rate.burst, now))
        return min(rate.burst, level + max(0.0, now - then) * rate.per_second)
