"""/start: from nothing to first picks, by ticks in a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from recsys.ranking.asking import TITLES
from tests.discord.limits import SELECT, walk
from tests.discord.world import World, buttons, custom_ids, labels, shown, text

if TYPE_CHECKING:
    from simcord import InteractionResult, MemberActor

SEEN, LOVED, DISLIKED = range(3)  # the menus of a card, in their order
NEXT = "Next card"


def menus(answer: Any) -> list[dict[str, Any]]:
    """The menus of a card."""
    return [one for one in walk(shown(answer).components) if one["type"] == SELECT]


def offered(answer: Any, menu: int = SEEN) -> list[str]:
    """The values of a menu."""
    return [option["value"] for option in menus(answer)[menu]["options"]]


def chosen(answer: Any, menu: int = SEEN) -> list[str]:
    """Those of them that stand chosen."""
    return [one["value"] for one in menus(answer)[menu]["options"] if one.get("default")]


async def tick(
    world: World,
    answer: Any,
    values: list[str],
    menu: int = SEEN,
    *,
    by: MemberActor | None = None,
) -> InteractionResult:
    """Aki, or somebody else, ticks just these in a menu."""
    who = by or world.aki
    return await who.select(shown(answer), values, custom_id=menus(answer)[menu]["custom_id"])


async def test_a_newcomer_ticks_what_they_have_seen_on_five_cards_and_gets_picks(
    world: World,
) -> None:
    answer = await world.run("start")
    assert shown(answer).ephemeral
    assert text(answer).startswith("### Which of these have you seen?\n-# Card 1 of 5")
    assert labels(answer) == ["None of these", "Back", "Show my picks"]
    (menu,) = menus(answer)
    assert (menu["min_values"], menu["max_values"]) == (0, TITLES)
    answer = await world.tap(answer, "None of these")
    for number in range(2, 5):
        assert f"Card {number} of 5" in text(answer)
        answer = await tick(world, answer, offered(answer)[:3])
        answer = await world.tap(answer, NEXT)
    answer = await tick(world, answer, offered(answer)[:1])
    assert labels(answer) == ["Show my picks", "Back"]
    answer = await world.tap(answer, "Show my picks")
    assert "From 10 anime that you have seen, these are your first picks." in text(answer)
    assert "Picked for you" in text(answer)
    assert "Predicted" in text(answer)
    assert "changes these picks" not in text(answer)
    assert [*(await world.scores()).values()] == [None] * 10


async def test_what_was_ticked_may_be_loved_or_not_and_the_card_says_so_in_words(
    world: World,
) -> None:
    answer = await world.run("start")
    one, two, three = offered(answer)[:3]
    answer = await tick(world, answer, [one, two, three])
    assert offered(answer, LOVED) == offered(answer, DISLIKED) == [one, two, three]
    answer = await tick(world, answer, [one, two], LOVED)
    answer = await tick(world, answer, [two], DISLIKED)
    assert [chosen(answer, menu) for menu in range(3)] == [[one, two, three], [one], [two]]
    said = text(answer)
    assert [said.count(word) for word in ("*seen*", "*loved*", "*not for me*")] == [1, 1, 1]
    assert "loved counts as 9, not for me as 4. /rate makes it exact." in said
    assert await world.scores() == {int(one): 9, int(two): 4, int(three): None}
    answer = await tick(world, answer, [])
    assert len(menus(answer)) == 1
    assert await world.scores() == {}


async def test_the_cards_go_on_after_a_restart_in_the_old_message_and_in_a_new_one(
    world: World,
) -> None:
    answer = await world.run("start")
    answer = await tick(world, answer, offered(answer)[:2])
    answer = await world.tap(answer, NEXT)
    await world.restart()
    again = await world.run("start")
    assert text(again) == text(answer)
    answer = await tick(world, answer, offered(answer)[:1])
    answer = await world.tap(answer, NEXT)
    assert "Card 3 of 5" in text(answer)
    # The newer message still shows the card that was left by now. A tick there holds all the same.
    caught_up = await tick(world, again, offered(again)[:3])
    assert len(await world.scores()) == 5
    assert text(await world.tap(caught_up, NEXT)) == text(answer)


async def test_what_was_not_seen_is_told_with_a_pick_and_can_be_left_out(world: World) -> None:
    answer = await world.run("start")
    for _ in range(2):
        answer = await tick(world, answer, offered(answer)[::3])
        answer = await world.tap(answer, NEXT)
    answer = await world.tap(answer, "Show my picks")
    why = await world.tap(answer, "Why?")
    assert "ou have not seen" in text(why)
    lines = [line for line in text(why).splitlines() if "%" in line or "Although" in line]
    place = next(i for i, line in enumerate(lines) if "have not seen" in line)
    why = await world.tap(why, "Leave out", place)
    assert "switched off: not seen, and no evidence of your taste" in text(why)
    why = await world.tap(why, "Count again")
    assert "switched off" not in text(why)


async def test_a_card_can_be_seen_again_and_the_rest_skipped(world: World) -> None:
    first = await world.run("start")
    card = text(first)
    back = next(button for button in buttons(first) if button["label"] == "Back")
    assert back["disabled"]
    answer = await world.tap(first, "None of these")
    answer = await world.tap(answer, "Back")
    assert text(answer) == card
    answer = await world.tap(answer, "Show my picks")
    assert text(answer).startswith("**Skipped.** /start goes on where you left off")
    answer = await world.tap(answer, "Back to the cards")
    assert text(answer) == card
    assert await world.scores() == {}


async def test_who_has_seen_nothing_is_told_what_to_do(world: World) -> None:
    answer = await world.run("start")
    for _ in range(4):
        answer = await world.tap(answer, "None of these")
    answer = await world.tap(answer, "Show my picks")
    assert text(answer).startswith("**None of these, then.** Here is what many people love.")
    assert labels(answer)[-2:] == ["Next", "Back to the cards"]


async def test_two_taps_at_the_same_moment_lead_to_one_card(world: World) -> None:
    answer = await world.run("start")
    answer = await tick(world, answer, offered(answer)[:2])
    both = await world.tap_twice(answer, custom_ids(answer, NEXT)[0])
    assert {text(one) for one in both if one.response or one.followups} <= {text(both[0])}
    assert "Card 2 of 5" in text(await world.run("start"))
    assert len(await world.scores()) == 2


async def forged(world: World, answer: Any, custom_id: str, *values: str) -> InteractionResult:
    """Aki chooses in a menu that says what none of ours on this card says."""
    message = world.env.backend.get_message(world.channel.id, shown(answer).id)
    menu = next(one for one in walk(message.components) if one["type"] == SELECT)
    menu["custom_id"] = custom_id
    return await world.raw_choice(answer, custom_id, *values)


async def test_a_card_is_for_whom_it_was_made(world: World) -> None:
    theirs = await world.mio.slash(world.channel, "start")
    ours = await world.run("start")
    custom_id = menus(theirs)[SEEN]["custom_id"]
    assert custom_id != menus(ours)[SEEN]["custom_id"]
    refused = await forged(world, ours, custom_id, *offered(theirs)[:2])
    assert text(refused).startswith("This list is no longer kept.")
    assert await world.scores() == await world.scores(world.mio) == {}


@pytest.mark.parametrize("feeling", [7, -1])
async def test_a_menu_that_there_is_not_is_answered_with_a_sentence(
    world: World, feeling: int
) -> None:
    answer = await world.run("start")
    list_id = (await world.stored(answer)).list_id
    refused = await forged(world, answer, f"o1:tick:{list_id}:0:{feeling}", *offered(answer)[:2])
    assert "another version" in text(refused)
    assert await world.scores() == {}


async def test_values_that_the_menu_does_not_have_are_passed_over(world: World) -> None:
    answer = await world.run("start")
    custom_id = menus(answer)[SEEN]["custom_id"]
    odd = await world.raw_choice(answer, custom_id, "x", "-4", "9" * 30, "²", "424242")
    assert text(odd) == text(answer)
    assert await world.scores() == {}


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ja", "この中で、観たことがある"),
        ("fr", "Lesquels as-tu vus"),
        ("es-ES", "¿Cuáles de estos"),
    ],
)
async def test_the_cards_are_in_the_persons_language(world: World, locale: str, said: str) -> None:
    answer = await world.raw_slash("start", locale=locale)
    assert said in text(answer)


async def test_a_newcomer_whose_recommend_has_nothing_is_shown_the_way_in(world: World) -> None:
    answer = await world.run("recommend")
    assert "/start learns your taste in a minute" in text(answer)
    card = await world.tap(answer, "Start: one minute")
    assert text(card).startswith("### Which of these have you seen?")
    await world.rate_some()
    assert "Start: one minute" not in labels(await world.run("recommend"))
