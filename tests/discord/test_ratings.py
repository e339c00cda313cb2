"""/rate, /unrate and /ratings: a person's own list."""

from __future__ import annotations

import pytest

from tests.discord.world import (
    DEATH_NOTE,
    FULLMETAL,
    INTEGER,
    MONSTER,
    STEINS_GATE,
    STRING,
    World,
    labels,
    shown,
    text,
)


async def test_a_rating_is_kept_and_told_to_the_person_alone(world: World) -> None:
    answer = await world.run("rate", title="monster", score=9)
    assert text(answer) == "You rated Monster **9**."
    assert shown(answer).ephemeral
    assert await world.scores() == {MONSTER: 9}


async def test_a_rating_is_still_there_after_a_restart(world: World) -> None:
    await world.run("rate", title="monster", score=9)
    await world.restart()
    assert "**9** · Monster" in text(await world.run("ratings"))


async def test_rating_again_says_what_the_score_was(world: World) -> None:
    await world.run("rate", title="monster", score=9)
    answer = await world.run("rate", title="monster", score=7)
    assert text(answer) == "You rated Monster **7** (before: 9)."


async def test_undo_brings_back_what_was_there_before(world: World) -> None:
    first = await world.run("rate", title="monster", score=9)
    second = await world.run("rate", title="monster", score=7)
    assert "back to what it was" in text(await world.tap(second, "Undo"))
    assert await world.scores() == {MONSTER: 9}
    assert labels(second) == []
    assert "off your list again" in text(await world.tap(first, "Undo"))
    assert await world.scores() == {}


async def test_undo_never_takes_back_a_later_change(world: World) -> None:
    first = await world.run("rate", title="monster", score=9)
    await world.run("rate", title="monster", score=7)
    answer = await world.tap(first, "Undo")
    assert "You changed this since" in text(answer)
    assert await world.scores() == {MONSTER: 7}


async def test_did_you_mean_keeps_the_score(world: World) -> None:
    question = await world.run("rate", title=world.unsure_title(), score=6)
    assert "Did you mean" in text(question)
    assert shown(question).ephemeral
    answer = await world.tap(question, labels(question)[0])
    assert "**6**" in text(answer)
    assert list((await world.scores()).values()) == [6]


@pytest.mark.parametrize("score", [0, 11, -1, 10**15, "ten", 7.5, None])
async def test_a_score_that_is_none_gets_a_sentence_and_changes_nothing(
    world: World, score: object
) -> None:
    await world.services.ratings.rate(world.aki.id, MONSTER, 8)
    answer = await world.raw_slash("rate", ("title", STRING, "monster"), ("score", INTEGER, score))
    assert text(answer) == "A score is a whole number from 1 to 10."
    assert await world.scores() == {MONSTER: 8}


async def test_unrate_takes_an_anime_off_and_undo_puts_it_back(world: World) -> None:
    await world.rate_some()
    answer = await world.run("unrate", title="death note")
    assert text(answer) == "Death Note is off your list."
    assert DEATH_NOTE not in await world.scores()
    await world.tap(answer, "Undo")
    assert (await world.scores())[DEATH_NOTE] == 8


async def test_unrate_of_what_is_not_listed_gets_a_sentence(world: World) -> None:
    answer = await world.run("unrate", title="monster")
    assert text(answer) == "Monster is not on your list, so nothing was changed."


async def test_unrate_offers_the_persons_own_list_newest_first(world: World) -> None:
    await world.rate_some()
    values = [choice["value"] for choice in await world.suggestions("unrate", "title", "")]
    assert values == [f"id:{DEATH_NOTE}", f"id:{STEINS_GATE}", f"id:{FULLMETAL}"]
    values = [choice["value"] for choice in await world.suggestions("unrate", "title", "deth")]
    assert values == [f"id:{DEATH_NOTE}"]


async def test_an_empty_list_says_how_to_begin(world: World) -> None:
    answer = await world.run("ratings")
    assert text(answer).startswith("Your list is empty. /start asks what you have seen,")
    assert all(name in text(answer) for name in ("/import", "/rate"))
    assert shown(answer).ephemeral


async def test_a_list_shows_scores_newest_first_and_their_mean(world: World) -> None:
    await world.rate_some()
    answer = await world.run("ratings")
    assert "3 anime · mean score 9.0" in text(answer)
    assert text(answer).index("Death Note") < text(answer).index("Steins;Gate")
    assert shown(answer).ephemeral


async def _rate_many(world: World, count: int) -> None:
    popular = sorted(world.services.catalog, key=lambda anime: -anime.members)[:count]
    for anime in popular:
        await world.services.ratings.rate(world.aki.id, anime.id, 7)


async def test_a_long_list_has_pages_in_both_directions(world: World) -> None:
    await _rate_many(world, 25)
    first = await world.run("ratings")
    assert "Page 1 of 3" in text(first)
    top = text(first)
    assert "Page 2 of 3" in text(await world.tap(first, "Next"))
    assert "Page 3 of 3" in text(await world.tap(first, "Next"))
    await world.tap(first, "Previous")
    assert text(await world.tap(first, "Previous")) == top


async def test_a_page_can_be_asked_for_and_one_past_the_end_is_the_last(world: World) -> None:
    await _rate_many(world, 25)
    assert "Page 2 of 3" in text(await world.run("ratings", page=2))
    assert "Page 3 of 3" in text(await world.run("ratings", page=999))


async def test_a_shared_list_is_seen_by_all_and_turned_by_its_owner_alone(world: World) -> None:
    await _rate_many(world, 15)
    shared = await world.tap(await world.run("ratings"), "Share")
    assert not shown(shared).ephemeral
    assert "aki's list" in text(shared)
    assert "Share" not in labels(shared)
    refused = await world.tap(shared, "Next", by=world.mio)
    assert "These buttons belong to" in text(refused)
    turned = await world.tap(shared, "Next")
    assert "aki's list" in text(turned)
    assert "Page 2 of 2" in text(turned)


async def test_nobody_sees_the_list_of_another(world: World) -> None:
    await world.rate_some()
    answer = await world.mio.slash(world.channel, "ratings")
    assert text(answer).startswith("Your list is empty")


async def test_the_list_tells_what_was_given_up_beside_its_score(world: World) -> None:
    await world.run("rate", title="monster", score=4)
    assert text(await world.run("ratings")).endswith("**4** · Monster")
    await world.run("drop", title="monster")
    assert text(await world.run("ratings")).endswith("**4** · Monster · dropped")
