"""/recommend and /similar: picks, their reasons, their pages, and sharing them."""

from __future__ import annotations

import re

import pytest

from tests.discord.world import (
    FULLMETAL,
    MONSTER,
    World,
    labels,
    shown,
    text,
)

_IDS = re.compile(r"myanimelist\.net/anime/(\d+)")


def picked(answer: object) -> list[int]:
    """The anime on a page of picks, in order."""
    return [int(anime_id) for anime_id in _IDS.findall(text(answer))]


async def test_picks_say_the_predicted_score_and_whose_rating_they_rest_on(world: World) -> None:
    await world.rate_some()
    answer = await world.run("recommend")
    assert shown(answer).ephemeral
    assert text(answer).startswith("### Picked for you")
    assert len(picked(answer)) == 3
    assert re.search(r"★ Predicted \d+\.\d", text(answer))
    assert re.search(
        r"because you rated .*(Fullmetal Alchemist: Brotherhood 10|Steins;Gate 9)", text(answer)
    )


async def test_what_is_on_the_list_is_never_picked(world: World) -> None:
    await world.rate_some()
    page = await world.run("recommend")
    seen = set(picked(page))
    while "Page 7 of 7" not in text(page):
        await world.tap(page, "Next")
        seen |= set(picked(page))
    assert len(seen) == 20
    assert not seen & set(await world.scores())


async def test_a_newcomer_gets_starting_points_and_is_told_so(world: World) -> None:
    answer = await world.run("recommend")
    assert "Nothing rated yet" in text(answer)
    assert "five more ratings" not in text(answer)  # one piece of advice is enough
    assert len(picked(answer)) == 3


async def test_paging_comes_back_to_the_very_same_picks_even_after_rating_one(
    world: World,
) -> None:
    await world.rate_some()
    page = await world.run("recommend")
    first = picked(page)
    await world.tap(page, "Seen it")
    await world.tap(page, "8")
    await world.tap(page, "Next")
    assert set(picked(page)).isdisjoint(first)
    await world.tap(page, "Previous")
    assert picked(page) == first


async def test_the_first_page_has_no_previous_and_the_last_no_next(world: World) -> None:
    page = await world.run("recommend")
    assert "Previous" not in labels(page)
    for _ in range(6):
        await world.tap(page, "Next")
    assert "Page 7 of 7" in text(page)
    assert "Next" not in labels(page)
    assert "Previous" in labels(page)


async def test_only_pages_that_were_turned_to_count_as_shown(world: World) -> None:
    page = await world.run("recommend")
    assert (await world.stored(page)).shown == 3
    await world.tap(page, "Next")
    await world.tap(page, "Next")
    await world.tap(page, "Previous")
    assert (await world.stored(page)).shown == 9


async def test_filters_hold_for_every_pick(world: World) -> None:
    await world.rate_some()
    page = await world.run(
        "recommend",
        **{"type": "Movie", "genre": "drama", "from": 2000, "to": 2010, "episodes": 1},
    )
    catalog = world.services.catalog
    assert picked(page)
    for anime in (catalog[anime_id] for anime_id in picked(page)):
        assert anime.type == "Movie"
        assert "Drama" in {*anime.genres, *anime.tags}
        assert 2000 <= anime.year <= 2010
        assert anime.episodes == 1


async def test_filters_that_leave_nothing_say_so(world: World) -> None:
    answer = await world.run("recommend", **{"from": 2099, "type": "Movie"})
    assert "Nothing new to you passes these filters. Without “from 2099”" in text(answer)
    await world.tap(answer, "Without from 2099")
    found = [world.services.catalog[anime_id] for anime_id in picked(answer)]
    assert found
    assert {anime.type for anime in found} == {"Movie"}


async def test_years_the_wrong_way_round_get_a_sentence(world: World) -> None:
    answer = await world.run("recommend", **{"from": 2010, "to": 2000})
    assert text(answer) == (
        "No year is both 2010 or later and 2000 or earlier. Please swap the two."
    )


async def test_an_unknown_genre_gets_a_sentence(world: World) -> None:
    answer = await world.run("recommend", genre="Underwater **Basket** Weaving")
    assert text(answer).startswith(r"“Underwater \*\*Basket\*\* Weaving” is not a genre here.")


