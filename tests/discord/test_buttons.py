"""The buttons of every card: after a restart, under other hands, forged, and tapped twice."""

from __future__ import annotations

import asyncio

import pytest

from recsys.profile import Status
from tests.discord.world import MONSTER, World, buttons, custom_ids, labels, shown, text


async def _card(world: World) -> object:
    """A card that everybody sees, so that each tap gets an answer of its own."""
    return await world.tap(await world.run("anime", title=f"id:{MONSTER}"), "Share")


async def test_rate_asks_for_a_score_and_keeps_it(world: World) -> None:
    question = await world.tap(await _card(world), "Rate")
    assert text(question) == "How would you rate Monster?"
    assert labels(question) == [str(score) for score in range(1, 11)]
    assert shown(question).ephemeral
    receipt = await world.tap(question, "9")
    assert text(receipt) == "You rated Monster **9**."
    assert shown(receipt).id == shown(question).id
    assert await world.scores() == {MONSTER: 9}


async def test_rate_recalls_the_score_that_is_there(world: World) -> None:
    await world.run("rate", title="monster", score=4)
    question = await world.tap(await _card(world), "Rate")
    assert text(question) == "How would you rate Monster? You gave it 4."


@pytest.mark.parametrize(
    ("button", "said", "status"),
    [
        ("Plan", "Monster is on your plan.", Status.PLANNED),
        (
            "Not interested",
            "Monster will not be picked for you again.",
            Status.NOT_INTERESTED,
        ),
    ],
)
async def test_a_mark_is_kept_and_undone(
    world: World, button: str, said: str, status: Status
) -> None:
    receipt = await world.tap(await _card(world), button)
    assert text(receipt) == said
    assert shown(receipt).ephemeral
    assert (await world.services.ratings.entry(world.aki.id, MONSTER)).status is status
    await world.tap(receipt, "Undo")
    assert await world.services.ratings.entry(world.aki.id, MONSTER) is None


async def test_a_mark_keeps_a_score_and_its_undo_brings_back_the_status(world: World) -> None:
    await world.run("rate", title="monster", score=9)
    receipt = await world.tap(await _card(world), "Not interested")
    assert await world.scores() == {MONSTER: 9}
    await world.tap(receipt, "Undo")
    entry = await world.services.ratings.entry(world.aki.id, MONSTER)
    assert (entry.score, entry.status) == (9, Status.COMPLETED)


async def test_each_person_acts_for_themselves_on_a_public_card(world: World) -> None:
    card = await _card(world)
    await world.tap(await world.tap(card, "Rate"), "9")
    await world.tap(await world.tap(card, "Rate", by=world.mio), "3", by=world.mio)
    assert await world.scores(world.aki) == {MONSTER: 9}
    assert await world.scores(world.mio) == {MONSTER: 3}


async def test_every_button_still_works_after_a_restart(world: World) -> None:
    card = await _card(world)
    question = await world.tap(card, "Rate")
    await world.restart()
    receipt = await world.tap(question, "8")
    assert await world.scores() == {MONSTER: 8}
    await world.restart()
    await world.tap(receipt, "Undo")
    assert await world.scores() == {}
    for label in ("Rate", "Plan", "Not interested", "Similar"):
        assert text(await world.tap(card, label))


async def test_nobody_undoes_for_another(world: World) -> None:
    receipt = await world.run("rate", title="monster", score=9)
    undo = custom_ids(receipt, "Undo")[0]
    card = await world.mio.slash(world.channel, "anime", title="monster")
    theirs = world.mio, world.aki
    world.aki, world.mio = theirs  # Mio taps a copy of Aki's button
    answer = await world.raw_tap(card, undo)
    world.mio, world.aki = theirs
    assert text(answer).startswith("These buttons belong to")
    assert await world.scores() == {MONSTER: 9}


