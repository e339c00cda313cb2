"""/similar with several titles, /opposite, /blend, and "Rate this anime" on any message."""

from __future__ import annotations

import discord
import pytest

from tests.discord.limits import SELECT, walk
from tests.discord.test_picks import picked
from tests.discord.world import (
    DEATH_NOTE,
    FRIEREN,
    FULLMETAL,
    MONSTER,
    STEINS_GATE,
    World,
    labels,
    shown,
    text,
)

MENU = "Rate this anime"
TORADORA = 4224


def menus(answer: object) -> list[dict[str, object]]:
    return [c for c in walk(shown(answer).components) if c["type"] == SELECT]


async def test_similar_takes_three_titles(world: World) -> None:
    answer = await world.run(
        "similar", title="monster", second=f"id:{STEINS_GATE}", third="deth note"
    )
    assert text(answer).startswith("### Similar to Monster + Steins;Gate + Death Note")
    seeds = (await world.stored(answer)).query.seeds
    assert seeds == (MONSTER, STEINS_GATE, DEATH_NOTE)
    assert not {*seeds} & {*picked(answer)}


async def test_titles_that_are_not_sure_are_asked_about_one_beside_the_other(
    world: World,
) -> None:
    unsure = world.unsure_title()
    question = await world.run("similar", title=unsure, second="monster", third=unsure)
    assert text(question).count("Did you mean") == 2
    assert len(menus(question)) == 2
    await world.restart()
    third = menus(question)[1]["options"][1]["value"]
    await world.choose(question, third, nth=1)
    assert text(question).count("Did you mean") == 1
    first = menus(question)[0]["options"][0]["value"]
    await world.choose(question, first)
    assert text(question).startswith("### Similar to ")
    seeds = (await world.stored(question)).query.seeds
    assert seeds == tuple(dict.fromkeys((int(first), MONSTER, int(third))))


async def test_nobody_answers_a_question_for_another(world: World) -> None:
    question = await world.run("blend", like=world.unsure_title(), **{"and": "monster"})
    menu = menus(question)[0]
    world.aki, world.mio = world.mio, world.aki
    answer = await world.raw_choice(question, str(menu["custom_id"]), menu["options"][0]["value"])
    world.aki, world.mio = world.mio, world.aki
    assert text(answer).startswith("These buttons belong to")


async def test_an_unknown_title_among_several_gets_a_sentence(world: World) -> None:
    answer = await world.run("blend", like="monster", **{"and": "qqqqxxxxzzzz"})
    assert text(answer).startswith("Nothing is called anything like “qqqqxxxxzzzz”")
    answer = await world.run("similar", title="monster", second="\u200b")
    assert text(answer).startswith("Please type a title")


async def test_the_opposite_of_an_anime_is_well_loved_and_of_another_kind(world: World) -> None:
    answer = await world.run("opposite", title="monster")
    assert text(answer).startswith("### The opposite of Monster")
    catalog = world.services.catalog
    assert all((catalog[i].mean or 0) > 7 for i in picked(answer))
    similar = await world.run("similar", title="monster")
    ids = (await world.stored(similar)).anime_ids
    assert not {*picked(answer)} & {*ids}


async def test_a_blend_is_between_two_and_has_less_of_a_third(world: World) -> None:
    answer = await world.run("blend", like=f"id:{STEINS_GATE}", **{"and": f"id:{TORADORA}"})
    assert text(answer).startswith("### Between Steins;Gate + Toradora!")
    both = (await world.stored(answer)).anime_ids
    less = await world.run(
        "blend", like=f"id:{STEINS_GATE}", **{"and": f"id:{TORADORA}", "less": f"id:{FULLMETAL}"}
    )
    assert "with less of Fullmetal Alchemist" in text(less)
    stored = await world.stored(less)
    assert stored.query.unwanted == (FULLMETAL,)
    assert stored.anime_ids != both
    page = await world.tap(less, "Next")
    assert "Page 2 of 7" in text(page)


async def test_what_is_wanted_cannot_be_unwanted_too(world: World) -> None:
    answer = await world.run("blend", like="monster", **{"and": "death note", "less": "monster"})
    assert text(answer).startswith("One anime cannot be both wanted and not wanted.")


async def test_between_an_anime_and_itself_there_is_nothing(world: World) -> None:
    answer = await world.run("blend", like="monster", **{"and": f"id:{MONSTER}"})
    assert text(answer).startswith("That is the same anime twice.")


