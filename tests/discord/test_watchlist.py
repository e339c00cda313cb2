"""/watchlist and /drop: what a person plans, and what they gave up on."""

from __future__ import annotations

import pytest

from recsys.profile import Status
from tests.discord.world import (
    DEATH_NOTE,
    FRIEREN,
    FULLMETAL,
    MONSTER,
    STEINS_GATE,
    STRING,
    World,
    custom_ids,
    labels,
    shown,
    text,
)


async def plan(world: World, *anime_ids: int) -> None:
    for anime_id in anime_ids:
        await world.services.ratings.set_status(world.aki.id, anime_id, Status.PLANNED)


async def statuses(world: World) -> dict[int, Status]:
    profile = await world.services.ratings.profile(world.aki.id)
    return {entry.anime_id: entry.status for entry in profile.entries}


async def test_a_watchlist_shows_what_is_planned_newest_first_and_nothing_else(
    world: World,
) -> None:
    assert text(await world.run("watchlist")).startswith("Your watchlist is empty.")
    await world.services.ratings.rate(world.aki.id, FULLMETAL, 9)
    await plan(world, MONSTER, FRIEREN)
    answer = await world.run("watchlist")
    assert shown(answer).ephemeral
    said = text(answer)
    assert said.startswith("### Your watchlist\n2 anime planned")
    assert said.index("Frieren") < said.index("**Monster**")
    assert "Fullmetal" not in said
    assert "★ Predicted" in said


async def test_what_was_watched_is_scored_in_place_and_can_be_undone(world: World) -> None:
    await plan(world, MONSTER, FRIEREN)
    answer = await world.tap(await world.run("watchlist"), "Watched it", nth=1)
    assert text(answer) == "How would you rate Monster?"
    answer = await world.tap(answer, "9")
    assert text(answer).startswith("You rated Monster **9**.\n### Your watchlist\n1 anime planned")
    assert (await world.scores())[MONSTER] == 9
    assert (await statuses(world))[MONSTER] is Status.COMPLETED
    answer = await world.tap(answer, "Undo")
    assert text(answer).startswith("Undone. Monster is on your watchlist again.")
    assert (await world.scores())[MONSTER] is None
    assert set((await statuses(world)).values()) == {Status.PLANNED}


async def test_watched_without_a_score_and_the_way_back_to_the_list(world: World) -> None:
    await plan(world, MONSTER)
    question = await world.tap(await world.run("watchlist"), "Watched it")
    answer = await world.tap(question, "Back to the list")
    assert "**Monster**" in text(answer)
    question = await world.tap(answer, "Watched it")
    answer = await world.tap(question, "Watched, no score")
    assert text(answer).startswith("Monster is on your list as watched.\n")
    assert await statuses(world) == {MONSTER: Status.COMPLETED}


async def test_what_is_taken_off_can_be_put_back_after_a_restart(world: World) -> None:
    await plan(world, MONSTER)
    answer = await world.tap(await world.run("watchlist"), "Take off")
    assert text(answer).startswith("Monster is off your watchlist.\nYour watchlist is empty.")
    assert await statuses(world) == {}
    await world.restart()
    answer = await world.tap(answer, "Undo")
    assert await statuses(world) == {MONSTER: Status.PLANNED}
    assert "**Monster**" in text(answer)


async def test_a_score_survives_taking_off_what_is_planned_once_more(world: World) -> None:
    await world.services.ratings.rate(world.aki.id, MONSTER, 10)
    await plan(world, MONSTER)
    answer = await world.tap(await world.run("watchlist"), "Take off")
    assert await world.scores() == {MONSTER: 10}
    assert await statuses(world) == {MONSTER: Status.COMPLETED}
    await world.tap(answer, "Undo")
    assert await world.scores() == {MONSTER: 10}
    assert await statuses(world) == {MONSTER: Status.PLANNED}


