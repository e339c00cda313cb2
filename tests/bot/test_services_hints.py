"""More like this, less like this, no reason: said, taken back, and felt by the picks at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.services import Services, UserError
from bot.services.hints import HintKind, kind_of
from bot.services.pages import THIN
from bot.services.shown import Query
from recsys.picks import Dials, Filters
from recsys.profile import Entry, Hints, Status
from tests.bot.builders import CLANNAD, DEATH_NOTE, MONSTER, STEINS_GATE, TORADORA, UNKNOWN

AKI, MIO = 10**18, 10**18 + 1
MORE, LESS, MUTED = HintKind.MORE, HintKind.LESS, HintKind.MUTED


async def hints(services: Services, user_id: int = AKI) -> Hints:
    found = await services.picks.recommend(user_id, None)
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    return stored.query.hints


async def test_a_hint_is_kept_replaced_and_taken_back_to_what_was_before(
    services: Services,
) -> None:
    assert (await services.hints.say(AKI, CLANNAD, MORE)).changed
    await services.hints.say(AKI, TORADORA, LESS)
    assert await hints(services) == Hints(more=(CLANNAD,), less=(TORADORA,))
    await services.hints.say(AKI, CLANNAD, LESS)
    assert await hints(services) == Hints(less=(TORADORA, CLANNAD))
    back = await services.hints.take_back(AKI, CLANNAD, LESS)
    assert back.kind is MORE
    assert (await services.hints.take_back(AKI, CLANNAD, MORE)).kind is None
    assert await hints(services) == Hints(less=(TORADORA,))
    assert await hints(services, MIO) == Hints()


async def test_what_does_not_hold_cannot_be_taken_back(services: Services) -> None:
    await services.hints.say(AKI, CLANNAD, MORE)
    for kind in (LESS, MUTED):
        with pytest.raises(UserError, match="changed_since"):
            await services.hints.take_back(AKI, CLANNAD, kind)
    with pytest.raises(UserError, match="changed_since"):
        await services.hints.take_back(MIO, CLANNAD, MORE)
    with pytest.raises(UserError, match="unknown_anime"):
        await services.hints.say(AKI, UNKNOWN, MORE)
    assert await services.hints.wish(AKI, CLANNAD) is MORE
    with pytest.raises(UserError, match="changed_since"):
        await services.hints.wish(AKI, TORADORA)


async def test_ten_taps_at_once_say_it_once_and_ten_undos_undo_it_once(
    services: Services,
) -> None:
    said = await asyncio.gather(*(services.hints.say(AKI, CLANNAD, MORE) for _ in range(10)))
    assert sum(one.changed for one in said) == 1
    undone = await asyncio.gather(
        *(services.hints.take_back(AKI, CLANNAD, MORE) for _ in range(10)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in undone) == 1
    assert {one.key for one in undone if isinstance(one, UserError)} == {"changed_since"}
    assert await hints(services) == Hints()


async def test_ten_taps_at_once_plan_a_pick_once_and_ten_undos_undo_it_once(
    services: Services,
) -> None:
    found = await services.picks.recommend(AKI, None)
    pick = found.picks[0].anime.id
    done = await asyncio.gather(
        *(
            services.ratings.set_status(AKI, pick, Status.PLANNED, list_id=found.list_id)
            for _ in range(10)
        )
    )
    assert sum(one.changed for one in done) == 1
    rated = await asyncio.gather(*(services.ratings.rate(AKI, STEINS_GATE, 9) for _ in range(10)))
    assert sum(one.changed for one in rated) == 1
    planned = Entry(pick, None, Status.PLANNED)
    undone = await asyncio.gather(
        *(
            services.ratings.take_back(AKI, found.list_id, pick, expected=planned)
            for _ in range(10)
        ),
        return_exceptions=True,
    )
    assert undone.count(None) == 1
    assert await services.ratings.entry(AKI, pick) is None
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    assert (stored.outcomes, stored.undo) == ({}, {})


async def test_taps_of_different_kinds_at_once_each_leave_a_state_that_its_undo_fits(
    services: Services,
) -> None:
    found = await services.picks.recommend(AKI, None)
    pick = found.picks[0].anime.id
    await asyncio.gather(
        services.ratings.set_status(AKI, pick, Status.PLANNED, list_id=found.list_id),
        services.ratings.rate(AKI, pick, 8, list_id=found.list_id),
        services.ratings.set_status(AKI, pick, Status.NOT_INTERESTED, list_id=found.list_id),
    )
    now = await services.ratings.entry(AKI, pick)
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    before, after = stored.undo[pick]
    assert after == now
    assert await services.ratings.take_back(AKI, found.list_id, pick, expected=now) == before
    assert await services.ratings.entry(AKI, pick) == before


async def test_somebody_elses_list_takes_nothing_back(services: Services) -> None:
    found = await services.picks.recommend(AKI, None)
    pick = found.picks[0].anime.id
    await services.ratings.rate(AKI, pick, 9, list_id=found.list_id)
    await services.ratings.rate(MIO, pick, 9, list_id=found.list_id)
    with pytest.raises(UserError, match="changed_since"):
        await services.ratings.take_back(MIO, found.list_id, pick, expected=Entry(pick, 9))
    assert await services.ratings.entry(MIO, pick) == Entry(pick, 9)


async def test_a_reason_that_is_switched_off_stays_on_the_list_and_counts_no_more(
    services: Services,
) -> None:
    for anime_id in (MONSTER, DEATH_NOTE, CLANNAD):
        await services.ratings.rate(AKI, anime_id, 9)
    await services.hints.say(AKI, CLANNAD, MUTED)
    found = await services.picks.recommend(AKI, None, k=20)
    assert CLANNAD not in {reason.anime_id for pick in found.picks for reason in pick.reasons}
    assert CLANNAD not in {pick.anime.id for pick in found.picks}
    assert CLANNAD in (await services.ratings.profile(AKI)).anime_ids
    explained = await services.picks.explain(AKI, TORADORA)
    assert CLANNAD in {reason.anime_id for reason in explained.muted}
    assert CLANNAD not in {reason.anime_id for reason in explained.pick.reasons}
    await services.hints.take_back(AKI, CLANNAD, MUTED)
    explained = await services.picks.explain(AKI, TORADORA)
    assert explained.muted == ()
    assert CLANNAD in {reason.anime_id for reason in explained.pick.reasons}


async def test_a_page_tells_what_its_owner_did_and_a_public_one_does_not(
    services: Services,
) -> None:
    listed = await services.picks.recommend(AKI, None, k=6)
    first, second = (pick.anime.id for pick in listed.picks[:2])
    await services.ratings.rate(AKI, first, 7, list_id=listed.list_id)
    await services.hints.say(AKI, second, LESS)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    page = await services.pages.open(found, 0, 3)
    assert page.entries == {first: Entry(first, 7)}
    assert page.undoable == {first}
    assert page.hints == {second: LESS}
    assert page.stale
    assert page.thin
    assert page.answered_by == "tiny"
    public = await services.pages.open(found, 0, 3, public=True)
    assert (public.entries, public.hints, public.undoable) == ({}, {}, frozenset())
    assert not public.stale
    assert not public.thin
    assert kind_of(Hints(), first) is None


async def test_a_change_made_elsewhere_since_cannot_be_undone_on_the_card(
    services: Services,
) -> None:
    listed = await services.picks.recommend(AKI, None, k=3)
    first = listed.picks[0].anime.id
    await services.ratings.rate(AKI, first, 7, list_id=listed.list_id)
    other = await services.picks.recommend(AKI, None, k=3, planned=True)
    await services.ratings.rate(AKI, first, 3, list_id=other.list_id)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    page = await services.pages.open(found, 0, 3)
    assert page.entries == {first: Entry(first, 3)}
    assert page.undoable == frozenset()


async def test_only_what_was_opened_counts_as_shown_and_only_that_gets_outcomes(
    services: Services,
) -> None:
    listed = await services.picks.recommend(AKI, None, k=9)
    last = listed.picks[8].anime.id
    await services.ratings.rate(AKI, last, 8)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    assert found.outcomes == {}
    assert found.shown == 3
    await services.ratings.unrate(AKI, last)
    await services.pages.open(found, 99, 3)
    await services.ratings.rate(AKI, last, 8)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    assert found.shown == 9
    assert found.outcomes == {last: "rated"}


async def test_a_profile_is_thin_until_enough_is_seen(services: Services) -> None:
    listed = await services.picks.recommend(AKI, None, k=3)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    for anime_id in range(1000, 1000 + THIN - 4):
        await services.ratings.rate(AKI, anime_id, 8)
    for anime_id in (MONSTER, DEATH_NOTE, CLANNAD):
        await services.ratings.rate(AKI, anime_id, 8)
    assert (await services.pages.open(found, 0, 3)).thin
    await services.ratings.rate(AKI, TORADORA, 8)
    assert not (await services.pages.open(found, 0, 3)).thin


async def test_an_empty_list_says_which_part_to_give_up(services: Services) -> None:
    filters = Filters(genres=frozenset({"Romance"}), year_from=2050)
    for listed in (
        await services.picks.recommend(AKI, None, filters=filters),
        await services.picks.similar(AKI, None, [MONSTER], filters=filters),
        await services.picks.blend(AKI, None, [MONSTER, CLANNAD], filters=filters),
    ):
        found = await services.picks.list(listed.list_id)
        assert found is not None
        page = await services.pages.open(found, 0, 3)
        assert page.relaxation is not None
        assert (page.relaxation.part, page.relaxation.franchises) > ("year_from", 0)


async def test_every_kind_of_list_is_stored_whole_and_can_be_asked_again(
    services: Services,
) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    asked = [
        await services.picks.recommend(AKI, None, k=4, dials=Dials(0.5, -0.5, 1.0), planned=True),
        await services.picks.similar(AKI, None, [CLANNAD], k=4),
        await services.picks.opposite(AKI, None, [CLANNAD], k=4),
        await services.picks.blend(AKI, None, [CLANNAD, MONSTER], [DEATH_NOTE], k=4),
        await services.picks.next(AKI, None, k=4),
    ]
    for listed in asked:
        found = await services.picks.list(listed.list_id)
        assert found is not None
        again = await services.picks.again(AKI, None, found)
        stored = await services.picks.list(again.list_id)
        assert stored is not None
        assert stored.query == found.query
        assert again.picks == listed.picks
    kinds = [(await services.picks.list(one.list_id)).kind for one in asked]  # type: ignore[union-attr]
    assert kinds == ["recommend", "similar", "opposite", "blend", "next"]
    assert Query() == Query(5)


async def test_a_list_is_scored_by_its_owner_alone(services: Services) -> None:
    listed = await services.picks.recommend(AKI, None)
    await services.picks.score(AKI, listed.list_id, 8)
    for user_id, list_id, score, key in (
        (MIO, listed.list_id, 1, "list_gone"),
        (AKI, 404, 1, "list_gone"),
        (AKI, listed.list_id, 11, "bad_score"),
        (AKI, listed.list_id, 0, "bad_score"),
    ):
        with pytest.raises(UserError, match=key):
            await services.picks.score(user_id, list_id, score)
    found = await services.picks.list(listed.list_id)
    assert found is not None
    assert found.score == 8
