"""The first minute: cards that go on, ticks that hold once, and the way back."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db.shown import PickRow
from bot.services.errors import UserError
from bot.services.start import CARDS, Round
from bot.services.ticks import SCORES, Feeling, feeling_of, ticked
from recsys.catalog import Catalog
from recsys.profile import Entry, Hints, Profile, Status
from recsys.recommender import Recommender
from tests.bot.builders import engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.services import Services

AKI, MIO = 10**18, 10**18 + 1
SEEN, LOVED, DISLIKED = Feeling


@pytest.fixture(autouse=True)
def small_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the few anime of these tests make several cards."""
    monkeypatch.setattr("bot.services.start.TITLES", 4)


def ids(found: Round) -> list[int]:
    """The titles of a card."""
    return [title.anime.id for title in found.titles]


def feelings(found: Round) -> dict[int, Feeling]:
    """What is ticked on a card."""
    return {t.anime.id: t.feeling for t in found.titles if t.feeling is not None}


async def tick(
    services: Services, found: Round, anime_ids: Iterable[int], menu: Feeling = SEEN
) -> Round:
    """Aki uses a menu of a card."""
    return await services.start.tick(AKI, found.list_id, found.card, menu, {*anime_ids})


async def go_on(services: Services, found: Round) -> Round:
    """Aki leaves a card."""
    return await services.start.go_on(AKI, found.list_id, found.card)


async def after(services: Services, *counts: int) -> Round:
    """Aki's round after some cards, of each of which the first so many were seen."""
    found = await services.start.begin(AKI, None)
    for count in counts:
        found = await tick(services, found, ids(found)[:count])
        found = await go_on(services, found)
    return found


async def scores(services: Services) -> dict[int, int | None]:
    """Aki's list."""
    profile = await services.ratings.profile(AKI)
    return {entry.anime_id: entry.score for entry in profile.entries}


async def test_what_is_ticked_is_on_the_list_without_a_made_up_score(services: Services) -> None:
    found = await services.start.begin(AKI, None)
    one, two, three, four, *_ = ids(found)
    assert feelings(found) == {}
    found = await tick(services, found, [one, two, three])
    found = await tick(services, found, [two], LOVED)
    found = await tick(services, found, [three, four], DISLIKED)
    assert feelings(found) == {one: SEEN, two: LOVED, three: DISLIKED, four: DISLIKED}
    assert await scores(services) == {one: None, two: 9, three: 4, four: 4}
    profile = await services.ratings.profile(AKI)
    assert {entry.status for entry in profile.entries} == {Status.COMPLETED}
    assert found.seen == 4


async def test_a_tick_that_is_taken_back_leaves_nothing(services: Services) -> None:
    found = await services.start.begin(AKI, None)
    one, two, *_ = ids(found)
    await services.ratings.set_status(AKI, two, Status.PLANNED)
    found = await tick(services, found, [one, two], LOVED)
    found = await tick(services, found, [two], LOVED)
    assert feelings(found) == {one: SEEN, two: LOVED}
    found = await tick(services, found, [])
    assert feelings(found) == {}
    assert (await services.ratings.profile(AKI)).entries == (Entry(two, None, Status.PLANNED),)


async def test_a_score_that_was_given_elsewhere_is_not_taken_away_with_a_tick(
    services: Services,
) -> None:
    found = await services.start.begin(AKI, None)
    one, two, *_ = ids(found)
    await tick(services, found, [one])
    await services.ratings.rate(AKI, one, 10)
    await services.ratings.rate(AKI, two, 6)
    found = await services.start.begin(AKI, None)
    assert feelings(found) == {one: LOVED, two: SEEN}
    found = await tick(services, found, [])
    assert await scores(services) == {one: 10, two: 6}
    await tick(services, found, [one], DISLIKED)
    assert await scores(services) == {one: 4, two: 6}


async def test_a_round_is_a_few_cards_and_what_is_not_ticked_costs_nothing(
    services: Services,
) -> None:
    shown: list[int] = []
    found = await services.start.begin(AKI, None)
    while found.titles:
        shown += ids(found)
        found = await tick(services, found, ids(found)[:2])
        found = await go_on(services, found)
    assert len(set(shown)) == len(shown)
    assert found.is_over
    assert 1 < found.card <= CARDS
    assert found.seen == 2 * found.card == len(await scores(services))
    franchises = [services.catalog[one].franchise for one in shown]
    assert len(set(franchises)) == len(franchises)


async def test_nothing_is_asked_twice_not_even_in_another_round(services: Services) -> None:
    first = await services.start.begin(AKI, None)
    assert await services.start.begin(AKI, 7) == first
    await tick(services, first, ids(first)[:1])
    assert (await services.start.stop(AKI, first.list_id)).is_over
    second = await services.start.begin(AKI, None)
    assert second.list_id != first.list_id
    assert ids(second)
    assert not {*ids(first)} & {*ids(second)}