async def test_an_undo_leaves_a_later_change_alone(world: World) -> None:
    await plan(world, MONSTER)
    answer = await world.tap(await world.run("watchlist"), "Take off")
    await world.services.ratings.rate(world.aki.id, MONSTER, 3)
    undone = await world.tap(answer, "Undo")
    assert text(undone).startswith("You changed this since then")
    assert await world.scores() == {MONSTER: 3}


async def test_two_taps_at_the_same_moment_do_nothing_twice(world: World) -> None:
    await plan(world, MONSTER, FRIEREN)
    answer = await world.run("watchlist")
    await world.tap_twice(answer, custom_ids(answer, "Take off")[0])
    assert await statuses(world) == {MONSTER: Status.PLANNED}


async def test_a_long_watchlist_pages_and_sorts_by_what_suits_best(world: World) -> None:
    await world.rate_some()
    ids = [a.id for a in world.services.titles.suggest("", limit=25)]
    ids = [i for i in ids if i not in {FULLMETAL, STEINS_GATE, DEATH_NOTE}][:12]
    await plan(world, *ids)
    answer = await world.run("watchlist")
    assert "Page 1 of 3" in text(answer)
    assert labels(answer)[-4:] == ["Previous", "Next", "Best first", "Share"]
    answer = await world.tap(answer, "Next")
    assert "Page 2 of 3" in text(answer)
    best = await world.tap(answer, "Best first")
    assert "Page 1 of 3" in text(best)
    assert text(best) == text(await world.run("watchlist", order="best"))
    scores, by_id = await first_of(world)
    assert scores == sorted(scores, reverse=True)
    assert by_id


async def first_of(world: World) -> tuple[list[float], bool]:
    """The ranking scores of the best page, in its order."""
    from bot.services.watchlist import Order

    found = await world.services.watchlist.page(world.aki.id, order=Order.BEST)
    profile = await world.services.ratings.profile(world.aki.id)
    recommender = world._engine.recommender
    ids, scores = recommender.scores(profile)
    of = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    return [of[line.anime.id] for line in found.lines], len(found.lines) == 5


async def test_a_shared_watchlist_is_for_everybody_and_has_no_buttons(world: World) -> None:
    await plan(world, MONSTER)
    answer = await world.tap(await world.run("watchlist"), "Share")
    assert not shown(answer).ephemeral
    assert text(answer) == "### aki's watchlist\n- Monster"
    assert labels(answer) == []


@pytest.mark.parametrize("order", ["random", ""])
async def test_an_order_that_does_not_exist_gets_a_sentence(world: World, order: str) -> None:
    answer = await world.raw_slash("watchlist", ("order", STRING, order))
    assert text(answer).startswith("That is not one of the choices.")


async def test_dropping_says_what_it_closes_and_can_be_undone(world: World) -> None:
    answer = await world.run("drop", title=f"id:{STEINS_GATE}")
    assert shown(answer).ephemeral
    assert text(answer).startswith("Steins;Gate is on your list as dropped.\nIt and ")
    assert "more of its franchise (" in text(answer)
    assert await statuses(world) == {STEINS_GATE: Status.DROPPED}
    await world.restart()
    await world.tap(answer, "Undo")
    assert await statuses(world) == {}


async def test_dropping_keeps_a_score_and_dropping_again_changes_nothing(world: World) -> None:
    await world.services.ratings.rate(world.aki.id, MONSTER, 4)
    await world.run("drop", title=f"id:{MONSTER}")
    assert await world.scores() == {MONSTER: 4}
    again = await world.run("drop", title=f"id:{MONSTER}")
    assert labels(again) == []
    assert await statuses(world) == {MONSTER: Status.DROPPED}


async def test_before_typing_what_is_being_watched_is_offered_for_dropping(world: World) -> None:
    await world.services.ratings.rate(world.aki.id, FULLMETAL, 9)
    await plan(world, MONSTER)
    await world.services.ratings.set_status(world.aki.id, FRIEREN, Status.WATCHING)
    offered = [choice["value"] for choice in await world.suggestions("drop", "title", "")]
    assert offered[:2] == [f"id:{FRIEREN}", f"id:{MONSTER}"]
    assert f"id:{FULLMETAL}" not in offered
