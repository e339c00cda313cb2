"""The first minute: questions chosen for one person, until there is enough for first picks.

A round of questions is stored as it goes, one question at a time, so it goes on after a restart
and in another message. Its last question is the one that is open; whatever was tapped before it is
settled. "Haven't seen it" is stored with its question and costs nothing: it helps to choose the
next one and to rank the first picks. That anime is never asked about again, and may well be picked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.db.asked import KIND
from bot.db.shown import PickRow
from bot.services.checks import checked_score
from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Database
    from bot.db.asked import Asked
    from bot.services.profiles import Profiles
    from bot.services.ratings import RatingService
    from recsys.catalog import Anime
    from recsys.recommender import Recommender

ENOUGH = 5
"""Answers after which a round is done."""

MOST_QUESTIONS = 30
"""Questions after which it is done in any case."""

UNSEEN = 0
"""Stands for "haven't seen it" where a score is expected."""


@dataclass(frozen=True, slots=True)
class Round:
    """Where a person stands.

    Attributes:
        list_id: the round, for the buttons.
        position: of the open question, 0 for the first; how many were asked where none is open.
        anime: what is asked about; None when the round is done.
        answers: how many of its questions they answered with a score.
    """

    list_id: int
    position: int
    anime: Anime | None
    answers: int


class StartService:
    """Asks the questions of `/start` and stores the answers."""

    def __init__(
        self,
        database: Database,
        recommender: Recommender,
        profiles: Profiles,
        ratings: RatingService,
    ) -> None:
        self._database = database
        self._recommender = recommender
        self._profiles = profiles
        self._ratings = ratings

    def use(self, recommender: Recommender) -> None:
        """Let another recommender choose the questions from now on."""
        self._recommender = recommender

    async def begin(self, user_id: int, guild_id: int | None) -> Round:
        """The open question of a person, of a new round where none is open.

        Raises:
            UserError: the database failed.
        """
        asked = await self._asked(user_id)
        latest = _latest(asked)
        if latest and not _is_done(latest):
            return await self._go_on(user_id, latest[-1].list_id)
        anime = await self._choose(user_id, asked)
        if anime is None:
            return Round(latest[-1].list_id if latest else 0, len(latest), None, _answers(latest))
        with storage():
            async with self._database.write() as tx:
                await tx.users.lock(user_id)
                now_asked = await tx.asked.all(user_id)
                if len(now_asked) == len(asked):
                    list_id = await tx.shown.add(
                        user_id=user_id,
                        guild_id=guild_id,
                        kind=KIND,
                        model=self._recommender.model_version,
                        query={},
                        picks=[PickRow(anime.id, 0.0)],
                        shown=1,
                        now=datetime.now(UTC),
                    )
                    return Round(list_id, 0, anime, 0)
        return self._round(_latest(now_asked))  # two taps at once: the other one has begun

    async def answer(self, user_id: int, list_id: int, position: int, score: int) -> Round:
        """Store the answer to a question and ask the next one.

        An answer to any question but the open one changes nothing: it is a second tap, or one on
        an old message.

        Args:
            user_id: who answers.
            list_id: their round.
            position: of the question.
            score: 1 to 10, or `UNSEEN`.

        Raises:
            UserError: no such score, no such round of theirs, or the database failed.
        """
        if score != UNSEEN:
            checked_score(score)
        latest = await self._own(user_id, list_id)
        if position != len(latest) - 1 or _answers(latest) >= ENOUGH:
            return self._round(latest)
        if score != UNSEEN:
            anime_id = latest[-1].anime_id
            await self._ratings.rate(user_id, anime_id, score, source=KIND, list_id=list_id)
        return await self._go_on(user_id, list_id, after=position)

    async def back(self, user_id: int, list_id: int, position: int) -> Round:
        """Go back to the question before, as if it had not been answered.

        Args:
            user_id: who goes back.
            list_id: their round.
            position: of the question that they see, or how many were asked where the round is done.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        await self._own(user_id, list_id)
        with storage():
            async with self._database.write() as tx:
                # What was not seen is evidence too, so the person's picks may change.
                await tx.users.advance(user_id, datetime.now(UTC))
                latest = _of(await tx.asked.all(user_id), list_id)
                if position < 1 or position not in {len(latest) - 1, len(latest)}:
                    return self._round(latest)
                if position == len(latest) - 1:
                    await tx.asked.drop(list_id, position)
                await tx.asked.reopen(list_id, position - 1)
        before = latest[position - 1]
        if before.outcome is not None:
            with suppress(UserError):  # changed since, elsewhere: then that holds
                await self._ratings.take_back(user_id, list_id, before.anime_id)
        return self._round((*latest[: position - 1], before._replace(outcome=None)))

    async def stop(self, user_id: int, list_id: int) -> Round:
        """Leave a round as it is, with its open question for later.

        Raises:
            UserError: no such round of theirs, or the database failed.
        """
        latest = await self._own(user_id, list_id)
        return Round(list_id, len(latest), None, _answers(latest))

    async def _go_on(self, user_id: int, list_id: int, after: int | None = None) -> Round:
        """The open question of a round, and the next one where that is settled.

        Args:
            user_id: whose.
            list_id: the round.
            after: the position that was just answered.
        """
        asked = await self._asked(user_id)
        latest = _of(asked, list_id)
        last = latest[-1]
        unseen = after == last.position and last.outcome is None
        if not unseen and last.outcome is None:
            return self._round(latest)
        anime = None if _is_done(latest) else await self._choose(user_id, asked)
        done = Round(list_id, len(latest), None, _answers(latest))
        if anime is None and not unseen:
            return done
        with storage():
            async with self._database.write() as tx:
                # "Haven't seen it" is evidence, so the person's picks may change.
                await tx.users.advance(user_id, datetime.now(UTC))
                now = _of(await tx.asked.all(user_id), list_id)
                if len(now) != len(latest):  # a second tap at the same moment
                    return self._round(now)
                if unseen:
                    await tx.asked.answer_unseen(list_id, last.position)
                if anime is not None:
                    await tx.asked.append(list_id, len(latest), anime.id)
        return replace(done, anime=anime)

    async def _choose(self, user_id: int, asked: Sequence[Asked]) -> Anime | None:
        with storage():
            profile = await self._profiles.get(user_id)
        unseen = [one.anime_id for one in asked if one.anime_id not in profile.anime_ids]
        chosen = await asyncio.to_thread(self._recommender.ask, profile, unseen)
        return chosen[0] if chosen else None

    async def _asked(self, user_id: int) -> tuple[Asked, ...]:
        with storage():
            async with self._database.read() as tx:
                return await tx.asked.all(user_id)

    async def _own(self, user_id: int, list_id: int) -> tuple[Asked, ...]:
        found = _of(await self._asked(user_id), list_id)
        if not found:
            raise UserError("list_gone")
        return found

    def _round(self, questions: Sequence[Asked]) -> Round:
        last = questions[-1]
        # One that has left the catalog since is as good as answered.
        anime = None if _is_done(questions) else self._recommender.catalog.get(last.anime_id)
        position = len(questions) if anime is None else last.position
        return Round(last.list_id, position, anime, _answers(questions))


def _of(asked: Sequence[Asked], list_id: int) -> tuple[Asked, ...]:
    return tuple(one for one in asked if one.list_id == list_id)


def _latest(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    return _of(asked, asked[-1].list_id) if asked else ()


def _answers(questions: Sequence[Asked]) -> int:
    return sum(one.outcome is not None for one in questions)


def _is_done(questions: Sequence[Asked]) -> bool:
    return _answers(questions) >= ENOUGH or len(questions) >= MOST_QUESTIONS
