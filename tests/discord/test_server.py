"""/server: where the bot answers, in which language, and whether adult titles may appear."""

from __future__ import annotations

import discord
import pytest

from bot.services.guilds import Elsewhere, GuildSettings
from tests.discord.limits import walk
from tests.discord.world import MONSTER, World, shown, text

CARD = f"id:{MONSTER}"


def menus(answer) -> list[dict]:
    return [c for c in walk(shown(answer).components) if "custom_id" in c and c["type"] != 2]


async def chosen(world: World) -> GuildSettings:
    return await world.services.guilds.get(world.guild.id)


async def choose(world: World, answer, verb: str, values, by=None):
    custom_id = next(m["custom_id"] for m in menus(answer) if verb in m["custom_id"])
    return await (by or world.admin).select(shown(answer), values, custom_id=custom_id)


@pytest.fixture
def world(world: World) -> World:
    role = world.guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    world.admin = world.guild.add_member(world.env.create_user("ren"), roles=[role])
    world.lounge = world.guild.create_text_channel("lounge")
    return world


async def open_card(world: World):
    return await world.admin.slash(world.channel, "server")


async def test_an_admin_chooses_and_sees_what_holds(world: World) -> None:
    answer = await open_card(world)
    assert shown(answer).ephemeral
    assert text(answer).startswith("### Settings of this server")
    answer = await choose(world, answer, "serverchannels", [world.channel])
    answer = await choose(world, answer, "serverelsewhere", ["closed"])
    answer = await choose(world, answer, "serverlanguage", ["ja"])
    adult = next(c for c in walk(shown(answer).components) if c["type"] == 2)
    answer = await world.admin.click(shown(answer), custom_id=adult["custom_id"])
    assert await chosen(world) == GuildSettings(
        locale="ja", adult=True, channels=(world.channel.id,), elsewhere=Elsewhere.CLOSED
    )
    await world.restart()
    answer = await choose(world, answer, "serverlanguage", ["auto"])
    assert (await chosen(world)).locale is None


async def test_whoever_may_not_manage_the_server_changes_nothing(world: World) -> None:
    answer = await open_card(world)
    await world.services.guilds.change(world.guild.id, locale="fr")
    refused = await world.raw_slash("server")
    assert text(refused).startswith("Only people who may manage this server")
    custom_id = next(m["custom_id"] for m in menus(answer) if "serverlanguage" in m["custom_id"])
    forged = await world.raw_choice(answer, custom_id, "ja")
    assert text(forged).startswith("Only people who may manage this server")
    assert (await chosen(world)).locale == "fr"


async def test_outside_the_chosen_channels_nothing_is_shared(world: World) -> None:
    await world.services.guilds.change(world.guild.id, channels=(world.channel.id,))
    answer = await world.run("anime", title=CARD)
    assert not shown(await world.tap(answer, "Share")).ephemeral
    for command, options in (("anime", {"title": CARD}), ("similar", {"title": CARD})):
        own = await world.aki.slash(world.lounge, command, **options)
        assert shown(own).ephemeral
        share = next(c for c in walk(shown(own).components) if c.get("label") == "Share")
        refused = await world.aki.click(shown(own), custom_id=share["custom_id"])
        assert text(refused) == (
            f"In this channel answers are private. You can share in <#{world.channel.id}>."
        )


async def test_outside_the_chosen_channels_the_bot_can_keep_silent(world: World) -> None:
    before = await world.aki.slash(world.lounge, "anime", title=CARD)
    await world.services.guilds.change(
        world.guild.id, channels=(world.channel.id,), elsewhere=Elsewhere.CLOSED
    )
    refused = await world.aki.slash(world.lounge, "rate", title=CARD, score=9)
    assert shown(refused).ephemeral
    assert text(refused).startswith(
        f"Osusume does not answer in this channel. Please ask in <#{world.channel.id}>"
    )
    tapped = await world.tap(before, "Plan")
    assert text(tapped).startswith("Osusume does not answer in this channel.")
    assert await world.scores() == {}

    assert text(await world.admin.slash(world.lounge, "server")).startswith("### Settings")


async def test_a_server_that_removes_the_bot_is_forgotten(world: World) -> None:
    await world.services.guilds.change(world.guild.id, locale="fr")
    guild = world.client.get_guild(world.guild.id)
    await world.client.on_guild_remove(guild)
    assert await chosen(world) == GuildSettings()
