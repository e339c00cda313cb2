"""Picks for a person, and what came of them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.services.checks import checked_anime, checked_count
from bot.services.errors import UserError, storage
from bot.services.outcomes import Outcome
from bot.services.shown import StoredList, list_from_row, pick_to_row, query_to_json
from recsys.picks import Filters, Pick
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.db import Database
    from bot.services.profiles import Profiles
    from recsys.recommender import Recommender

MOST_PICKS = 25
MOST_SEEDS = 3

_NO_FILTERS = Filters()

# Never offered again, not even as something similar.
_REFUSED = frozenset({Status.DROPPED, Status.NOT_INTERESTED})


@dataclass(frozen=True, slots=True)
class PickList:
    """A list of picks that is stored and about to be shown.

    Attributes:
        list_id: for the buttons.
        picks: best first.
        rated: how many anime the person has rated.
        model: version of the bundle that made the picks.
    """

    list_id: int
    picks: tuple[Pick, ...]
    rated: int
    model: str


class PickService:
    """Asks the recommender, in a worker thread, and remembers what it said."""

    def __init__(self, database: Database, recommender: Recommender, profiles: Profiles) -> None:
        self._database = database
        self._recommender = recommender
        self._profiles = profiles
        # The event loop never waits for a matrix. One thread: the work is short, and a second one
        # would only share the same core's time with the loop.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recommender")

    async def recommend(
        self,
        user_id: int,
        guild_id: int | None,
        *,
        k: int = 5,
        filters: Filters = _NO_FILTERS,
    ) -> PickList:
        """Personal picks; for somebody who rated nothing, well-loved starting points.

        Args:
            user_id: for whom.
            guild_id: in which server, or None in a direct message.
            k: at most how many, 1 to 25.
            filters: what a pick must be.

        Raises:
            UserError: no such count, or the database failed.
        """
        checked_count(k, MOST_PICKS)
        with storage():
            profile = await self._profiles.get(user_id)
        picks = await self._work(self._recommender.recommend, profile, k, filters)
        query = query_to_json(k, filters)
        list_id = await self._store("recommend", user_id, guild_id, query, picks)
        return PickList(list_id, picks, len(profile.rated), self._recommender.model_version)

    async def similar(
        self,
        user_id: int,
        guild_id: int | None,
        anime_ids: Sequence[int],
        *,
        k: int = 5,
        filters: Filters = _NO_FILTERS,
    ) -> PickList:
        """Anime like one to three others, without what the person dropped or refused.

        Args:
            user_id: for whom.
            guild_id: in which server, or None in a direct message.
            anime_ids: MyAnimeList ids; one named twice counts once.
            k: at most how many, 1 to 25.
            filters: what a pick must be.

        Raises:
            UserError: no such count, none or too many or unknown anime, or the database failed.
        """
        checked_count(k, MOST_PICKS)
        seeds = tuple(dict.fromkeys(anime_ids))
        if not seeds:
            raise UserError("no_title")
        if len(seeds) > MOST_SEEDS:
            raise UserError("too_many_titles", most=MOST_SEEDS)
        for anime_id in seeds:
            checked_anime(self._recommender.catalog, anime_id)
        with storage():
            profile = await self._profiles.get(user_id)
        refused = {e.anime_id for e in profile.entries if e.status in _REFUSED}
        found = await self._work(self._recommender.similar, seeds, k + len(refused), filters)
        picks = tuple(pick for pick in found if pick.anime.id not in refused)[:k]
        query = query_to_json(k, filters, seeds)
        list_id = await self._store("similar", user_id, guild_id, query, picks)
        return PickList(list_id, picks, len(profile.rated), self._recommender.model_version)

    async def list(self, list_id: int) -> StoredList | None:
        """A list that was shown; None if it is gone.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                row = await tx.shown.get(list_id)
        return None if row is None else list_from_row(row, self._recommender.catalog)

    async def outcome(self, user_id: int, list_id: int, anime_id: int, outcome: str) -> None:
        """Record what came of a pick. `RatingService` does so by itself with each change.

        On somebody else's list, or for an anime that is not on it, nothing is recorded.

        Args:
            user_id: who acted.
            list_id: the list.
            anime_id: the pick.
            outcome: "seen", "rated", "planned" or "refused".

        Raises:
            UserError: the database did not take it.
            ValueError: no such outcome.
        """
        known = Outcome(outcome)
        with storage():
            async with self._database.write() as tx:
                await tx.shown.set_outcome(
                    user_id=user_id,
                    list_id=list_id,
                    anime_id=anime_id,
                    outcome=known,
                    now=datetime.now(UTC),
                )

    def close(self) -> None:
        """Let the worker thread end."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _work(
        self, ask: Callable[..., Sequence[Pick]], *arguments: object
    ) -> tuple[Pick, ...]:
        loop = asyncio.get_running_loop()
        return tuple(await loop.run_in_executor(self._worker, ask, *arguments))

    async def _store(
        self,
        kind: str,
        user_id: int,
        guild_id: int | None,
        query: dict[str, Any],
        picks: Sequence[Pick],
    ) -> int:
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                await tx.users.ensure(user_id, now)
                return await tx.shown.add(
                    user_id=user_id,
                    guild_id=guild_id,
                    kind=kind,
                    model=self._recommender.model_version,
                    query=query,
                    picks=[pick_to_row(pick) for pick in picks],
                    shown=len(picks),
                    now=now,
                )
