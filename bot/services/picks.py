"""Picks for a person, and what came of them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from bot.picking import GoneError
from bot.services.checks import checked_anime, checked_count, checked_score
from bot.services.errors import UserError, storage
from bot.services.outcomes import Outcome
from bot.services.recent import RecentLists, as_of_now
from bot.services.shown import EVERYTHING, Query, StoredList, list_from_row, pick_to_row
from bot.services.shown import query_to_json as to_json
from recsys.picks import NEUTRAL, Dials, Filters, Pick, Reason, Relaxation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.db import Database
    from bot.picking import PickProcesses
    from bot.services.profiles import Evidence, Profiles
    from recsys.recommender import Recommender

    Question = Callable[[Recommender], Any]

MOST_PICKS = 25
MOST_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an anime is picked for one person, as of now.

    Attributes:
        pick: with every reason that there is room for.
        muted: the reasons that the person switched off and that would count otherwise.
        muted_unseen: of what they were asked about and have not seen, likewise.
    """

    pick: Pick
    muted: tuple[Reason, ...]
    muted_unseen: tuple[Reason, ...] = ()


def _recommend(of: Evidence, query: Query) -> Question:
    return methodcaller(
        "recommend",
        of.profile,
        query.k,
        query.filters,
        planned=query.planned,
        dials=query.dials,
        hints=of.hints,
    )


def _next(of: Evidence, query: Query) -> Question:
    return methodcaller("next", of.profile, query.k, query.filters, hints=of.hints)


def _alike(kind: str, *named: Sequence[int], of: Evidence, query: Query) -> Question:
    return methodcaller(kind, *named, query.k, query.filters, profile=of.profile, hints=of.hints)


# Methods of the recommender with what they are given; that way a question can also go to another
# process.
_ASK: dict[str, Callable[[Evidence, Query], Question]] = {
    "recommend": _recommend,
    "next": _next,
    "similar": lambda of, query: _alike("similar", query.seeds, of=of, query=query),
    "opposite": lambda of, query: _alike("opposite", query.seeds, of=of, query=query),
    "blend": lambda of, query: _alike("blend", query.seeds, query.unwanted, of=of, query=query),
}


