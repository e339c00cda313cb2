"""Many people at once, and one person with quick fingers: every change counts, none is lost."""

from __future__ import annotations

import asyncio
import random

from bot.db import Database
from bot.services import Services, UserError
from recsys.profile import Entry
from tests.bot.builders import ANIME, MONSTER, engine

AKI = 10**18


async def test_two_hundred_people_rate_at_the_same_time(services: Services) -> None:
    people = range(AKI, AKI + 200)
    rated = await asyncio.gather(
        *(services.ratings.rate(person, MONSTER, person % 10 + 1) for person in people)
    )
    assert [done.count for done in rated] == [1] * 200
    entries = await asyncio.gather(*(services.ratings.entry(person, MONSTER) for person in people))
    assert entries == [Entry(MONSTER, person % 10 + 1) for person in people]


async def test_two_bots_over_one_database_do_not_lose_each_others_ratings(
    services: Services, database_url: str
) -> None:
    elsewhere = await Database.open(database_url)
    second = Services(services.settings, engine(), elsewhere)
    rated = await asyncio.gather(
        *(
            bot.ratings.rate(AKI + n % 5, anime.id, 8)
            for bot in (services, second)
            for n, anime in enumerate(ANIME)
        )
    )
    # Each anime was rated twice: the second to come saw what the first had written.
    assert sum(done.previous is None for done in rated) == len(ANIME)
    for person in range(5):
        expected = {anime.id for n, anime in enumerate(ANIME) if n % 5 == person}
        assert (await second.ratings.profile(AKI + person)).anime_ids == expected
    await second.close()


async def test_people_read_and_get_picks_while_others_rate(services: Services) -> None:
    async def one_person(person: int) -> int:
        await services.ratings.rate(person, MONSTER, 8)
        found = await services.picks.recommend(person, None, k=3)
        await services.ratings.rate(person, found.picks[0].anime.id, 7, list_id=found.list_id)
        return (await services.ratings.page(person)).total

    totals = await asyncio.gather(*(one_person(AKI + n) for n in range(40)))
    assert totals == [2] * 40


async def test_one_person_rating_many_anime_at_once_has_all_of_them(services: Services) -> None:
    rated = await asyncio.gather(*(services.ratings.rate(AKI, anime.id, 6) for anime in ANIME))
    assert sorted(done.count for done in rated) == list(range(1, len(ANIME) + 1))
    profile = await services.ratings.profile(AKI)
    assert profile.anime_ids == {anime.id for anime in ANIME}
    # The order of the list is the order in which the ratings were taken.
    in_order = sorted(rated, key=lambda done: done.count)
    assert [entry.anime_id for entry in profile.entries] == [done.anime.id for done in in_order]


async def test_taps_at_the_same_moment_each_see_what_the_one_before_left(
    services: Services,
) -> None:
    rated = await asyncio.gather(*(services.ratings.rate(AKI, MONSTER, 1 + n) for n in range(10)))
    before = {None if done.previous is None else done.previous.score for done in rated}
    last = await services.ratings.entry(AKI, MONSTER)
    assert last is not None
    assert before | {last.score} == {None, *range(1, 11)}
    assert len(before) == 10


async def test_of_two_undos_at_the_same_moment_one_is_told_there_is_nothing_to_undo(
    services: Services,
) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    undo = [
        services.ratings.restore(AKI, MONSTER, None, expected=Entry(MONSTER, 9)) for _ in range(2)
    ]
    results = await asyncio.gather(*undo, return_exceptions=True)
    assert [result for result in results if result is None] == [None]
    (refused,) = [result for result in results if result is not None]
    assert isinstance(refused, UserError)
    assert refused.key == "changed_since"


async def test_ratings_that_are_cancelled_half_way_do_not_stop_the_others(
    services: Services,
) -> None:
    rng = random.Random(7)
    tasks = [
        asyncio.create_task(services.ratings.rate(AKI + n, MONSTER, 9, source=f"tap {n}"))
        for n in range(60)
    ]
    cancelled = set(rng.sample(range(60), 30))
    for n in cancelled:
        await asyncio.sleep(rng.random() / 200)
        tasks[n].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    for n, result in enumerate(done):
        entry = await services.ratings.entry(AKI + n, MONSTER)
        if isinstance(result, asyncio.CancelledError):
            assert n in cancelled
            assert entry in {None, Entry(MONSTER, 9)}
        else:
            assert entry == Entry(MONSTER, 9), result
    assert (await services.ratings.rate(AKI, MONSTER, 3)).score == 3