async def test_genres_are_suggested_from_what_was_typed(world: World) -> None:
    names = [choice["name"] for choice in await world.suggestions("recommend", "genre", "sci")]
    assert names[0] == "Sci-Fi"
    popular = [choice["name"] for choice in await world.suggestions("recommend", "genre", "")]
    assert len(popular) == 25
    assert "Comedy" in popular


async def test_picks_are_turned_after_a_restart(world: World) -> None:
    await world.rate_some()
    page = await world.run("recommend")
    first = picked(page)
    await world.restart()
    await world.tap(page, "Next")
    assert "Page 2 of 7" in text(page)
    await world.tap(page, "Previous")
    assert picked(page) == first


async def test_shared_picks_are_for_everyone_and_each_acts_for_themselves(world: World) -> None:
    await world.rate_some()
    private = await world.run("recommend")
    shared = await world.choose(private, "share")
    assert not shown(shared).ephemeral
    assert text(shared).startswith("### Picked for aki")
    assert picked(shared) == picked(private)
    assert "Share" not in labels(shared)
    planned = await world.tap(shared, "Plan", by=world.mio)
    assert shown(planned).ephemeral
    assert list(await world.scores(world.mio)) == picked(shared)[:1]
    assert picked(shared)[0] not in await world.scores(world.aki)


async def test_shared_picks_are_turned_by_their_owner_alone(world: World) -> None:
    shared = await world.choose(await world.run("recommend"), "share")
    refused = await world.tap(shared, "Next", by=world.mio)
    assert text(refused).startswith(f"These buttons belong to <@{world.aki.id}>")
    assert shown(refused).ephemeral
    turned = await world.tap(shared, "Next")
    assert text(turned).startswith("### Picked for aki")


async def test_similar_shows_what_is_like_an_anime_and_shares_it_without_what_one_would_give_it(
    world: World,
) -> None:
    await world.rate_some()
    answer = await world.run("similar", title="monster")
    assert shown(answer).ephemeral
    assert text(answer).startswith("### Similar to Monster")
    assert len(picked(answer)) == 3
    assert MONSTER not in picked(answer)
    assert "Predicted" in text(answer)
    shared = await world.tap(answer, "Share")
    assert not shown(shared).ephemeral
    assert picked(shared) == picked(answer)
    assert "Predicted" not in text(shared)
    assert "In common:" in text(shared)


async def test_similar_asks_and_goes_on_in_the_same_message(world: World) -> None:
    question = await world.run("similar", title=world.unsure_title())
    assert "Did you mean" in text(question)
    answer = await world.tap(question, labels(question)[0])
    assert text(answer).startswith("### Similar to ")
    assert shown(answer).id == shown(question).id


async def test_the_button_of_a_card_shows_what_is_similar_to_whoever_taps(world: World) -> None:
    card = await world.tap(await world.run("anime", title=f"id:{MONSTER}"), "Share")
    answer = await world.tap(card, "Similar", by=world.mio)
    assert shown(answer).ephemeral
    assert text(answer).startswith("### Similar to Monster")
    shared = await world.tap(answer, "Share", by=world.mio)
    assert not shown(shared).ephemeral
    assert text(shared).startswith("### Similar to Monster")


async def test_what_was_refused_is_not_similar_to_anything(world: World) -> None:
    page = await world.run("similar", title=f"id:{FULLMETAL}")
    first = picked(page)[0]
    await world.tap(page, "Not interested")
    assert first not in picked(await world.run("similar", title=f"id:{FULLMETAL}"))


@pytest.mark.parametrize(
    ("taps", "outcome"),
    [
        (["Plan"], "planned"),
        (["Not interested"], "refused"),
        (["Seen it", "9"], "rated"),
        (["Seen it", "Seen, no score"], "seen"),
        (["Seen it", "Dropped it"], "seen"),
    ],
)
async def test_what_came_of_a_pick_is_kept_with_its_list_until_it_is_undone(
    world: World, taps: list[str], outcome: str
) -> None:
    page = await world.run("recommend")
    first = picked(page)[0]
    for label in taps:
        await world.tap(page, label)
    assert picked(page)[0] == first
    assert (await world.stored(page)).outcomes == {first: outcome}
    (undo,) = [label for label in labels(page) if label.startswith("Undo: ")]
    await world.restart()
    await world.tap(page, undo)
    assert (await world.stored(page)).outcomes == {}
    assert await world.scores() == {}
    assert "Seen it" in labels(page)
