"""What a person says about an anime: rated, planned, dropped, not interested, or taken back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from bot.services.checks import checked_anime, checked_score
from bot.services.errors import UserError, storage
from bot.services.outcomes import Outcome, outcome_of
from bot.services.shown import undo_from_json, undo_to_json
from recsys.catalog import Anime
from recsys.profile import Entry, Profile, Status

if TYPE_CHECKING:
    from bot.db import Database, Transaction
    from bot.services.profiles import Profiles
    from recsys.catalog import Catalog

# A rating within this time of a list counts as what came of it, even without its buttons.
RECENT = timedelta(days=30)

# What a person has not watched yet, so a rating says that by now they have.
_NOT_WATCHED = frozenset({Status.UNKNOWN, Status.PLANNED, Status.NOT_INTERESTED})


class Anything(Enum):
    """Stands for "whatever the entry is now", where None means that there is none."""

    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating that is stored.

    Attributes:
        anime: what was rated.
        score: 1 to 10.
        previous: the entry as it was before, for undo; None if there was none.
        count: how many anime the person has rated now.
        entry: the entry as it is now.
        changed: whether that is something else than before. Of two taps at the same moment the
            second changes nothing.
    """

    anime: Anime
    score: int
    previous: Entry | None
    count: int
    entry: Entry
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Marked:
    """A status that is stored.

    Attributes:
        anime: what was marked.
        status: where it stands now.
        previous: the entry as it was before, for undo; None if there was none.
        entry: the entry as it is now.
        changed: whether that is something else than before.
    """

    anime: Anime
    status: Status
    previous: Entry | None
    entry: Entry
    changed: bool = True


@dataclass(frozen=True, slots=True)
class RatingsPage:
    """A page of a person's list, newest first.

    Attributes:
        lines: the anime of the page, each with its entry.
        page: which page, 1 for the first; the nearest one to that asked for.
        pages: how many there are, at least 1.
        total: how many entries the list has.
        mean: of the scores; None when nothing is rated.
    """

    lines: tuple[tuple[Anime, Entry], ...]
    page: int
    pages: int
    total: int
    mean: float | None


