"""The first minute: questions that go on, answers that count once, and the way back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.services.errors import UserError
from bot.services.start import ENOUGH, MOST_QUESTIONS, UNSEEN, Round
from recsys.profile import Entry, Hints, Profile
from tests.bot.builders import engine

if TYPE_CHECKING:
    from bot.services import Services

AKI, MIO = 10**18, 10**18 + 1


async def answered(services: Services, *scores: int) -> Round:
    """Aki's round after some answers."""
    found = await services.start.begin(AKI, None)
    for score in scores:
        found = await services.start.answer(AKI, found.list_id, found.position, score)
    return found


async def test_five_answers_end_a_round_and_what_was_not_seen_costs_nothing(
    services: Services,
) -> None:
    found = await answered(services, 9, UNSEEN, 3, UNSEEN, UNSEEN, 7)
    assert (found.answers, found.position) == (3, 6)
    assert found.anime is not None
    profile = await services.ratings.profile(AKI)
    assert [entry.score for entry in profile.entries] == [9, 3, 7]
    found = await services.start.answer(AKI, found.list_id, 6, 10)
    found = await services.start.answer(AKI, found.list_id, 7, 10)
    assert found == Round(found.list_id, 8, None, ENOUGH)


async def test_nothing_is_asked_twice_not_even_in_another_round(services: Services) -> None:
    asked: list[int] = []
    for _ in range(2):
        found = await services.start.begin(AKI, None)
        while found.anime is not None:
            asked.append(found.anime.id)
            score = 8 if len(asked) % 2 else UNSEEN
            found = await services.start.answer(AKI, found.list_id, found.position, score)
    assert len(asked) > ENOUGH
    assert len(set(asked)) == len(asked)


async def test_the_open_question_waits_for_whoever_comes_back(services: Services) -> None:
    found = await answered(services, 9, UNSEEN)
    assert await services.start.begin(AKI, 7) == found
    assert (await services.start.begin(MIO, None)).list_id != found.list_id
    stopped = await services.start.stop(AKI, found.list_id)
    assert stopped.anime is None
    assert await services.start.begin(AKI, None) == found


async def test_two_taps_at_the_same_moment_are_one(services: Services) -> None:
    begun = await asyncio.gather(*(services.start.begin(AKI, None) for _ in range(3)))
    assert len(set(begun)) == 1
    first = begun[0]
    answer = services.start.answer
    both = await asyncio.gather(*(answer(AKI, first.list_id, 0, 9) for _ in range(3)))
    assert {(found.position, found.answers) for found in both} == {(1, 1)}
    both = await asyncio.gather(*(answer(AKI, first.list_id, 1, UNSEEN) for _ in range(3)))
    assert {found.position for found in both} == {2}
    assert len((await services.ratings.profile(AKI)).entries) == 1


async def test_an_answer_to_a_settled_question_changes_nothing(services: Services) -> None:
    found = await answered(services, 9, 8)
    assert await services.start.answer(AKI, found.list_id, 0, 1) == found
    assert await services.start.answer(AKI, found.list_id, 99, 1) == found
    assert [entry.score for entry in (await services.ratings.profile(AKI)).entries] == [9, 8]


async def test_the_way_back_takes_an_answer_back(services: Services) -> None:
    first = await answered(services)
    assert first.anime is not None
    other = next(a.id for a in services.catalog if a.franchise != first.anime.franchise)
    await services.ratings.rate(AKI, other, 10)
    found = await services.start.answer(AKI, first.list_id, 0, 2)
    assert await services.start.back(AKI, first.list_id, found.position) == first
    assert (await services.ratings.profile(AKI)).entries == (Entry(other, 10),)
    assert await services.start.back(AKI, first.list_id, 0) == first
    assert await services.start.back(AKI, first.list_id, 5) == first
    again = await services.start.answer(AKI, first.list_id, 0, 8)
    assert (again.position, again.answers) == (1, 1)