async def test_two_taps_at_once_rate_once(world: World) -> None:
    question = await world.tap(await _card(world), "Rate")
    await world.tap_twice(question, custom_ids(question, "9")[0])
    page = await world.services.ratings.page(world.aki.id)
    assert [(anime.id, entry.score) for anime, entry in page.lines] == [(MONSTER, 9)]


async def test_two_undos_at_once_undo_once(world: World) -> None:
    await world.run("rate", title="monster", score=5)
    receipt = await world.run("rate", title="monster", score=9)
    taps = await world.tap_twice(receipt, custom_ids(receipt, "Undo")[0])
    assert await world.scores() == {MONSTER: 5}
    said = sorted(text(tap)[:8] for tap in taps)
    assert said == ["Undone. ", "You chan"]


@pytest.mark.parametrize(
    "custom_id",
    [
        "o0:plan:19:0",  # another version
        "o1:plan:19",  # too few
        "o1:plan:19:0:0",  # too many
        "o1:plan:monster:0",
        "o1:plan::0",
        "o1:launch:19:0",  # no such verb
        "o1:plan:١٩:0",  # digits, but not ASCII's
        "o1:choose:AKI:77:0:19",  # no such question
        "o1:undo:AKI:19:0:99:9:77",  # no such status
        "hello",
        "x" * 100,
    ],
)
async def test_a_custom_id_that_is_not_ours_gets_a_sentence(world: World, custom_id: str) -> None:
    custom_id = custom_id.replace("AKI", str(world.aki.id))
    answer = await world.raw_tap(await _card(world), custom_id)
    assert text(answer) == (
        "This button is from another version of the bot. Please run the command again."
    )
    assert shown(answer).ephemeral
    assert await world.scores() == {}


@pytest.mark.parametrize(
    ("custom_id", "said"),
    [
        ("o1:plan:999999999:0", "No anime has the number 999999999 here."),
        ("o1:rate:999999999:0", "No anime has the number 999999999 here."),
        ("o1:similar:0", "No anime has the number 0 here."),
        ("o1:score:19:0:0", "A score is a whole number from 1 to 10."),
        ("o1:score:19:-9:0", "A score is a whole number from 1 to 10."),
        ("o1:picks:AKI:9999999999999999999:0", "This list is no longer kept."),
        ("o1:sharepicks:AKI:123456:0", "This list is no longer kept."),
        ("o1:undo:AKI:19:0:99:77:2", "A score is a whole number from 1 to 10."),
        ("o1:choose:AKI:3:11:19", "A score is a whole number from 1 to 10."),
    ],
)
async def test_a_forged_button_gets_a_sentence_and_changes_nothing(
    world: World, custom_id: str, said: str
) -> None:
    custom_id = custom_id.replace("AKI", str(world.aki.id))
    answer = await world.raw_tap(await _card(world), custom_id)
    assert text(answer).startswith(said)
    assert await world.scores() == {}


@pytest.mark.parametrize("page", [-5, 0, 77, 10**18])
async def test_a_forged_page_is_the_nearest_there_is(world: World, page: int) -> None:
    await world.rate_some()
    answer = await world.raw_tap(await _card(world), f"o1:ratings:{world.aki.id}:{page}")
    assert "aki's list" in text(answer)


async def test_buttons_of_one_message_never_share_a_custom_id(world: World) -> None:
    for command in ("recommend", "ratings", "help"):
        ids = [button["custom_id"] for button in buttons(await world.run(command))]
        assert len(ids) == len(set(ids))


async def test_old_messages_take_no_memory(world: World) -> None:
    for _ in range(5):
        await world.tap(await world.run("recommend"), "Next")
    store = world.client._connection._view_store
    assert not store._views
    assert not store._synced_message_views


async def test_a_message_that_was_sent_leaves_nothing_running(world: World) -> None:
    """Each private message would keep a timer, and itself, for a quarter of an hour."""
    await world.run("recommend")
    before = len(asyncio.all_tasks())
    for _ in range(5):
        await world.tap(await world.run("recommend"), "Plan")
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) <= before + 1
