"""The language of the person, of their choice, and of the server."""

from __future__ import annotations

import pytest

from tests.discord.world import INTEGER, MONSTER, STRING, World, custom_ids, labels, text

CARD = ("title", STRING, f"id:{MONSTER}")


@pytest.mark.parametrize(
    ("locale", "said", "undo"),
    [
        ("ja", "「Monster」を **9** 点と評価しました。", "取り消す"),
        ("fr", "Tu as donné **9** à Monster.", "Annuler"),
        ("es-ES", "Le diste un **9** a Monster.", "Deshacer"),
        ("es-419", "Le diste un **9** a Monster.", "Deshacer"),
        ("de", "You rated Monster **9**.", "Undo"),
    ],
)
async def test_answers_are_in_the_language_of_the_persons_discord(
    world: World, locale: str, said: str, undo: str
) -> None:
    answer = await world.raw_slash("rate", CARD, ("score", INTEGER, 9), locale=locale)
    assert text(answer) == said
    assert labels(answer) == [undo]


async def test_a_chosen_language_goes_before_that_of_discord_in_answers_and_in_errors(
    world: World,
) -> None:
    answer = await world.run("settings", language="fr")
    assert text(answer).startswith("### Tes paramètres")
    assert text(await world.run("rate", title=CARD[2], score=9)) == "Tu as donné **9** à Monster."
    unknown = await world.run("anime", title="qqqqqqqqqq")
    assert text(unknown).startswith("Rien ne porte un nom proche de « qqqqqqqqqq ».")
    await world.restart()
    assert text(await world.run("unrate", title="qqqqqqqqqq")).startswith("Rien ne porte")
    await world.run("settings", language="auto")
    assert text(await world.run("settings")).startswith("### Your settings")


async def shared_card(world: World, **changes: object) -> str:
    """The card of an anime as Aki shares it, with the interaction changed."""
    answer = await world.run("anime", title=CARD[2])
    custom_id = custom_ids(answer, "Share")[0]
    return text(await world.raw_tap_of(answer, custom_id, **changes))


async def test_a_community_server_speaks_the_language_it_chose_in_discord(world: World) -> None:
    # Any server may say so; only a Community server has chosen it.
    assert "Studio: " in await shared_card(world, guild_locale="fr")
    world.client.get_guild(world.guild.id).features.append("COMMUNITY")
    assert "Studio : " in await shared_card(world, guild_locale="fr")


async def test_what_is_shared_is_in_the_language_that_the_server_chose(world: World) -> None:
    await world.run("settings", language="es")
    await world.services.guilds.change(world.guild.id, locale="ja")
    answer = await world.run("anime", title=CARD[2])
    assert "Estudio: " in text(answer)
    assert "制作：" in text(await world.tap(answer, "Compartir"))


async def test_the_names_of_commands_reach_discord_in_every_language(world: World) -> None:
    sent = [r for r in world.env.http_requests if r.method == "PUT" and r.path.endswith("commands")]
    registered = {command["name"]: command for command in sent[-1].json}
    names = registered["rate"]["name_localizations"]
    assert names == {"ja": "評価", "fr": "noter", "es-ES": "puntuar", "es-419": "puntuar"}
    options = registered["rate"]["options"][0]
    assert options["name_localizations"]["ja"] == "作品名"
    assert set(options["description_localizations"]) == {"ja", "fr", "es-ES", "es-419"}


async def test_genres_and_types_are_named_in_the_readers_language_and_found_by_it(
    world: World,
) -> None:
    card = text(await world.raw_slash("anime", ("title", STRING, "id:32281"), locale="fr"))
    assert "Film · " in card  # Kimi no Na wa.
    assert "Drame" in card
    assert "Action, Aventure" in text(
        await world.raw_slash("anime", ("title", STRING, "id:1"), locale="fr")
    )
    await world.run("settings", language="ja")
    assert "アクション、冒険" in text(await world.run("anime", title="id:1"))
    offered = await world.suggestions("recommend", "genre", "コメ")
    assert offered[0] == {"name": "コメディ", "value": "Comedy"} | {
        key: value for key, value in offered[0].items() if key not in {"name", "value"}
    }
    await world.rate_some()
    answer = await world.run("recommend", genre="コメディ")
    assert "コメディ" in text(answer)
