"""/anime, and what every title option shares: suggestions, free text, "did you mean"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.locales import strings
from bot.services.guilds import GuildSettings
from bot.ui.cards import Look, labels
from recsys.catalog import Anime
from recsys.profile import Status
from tests.discord.limits import check_choices
from tests.discord.world import (
    DEATH_NOTE,
    FRIEREN,
    FULLMETAL,
    MONSTER,
    STEINS_GATE,
    World,
    buttons,
    custom_ids,
    posters,
    shown,
    text,
)
from tests.discord.world import labels as button_labels

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_suggestion_taken_while_typing_gives_the_card_of_that_anime(world: World) -> None:
    choices = await world.suggestions("anime", "title", "stiens gate")
    assert choices[0]["name"] == "Steins;Gate · 2011 · TV"
    card = await world.run("anime", title=choices[0]["value"])
    assert text(card).startswith("**Steins;Gate**\n")
    assert "Spring 2011 · 24 episodes" in text(card)
    assert "https://myanimelist.net/anime/9253" in text(card)
    assert "https://anilist.co/anime/9253" in text(card)
    assert posters(card) == ["https://img.anili.st/media/9253"]
    assert button_labels(card) == ["Rate", "Plan", "Not interested", "Similar", "Share"]


async def test_a_card_is_shown_to_who_asks_until_they_share_it(world: World) -> None:
    card = await world.run("anime", title="monster")
    assert shown(card).ephemeral
    shared = await world.tap(card, "Share")
    assert not shown(shared).ephemeral
    assert "Share" not in button_labels(shared)


async def test_a_title_typed_without_choosing_works_too(world: World) -> None:
    assert text(await world.run("anime", title="MONSTER")).startswith("**Monster**")


async def test_a_link_to_an_anime_works_as_a_title(world: World) -> None:
    card = await world.run("anime", title=f"https://myanimelist.net/anime/{MONSTER}/Monster")
    assert text(card).startswith("**Monster**")


async def test_before_anything_is_typed_popular_titles_are_offered(world: World) -> None:
    choices = await world.suggestions("anime", "title", "")
    assert len(choices) == 25
    members = [world.services.titles.resolve(c["value"]).anime.members for c in choices]
    assert members == sorted(members, reverse=True)


async def test_before_anything_is_typed_the_newest_of_ones_own_list_come_first(
    world: World,
) -> None:
    await world.rate_some()
    await world.services.ratings.set_status(world.aki.id, MONSTER, Status.PLANNED)
    await world.services.ratings.set_status(world.aki.id, FRIEREN, Status.NOT_INTERESTED)

    async def offered(command: str) -> list[str]:
        return [c["value"] for c in await world.suggestions(command, "title", "")]

    newest = [f"id:{one}" for one in (MONSTER, DEATH_NOTE, STEINS_GATE, FULLMETAL)]
    for command in ("anime", "similar"):
        values = await offered(command)
        assert values[:4] == newest
        assert len(set(values)) == 25
        assert f"id:{FRIEREN}" not in values
    to_rate = await offered("rate")
    assert to_rate[0] == f"id:{MONSTER}"
    assert len(to_rate) == 25
    assert not {*newest[1:], f"id:{FRIEREN}"} & {*to_rate}
    assert await offered("unrate") == [f"id:{FRIEREN}", *newest]


async def test_without_its_memory_the_bot_still_offers_popular_titles(
    world: World, tmp_path: Path
) -> None:
    await world.services.database.close()
    (tmp_path / "osusume.sqlite3").write_bytes(b"not a database" * 1000)
    assert len(await world.suggestions("anime", "title", "")) == 25
    assert text(await world.run("anime", title="monster")).startswith("**Monster**")
    world.expected_errors = 4  # the list, twice what was chosen for titles, the server


async def test_what_nothing_is_found_for_is_counted_when_it_is_sent_not_while_typed(
    world: World,
) -> None:
    await world.suggestions("anime", "title", "zqxjkvbwpfgh")
    assert await world.services.missed.top() == ()
    for command in ("anime", "similar"):
        await world.run(command, title="ZQXJKVBWPFGH")
    await world.run("anime", title="zqxjk mio@example.org")
    await world.run("anime", title="monster")
    assert [(one.text, one.count) for one in await world.services.missed.top()] == [
        ("zqxjkvbwpfgh", 2)
    ]


async def test_entries_that_would_read_the_same_are_told_apart(world: World) -> None:
    look = Look(strings("en"), "off", world.services.catalog)
    same = Anime(1, "Blue", type="Movie", year=2001, studios=("Madhouse",), season="spring")
    assert labels([same, replace(same, id=2, season="fall")], look, 100) == [
        "Blue · 2001 · Movie · Spring",
        "Blue · 2001 · Movie · Fall",
    ]
    assert labels([same, replace(same, id=2, episodes=3)], look, 100) == [
        "Blue · 2001 · Movie",
        "Blue · 2001 · Movie · 3 episodes",
    ]
    assert labels([same, replace(same, id=2, studios=("Gonzo",))], look, 100)[1].endswith("Gonzo")
    long = replace(same, title="Blue " * 50)
    lines = labels([long, replace(long, id=2), replace(same, id=3)], look, 100)
    assert [line[-15:] for line in lines[:2]] == ["· MyAnimeList 1", "· MyAnimeList 2"]
    assert lines[2] == "Blue · 2001 · Movie"


async def test_suggestions_fit_into_discord_whatever_is_typed(world: World) -> None:
    for typed in ("a", "the", "86", "進撃", "😀" * 250, "n" * 500, "\u202e\u200b", "  "):
        check_choices(await world.suggestions("anime", "title", typed))


async def test_seasons_of_one_title_are_told_apart_by_their_year(world: World) -> None:
    names = [c["name"] for c in await world.suggestions("anime", "title", "shingeki no kyojin")]
    assert len(set(names)) == len(names)


async def test_suggestions_that_cannot_be_found_are_an_empty_list(world: World) -> None:
    world.services.titles = None
    assert await world.suggestions("anime", "title", "monster") == []
    world.expected_errors = 1


async def test_a_title_that_is_not_sure_asks_and_goes_on_with_the_choice(world: World) -> None:
    question = await world.run("anime", title=world.unsure_title())
    assert "Did you mean" in text(question)
    second = buttons(question)[1]
    card = await world.aki.click(shown(question), custom_id=second["custom_id"])
    anime_id = second["custom_id"].split(":")[-1]
    assert f"https://myanimelist.net/anime/{anime_id}" in text(card)
    assert shown(card).id == shown(question).id


async def test_only_the_one_who_was_asked_can_choose(world: World) -> None:
    question = await world.run("anime", title=world.unsure_title())
    custom_id = custom_ids(question, button_labels(question)[0])[0]
    owner = world.aki.id
    world.aki, world.mio = world.mio, world.aki  # Mio sends what only Aki was shown
    answer = await world.raw_tap_of(question, custom_id)
    assert text(answer).startswith(f"These buttons belong to <@{owner}>")
    assert shown(answer).ephemeral
    assert "Did you mean" in text(question)


async def test_a_title_like_no_other_gets_a_sentence_for_the_one_who_typed_it(
    world: World,
) -> None:
    answer = await world.run("anime", title="zqxjkvbwpfgh")
    assert text(answer).startswith("Nothing is called anything like “zqxjkvbwpfgh”")
    assert shown(answer).ephemeral


async def test_five_hundred_emoji_get_a_sentence(world: World) -> None:
    answer = await world.run("anime", title="🦆" * 500)
    assert text(answer).startswith("Nothing is called anything like “🦆")
    assert len(text(answer)) < 300


async def test_a_title_of_nothing_visible_asks_for_one(world: World) -> None:
    for empty in (" ", "\u200b\u200b", "\n\t", "\u3164"):
        answer = await world.run("anime", title=empty)
        assert text(answer).startswith("Please type a title")


async def test_what_was_typed_comes_back_without_effect(world: World) -> None:
    answer = await world.run("anime", title="@everyone **<@123>** zqxjkvbwpfgh")
    assert "@everyone" not in text(answer)
    assert r"\<@123>" in text(answer)


async def test_an_id_that_is_not_in_the_catalog_gets_a_sentence(world: World) -> None:
    answer = await world.run("anime", title="id:999999999")
    assert text(answer).startswith(("Nothing is called", "No anime has the number"))


async def test_an_adult_title_is_shown_in_age_restricted_channels_only(world: World) -> None:
    adult = next(anime for anime in world.services.catalog if anime.adult)
    refused = await world.run("anime", title=f"id:{adult.id}")
    assert text(refused).startswith("That is an adult title.")
    assert shown(refused).ephemeral
    world.client.get_channel(world.channel.id).nsfw = True
    refused = await world.run("anime", title=f"id:{adult.id}")
    assert text(refused) == "That is an adult title, and this server does not allow those."
    await world.services.guilds.save(world.guild.id, GuildSettings(adult=True))
    card = await world.run("anime", title=f"id:{adult.id}")
    assert f"https://myanimelist.net/anime/{adult.id}" in text(card)
    names = [choice["value"] for choice in await world.suggestions("anime", "title", adult.title)]
    assert f"id:{adult.id}" not in names
