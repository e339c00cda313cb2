"""Discord is told of the commands when they changed, and only then."""

from __future__ import annotations

import simcord
from discord import app_commands

from bot.client import build_client
from tests.discord.limits import check_commands
from tests.discord.world import World, open_services, text


def sent(world: World) -> list[str]:
    """The paths to which commands were sent so far."""
    requests = world.env.http_requests
    return [r.path for r in requests if r.method == "PUT" and r.path.endswith("/commands")]


async def test_the_first_start_sends_the_commands_and_the_next_does_not(world: World) -> None:
    assert len(sent(world)) == 1
    await world.restart()
    assert len(sent(world)) == 1
    assert text(await world.run("help"))


async def test_a_changed_description_is_sent(world: World) -> None:
    registered = world.env.backend.commands[None]
    rate = next(command for command in registered.values() if command["name"] == "rate")
    rate["options"][1]["description"] = "What an older version said."
    await world.restart()
    assert len(sent(world)) == 2


async def test_a_command_that_discord_has_and_we_do_not_is_taken_back(world: World) -> None:
    @app_commands.command(name="old", description="Of an older version")
    async def old(_interaction: object) -> None:
        """Nothing."""

    world.client.tree.add_command(old)
    await world.client.tree.sync()
    await world.restart()
    names = {command["name"] for command in world.env.backend.commands[None].values()}
    assert "old" not in names


async def test_while_developing_one_server_gets_the_commands_at_once(engine, tmp_path) -> None:
    from bot.settings import Settings

    settings = Settings(
        discord_token=None,
        database_url=f"sqlite:///{(tmp_path / 'a.sqlite3').as_posix()}",
        test_guild_id=4242,
    )
    services = await open_services(settings, engine)
    env = simcord.Env(build_client(settings, services), shard_count=1)
    env.create_guild(id=4242)
    await env.start()
    assert len(env.backend.commands[4242]) == len(env.bot.tree.get_commands()) > 0
    assert not env.backend.commands.get(None)
    await env.shutdown()
    await services.close()


async def test_the_commands_are_within_discords_limits(world: World) -> None:
    payload = [command.to_dict(world.client.tree) for command in world.client.tree.get_commands()]
    check_commands(payload)


async def test_the_bot_asks_for_no_privileged_intent(world: World) -> None:
    intents = world.client.intents
    assert not intents.message_content
    assert not intents.members
    assert not intents.presences


async def test_the_bot_can_mention_nobody(world: World) -> None:
    await world.run("anime", title="monster")
    sends = [r.json for r in world.env.http_requests if r.path.endswith("/callback")]
    assert sends[-1]["data"]["allowed_mentions"] == {"parse": []}
