"""Whatever a person does in whatever order, their list is what a dictionary would hold."""

from __future__ import annotations

import asyncio
import itertools
import statistics
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db import Database
from bot.services.profiles import Profiles
from bot.services.ratings import RatingService
from recsys.profile import Entry, Status
from tests.bot.builders import ANIME, engine

if TYPE_CHECKING:
    from pathlib import Path

anime_ids = st.sampled_from([anime.id for anime in ANIME[:5]])
scores = st.integers(1, 10)
statuses = st.sampled_from(Status)
steps = st.one_of(
    st.tuples(st.just("rate"), anime_ids, scores),
    st.tuples(st.just("mark"), anime_ids, statuses),
    st.tuples(st.just("unrate"), anime_ids),
    st.tuples(st.just("restore"), anime_ids, st.none()),
    st.tuples(st.just("restore"), anime_ids, st.tuples(st.none() | scores, statuses)),
)
UNWATCHED = {Status.UNKNOWN, Status.PLANNED, Status.NOT_INTERESTED}


class Model:
    """One person's list as a dictionary, newest last."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}

    def change(self, anime_id: int, entry: Entry) -> None:
        """What says nothing new keeps its place."""
        if self.entries.get(anime_id) != entry:
            self.put(anime_id, entry)

    def put(self, anime_id: int, entry: Entry | None) -> None:
        self.entries.pop(anime_id, None)
        if entry is not None:
            self.entries[anime_id] = entry

    def rated(self, anime_id: int, score: int) -> Entry:
        before = self.entries.get(anime_id)
        watched = before is not None and before.status not in UNWATCHED
        return Entry(anime_id, score, before.status if before and watched else Status.COMPLETED)

    def marked(self, anime_id: int, status: Status) -> Entry:
        return replace(self.entries.get(anime_id, Entry(anime_id)), status=status)


async def play(ratings: RatingService, person: int, moves: list[tuple]) -> None:
    model = Model()
    for kind, anime_id, *rest in moves:
        before = model.entries.get(anime_id)
        if kind == "rate":
            rated = await ratings.rate(person, anime_id, rest[0])
            model.change(anime_id, model.rated(anime_id, rest[0]))
            assert rated.previous == before
            assert rated.count == sum(e.score is not None for e in model.entries.values())
        elif kind == "mark":
            marked = await ratings.set_status(person, anime_id, rest[0])
            model.change(anime_id, model.marked(anime_id, rest[0]))
            assert marked.previous == before
        elif kind == "unrate":
            assert await ratings.unrate(person, anime_id) == before
            model.put(anime_id, None)
        else:
            entry = None if rest[0] is None else Entry(anime_id, *rest[0])
            await ratings.restore(person, anime_id, entry)
            model.put(anime_id, entry)
        assert await ratings.entry(person, anime_id) == model.entries.get(anime_id)
    await agree(ratings, person, model)


async def agree(ratings: RatingService, person: int, model: Model) -> None:
    entries = tuple(model.entries.values())
    assert (await ratings.profile(person)).entries == entries
    found = []
    pages = 1
    for number in itertools.count(1):
        if number > pages:
            break
        page = await ratings.page(person, number, size=2)
        pages = page.pages
        found += [entry for _, entry in page.lines]
        assert page.total == len(entries)
        given_scores = [e.score for e in entries if e.score is not None]
        expected = statistics.fmean(given_scores) if given_scores else None
        assert (page.mean is None) == (expected is None)
        assert expected is None or abs(page.mean - expected) < 1e-9
    assert tuple(reversed(found)) == entries


def test_any_history_leaves_what_a_dictionary_would_hold(tmp_path: Path) -> None:
    fresh = itertools.count(10**18)

    # One database for all examples, and new people in each: making a database is slow.
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(f"sqlite:///{tmp_path / 'a.sqlite3'}"))
        ratings = RatingService(database, engine().catalog, Profiles(database))

        @settings(max_examples=30, deadline=None)
        @given(histories=st.lists(st.lists(steps, max_size=12), min_size=1, max_size=3))
        def check(histories: list[list[tuple]]) -> None:
            async def play_all() -> None:
                # At the same time: one person's change must not show in another's list.
                await asyncio.gather(*(play(ratings, next(fresh), moves) for moves in histories))

            runner.run(play_all())

        check()
        runner.run(database.close())