class RatingService:
    """Changes and reads people's lists. A method that returned has its change on the disk."""

    def __init__(self, database: Database, catalog: Catalog, profiles: Profiles) -> None:
        self._database = database
        self._catalog = catalog
        self._profiles = profiles

    async def rate(
        self,
        user_id: int,
        anime_id: int,
        score: int,
        *,
        source: str = "command",
        list_id: int | None = None,
    ) -> Rated:
        """Store a rating. Something planned or refused counts as watched from then on.

        Args:
            user_id: whose.
            anime_id: MyAnimeList id.
            score: 1 to 10.
            source: where it came from, at most 32 characters.
            list_id: the shown list whose button was pressed, if any.

        Raises:
            UserError: no such score or anime, or the database did not take it.
        """
        anime = checked_anime(self._catalog, anime_id)
        score = checked_score(score)
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                # First of all, so that two ratings by one person come one after the other.
                revision = await tx.users.advance(user_id, now)
                previous = await tx.entries.get(user_id, anime_id)
                watched = previous is not None and previous.status not in _NOT_WATCHED
                status = previous.status if previous and watched else Status.COMPLETED
                entry = Entry(anime_id, score, status)
                if changed := entry != previous:
                    await tx.entries.put(user_id, entry, revision=revision, source=source, now=now)
                    undo = undo_to_json(previous, entry)
                    await _record(tx, user_id, anime_id, Outcome.RATED, list_id, now, undo)
                count = (await tx.entries.summary(user_id)).rated
        return Rated(anime, score, previous, count, entry, changed)

    async def set_status(
        self,
        user_id: int,
        anime_id: int,
        status: Status,
        *,
        source: str = "command",
        list_id: int | None = None,
    ) -> Marked:
        """Store where an anime stands. A score that it has stays.

        Args:
            user_id: whose.
            anime_id: MyAnimeList id.
            status: where it stands now.
            source: where that came from, at most 32 characters.
            list_id: the shown list whose button was pressed, if any.

        Raises:
            UserError: no such anime, or the database did not take it.
        """
        anime = checked_anime(self._catalog, anime_id)
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                revision = await tx.users.advance(user_id, now)
                previous = await tx.entries.get(user_id, anime_id)
                entry = replace(previous or Entry(anime_id), status=status)
                if changed := entry != previous:
                    await tx.entries.put(user_id, entry, revision=revision, source=source, now=now)
                    outcome = outcome_of(replace(entry, score=None))
                    undo = undo_to_json(previous, entry)
                    await _record(tx, user_id, anime_id, outcome, list_id, now, undo)
        return Marked(anime, status, previous, entry, changed)

    async def take_back(
        self,
        user_id: int,
        list_id: int,
        anime_id: int,
        *,
        expected: Entry | Anything | None = Anything.ANYTHING,
    ) -> Entry | None:
        """Undo what a person did about a pick of their own list, as its card offers.

        Args:
            user_id: whose.
            list_id: their list.
            anime_id: the pick.
            expected: what the entry must be now, as for `restore`; it must at least be what was
                made of it on this list.

        Returns:
            The entry as it was before and is again; None if there was none.

        Raises:
            UserError: they changed it since, or took it back already; or the database failed.
        """
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                revision = await tx.users.advance(user_id, now)
                undo = undo_from_json(anime_id, await tx.shown.undo_of(user_id, list_id, anime_id))
                found = await tx.entries.get(user_id, anime_id)
                changed = not isinstance(expected, Anything) and found != expected
                if undo is None or changed or found != undo[1]:
                    raise UserError("changed_since")
                before = undo[0]
                await _write(tx, user_id, anime_id, before, revision, now)
                await _record(tx, user_id, anime_id, None, list_id, now)
        return before

    async def unrate(self, user_id: int, anime_id: int) -> Entry | None:
        """Take an anime off a person's list, whatever its status.

        Returns:
            The entry that was there, for undo; None if there was none.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            if await self.entry(user_id, anime_id) is None:
                return None  # nothing to write, and no row for somebody who never had one
            async with self._database.write() as tx:
                return await _put_back(tx, user_id, anime_id, None, datetime.now(UTC))

    async def restore(
        self,
        user_id: int,
        anime_id: int,
        previous: Entry | None,
        *,
        expected: Entry | Anything | None = Anything.ANYTHING,
    ) -> None:
        """Undo a change: make the entry what it was, as the person's newest.

        Args:
            user_id: whose.
            anime_id: MyAnimeList id.
            previous: what `rate`, `set_status` or `unrate` gave as previous.
            expected: what the entry must be now. With it an old button cannot undo what the
                person did since, even in the same instant.

        Raises:
            UserError: the entry is not what was expected, or the database did not take it.
            ValueError: `previous` is another anime's entry.
        """
        if previous is not None:
            if previous.anime_id != anime_id:
                message = f"an entry of {previous.anime_id} cannot be restored as {anime_id}"
                raise ValueError(message)
            if previous.score is not None:
                checked_score(previous.score)
        with storage():
            async with self._database.write() as tx:
                await _put_back(tx, user_id, anime_id, previous, datetime.now(UTC), expected)

    async def entry(self, user_id: int, anime_id: int) -> Entry | None:
        """What a person has on their list about an anime.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return await tx.entries.get(user_id, anime_id)

    async def page(self, user_id: int, page: int = 1, size: int = 10) -> RatingsPage:
        """A page of a person's list, newest first.

        Args:
            user_id: whose.
            page: 1 for the first. One that does not exist gives the nearest.
            size: lines a page, at least 1.

        Raises:
            UserError: the database cannot be read.
        """
        size = max(1, size)
        with storage():
            async with self._database.read() as tx:
                summary = await tx.entries.summary(user_id)
                pages = max(1, math.ceil(summary.total / size))
                page = min(max(1, page), pages)
                entries = await tx.entries.newest(user_id, offset=(page - 1) * size, limit=size)
        lines = tuple((self._anime(entry.anime_id), entry) for entry in entries)
        return RatingsPage(lines, page, pages, summary.total, summary.mean)

    async def profile(self, user_id: int) -> Profile:
        """Everything a person has on their list, for the recommender; newest last.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            return await self._profiles.get(user_id)

    def _anime(self, anime_id: int) -> Anime:
        """An anime of somebody's list, even one that the catalog has dropped since."""
        return self._catalog.get(anime_id) or Anime(anime_id, f"MyAnimeList {anime_id}")


async def _put_back(
    tx: Transaction,
    user_id: int,
    anime_id: int,
    wanted: Entry | None,
    now: datetime,
    expected: Entry | Anything | None = Anything.ANYTHING,
) -> Entry | None:
    """Make an entry what is wanted; the outcome of the pick that led to it follows."""
    revision = await tx.users.advance(user_id, now)
    found = await tx.entries.get(user_id, anime_id)
    if not isinstance(expected, Anything) and found != expected:
        raise UserError("changed_since")
    await _write(tx, user_id, anime_id, wanted, revision, now)
    # What is taken back came of the newest list that something came of.
    acted = await tx.shown.latest_with(user_id, anime_id, now - RECENT, acted=True)
    await _record(tx, user_id, anime_id, outcome_of(wanted), acted, now)
    return found


async def _write(
    tx: Transaction,
    user_id: int,
    anime_id: int,
    wanted: Entry | None,
    revision: int,
    now: datetime,
) -> None:
    if wanted is None:
        await tx.entries.remove(user_id, anime_id)
    else:
        await tx.entries.put(user_id, wanted, revision=revision, source="undo", now=now)


async def _record(
    tx: Transaction,
    user_id: int,
    anime_id: int,
    outcome: Outcome | None,
    list_id: int | None,
    now: datetime,
    undo: list[Any] | None = None,
) -> None:
    """Record what came of a pick: of the list given, else of the newest that showed it."""
    if list_id is None:
        list_id = await tx.shown.latest_with(user_id, anime_id, now - RECENT)
    if list_id is not None:
        found = await tx.shown.set_outcome(
            user_id=user_id,
            list_id=list_id,
            anime_id=anime_id,
            outcome=outcome,
            now=now,
            undo=undo,
        )
        if found and outcome is not None:
            tx.meter.pick_outcome(outcome)
