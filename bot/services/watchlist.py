"""What a person plans to watch, page by page, and how likely each will please them."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.services.errors import storage
from recsys.profile import Status

if TYPE_CHECKING:
    from bot.services.profiles import Profiles
    from recsys.catalog import Anime
    from recsys.profile import Entry, Profile
    from recsys.recommender import Recommender


class Order(StrEnum):
    """What comes first on a watchlist."""

    NEWEST = "newest"  # what was planned last
    BEST = "best"  # what suits them most, as the recommender ranks


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a watchlist.

    Attributes:
        anime: what is planned.
        entry: its line on the person's list.
        predicted: the rating they will probably give, 1 to 10; None where it is not known.
    """

    anime: Anime
    entry: Entry
    predicted: float | None


@dataclass(frozen=True, slots=True)
class WatchlistPage:
    """A page of a watchlist.

    Attributes:
        lines: of the page.
        page: which, 1 for the first; the nearest one to that asked for.
        pages: how many there are, at least 1.
        total: how many anime are planned.
        order: what comes first.
    """

    lines: tuple[Planned, ...]
    page: int
    pages: int
    total: int
    order: Order


class WatchlistService:
    """Reads watchlists. `RatingService` changes them, like every other line of a list."""

    def __init__(self, recommender: Recommender, profiles: Profiles) -> None:
        self._recommender = recommender
        self._profiles = profiles

    def use(self, recommender: Recommender) -> None:
        """Let another recommender predict from now on."""
        self._recommender = recommender

    async def page(
        self, user_id: int, page: int = 1, size: int = 5, order: Order = Order.NEWEST
    ) -> WatchlistPage:
        """A page of what a person plans. One that has left the catalog is passed over.

        Args:
            user_id: whose.
            page: 1 for the first. One that does not exist gives the nearest.
            size: lines a page, at least 1.
            order: what comes first.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            profile = await self._profiles.get(user_id)
        lines = await asyncio.to_thread(self._lines, profile, order, max(1, page), max(1, size))
        total = sum(self._is_planned(entry) for entry in profile.entries)
        pages = max(1, math.ceil(total / max(1, size)))
        return WatchlistPage(lines, min(max(1, page), pages), pages, total, order)

    def _lines(self, profile: Profile, order: Order, page: int, size: int) -> tuple[Planned, ...]:
        newest = [entry for entry in reversed(profile.entries) if self._is_planned(entry)]
        pages = max(1, math.ceil(len(newest) / size))
        first = (min(page, pages) - 1) * size
        if order is Order.BEST:
            ids, scores = self._recommender.scores(profile)
            score_of = dict(zip(ids.tolist(), scores.tolist(), strict=True))
            # Python's sort is stable: of those equally promising the newest comes first.
            newest.sort(key=lambda entry: -score_of[entry.anime_id])
        return tuple(
            Planned(self._recommender.catalog[entry.anime_id], entry, self._predict(profile, entry))
            for entry in newest[first : first + size]
        )

    def _predict(self, profile: Profile, entry: Entry) -> float | None:
        """None also for who rated nothing: the model then knows no more than the mean."""
        if not profile.rated:
            return None
        return self._recommender.predict(profile, entry.anime_id)

    def _is_planned(self, entry: Entry) -> bool:
        return entry.status is Status.PLANNED and entry.anime_id in self._recommender.catalog
