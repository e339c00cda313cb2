"""Rating, marking, taking back: what a person said is what their list says."""

from __future__ import annotations

import pytest

from bot.services import Services, UserError
from bot.services.profiles import Profiles
from recsys.profile import Entry, Profile, Status
from tests.bot.builders import CLANNAD, DEATH_NOTE, MONSTER, STEINS_GATE, UNKNOWN

AKI, MIO = 10**18, 10**18 + 1


async def test_a_rating_says_what_was_there_before_and_how_many_there_are(
    services: Services,
) -> None:
    first = await services.ratings.rate(AKI, MONSTER, 9)
    assert first.anime.title == "Monster"
    assert (first.score, first.previous, first.count) == (9, None, 1)
    assert first.entry == Entry(MONSTER, 9)
    again = await services.ratings.rate(AKI, MONSTER, 7)
    assert (again.previous, again.count) == (Entry(MONSTER, 9), 1)
    other = await services.ratings.rate(AKI, CLANNAD, 5)
    assert (other.previous, other.count) == (None, 2)


async def test_ones_ratings_are_ones_own(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    assert (await services.ratings.rate(MIO, MONSTER, 3)).previous is None
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 9)
    assert await services.ratings.entry(MIO, MONSTER) == Entry(MONSTER, 3)


@pytest.mark.parametrize("score", [0, 11, -1, 10**30, 7.5, "ten", None], ids=repr)
async def test_a_score_that_is_none_is_refused_and_changes_nothing(
    services: Services, score: int
) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    with pytest.raises(UserError) as raised:
        await services.ratings.rate(AKI, MONSTER, score)
    assert (raised.value.key, raised.value.params) == ("bad_score", {"low": 1, "high": 10})
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 9)


@pytest.mark.parametrize("anime_id", [UNKNOWN, 0, -5, 10**30])
async def test_an_anime_that_the_catalog_does_not_have_is_refused(
    services: Services, anime_id: int
) -> None:
    with pytest.raises(UserError, match="unknown_anime"):
        await services.ratings.rate(AKI, anime_id, 9)
    with pytest.raises(UserError, match="unknown_anime"):
        await services.ratings.set_status(AKI, anime_id, Status.PLANNED)
    assert await services.ratings.profile(AKI) == Profile()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.PLANNED, Status.COMPLETED),
        (Status.NOT_INTERESTED, Status.COMPLETED),
        (Status.WATCHING, Status.WATCHING),
        (Status.DROPPED, Status.DROPPED),
    ],
)
async def test_rating_what_was_planned_says_it_was_watched_and_keeps_other_statuses(
    services: Services, before: Status, after: Status
) -> None:
    await services.ratings.set_status(AKI, MONSTER, before)
    rated = await services.ratings.rate(AKI, MONSTER, 6)
    assert rated.previous == Entry(MONSTER, None, before)
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 6, after)


async def test_a_status_leaves_the_score_alone(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 4)
    marked = await services.ratings.set_status(AKI, MONSTER, Status.DROPPED)
    assert (marked.anime.id, marked.status) == (MONSTER, Status.DROPPED)
    assert marked.previous == Entry(MONSTER, 4)
    assert marked.entry == Entry(MONSTER, 4, Status.DROPPED)
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 4, Status.DROPPED)


async def test_unrating_gives_back_what_was_there(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 4)
    assert await services.ratings.unrate(AKI, MONSTER) == Entry(MONSTER, 4)
    assert await services.ratings.unrate(AKI, MONSTER) is None
    assert await services.ratings.entry(AKI, MONSTER) is None


async def test_unrating_for_somebody_who_never_rated_stores_nothing_about_them(
    services: Services,
) -> None:
    assert await services.ratings.unrate(AKI, MONSTER) is None
    async with services.database.read() as tx:
        assert await tx.users.version(AKI) is None


async def test_every_change_can_be_undone(services: Services) -> None:
    ratings = services.ratings
    first = await ratings.rate(AKI, MONSTER, 9)
    second = await ratings.set_status(AKI, MONSTER, Status.DROPPED)
    removed = await ratings.unrate(AKI, MONSTER)
    await ratings.restore(AKI, MONSTER, removed)
    assert await ratings.entry(AKI, MONSTER) == Entry(MONSTER, 9, Status.DROPPED)
    await ratings.restore(AKI, MONSTER, second.previous)
    assert await ratings.entry(AKI, MONSTER) == Entry(MONSTER, 9)
    await ratings.restore(AKI, MONSTER, first.previous)
    assert await ratings.entry(AKI, MONSTER) is None