async def test_a_card_of_ours_is_rated_from_the_menu_of_its_message(world: World) -> None:
    card = await world.tap(await world.run("anime", title=f"id:{MONSTER}"), "Share")
    question = await world.mio.context_menu(world.channel, MENU, shown(card))
    assert shown(question).ephemeral
    assert text(question).startswith("How would you rate Monster?")
    await world.tap(question, "9", by=world.mio)
    assert await world.scores(world.mio) == {MONSTER: 9}


async def test_of_several_anime_in_a_message_one_is_chosen_first(world: World) -> None:
    await world.services.preferences.change(world.aki.id, links="kitsu")
    page = await world.tap(await world.run("similar", title="monster"), "Share")
    which = await world.mio.context_menu(world.channel, MENU, shown(page))
    assert text(which) == "Which of these would you like to rate?"
    assert len(labels(which)) == 3
    await world.restart()
    await world.tap(which, labels(which)[1], by=world.mio)
    assert text(which).startswith("How would you rate")


@pytest.mark.parametrize(
    ("said", "anime_id"),
    [
        ("just finished https://myanimelist.net/anime/19/Monster wow", MONSTER),
        ("https://anilist.co/anime/154587", FRIEREN),
        ("you should all see “Steins;Gate”, really, it is the best", STEINS_GATE),
        ("**Death Note** again", DEATH_NOTE),
        ("fullmetal alchemist brotherhood", FULLMETAL),
    ],
)
async def test_a_message_of_a_person_is_read_for_links_and_titles(
    world: World, said: str, anime_id: int
) -> None:
    message = await world.mio.send(world.channel, said)
    question = await world.aki.context_menu(world.channel, MENU, message)
    await world.tap(question, "7")
    assert await world.scores() == {anime_id: 7}


async def test_an_embed_of_another_bot_is_read_too(world: World) -> None:
    message = await world.mio.send(world.channel, "look")
    stored = world.env.backend.get_message(world.channel.id, message.id)
    embed = discord.Embed(title="Monster", url="https://example.org/x").to_dict()
    stored.embeds.append(embed)
    question = await world.aki.context_menu(world.channel, MENU, message)
    assert text(question).startswith("How would you rate Monster?")


async def test_where_a_message_names_no_anime_the_title_is_asked_for(world: World) -> None:
    message = await world.mio.send(world.channel, "good morning everybody, how are you all?")
    form = await world.aki.context_menu(world.channel, MENU, message)
    question = await world.aki.submit_modal(form, {"title": "monster"})
    assert text(question).startswith("How would you rate Monster?")
    form = await world.aki.context_menu(world.channel, MENU, message)
    unsure = await world.aki.submit_modal(form, {"title": world.unsure_title()})
    await world.tap(unsure, labels(unsure)[0])
    assert text(unsure).startswith("How would you rate")
    form = await world.aki.context_menu(world.channel, MENU, message)
    nothing = await world.aki.submit_modal(form, {"title": "qqqqxxxxzzzz"})
    assert text(nothing).startswith("Nothing is called anything like")


@pytest.mark.parametrize(
    "custom_id", ["o0:filters:1", "o1:nothing", "o1:filters:x", "o1:filters:1:2", "hello", ""]
)
async def test_a_form_that_is_not_ours_gets_a_sentence(world: World, custom_id: str) -> None:
    answer = await world._dispatch(5, {"custom_id": custom_id, "components": []}, {})
    assert text(answer).startswith("This button is from another version of the bot.")


async def test_a_forged_form_gets_a_sentence_and_changes_nothing(world: World) -> None:
    page = await world.run("recommend")
    theirs = (await world.stored(page)).list_id
    await world.choose(page, "8")
    fields = [{"type": 18, "component": {"type": 4, "custom_id": "name", "value": "x"}}]
    data = {"custom_id": f"o1:saveset:{theirs + 77}", "components": fields}
    assert "no longer kept" in text(await world._dispatch(5, data, {}))
    data = {"custom_id": "o1:filters:0", "components": [{}, {"component": 7}, {"components": [{}]}]}
    assert "no longer kept" in text(await world._dispatch(5, data, {}))
    assert not (await world.services.preferences.get(world.aki.id)).filter_sets
