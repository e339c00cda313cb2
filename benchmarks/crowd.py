"""The people of `load.py`: who does what, and how often."""

from __future__ import annotations

import collections
import random
from typing import TYPE_CHECKING, Any

from bot.services.titles import TitleService

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from gateway import Answer, Gateway

    from bot.services import Services

GUILDS = 200


class Crowd:
    """People who do what people do, each after looking at what came before."""

    def __init__(self, gateway: Gateway, services: Services, options: argparse.Namespace) -> None:
        self.gateway = gateway
        self.rng = random.Random(options.seed)
        self.people = options.people
        self.rated = options.rated
        popular = sorted(services.catalog, key=lambda anime: -(anime.members or 0))
        self.anime = [anime for anime in popular[:2000] if not anime.adult]
        self.messages: collections.deque[tuple[int, int, Answer]] = collections.deque(maxlen=500)
        self.kinds: dict[str, tuple[float, Callable[[int, int], Awaitable[Answer]]]] = {
            "autocomplete": (0.45, self.type),
            "rate": (0.17, self.rate),
            "tap": (0.13, self.tap),
            "recommend": (0.10, self.recommend),
            "similar": (0.06, self.similar),
            "anime": (0.05, self.card),
            "ratings": (0.04, self.ratings),
        }

    def pick(self, among: int = 2000) -> Any:
        """One of so many anime; the famous ones more often."""
        return self.anime[int(min(among, len(self.anime)) * self.rng.random() ** 2)]

    async def type(self, person: int, guild: int) -> Answer:
        """Somebody types a title."""
        title = self.pick().title
        typed = title[: self.rng.randint(1, len(title))]
        return await self.gateway.type(person, guild, "anime", "title", typed)

    async def rate(self, person: int, guild: int) -> Answer:
        """Somebody rates."""
        score = self.rng.randint(4, 10)
        return await self.gateway.command(
            person, guild, "rate", title=TitleService.value(self.pick(self.rated)), score=score
        )

    async def recommend(self, person: int, guild: int) -> Answer:
        """Somebody asks for picks."""
        return self._keep(person, guild, await self.gateway.command(person, guild, "recommend"))

    async def similar(self, person: int, guild: int) -> Answer:
        """Somebody asks for something alike."""
        title = TitleService.value(self.pick())
        return self._keep(
            person, guild, await self.gateway.command(person, guild, "similar", title=title)
        )

    async def card(self, person: int, guild: int) -> Answer:
        """Somebody looks at an anime."""
        title = TitleService.value(self.pick())
        return self._keep(
            person, guild, await self.gateway.command(person, guild, "anime", title=title)
        )

    async def ratings(self, person: int, guild: int) -> Answer:
        """Somebody looks at their list."""
        return await self.gateway.command(person, guild, "ratings")

    async def tap(self, person: int, guild: int) -> Answer:
        """Somebody taps a button of a message of theirs."""
        if not self.messages:
            return await self.card(person, guild)
        owner, where, message = self.rng.choice(self.messages)
        return await self.gateway.tap(owner, where, message, self.rng.choice(message.buttons()))

    def _keep(self, person: int, guild: int, answer: Answer) -> Answer:
        if answer.buttons():
            self.messages.append((person, guild, answer))
        return answer

    async def one(self) -> tuple[str, Answer]:
        """Somebody does something."""
        person = self.rng.randrange(self.people) + 10**9
        guild = 10**12 + person % GUILDS * 10
        names, weights = zip(*((n, w) for n, (w, _) in self.kinds.items()), strict=True)
        (name,) = self.rng.choices(names, weights)
        return name, await self.kinds[name][1](person, guild)