async def test_the_open_card_waits_for_whoever_comes_back(services: Services) -> None:
    found = await after(services, 1, 2)
    assert (await services.start.begin(MIO, None)).list_id != found.list_id
    stopped = await services.start.stop(AKI, found.list_id)
    assert (stopped.titles, stopped.seen, stopped.is_over) == ((), 3, False)
    assert await services.start.begin(AKI, None) == found
    assert await services.start.back(AKI, found.list_id, stopped.card) == found


async def test_a_card_with_ticks_on_it_is_answered_when_picks_are_asked_for(
    services: Services,
) -> None:
    found = await services.start.begin(AKI, None)
    await tick(services, found, ids(found)[:1])
    stopped = await services.start.stop(AKI, found.list_id)
    assert (stopped.card, stopped.seen, stopped.is_over) == (1, 1, True)
    assert await hinted(services) == {*ids(found)}
    again = await services.start.back(AKI, found.list_id, stopped.card)
    assert (ids(again), len(feelings(again))) == (ids(found), 1)
    assert await hinted(services) == {ids(found)[0]}


async def hinted(services: Services) -> set[int]:
    """What the recommender knows to be asked and answered."""
    async with services.database.read() as tx:
        return {*await tx.asked.answered(AKI)}


async def test_two_taps_at_the_same_moment_are_one(services: Services) -> None:
    begun = await asyncio.gather(*(services.start.begin(AKI, None) for _ in range(3)))
    assert len({found.list_id for found in begun}) == 1
    first = begun[0]
    both = await asyncio.gather(*(tick(services, first, ids(first)[:2]) for _ in range(3)))
    assert {found.seen for found in both} == {2}
    both = await asyncio.gather(*(go_on(services, first) for _ in range(3)))
    assert {(found.card, *ids(found)) for found in both} == {(1, *ids(both[0]))}
    both = await asyncio.gather(
        *(services.start.back(AKI, first.list_id, 1) for _ in range(3)),
    )
    assert {found.card for found in both} == {0}
    assert len(await scores(services)) == 2


async def test_going_on_from_a_card_that_was_left_changes_nothing(services: Services) -> None:
    found = await after(services, 1, 1)
    for card in (0, 99, -1):
        assert await services.start.go_on(AKI, found.list_id, card) == found


async def test_a_tick_on_a_card_that_was_left_holds_too(services: Services) -> None:
    first = await services.start.begin(AKI, None)
    one, two, *_ = ids(first)
    await tick(services, first, [one])
    await go_on(services, first)
    late = await tick(services, first, [two])
    assert (late.card, feelings(late)) == (0, {two: SEEN})
    assert await scores(services) == {two: None}
    assert await hinted(services) == {*ids(first)}  # one of them is "not seen" by now
    picks = await services.picks.recommend(AKI, None, k=8)
    told, hints = Profile((Entry(two),)), Hints(asked=tuple(ids(first)))
    assert [pick.anime.id for pick in picks.picks] == [
        pick.anime.id for pick in engine().recommender.recommend(told, 8, hints=hints)
    ]


async def test_the_way_back_shows_a_card_as_it_was_left_and_keeps_ticks_made_since(
    services: Services,
) -> None:
    first = await services.start.begin(AKI, None)
    assert await services.start.back(AKI, first.list_id, 0) == first
    first = await tick(services, first, ids(first)[:2])
    second = await go_on(services, first)
    assert await services.start.back(AKI, first.list_id, 1) == first
    # Nothing was ticked on the second card, so what is ticked now may lead to another.
    await tick(services, first, ids(first)[2:])
    other = await go_on(services, first)
    assert other.card == 1
    assert ids(other) != ids(second)
    other = await tick(services, other, ids(other)[:1])
    before = await services.start.back(AKI, first.list_id, 1)
    assert before.seen == other.seen
    assert ids(await go_on(services, before)) == ids(other)
    assert await services.start.back(AKI, first.list_id, 99) == other


async def test_what_was_not_seen_moves_the_picks_until_the_card_is_seen_again(
    services: Services,
) -> None:
    first = await services.start.begin(AKI, None)
    told = Profile((Entry(ids(first)[0]),))
    await tick(services, first, ids(first)[:1])

    async def picked() -> dict[int, float]:
        listed = await services.picks.recommend(AKI, None, k=8)
        return {pick.anime.id: pytest.approx(pick.score) for pick in listed.picks}

    def expected(*asked: int) -> dict[int, float]:
        picks = engine().recommender.recommend(told, 8, hints=Hints(asked=asked))
        return {pick.anime.id: pick.score for pick in picks}

    assert await picked() == expected(ids(first)[0])
    second = await go_on(services, first)
    assert expected(*ids(first)) != expected(ids(first)[0])
    assert await picked() == expected(*ids(first))
    await services.start.back(AKI, first.list_id, second.card)
    assert await picked() == expected(ids(first)[0])


async def test_who_has_seen_nothing_is_let_go(services: Services) -> None:
    found = await after(services, *[0] * CARDS)
    assert (found.titles, found.seen, found.is_over) == ((), 0, True)
    assert await scores(services) == {}


