"""/settings: titles in the language that a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from bot.services.links import LinkSite
from bot.services.naming import TitleLanguage
from bot.services.preferences import Preferences
from recsys.picks import Dials
from tests.discord.limits import walk
from tests.discord.world import SELECT, STRING, World, buttons, labels, shown, text

ATTACK_ON_TITAN = "id:16498"
BOTH = "Attack on Titan (Shingeki no Kyojin) · 2013 · TV"


async def first_suggestion(world: World) -> str:
    return (await world.suggestions("anime", "title", "shingeki no kyojin"))[0]["name"]


async def test_who_chose_nothing_reads_english_with_romaji_beside_it(world: World) -> None:
    assert await first_suggestion(world) == BOTH
    card = text(await world.run("anime", title=ATTACK_ON_TITAN))
    assert card.startswith("**Attack on Titan**\n-# Shingeki no Kyojin\n-# 進撃の巨人\n")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("jujutsu kaisen", "Jujutsu Kaisen · 2020 · TV"),  # in romaji with "(TV)"
        ("yuru yuri", "YuruYuri · 2011 · TV"),  # in two words
        ("gto", "GTO: Great Teacher Onizuka · 1999 · TV"),  # without the letters
    ],
)
async def test_romaji_that_says_nothing_more_does_not_stand_beside_the_title(
    world: World, typed: str, line: str
) -> None:
    assert line in [one["name"] for one in await world.suggestions("anime", "title", typed)]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ("both", "Attack on Titan (Shingeki no Kyojin)"),
        ("english", "Attack on Titan"),
        ("romaji", "Shingeki no Kyojin"),
        ("native", "進撃の巨人"),
        ("chinese", "进击的巨人"),
    ],
)
async def test_the_chosen_language_is_that_of_suggestions_and_cards(
    world: World, titles: str, expected: str
) -> None:
    answer = await world.run("settings", titles=titles)
    assert shown(answer).ephemeral
    assert await first_suggestion(world) == f"{expected} · 2013 · TV"
    title = expected.partition(" (")[0]
    assert text(await world.run("anime", title=ATTACK_ON_TITAN)).startswith(f"**{title}**")
    assert (
        text(await world.run("rate", title=ATTACK_ON_TITAN, score=9)) == f"You rated {title} **9**."
    )
    similar = text(await world.run("similar", title=ATTACK_ON_TITAN))
    assert similar.startswith(f"### Similar to {title}")
    assert f"**9** · {title}" in text(await world.run("ratings"))


def menus(answer: Any) -> dict[str, dict[str, Any]]:
    """The menus of the card by their verbs; the dials' by verb and number."""
    found = (c for c in walk(shown(answer).components) if c["type"] == SELECT)
    return {menu["custom_id"].partition(":")[2]: menu for menu in found}


def holds(menu: dict[str, Any]) -> list[str]:
    return [option["value"] for option in menu["options"] if option.get("default")]


async def choose(world: World, answer: Any, verb: str, value: str) -> Any:
    return await world.aki.select(
        shown(answer), [value], custom_id=menus(answer)[verb]["custom_id"]
    )


async def test_the_settings_are_shown_with_an_example_and_can_go_back(world: World) -> None:
    answer = await world.run("settings")
    assert holds(menus(answer)["settitles"]) == ["auto"]
    answer = await world.run("settings", titles="native")
    assert holds(menus(answer)["settitles"]) == ["native"]
    assert "For example: " in text(answer)
    assert text(await world.run("settings")) == text(answer)
    await world.run("settings", titles="auto")
    assert await first_suggestion(world) == BOTH


