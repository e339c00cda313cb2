"""Where the bot can be used: servers, direct messages, group chats, servers it is no member of."""

from __future__ import annotations

from tests.discord.world import INTEGER, MONSTER, STRING, World, buttons, labels, shown, text


async def test_every_command_is_allowed_everywhere_and_for_user_installs(world: World) -> None:
    registered = list(world.env.backend.commands[None].values())
    assert {command["name"] for command in registered} >= {
        "anime",
        "similar",
        "opposite",
        "blend",
        "rate",
        "unrate",
        "ratings",
        "recommend",
        "next",
        "filters",
        "settings",
        "help",
        "Rate this anime",
    }
    for command in registered:
        assert command["contexts"] == [0, 1, 2]
        assert command["integration_types"] == [0, 1]


async def test_direct_messages_work_as_a_server_does(world: World) -> None:
    aki = world.aki.user
    rated = await aki.slash("rate", title="monster", score=9)
    assert text(rated) == "You rated Monster **9**."
    page = await aki.slash("recommend")
    assert labels(page)[0] == "Seen it"
    question = await aki.click(
        shown(page), custom_id=next(b for b in _ids(page) if b.startswith("o1:rate:"))
    )
    assert "How would you rate" in text(question)


def _ids(answer: object) -> list[str]:
    return [button["custom_id"] for button in buttons(answer)]


async def test_a_rating_given_in_one_place_is_there_in_the_other(world: World) -> None:
    await world.run("rate", title="monster", score=9)
    assert "**9** · Monster" in text(await world.aki.user.slash("ratings"))


async def test_a_user_install_works_in_a_server_without_the_bot(world: World) -> None:
    elsewhere = {
        "guild_id": "4242",
        "guild": {"id": "4242", "locale": "en-US", "features": []},
        "authorizing_integration_owners": {"1": str(world.aki.id)},
        "context": 0,
    }
    answer = await world.raw_slash(
        "rate", ("title", STRING, "monster"), ("score", INTEGER, 9), **elsewhere
    )
    assert text(answer) == "You rated Monster **9**."
    picks = await world.raw_slash("recommend", **elsewhere)
    assert text(picks).startswith("### Picked for you")
    stored = await world.services.picks.list(int(_ids(picks)[0].split(":")[3]))
    assert stored.guild_id == 4242


async def test_a_user_install_works_in_a_group_chat(world: World) -> None:
    group = {
        "guild_id": None,
        "guild": None,
        "member": None,
        "user": {"id": str(world.aki.id), "username": "aki", "discriminator": "0", "avatar": None},
        "channel": {"id": str(world.channel.id), "type": 3, "recipients": []},
        "authorizing_integration_owners": {"1": str(world.aki.id)},
        "context": 2,
    }
    answer = await world.raw_slash("similar", ("title", STRING, f"id:{MONSTER}"), **group)
    assert text(answer).startswith("### Similar to Monster")


async def test_a_language_that_is_not_there_yet_is_answered_in_english(world: World) -> None:
    for locale in ("de", "pt-BR", "zz-ZZ", "../../etc"):
        answer = await world.raw_slash("ratings", locale=locale)
        assert text(answer).startswith("Your list is empty")