async def test_an_old_undo_does_not_overwrite_what_was_said_since(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    await services.ratings.rate(AKI, MONSTER, 10)
    with pytest.raises(UserError, match="changed_since"):
        await services.ratings.restore(AKI, MONSTER, None, expected=Entry(MONSTER, 9))
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 10)
    await services.ratings.restore(AKI, MONSTER, None, expected=Entry(MONSTER, 10))
    with pytest.raises(UserError, match="changed_since"):
        await services.ratings.restore(AKI, MONSTER, None, expected=Entry(MONSTER, 10))
    await services.ratings.restore(AKI, MONSTER, Entry(MONSTER, 1), expected=None)
    assert await services.ratings.entry(AKI, MONSTER) == Entry(MONSTER, 1)


async def test_an_undo_with_a_forged_score_is_refused(services: Services) -> None:
    with pytest.raises(UserError, match="bad_score"):
        await services.ratings.restore(AKI, MONSTER, Entry(MONSTER, 99))
    with pytest.raises(ValueError, match="cannot be restored"):
        await services.ratings.restore(AKI, MONSTER, Entry(CLANNAD, 9))
    assert await services.ratings.profile(AKI) == Profile()


async def test_the_profile_has_every_entry_the_newest_last(services: Services) -> None:
    assert await services.ratings.profile(AKI) == Profile()
    await services.ratings.rate(AKI, MONSTER, 9)
    await services.ratings.set_status(AKI, CLANNAD, Status.PLANNED)
    await services.ratings.rate(AKI, STEINS_GATE, 8)
    await services.ratings.rate(AKI, MONSTER, 10)
    assert await services.ratings.profile(AKI) == Profile(
        (Entry(CLANNAD, None, Status.PLANNED), Entry(STEINS_GATE, 8), Entry(MONSTER, 10))
    )


async def test_a_profile_is_read_once_while_nothing_changes(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    first = await services.ratings.profile(AKI)
    assert await services.ratings.profile(AKI) is first
    await services.ratings.unrate(AKI, MONSTER)
    assert await services.ratings.profile(AKI) == Profile()


async def test_a_change_by_another_process_is_seen(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    elsewhere = Profiles(services.database)
    assert (await elsewhere.get(AKI)).entries == (Entry(MONSTER, 9),)
    await services.ratings.rate(AKI, MONSTER, 3)
    assert (await elsewhere.get(AKI)).entries == (Entry(MONSTER, 3),)


async def test_only_so_many_profiles_are_kept_in_memory(services: Services) -> None:
    few = Profiles(services.database, size=2)
    for user_id in AKI, MIO, MIO + 1:
        await services.ratings.rate(user_id, MONSTER, 9)
    oldest, middle, newest = [await few.get(user_id) for user_id in (AKI, MIO, MIO + 1)]
    assert await few.get(MIO) is middle
    assert await few.get(MIO + 1) is newest
    assert await few.get(AKI) is not oldest


async def test_a_page_lists_newest_first_with_the_totals_of_the_whole_list(
    services: Services,
) -> None:
    for anime_id, score in (MONSTER, 9), (CLANNAD, 4), (STEINS_GATE, 8):
        await services.ratings.rate(AKI, anime_id, score)
    await services.ratings.set_status(AKI, DEATH_NOTE, Status.PLANNED)
    page = await services.ratings.page(AKI, 1, size=3)
    assert [anime.title for anime, _ in page.lines] == ["Death Note", "Steins;Gate", "Clannad"]
    assert [entry.score for _, entry in page.lines] == [None, 8, 4]
    assert (page.page, page.pages, page.total, page.mean) == (1, 2, 4, 7.0)
    last = await services.ratings.page(AKI, 2, size=3)
    assert [anime.title for anime, _ in last.lines] == ["Monster"]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-7, 1), (3, 2), (10**9, 2)])
async def test_a_page_that_does_not_exist_gives_the_nearest(
    services: Services, asked: int, given: int
) -> None:
    for anime_id in MONSTER, CLANNAD, STEINS_GATE:
        await services.ratings.rate(AKI, anime_id, 5)
    assert (await services.ratings.page(AKI, asked, size=2)).page == given


async def test_an_empty_list_has_one_empty_page(services: Services) -> None:
    page = await services.ratings.page(AKI)
    assert (page.lines, page.page, page.pages, page.total, page.mean) == ((), 1, 1, 0, None)


async def test_an_anime_that_left_the_catalog_is_still_on_the_list(services: Services) -> None:
    await services.ratings.restore(AKI, UNKNOWN, Entry(UNKNOWN, 9))
    page = await services.ratings.page(AKI)
    assert [(anime.id, entry.score) for anime, entry in page.lines] == [(UNKNOWN, 9)]
    assert str(UNKNOWN) in page.lines[0][0].title
    assert await services.ratings.unrate(AKI, UNKNOWN) == Entry(UNKNOWN, 9)
