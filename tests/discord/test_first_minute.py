"""/start: from nothing to first picks, in single taps."""

from __future__ import annotations

import pytest

from tests.discord.world import World, buttons, custom_ids, labels, shown, text


async def test_a_newcomer_answers_five_questions_in_single_taps_and_gets_picks(
    world: World,
) -> None:
    answer = await world.run("start")
    assert shown(answer).ephemeral
    assert text(answer).startswith("### How was this one?\n-# Answer 1 of 5.")
    assert labels(answer)[:10] == [str(score) for score in range(1, 11)]
    answer = await world.tap(answer, "Haven't seen it")
    for number, score in enumerate((9, 8, 4, 10, 7), start=1):
        assert f"Answer {number} of 5." in text(answer)
        answer = await world.tap(answer, str(score))
    assert "From 5 answers, these are your first picks." in text(answer)
    assert "Picked for you" in text(answer)
    assert "Predicted" in text(answer)
    assert sorted(score for score in (await world.scores()).values() if score) == [4, 7, 8, 9, 10]


async def test_the_questions_go_on_after_a_restart_in_the_old_message_and_in_a_new_one(
    world: World,
) -> None:
    answer = await world.tap(await world.run("start"), "9")
    asked = text(answer)
    await world.restart()
    again = await world.run("start")
    assert text(again) == asked
    answer = await world.tap(answer, "8")
    assert "Answer 3 of 5." in text(answer)
    # The newer message still shows the question that is settled by now.
    caught_up = await world.tap(again, "1")
    assert text(caught_up) == text(answer)
    assert sorted((await world.scores()).values()) == [8, 9]


async def test_a_tap_can_be_taken_back_and_the_rest_skipped(world: World) -> None:
    first = await world.run("start")
    question = text(first)
    back = next(button for button in buttons(first) if button["label"] == "Back")
    assert back["disabled"]
    answer = await world.tap(first, "2")
    answer = await world.tap(answer, "Back")
    assert text(answer) == question
    assert await world.scores() == {}
    answer = await world.tap(answer, "Show my picks")
    assert text(answer).startswith("**Skipped.** /start goes on where you left off")
    answer = await world.tap(answer, "Back")
    assert text(answer) == question


async def test_two_taps_at_the_same_moment_store_one_answer_and_ask_one_question(
    world: World,
) -> None:
    answer = await world.run("start")
    both = await world.tap_twice(answer, custom_ids(answer, "9")[0])
    assert {text(one) for one in both if one.response or one.followups} <= {text(both[0])}
    assert "Answer 2 of 5." in text(await world.run("start"))
    assert list((await world.scores()).values()) == [9]


@pytest.mark.parametrize(
    ("locale", "said"),
    [("ja", "この作品はどうでしたか"), ("fr", "Et celui-ci"), ("es-ES", "¿Qué te")],
)
async def test_the_questions_are_in_the_persons_language(
    world: World, locale: str, said: str
) -> None:
    answer = await world.raw_slash("start", locale=locale)
    assert said in text(answer)


async def test_a_newcomer_whose_recommend_has_nothing_is_shown_the_way_in(world: World) -> None:
    answer = await world.run("recommend")
    assert "/start learns your taste in a minute" in text(answer)
    question = await world.tap(answer, "Start: one minute")
    assert text(question).startswith("### How was this one?")
    await world.rate_some()
    assert "Start: one minute" not in labels(await world.run("recommend"))