class PickService:
    """Asks the recommender, in a thread or in another process, and remembers what it said."""

    def __init__(
        self,
        database: Database,
        recommender: Recommender,
        profiles: Profiles,
        processes: PickProcesses,
        *,
        page: int = 3,
    ) -> None:
        """Takes what it works with, and how many picks of a new list are shown at first."""
        from recsys.bundle import shipped_version  # by now loaded, with the recommender

        self._database = database
        self._recommender = recommender
        self._profiles = profiles
        self._processes = processes
        self._page = page
        self._shipped = shipped_version()
        self._recent = RecentLists()
        # The event loop never waits for a matrix. One thread: the work is short, and a second one
        # would only share the same core's time with the loop.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recommender")

    async def recommend(
        self,
        user_id: int,
        guild_id: int | None,
        *,
        k: int = 5,
        filters: Filters = EVERYTHING,
        dials: Dials = NEUTRAL,
        planned: bool = False,
        shown: bool = True,
    ) -> StoredList:
        """Personal picks; for somebody who rated nothing, well-loved starting points.

        Args:
            user_id: for whom.
            guild_id: in which server, or None in a direct message.
            k: at most how many, 1 to 25.
            filters: what a pick must be.
            dials: how the person wants the ranking turned.
            planned: whether what they plan to watch may be picked.
            shown: whether the first page is about to be seen.

        Raises:
            UserError: no such count, or the database failed.
        """
        query = Query(k, filters, dials=dials, planned=planned)
        return await self._ask("recommend", user_id, guild_id, query, shown=shown)

    async def next(
        self,
        user_id: int,
        guild_id: int | None,
        *,
        k: int = 5,
        filters: Filters = EVERYTHING,
    ) -> StoredList:
        """The next unseen entry of each franchise that the person liked; as `recommend`."""
        return await self._ask("next", user_id, guild_id, Query(k, filters))

    async def similar(
        self,
        user_id: int,
        guild_id: int | None,
        anime_ids: Sequence[int],
        *,
        k: int = 5,
        filters: Filters = EVERYTHING,
    ) -> StoredList:
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
        query = Query(k, filters, self._seeds(anime_ids))
        return await self._ask("similar", user_id, guild_id, query)

    async def opposite(
        self,
        user_id: int,
        guild_id: int | None,
        anime_ids: Sequence[int],
        *,
        k: int = 5,
        filters: Filters = EVERYTHING,
    ) -> StoredList:
        """Well-loved anime as unlike the given ones as can be; as `similar`."""
        query = Query(k, filters, self._seeds(anime_ids))
        return await self._ask("opposite", user_id, guild_id, query)

    async def blend(
        self,
        user_id: int,
        guild_id: int | None,
        like: Sequence[int],
        less: Sequence[int] = (),
        *,
        k: int = 5,
        filters: Filters = EVERYTHING,
    ) -> StoredList:
        """Anime like each of some at once, and less like others; as `similar`.

        Raises:
            UserError: as `similar`, or one anime is both liked and not wanted.
        """
        seeds, unwanted = self._seeds(like), self._seeds(less) if less else ()
        if set(seeds) & set(unwanted):
            raise UserError("liked_and_less")
        query = Query(k, filters, seeds, unwanted)
        return await self._ask("blend", user_id, guild_id, query)

    async def again(
        self,
        user_id: int,
        guild_id: int | None,
        found: StoredList,
        change: Callable[[Query], Query] = lambda query: query,
    ) -> StoredList:
        """The same question once more, by all that is known of the person now.

        Args:
            user_id: for whom; not necessarily whose list it was.
            guild_id: in which server, or None in a direct message.
            found: the list whose question it is.
            change: what is to be otherwise about it.

        Raises:
            UserError: as the method that made the list.
        """
        return await self._ask(found.kind, user_id, guild_id, change(found.query))

    async def relaxation(self, user_id: int, found: StoredList) -> Relaxation | None:
        """Which one part of a list's filters to give up, where they left nothing.

        Raises:
            UserError: the database cannot be read.
        """
        query = found.query
        if found.kind in {"next", "opposite"}:
            return None
        if found.kind != "recommend":
            seeds = [*query.seeds, *query.unwanted]
            return await self._work(methodcaller("relax", seeds, query.filters))
        with storage():
            profile = await self._profiles.get(user_id)
        return await self._work(
            methodcaller("relax", profile, query.filters, planned=query.planned)
        )

    async def explain(self, user_id: int, anime_id: int) -> Explanation:
        """Why an anime would be picked for a person, with every part.

        Raises:
            UserError: no such anime, or the database cannot be read.
        """
        checked_anime(self._recommender.catalog, anime_id)
        with storage():
            profile, hints = await self._profiles.evidence(user_id)
        recommender = self._recommender
        pick = await self._work(methodcaller("explain", profile, anime_id, hints), recommender)
        if not hints.muted:
            return Explanation(pick, ())
        # What is switched off counts for nothing; what it would count for, only without that.
        muted, hints = hints.muted, replace(hints, muted=frozenset())
        whole = await self._work(methodcaller("explain", profile, anime_id, hints), recommender)
        parts = (*whole.reasons, *whole.against)
        return Explanation(
            pick,
            tuple(r for r in parts if r.anime_id in muted),
            tuple(r for r in whole.unseen if r.anime_id in muted),
        )

    async def list(self, list_id: int) -> StoredList | None:
        """A list that was shown; None if it is gone.

        Raises:
            UserError: the database cannot be read.
        """
        known = self._recent.get(list_id)
        with storage():
            async with self._database.read() as tx:
                if known is not None and (states := await tx.shown.state(list_id)):
                    return as_of_now(known, states)
                row = None if known is not None else await tx.shown.get(list_id)
        if row is None:
            self._recent.drop(list_id)
            return None
        found = list_from_row(row, self._recommender.catalog)
        self._recent.keep(found)
        return found

    async def owner(self, list_id: int) -> int | None:
        """Whose list it is; None if it is gone.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return await tx.shown.owner(list_id)

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
                found = await tx.shown.set_outcome(
                    user_id=user_id,
                    list_id=list_id,
                    anime_id=anime_id,
                    outcome=known,
                    now=datetime.now(UTC),
                )
                if found:
                    tx.meter.pick_outcome(known)

    async def score(self, user_id: int, list_id: int, score: int | None) -> None:
        """Store what a person gives a list of theirs as a whole.

        Args:
            user_id: who.
            list_id: their list.
            score: 1 to 10; None takes it back.

        Raises:
            UserError: no such score or list, or the database did not take it.
        """
        if score is not None:
            checked_score(score)
        with storage():
            async with self._database.write() as tx:
                if not await tx.shown.set_score(user_id, list_id, score, datetime.now(UTC)):
                    raise UserError("list_gone")

    def answered_by(self, model: str) -> str | None:
        """Which model made a list, to be said where it is not the one that ships.

        Args:
            model: version of its bundle.
        """
        if model == self._shipped:
            return None
        if model == self._recommender.model_version and self._recommender.model_name:
            return f"{self._recommender.model_name} {model}"
        return model

    def use(self, recommender: Recommender) -> None:
        """Ask another recommender from now on; what is being asked ends with the one before."""
        self._recommender = recommender
        self._processes.use(recommender.model_version)

    def forget(self, user_id: int) -> None:
        """Keep nothing in memory of a person who was erased."""
        self._recent.forget(user_id)

    def close(self) -> None:
        """Let the worker thread end."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _seeds(self, anime_ids: Sequence[int]) -> tuple[int, ...]:
        seeds = tuple(dict.fromkeys(anime_ids))
        if not seeds:
            raise UserError("no_title")
        if len(seeds) > MOST_SEEDS:
            raise UserError("too_many_titles", most=MOST_SEEDS)
        for anime_id in seeds:
            checked_anime(self._recommender.catalog, anime_id)
        return seeds

    async def _ask(
        self,
        kind: str,
        user_id: int,
        guild_id: int | None,
        query: Query,
        *,
        shown: bool = True,
    ) -> StoredList:
        checked_count(query.k, MOST_PICKS)
        with storage():
            evidence = await self._profiles.evidence(user_id)
        # The answers to questions are stored where they were given.
        query = replace(query, hints=replace(evidence.hints, asked=()))
        recommender = self._recommender  # another one may be taken into use meanwhile
        picks = tuple(await self._work(_ASK[kind](evidence, query), recommender))
        model = recommender.model_version
        seen = min(self._page, len(picks)) if shown else 0
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                await tx.users.ensure(user_id, now)
                list_id = await tx.shown.add(
                    user_id=user_id,
                    guild_id=guild_id,
                    kind=kind,
                    model=model,
                    query=to_json(query),
                    picks=[pick_to_row(pick) for pick in picks],
                    shown=seen,
                    now=now,
                )
        if shown:
            self._database.meter.picks_shown(kind, seen)
        found = StoredList(
            list_id, user_id, guild_id, kind, model, query, picks, {}, now, shown=seen
        )
        self._recent.keep(found)
        return found

    async def _work(self, question: Question, recommender: Recommender | None = None) -> Any:  # noqa: ANN401 - its answer
        """What the recommender says, by default the one that answers now."""
        recommender = recommender or self._recommender
        process = self._processes.free(recommender.model_version)
        if process is not None:
            with suppress(GoneError):  # which is in the log, and nobody needs to notice
                return await process.ask(question)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, question, recommender)