async def test_everything_can_be_chosen_on_the_card_also_after_a_restart(world: World) -> None:
    answer = await world.run("settings")
    answer = await choose(world, answer, "settitles", "romaji")
    await world.restart()
    answer = await choose(world, answer, "setlinks", "anilist")
    answer = await choose(world, answer, "setdial:0", "far_right")
    answer = await choose(world, answer, "setdial:2", "left")
    first, second = (button["custom_id"] for button in buttons(answer))
    await world.aki.click(shown(answer), custom_id=first)
    answer = await world.aki.click(shown(answer), custom_id=second)
    assert labels(answer) == ["On", "On"]
    answer = await choose(world, answer, "setlanguage", "es")
    assert text(answer).startswith("### Tus ajustes")
    assert await world.services.preferences.get(world.aki.id) == Preferences(
        titles=TitleLanguage.ROMAJI,
        links=LinkSite.ANILIST,
        locale="es",
        adult=True,
        planned=True,
        dials=Dials(niche=1.0, loved=-0.5),
    )
    again = await world.run("settings")
    assert [holds(menu) for menu in menus(again).values()] == [
        holds(menu) for menu in menus(answer).values()
    ]


async def test_everything_can_be_chosen_by_the_options_of_the_command(world: World) -> None:
    await world.run("settings", links="kitsu", language="fr", planned=True, adult=True)
    assert await world.services.preferences.get(world.aki.id) == Preferences(
        links=LinkSite.KITSU, locale="fr", planned=True, adult=True
    )
    answer = await world.run("settings", language="auto", links="both", planned=False, adult=False)
    assert text(answer).startswith("### Your settings")
    assert await world.services.preferences.get(world.aki.id) == Preferences()


async def test_cards_link_to_the_site_that_was_chosen(world: World) -> None:
    await world.run("settings", links="anilist")
    card = text(await world.run("anime", title=ATTACK_ON_TITAN))
    assert "https://anilist.co/anime/16498" in card
    assert "myanimelist.net" not in card


@pytest.mark.parametrize(
    ("verb", "values"),
    [
        ("settitles", ["klingon"]),
        ("setlinks", []),
        ("setlanguage", ["../en"]),
        ("setdial:0", ["9"]),
        ("setdial:7", ["middle"]),
    ],
)
async def test_a_forged_choice_gets_a_sentence_and_changes_nothing(
    world: World, verb: str, values: list[str]
) -> None:
    answer = await world.run("settings")
    message = world.env.backend.get_message(world.channel.id, shown(answer).id)
    menu = next(c for c in walk(message.components) if c["type"] == SELECT)
    menu["custom_id"] = f"o1:{verb}"
    refused = await world.raw_choice(answer, f"o1:{verb}", *values)
    assert text(refused).startswith("That is not one of the choices.")
    assert await world.services.preferences.get(world.aki.id) == Preferences()


async def test_a_choice_is_ones_own_and_survives_a_restart(world: World) -> None:
    await world.run("settings", titles="romaji")
    await world.restart()
    assert (await first_suggestion(world)).startswith("Shingeki no Kyojin · ")
    others = await world.mio.autocomplete(world.channel, "anime", "title", "shingeki no kyojin")
    assert others[0]["name"] == BOTH


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("ja", "進撃の巨人"),
        ("zh-CN", "进击的巨人"),
        ("zh-TW", "進擊的巨人"),
        ("de", "Attack on Titan"),
    ],
)
async def test_without_a_choice_the_language_of_discord_decides(
    world: World, locale: str, title: str
) -> None:
    answer = await world.raw_slash("anime", ("title", STRING, ATTACK_ON_TITAN), locale=locale)
    assert text(answer).startswith(f"**{title}**")
    await world.run("settings", titles="romaji")
    answer = await world.raw_slash("anime", ("title", STRING, ATTACK_ON_TITAN), locale=locale)
    assert text(answer).startswith("**Shingeki no Kyojin**")


async def test_a_choice_that_does_not_exist_gets_a_sentence_and_changes_nothing(
    world: World,
) -> None:
    await world.run("settings", titles="romaji")
    answer = await world.raw_slash("settings", ("titles", STRING, "klingon"))
    assert text(answer).startswith("That is not one of the choices.")
    chosen = await world.services.preferences.get(world.aki.id)
    assert chosen.titles is TitleLanguage.ROMAJI
