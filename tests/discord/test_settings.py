"""/settings: titles in the language that a person reads."""

from __future__ import annotations

import pytest

from bot.services.naming import TitleLanguage
from tests.discord.world import STRING, World, shown, text

ATTACK_ON_TITAN = "id:16498"
BOTH = "Attack on Titan (Shingeki no Kyojin) · 2013 · TV"


async def first_suggestion(world: World) -> str:
    return (await world.suggestions("anime", "title", "shingeki no kyojin"))[0]["name"]


async def test_who_chose_nothing_reads_english_with_romaji_beside_it(world: World) -> None:
    assert await first_suggestion(world) == BOTH
    card = text(await world.run("anime", title=ATTACK_ON_TITAN))
    assert card.startswith("**Attack on Titan**\n-# Shingeki no Kyojin\n-# 進撃の巨人\n")


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


async def test_the_settings_are_shown_with_an_example_and_can_go_back(world: World) -> None:
    assert "**Titles:** By the language of your Discord" in text(await world.run("settings"))
    answer = text(await world.run("settings", titles="native"))
    assert "**Titles:** Japanese" in answer
    assert "For example: " in answer
    assert text(await world.run("settings")) == answer
    await world.run("settings", titles="auto")
    assert await first_suggestion(world) == BOTH


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