async def test_a_round_is_its_owners(services: Services) -> None:
    found = await services.start.begin(AKI, None)
    start, list_id = services.start, found.list_id
    for act in (
        start.tick(MIO, list_id, 0, SEEN, {*ids(found)}),
        start.go_on(MIO, list_id, 0),
        start.back(MIO, list_id, 1),
        start.stop(MIO, list_id),
        start.tick(AKI, list_id + 1, 0, SEEN, {*ids(found)}),
    ):
        with pytest.raises(UserError):
            await act
    assert await services.start.begin(AKI, None) == found


async def test_ids_that_the_card_does_not_have_and_cards_that_there_are_not_are_passed_over(
    services: Services,
) -> None:
    found = await services.start.begin(AKI, None)
    elsewhere = next(one.id for one in services.catalog if one.id not in ids(found))
    assert await tick(services, found, [elsewhere, 424242]) == found
    assert await services.start.tick(AKI, found.list_id, 3, SEEN, {*ids(found)}) == found
    assert await scores(services) == {}


async def test_ticks_come_back_to_the_round_with_the_models_version(services: Services) -> None:
    found = await after(services, 2)
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    assert (stored.kind, stored.model) == ("start", "tiny")
    assert stored.shown == len(stored.picks) > len(found.titles)
    assert list(stored.outcomes.values()) == ["seen", "seen"]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_tapped_in_whatever_order_the_list_says_what_was_ticked(
    services: Services, seed: int
) -> None:
    chance = random.Random(seed)
    said: dict[int, Feeling | None] = {}
    found = await services.start.begin(AKI, None)
    cards = {(found.list_id, found.card): found}
    for _ in range(40):
        (list_id, number), card = chance.choice([*cards.items()])
        act = chance.choice(["tick", "tick", "on", "back", "stop", "begin"])
        if act == "tick":
            menu = chance.choice([*Feeling])
            chosen = {*chance.sample(ids(card), chance.randrange(len(ids(card)) + 1))}
            found = await services.start.tick(AKI, list_id, number, menu, chosen)
            if found.card == number:  # else that card was dropped, and its titles are not asked
                for one in ids(card):
                    said[one] = ticked(said.get(one), menu, chosen=one in chosen)
        elif act == "on":
            found = await services.start.go_on(AKI, list_id, number)
        elif act == "back":
            found = await services.start.back(AKI, list_id, number)
        elif act == "stop":
            found = await services.start.stop(AKI, list_id)
        else:
            found = await services.start.begin(AKI, None)
        if found.titles:
            cards[found.list_id, found.card] = found
            assert feelings(found) == {
                one: feeling for one in ids(found) if (feeling := said.get(one)) is not None
            }
        told = {one: SCORES[feeling] for one, feeling in said.items() if feeling is not None}
        assert await scores(services) == told
        asked = await every(services)
        assert len({*asked}) == len(asked)


async def every(services: Services) -> list[int]:
    """All titles that Aki was asked about."""
    async with services.database.read() as tx:
        return [one.anime_id for one in await tx.asked.all(AKI)]


async def test_rounds_of_one_title_a_card_which_older_versions_stored_are_over(
    services: Services,
) -> None:
    old = [one.id for one in services.catalog if not one.adult][:2]
    now = datetime.now(UTC)
    async with services.database.write() as tx:
        await tx.users.ensure(AKI, now)
        await tx.shown.add(
            user_id=AKI,
            guild_id=None,
            kind="start",
            model="older",
            query={},
            picks=[PickRow(old[0], 0.0, detail={"unseen": True}), PickRow(old[1], 0.0)],
            shown=2,
            now=now,
        )
    found = await services.start.begin(AKI, None)
    assert found.card == 0
    assert ids(found)
    assert not {*old} & {*ids(found)}
    assert await hinted(services) == {old[0]}


async def test_a_card_whose_titles_have_left_the_catalog_is_gone_on_from(
    services: Services,
) -> None:
    found = await services.start.begin(AKI, None)
    rest = Catalog([one for one in services.catalog if one.id not in ids(found)])
    services.start.use(Recommender(rest, engine().recommender._scorer.model))
    after_it = await services.start.begin(AKI, None)
    assert (after_it.list_id, after_it.card) == (found.list_id, 1)
    assert ids(after_it)


FEELINGS = st.none() | st.sampled_from(Feeling)


@given(FEELINGS, st.sampled_from(Feeling), st.booleans())
def test_a_menu_says_the_same_when_it_is_used_again(
    now: Feeling | None, menu: Feeling, chosen: bool
) -> None:
    then = ticked(now, menu, chosen=chosen)
    assert ticked(then, menu, chosen=chosen) is then
    if menu is SEEN:
        assert (then is not None) is chosen
    else:
        assert (then is menu) is chosen
        assert chosen or (then is None) is (now is None)


@given(st.none() | st.integers(1, 10), st.sampled_from(Status))
def test_every_entry_amounts_to_a_tick_or_to_none(score: int | None, status: Status) -> None:
    entry = Entry(1, score, status)
    assert (feeling_of(entry) is not None) is entry.is_seen
    assert feeling_of(None) is None