async def test_the_way_back_leads_out_of_a_finished_round(services: Services) -> None:
    done = await answered(services, 9, 8, 7, 6, 5)
    assert done.anime is None
    last = await services.start.back(AKI, done.list_id, done.position)
    assert (last.position, last.answers) == (4, 4)
    assert [entry.score for entry in (await services.ratings.profile(AKI)).entries] == [9, 8, 7, 6]
    assert last.anime is not None


async def test_who_has_seen_nothing_is_let_go_after_a_while(services: Services) -> None:
    found = await answered(services)
    for _ in range(MOST_QUESTIONS):
        if found.anime is None:
            break
        found = await services.start.answer(AKI, found.list_id, found.position, UNSEEN)
    assert found.anime is None
    assert found.answers == 0
    assert (await services.ratings.profile(AKI)).entries == ()


async def scores(services: Services) -> dict[int, float]:
    """What Aki is recommended, and how highly."""
    listed = await services.picks.recommend(AKI, None, k=8)
    return {pick.anime.id: pytest.approx(pick.score) for pick in listed.picks}


def expected(*asked: int) -> dict[int, float]:
    """The same of somebody who gave the first of these a 9, and has not seen the others."""
    profile, hints = Profile((Entry(asked[0], 9),)), Hints(asked=asked)
    picks = engine().recommender.recommend(profile, 8, hints=hints)
    return {pick.anime.id: pick.score for pick in picks}


async def test_what_was_not_seen_moves_the_picks_until_it_is_taken_back(
    services: Services,
) -> None:
    found = await answered(services, 9)
    rated = (await services.ratings.profile(AKI)).entries[0].anime_id
    assert await scores(services) == expected(rated)
    assert found.anime is not None
    unseen = found.anime.id
    found = await services.start.answer(AKI, found.list_id, found.position, UNSEEN)
    assert expected(rated, unseen) != expected(rated)
    assert await scores(services) == expected(rated, unseen)
    assert await scores(services) == expected(rated, unseen)
    await services.start.back(AKI, found.list_id, found.position)
    assert await scores(services) == expected(rated)


async def test_a_score_taken_off_the_list_is_no_word_of_not_having_seen_it(
    services: Services,
) -> None:
    first = await answered(services)
    assert first.anime is not None
    found = await services.start.answer(AKI, first.list_id, 0, 9)
    assert found.anime is not None
    await services.start.answer(AKI, found.list_id, 1, 8)
    await services.ratings.unrate(AKI, first.anime.id)
    only = Profile((Entry(found.anime.id, 8),))
    picks = engine().recommender.recommend(only, 8, hints=Hints(asked=(found.anime.id,)))
    assert await scores(services) == {pick.anime.id: pick.score for pick in picks}


async def test_the_last_question_of_a_round_takes_its_answer(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.start.MOST_QUESTIONS", 3)
    found = await answered(services, UNSEEN, UNSEEN)
    assert found.anime is not None
    done = await services.start.answer(AKI, found.list_id, found.position, 7)
    assert (done.anime, done.answers) == (None, 1)
    entries = (await services.ratings.profile(AKI)).entries
    assert entries == (Entry(found.anime.id, 7),)


async def test_a_round_is_its_owners_and_a_score_is_one(services: Services) -> None:
    found = await answered(services)
    for act in (
        services.start.answer(MIO, found.list_id, 0, 9),
        services.start.back(MIO, found.list_id, 0),
        services.start.stop(MIO, found.list_id),
        services.start.answer(AKI, found.list_id, 0, 11),
        services.start.answer(AKI, found.list_id + 1, 0, 9),
    ):
        with pytest.raises(UserError):
            await act
    assert await services.start.begin(AKI, None) == found


async def test_answers_come_back_to_the_round_with_the_models_version(services: Services) -> None:
    found = await answered(services, 9, UNSEEN)
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    assert (stored.kind, stored.shown) == ("start", 3)
    assert list(stored.outcomes.values()) == ["rated"]
