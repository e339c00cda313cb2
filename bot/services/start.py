"""The first minute: cards of titles chosen for one person, until there is enough for first picks.

A round of cards is stored as it goes, so it goes on after a restart and in another message. Its
open card is the first one that the person has not gone on from. A tick is on their list at once,
and off it when it is taken back; what is left unticked when they go on they have not seen. That
costs nothing: it helps to choose the next card and to rank the first picks, and those titles are
never asked about again, and may well be picked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.db.asked import KIND, new_card
from bot.db.shown import PickRow
from bot.services.errors import UserError, storage
from bot.services.ticks import feeling_of, put_tick, ticked
from recsys.ranking.asking import TITLES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.db import Database
    from bot.db.asked import Asked
    from bot.services.profiles import Profiles
    from bot.services.ticks import Feeling
    from recsys.catalog import Anime
    from recsys.recommender import Recommender

CARDS = 5
"""Cards after which a round is done."""


@dataclass(frozen=True, slots=True)
class Title:
    """One line of a card.

    Attributes:
        anime: what is asked about.
        feeling: what the person's list says of it; None where they have not seen it.
    """

    anime: Anime
    feeling: Feeling | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """Where a person stands.

    Attributes:
        list_id: the round, for the buttons.
        card: which card is shown, 0 for the first; the one after the last where none is.
        titles: what is on it; none when there is nothing to show but picks.
        seen: of how many titles of the round they said that they have seen them.
        is_over: whether there is no card to go on with.
    """

    list_id: int
    card: int
    titles: tuple[Title, ...]
    seen: int
    is_over: bool


class StartService:
    """Shows the cards of `/start` and stores what is ticked on them."""

    def __init__(self, database: Database, recommender: Recommender, profiles: Profiles) -> None:
        self._database = database
        self._recommender = recommender
        self._profiles = profiles

    def use(self, recommender: Recommender) -> None:
        """Let another recommender choose the titles from now on."""
        self._recommender = recommender

    async def begin(self, user_id: int, guild_id: int | None) -> Round:
        """The open card of a person, of a new round where none is open.

        Raises:
            UserError: the database failed.
        """
        asked = await self._asked(user_id)
        latest = _latest(asked)
        if _open(latest) is None and (chosen := await self._choose(user_id, asked)):
            with storage():
                async with self._database.write() as tx:
                    await tx.users.lock(user_id)
                    # Of two taps at once the other one has begun.
                    if len(await tx.asked.all(user_id)) == len(asked):
                        await tx.shown.add(
                            user_id=user_id,
                            guild_id=guild_id,
                            kind=KIND,
                            model=self._recommender.model_version,
                            query={},
                            picks=[PickRow(one.id, 0.0, detail=new_card(0)) for one in chosen],
                            shown=len(chosen),
                            now=datetime.now(UTC),
                        )
            latest = _latest(await self._asked(user_id))
        card = _open(latest)
        found = await self._round(user_id, latest, card)
        if card is not None and not found.titles:  # all of them have left the catalog since
            return await self.go_on(user_id, found.list_id, card)
        return found

    async def tick(
        self, user_id: int, list_id: int, card: int, menu: Feeling, anime_ids: Collection[int]
    ) -> Round:
        """Store what stands chosen in a menu of a card; chosen twice, it holds once.

        Args:
            user_id: who ticks.
            list_id: their round.
            card: which card, open or not.
            menu: what the menu is for.
            anime_ids: all that stand chosen in it. What the card does not have is passed over.

        Returns:
            That card.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        await self._own(user_id, list_id)
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                # First of all, so that two ticks by one person come one after the other.
                await tx.users.advance(user_id, now)
                titles = _card(await tx.asked.all(user_id), list_id, card)
                entries = await tx.asked.entries(user_id, list_id)
                for one in titles:
                    entry = entries.get(one.anime_id)
                    chosen = one.anime_id in anime_ids
                    wanted = ticked(feeling_of(entry), menu, chosen=chosen)
                    await put_tick(tx, user_id, one, entry, wanted, now)
                if titles and titles[0].is_done:
                    await tx.asked.close(_card(await tx.asked.all(user_id), list_id, card))
        mine = await self._own(user_id, list_id)
        return await self._round(user_id, mine, card if titles else _open(mine))

    async def go_on(self, user_id: int, list_id: int, card: int) -> Round:
        """Leave a card, of which the rest was not seen, for the next one.

        From any card but the open one this only leads to that: it is a second tap, or one on an
        old message.

        Args:
            user_id: who goes on.
            list_id: their round.
            card: which card they leave.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        asked = await self._asked(user_id)
        mine = _of(asked, list_id)
        if not mine:
            raise UserError("list_gone")
        if _open(mine) == card:
            following = _count(mine)
            is_last = following < CARDS and all(one.is_done or one.card == card for one in mine)
            chosen = await self._choose(user_id, asked) if is_last else []
            with storage():
                async with self._database.write() as tx:
                    # "Haven't seen it" is evidence, so the person's picks may change.
                    await tx.users.advance(user_id, datetime.now(UTC))
                    now = _of(await tx.asked.all(user_id), list_id)
                    if _open(now) == card and len(now) == len(mine):
                        await tx.asked.close(_card(now, list_id, card))
                        ids = [one.id for one in chosen]
                        await tx.asked.append(list_id, len(now), following, ids)
            mine = await self._own(user_id, list_id)
        return await self._round(user_id, mine, _open(mine))

    async def back(self, user_id: int, list_id: int, card: int) -> Round:
        """Go back to the card before, as it was left.

        Args:
            user_id: who goes back.
            list_id: their round.
            card: which card they see, or the one after the last where they see picks.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        mine = await self._own(user_id, list_id)
        before, still_open = card - 1, _open(mine)
        if before not in range(_count(mine)) or (still_open is not None and before > still_open):
            return await self._round(user_id, mine, still_open)
        with storage():
            async with self._database.write() as tx:
                # What was not seen is evidence too, so the person's picks may change.
                await tx.users.advance(user_id, datetime.now(UTC))
                now = _of(await tx.asked.all(user_id), list_id)
                await tx.asked.reopen(_card(now, list_id, before))
                # What is ticked before may lead to another card than the one that they saw.
                left = _card(now, list_id, card)
                untouched = not any(one.is_done or one.outcome is not None for one in left)
                if left and untouched and left[-1] == now[-1]:
                    await tx.asked.drop(list_id, left[0].position)
        return await self._round(user_id, await self._own(user_id, list_id), before)

    async def stop(self, user_id: int, list_id: int) -> Round:
        """Leave a round for picks. Its open card waits, unless something is ticked on it.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        mine = await self._own(user_id, list_id)
        card = _open(mine)
        if card is not None and any(one.outcome for one in _card(mine, list_id, card)):
            with storage():
                async with self._database.write() as tx:
                    await tx.users.advance(user_id, datetime.now(UTC))
                    await tx.asked.close(_card(await tx.asked.all(user_id), list_id, card))
            mine = await self._own(user_id, list_id)
        return await self._round(user_id, mine, None, after=card)

    async def _round(
        self, user_id: int, mine: Sequence[Asked], card: int | None, *, after: int | None = None
    ) -> Round:
        """How a round looks.

        Args:
            user_id: whose.
            mine: all its titles; none where there is no round.
            card: the card to show; None for none.
            after: the card that was left where none is shown; left out, the last one.
        """
        with storage():
            profile = await self._profiles.get(user_id)
        entries = {entry.anime_id: entry for entry in profile.entries}
        feelings = {one.anime_id: feeling_of(entries.get(one.anime_id)) for one in mine}
        catalog = self._recommender.catalog
        titles = tuple(
            Title(anime, feelings[anime.id])
            for one in mine
            # One may have left the catalog since.
            if one.card == card and (anime := catalog.get(one.anime_id)) is not None
        )
        if card is None or not titles:
            card = _count(mine) if after is None else after + 1
        seen = sum(feeling is not None for feeling in feelings.values())
        return Round(mine[0].list_id if mine else 0, card, titles, seen, _open(mine) is None)

    async def _choose(self, user_id: int, asked: Sequence[Asked]) -> list[Anime]:
        with storage():
            profile = await self._profiles.get(user_id)
        unseen = [one.anime_id for one in asked if one.anime_id not in profile.anime_ids]
        return await asyncio.to_thread(self._recommender.ask, profile, unseen, TITLES)

    async def _asked(self, user_id: int) -> tuple[Asked, ...]:
        with storage():
            async with self._database.read() as tx:
                return await tx.asked.all(user_id)

    async def _own(self, user_id: int, list_id: int) -> tuple[Asked, ...]:
        found = _of(await self._asked(user_id), list_id)
        if not found:
            raise UserError("list_gone")
        return found


def _of(asked: Sequence[Asked], list_id: int) -> tuple[Asked, ...]:
    return tuple(one for one in asked if one.list_id == list_id)


def _latest(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    return _of(asked, asked[-1].list_id) if asked else ()


def _card(asked: Sequence[Asked], list_id: int, card: int) -> tuple[Asked, ...]:
    return tuple(one for one in asked if (one.list_id, one.card) == (list_id, card))


def _count(mine: Sequence[Asked]) -> int:
    return max((one.card for one in mine), default=-1) + 1


def _open(mine: Sequence[Asked]) -> int | None:
    """The first card of a round that is not left yet; None where there is none."""
    return next((one.card for one in mine if not one.is_done), None)
