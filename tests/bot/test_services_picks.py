"""Picks are stored as they are shown, and what came of them comes back to them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.services import Services, UserError
from bot.services.picks import MOST_PICKS, MOST_SEEDS
from bot.services.recent import RecentLists
from bot.services.shown import Query, StoredList
from recsys.picks import Filters
from recsys.profile import Entry, Status
from tests.bot.builders import (
    ANIME,
    CLANNAD,
    DEATH_NOTE,
    MONSTER,
    STEINS_GATE,
    TORADORA,
    UNKNOWN,
    UNTRAINED,
    engine,
)

AKI, MIO = 10**18, 10**18 + 1
GUILD = 10**17


async def outcomes(services: Services, list_id: int) -> dict[int, str]:
    stored = await services.picks.list(list_id)
    assert stored is not None
    return dict(stored.outcomes)


def another(services: Services) -> Services:
    """A process that was started since, on the same database."""
    return Services(services.settings, engine(), services.database)


async def test_picks_follow_the_ratings_and_give_their_reasons(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 10)
    await services.ratings.rate(AKI, DEATH_NOTE, 9)
    found = await services.picks.recommend(AKI, GUILD, k=5)
    assert len(found.picks) == 5
    assert found.model == "tiny"
    assert not {MONSTER, DEATH_NOTE} & {pick.anime.id for pick in found.picks}
    assert all("Thriller" in p.anime.genres or "Action" in p.anime.genres for p in found.picks)
    reasons = {reason.anime_id for pick in found.picks for reason in pick.reasons}
    assert reasons == {MONSTER, DEATH_NOTE}


async def test_somebody_who_rated_nothing_gets_places_to_start(services: Services) -> None:
    found = await services.picks.recommend(AKI, None, k=4)
    assert len(found.picks) == 4
    assert await services.picks.list(found.list_id) is not None


@pytest.mark.parametrize("k", [0, -1, MOST_PICKS + 1])
async def test_a_count_out_of_bounds_is_refused(services: Services, k: int) -> None:
    for asking in (
        services.picks.recommend(AKI, None, k=k),
        services.picks.similar(AKI, None, [MONSTER], k=k),
    ):
        with pytest.raises(UserError, match="bad_count"):
            await asking


async def test_filters_hold(services: Services) -> None:
    filters = Filters(genres=frozenset({"Romance"}), without=frozenset({"Comedy"}))
    found = await services.picks.recommend(AKI, None, k=25, filters=filters)
    assert {a.id for a in ANIME if "Romance" in a.genres} - {TORADORA} == {
        pick.anime.id for pick in found.picks
    }
    nothing = await services.picks.recommend(AKI, None, filters=Filters(year_from=3000))
    assert nothing.picks == ()


async def test_similar_anime_are_alike_and_not_the_seeds(services: Services) -> None:
    found = await services.picks.similar(AKI, GUILD, [CLANNAD, TORADORA, CLANNAD], k=5)
    assert len(found.picks) == 5
    ids = [pick.anime.id for pick in found.picks]
    assert not {CLANNAD, TORADORA} & set(ids)
    assert all("Romance" in pick.anime.genres for pick in found.picks)


async def test_an_anime_without_ratings_is_similar_to_something_too(services: Services) -> None:
    found = await services.picks.similar(AKI, None, [UNTRAINED], k=3)
    assert len(found.picks) == 3


@pytest.mark.parametrize("status", [Status.DROPPED, Status.NOT_INTERESTED])
async def test_what_was_dropped_or_refused_is_not_offered_as_similar(
    services: Services, status: Status
) -> None:
    first = await services.picks.similar(AKI, None, [MONSTER], k=3)
    refused = first.picks[0].anime.id
    await services.ratings.set_status(AKI, refused, status)
    again = await services.picks.similar(AKI, None, [MONSTER], k=3)
    assert len(again.picks) == 3
    assert refused not in {pick.anime.id for pick in again.picks}


@pytest.mark.parametrize(
    ("anime_ids", "key"),
    [
        ([], "no_title"),
        ([UNKNOWN], "unknown_anime"),
        ([MONSTER, UNKNOWN], "unknown_anime"),
        ([anime.id for anime in ANIME[: MOST_SEEDS + 1]], "too_many_titles"),
    ],
)
async def test_seeds_that_cannot_be_used_are_refused(
    services: Services, anime_ids: list[int], key: str
) -> None:
    with pytest.raises(UserError, match=key):
        await services.picks.similar(AKI, None, anime_ids)


async def test_a_stored_list_shows_the_same_cards_again(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 10)
    filters = Filters(
        types=frozenset({"TV"}),
        any_genres=frozenset({"Sci-Fi", "Drama", "Thriller"}),
        year_from=2000,
        min_episodes=1,
        max_episodes=30,
    )
    personal = await services.picks.recommend(AKI, GUILD, k=20, filters=filters)
    assert await services.picks.list(personal.list_id) == personal
    restarted = another(services)
    stored = await restarted.picks.list(personal.list_id)
    assert stored is not None
    assert stored.picks == personal.picks
    assert stored.anime_ids == tuple(pick.anime.id for pick in personal.picks)
    assert (stored.user_id, stored.guild_id) == (AKI, GUILD)
    assert (stored.kind, stored.model) == ("recommend", "tiny")
    assert (stored.query.filters, stored.query.seeds, stored.outcomes) == (filters, (), {})

    alike = await services.picks.similar(AKI, None, [MONSTER, CLANNAD])
    stored = await restarted.picks.list(alike.list_id)
    assert stored is not None
    assert stored.picks == alike.picks
    assert (stored.kind, stored.guild_id) == ("similar", None)
    assert (stored.query.filters, stored.query.seeds) == (Filters(), (MONSTER, CLANNAD))


@pytest.mark.parametrize("list_id", [0, 404, -1])
async def test_a_list_that_is_gone_is_none(services: Services, list_id: int) -> None:
    assert await services.picks.list(list_id) is None


async def test_what_another_process_did_about_a_list_is_seen(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 10)
    found = await services.picks.recommend(AKI, GUILD, k=20)
    other = another(services)
    first, second = found.anime_ids[:2]
    await other.ratings.rate(AKI, first, 9, list_id=found.list_id)
    await other.ratings.set_status(AKI, second, Status.PLANNED, list_id=found.list_id)
    await other.picks.score(AKI, found.list_id, 7)
    await other.pages.open(found, 1, 3)
    here, there = [await one.picks.list(found.list_id) for one in (services, other)]
    assert here == there
    assert here is not None
    assert (here.outcomes, here.score) == ({first: "rated", second: "planned"}, 7)
    assert here.undo[first][1] == Entry(first, 9)
    assert here.shown == 6
    await other.ratings.take_back(AKI, found.list_id, first)
    assert await outcomes(services, found.list_id) == {second: "planned"}


async def test_the_lists_of_somebody_who_was_erased_are_gone_everywhere(
    services: Services,
) -> None:
    await services.ratings.rate(AKI, MONSTER, 10)
    other = another(services)
    found = await services.picks.recommend(AKI, GUILD)
    assert await other.picks.list(found.list_id) is not None
    await other.privacy.erase(AKI)
    for one in (services, other):
        assert await one.picks.list(found.list_id) is None


async def test_a_list_that_was_let_go_of_is_read_again(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 10)
    first = await services.picks.recommend(AKI, GUILD)
    services.picks.forget(AKI)
    assert await services.picks.list(first.list_id) == await another(services).picks.list(
        first.list_id
    )


def test_of_the_lists_in_memory_the_ones_that_nobody_asked_for_go_first() -> None:
    def made(list_id: int) -> StoredList:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return StoredList(list_id, AKI, None, "recommend", "tiny", Query(), (), {}, now)

    recent = RecentLists(2)
    recent.keep(made(1))
    recent.keep(made(2))
    assert recent.get(1) == made(1)
    recent.keep(made(3))
    assert [recent.get(one) is not None for one in (1, 2, 3)] == [True, False, True]


async def test_an_outcome_comes_back_to_the_pick(services: Services) -> None:
    found = await services.picks.recommend(AKI, None)
    first, second = (pick.anime.id for pick in found.picks[:2])
    await services.picks.outcome(AKI, found.list_id, first, "seen")
    await services.picks.outcome(AKI, found.list_id, second, "refused")
    await services.picks.outcome(AKI, found.list_id, first, "rated")
    assert await outcomes(services, found.list_id) == {first: "rated", second: "refused"}


async def test_somebody_elses_tap_on_a_shared_list_is_not_its_owners_outcome(
    services: Services,
) -> None:
    found = await services.picks.recommend(AKI, None)
    first = found.picks[0].anime.id
    await services.picks.outcome(MIO, found.list_id, first, "rated")
    await services.ratings.rate(MIO, first, 9, list_id=found.list_id)
    assert await outcomes(services, found.list_id) == {}


async def test_an_outcome_without_its_pick_is_recorded_nowhere(services: Services) -> None:
    found = await services.picks.similar(AKI, None, [MONSTER])
    await services.picks.outcome(AKI, found.list_id, MONSTER, "seen")
    await services.picks.outcome(AKI, 404, MONSTER, "seen")
    assert await outcomes(services, found.list_id) == {}
    with pytest.raises(ValueError, match="adored"):
        await services.picks.outcome(AKI, found.list_id, MONSTER, "adored")


async def test_rating_what_was_shown_lately_is_what_came_of_the_newest_list_with_it(
    services: Services,
) -> None:
    older = await services.picks.similar(AKI, None, [MONSTER])
    newer = await services.picks.similar(AKI, None, [MONSTER])
    await services.picks.similar(AKI, None, [CLANNAD])
    pick = newer.picks[0].anime.id
    await services.ratings.rate(AKI, pick, 8)
    assert await outcomes(services, newer.list_id) == {pick: "rated"}
    assert await outcomes(services, older.list_id) == {}


async def test_a_button_says_which_list_it_belongs_to(services: Services) -> None:
    older = await services.picks.similar(AKI, None, [MONSTER])
    newer = await services.picks.similar(AKI, None, [MONSTER])
    pick = older.picks[0].anime.id
    await services.ratings.rate(AKI, pick, 8, list_id=older.list_id)
    assert await outcomes(services, older.list_id) == {pick: "rated"}
    assert await outcomes(services, newer.list_id) == {}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (Status.PLANNED, "planned"),
        (Status.NOT_INTERESTED, "refused"),
        (Status.COMPLETED, "seen"),
        (Status.DROPPED, "seen"),
    ],
)
async def test_a_status_is_an_outcome_and_undoing_it_takes_the_outcome_back(
    services: Services, status: Status, outcome: str
) -> None:
    found = await services.picks.similar(AKI, None, [MONSTER])
    pick = found.picks[0].anime.id
    marked = await services.ratings.set_status(AKI, pick, status)
    assert await outcomes(services, found.list_id) == {pick: outcome}
    await services.ratings.restore(AKI, pick, marked.previous)
    assert await outcomes(services, found.list_id) == {}


async def test_taking_a_rating_off_the_list_takes_its_outcome_back(services: Services) -> None:
    found = await services.picks.similar(AKI, None, [MONSTER])
    pick = found.picks[0].anime.id
    await services.ratings.rate(AKI, pick, 8)
    await services.ratings.unrate(AKI, pick)
    assert await outcomes(services, found.list_id) == {}


async def test_the_rating_of_something_never_shown_is_nobodys_outcome(services: Services) -> None:
    found = await services.picks.similar(AKI, None, [CLANNAD])
    await services.ratings.rate(AKI, STEINS_GATE, 8)
    assert await outcomes(services, found.list_id) == {}
