"""The six buttons of a pick: in place on one's own page, for each person on a shared one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.ui.picks import PER_PAGE
from recsys.profile import Status
from tests.discord.test_picks import picked
from tests.discord.world import (
    DEATH_NOTE,
    FULLMETAL,
    STEINS_GATE,
    World,
    custom_ids,
    labels,
    shown,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SCHOOL_DAYS = 2476


async def own_page(world: World) -> object:
    await world.rate_some()
    await world.services.ratings.rate(world.aki.id, SCHOOL_DAYS, 2)
    return await world.run("recommend")


async def test_a_card_says_what_an_anime_is_what_one_would_give_it_and_why(world: World) -> None:
    page = await own_page(world)
    first = world.services.catalog[picked(page)[0]]
    assert f"**1 · {first.english or first.title}**" in text(page)
    assert str(first.year) in text(page)
    assert first.genres[0] in text(page)
    assert "★ Predicted " in text(page)
    assert " to " in text(page)
    six = ["Seen it", "Plan", "Not interested", "Less like this", "More like this", "Why?"]
    assert labels(page)[:6] == six
    assert labels(page)[6:12] == six


async def test_an_objection_is_told_beside_the_reasons(world: World) -> None:
    page = await own_page(world)
    told = text(page)
    while not re.search(r"although you disliked School Days.* \(2\)", told):
        await world.tap(page, "Next")
        told = text(page)


async def test_a_tap_changes_the_page_in_its_place_and_is_undone_there(world: World) -> None:
    page = await own_page(world)
    await world.tap(page, "Next")
    on_page = picked(page)
    answer = await world.tap(page, "Plan", nth=1)
    assert shown(answer).id == shown(page).id
    assert "Page 2 of 7" in text(page)
    assert picked(page) == on_page
    assert "✓ On your plan" in text(page)
    planned = await world.services.ratings.entry(world.aki.id, on_page[1])
    assert planned is not None
    assert planned.status is Status.PLANNED
    await world.restart()
    await world.tap(page, "Undo: On your plan")
    assert "✓" not in text(page)
    assert await world.services.ratings.entry(world.aki.id, on_page[1]) is None


async def test_seen_it_leads_to_a_score_and_back_to_the_same_page(world: World) -> None:
    page = await own_page(world)
    await world.tap(page, "Next")
    on_page = picked(page)
    await world.tap(page, "Seen it", nth=2)
    assert "How would you rate" in text(page)
    await world.tap(page, "Back")
    assert picked(page) == on_page
    await world.tap(page, "Seen it", nth=2)
    await world.tap(page, "9")
    assert picked(page) == on_page
    assert "✓ You rated it 9" in text(page)
    assert (await world.scores())[on_page[2]] == 9
    await world.tap(page, "Undo: You rated it 9")
    assert on_page[2] not in await world.scores()


async def test_a_tap_that_was_overtaken_by_a_command_is_not_undone(world: World) -> None:
    page = await own_page(world)
    anime_id = picked(page)[0]
    await world.tap(page, "Plan")
    undo = custom_ids(page, "Undo: On your plan")[0]
    await world.run("rate", title=f"id:{anime_id}", score=4)
    answer = await world.aki.click(shown(page), custom_id=undo)
    assert text(answer).startswith("You changed this since then")
    assert (await world.scores())[anime_id] == 4


def _place(anime: Collection[int], ids: Sequence[int]) -> float:
    """Where some anime stand on a list in the mean; one that is missing, behind its end."""
    return sum(ids.index(one) if one in ids else len(ids) for one in anime) / len(anime)


@pytest.mark.parametrize(("label", "nearer"), [("More like this", 1), ("Less like this", -1)])
async def test_a_wish_for_more_or_less_changes_the_next_list_and_is_undone(
    world: World, label: str, nearer: int
) -> None:
    page = await own_page(world)
    before = (await world.stored(page)).anime_ids
    wished = picked(page)[1]
    alike = await world.services.picks.similar(world.mio.id, None, [wished], k=20)
    near = {pick.anime.id for pick in alike.picks}
    await world.tap(page, label, nth=1)
    assert picked(page) == list(before[:PER_PAGE])
    assert f"{label}, from the next list on" in text(page)
    assert "New picks" in labels(page)
    await world.restart()
    await world.tap(page, "New picks")
    after = (await world.stored(page)).anime_ids
    assert nearer * (_place(near, before) - _place(near, after)) > 0.5
    # Undone, the list is what it was before.
    again = await world.run("recommend")
    hints = (await world.stored(again)).query.hints
    assert (hints.more or hints.less) == (wished,)
    list_id = (await world.stored(page)).list_id
    kind = 1 if nearer > 0 else -1
    await world.raw_tap(again, f"o1:unhint:{wished}:{kind}:{list_id}")
    assert (await world.stored(await world.run("recommend"))).anime_ids == before


async def test_two_taps_at_once_do_one_thing_that_one_undo_takes_back(world: World) -> None:
    page = await own_page(world)
    first = picked(page)[0]
    await world.tap_twice(page, custom_ids(page, "Plan")[0])
    entry = await world.services.ratings.entry(world.aki.id, first)
    assert entry is not None
    assert entry.status is Status.PLANNED
    await world.tap_twice(page, custom_ids(page, "More like this")[0])
    taps = await world.tap_twice(page, custom_ids(page, "Undo: On your plan")[0])
    assert await world.services.ratings.entry(world.aki.id, first) is None
    assert sum("You changed this since" in text(tap) for tap in taps) == 1


async def test_on_a_shared_page_each_acts_for_themselves_and_sees_their_own_answer(
    world: World,
) -> None:
    shared = await world.choose(await own_page(world), "share")
    first = picked(shared)[0]
    answer = await world.tap(shared, "More like this", by=world.mio)
    assert shown(answer).ephemeral
    assert text(answer).startswith("More like ")
    evidence = await world.services.picks.explain(world.aki.id, first)
    assert not evidence.pick.hinted
    await world.tap(answer, "Undo", by=world.mio)
    assert text(answer).startswith("Undone.")
    why = await world.tap(shared, "Why?", by=world.mio)
    assert shown(why).ephemeral
    assert "Nothing on your list counts for it." in text(why)
    assert "Back" not in labels(why)
    # What the owner does there stays between them and the bot.
    receipt = await world.tap(shared, "Plan")
    assert shown(receipt).ephemeral
    assert "On your plan" not in text(shared)


async def test_what_is_said_twice_on_a_shared_page_is_told_so(world: World) -> None:
    shared = await world.choose(await own_page(world), "share")
    for label, said in (
        ("Plan", "is on your plan already"),
        ("More like this", "You asked for more like"),
        ("Less like this", "You asked for less like"),
    ):
        await world.tap(shared, label, by=world.mio)
        assert said in text(await world.tap(shared, label, by=world.mio))


async def test_why_tells_every_part_and_switching_one_off_changes_the_picks_at_once(
    world: World,
) -> None:
    page = await own_page(world)
    before = (await world.stored(page)).anime_ids
    await world.tap(page, "Why?")
    assert text(page).count("% of what speaks for it") >= 2
    assert "Of five such predictions four" in text(page)
    await world.tap(page, "Leave out")
    assert "switched off: seen, and no evidence" in text(page)
    assert "New among your picks" in text(page)
    after = (await world.stored(page)).anime_ids
    assert after != before
    muted = (await world.stored(page)).query.hints.muted
    assert muted < {FULLMETAL, STEINS_GATE, DEATH_NOTE}
    assert not muted & set(after)
    await world.restart()
    await world.tap(page, "Count again")
    assert (await world.stored(page)).anime_ids == before
    await world.tap(page, "Back")
    assert text(page).startswith("### Picked for you")


async def test_a_wish_can_be_left_out_where_all_parts_are_told_and_that_be_undone(
    world: World,
) -> None:
    page = await own_page(world)
    wished = picked(page)[0]
    await world.tap(page, "More like this")
    await world.tap(page, "New picks")
    found = await world.stored(page)
    moved = next(place for place, pick in enumerate(found.picks) if pick.hinted)
    for _ in range(moved // PER_PAGE):
        await world.tap(page, "Next")
    assert "▲ You asked for more like" in text(page)
    await world.tap(page, "Why?", nth=moved % PER_PAGE)
    assert "▲ You asked for more like" in text(page)
    await world.tap(page, "Leave out")
    assert (await world.stored(page)).query.hints.more == ()
    await world.tap(page, "Undo")
    assert (await world.stored(page)).query.hints.more == (wished,)


async def test_a_thin_profile_is_offered_five_more_questions(world: World) -> None:
    page = await own_page(world)
    assert "five more ratings would help most" in text(page)
    question = await world.tap(page, "Rate five more")
    assert shown(question).ephemeral
    assert shown(question).id != shown(page).id


async def test_buttons_of_before_this_version_still_work(world: World) -> None:
    page = await own_page(world)
    list_id = (await world.stored(page)).list_id
    first, second, third = picked(page)
    for custom_id in (f"o1:plan:{first}:{list_id}", f"o1:refuse:{second}:{list_id}"):
        await world.raw_tap(await world.run("ratings"), custom_id)
    receipt = await world.raw_tap(await world.run("ratings"), f"o1:score:{third}:7:{list_id}")
    assert "You rated" in text(receipt)
    outcomes = (await world.services.picks.list(list_id)).outcomes
    assert outcomes == {first: "planned", second: "refused", third: "rated"}


async def test_a_list_is_scored_in_one_tap_and_tells_the_scores_before(world: World) -> None:
    for score in (4, 9):
        page = await world.run("recommend")
        await world.choose(page, str(score))
        assert f"You gave this list **{score}**" in text(page)
        assert (await world.stored(page)).score == score
    assert "the ones before: 4." in text(page)
    await world.restart()
    await world.tap(page, "Undo")
    assert (await world.stored(page)).score is None


@pytest.mark.parametrize("value", ["11", "0", "hello", "-1"])
async def test_a_forged_choice_gets_a_sentence(world: World, value: str) -> None:
    page = await own_page(world)
    list_id = (await world.stored(page)).list_id
    answer = await world.raw_choice(page, f"o1:listmenu:{list_id}:0", value)
    assert text(answer).startswith("That is not one of the choices.")
    await world.choose(page, "dials")
    answer = await world.raw_choice(page, f"o1:dial:{list_id}:0", value)
    assert text(answer).startswith("That is not one of the choices.")


async def test_nobody_changes_somebody_elses_list(world: World) -> None:
    page = await own_page(world)
    list_id = (await world.stored(page)).list_id
    anime_id = picked(page)[0]
    await world.tap(page, "Plan")
    theirs = await world.mio.slash(world.channel, "anime", title="monster")
    world.aki, world.mio = world.mio, world.aki
    for verb in (f"takeback:{anime_id}:{list_id}:0:6", f"unscore:{list_id}:0", f"again:{list_id}"):
        answer = await world.raw_tap(theirs, f"o1:{verb}")
        assert (
            "no longer kept" in text(answer)
            or "belong to" in text(answer)
            or ("You changed this since" in text(answer))
        )
    world.aki, world.mio = world.mio, world.aki
    assert (await world.services.ratings.entry(world.aki.id, anime_id)) is not None
