"""The gateway drops, forgets and reconnects; Discord refuses; the bot is killed and comes back."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest_asyncio

from bot.db import Database
from bot.db.check import problems
from recsys.profile import Entry
from tests.admin.fake_discord import TOKEN
from tests.wire.process import Bot
from tests.wire.server import INVALID, RECONNECT, WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GUILD, AKI, MONSTER = 7 << 22, 4242, 19
newcomers = itertools.count(10**6)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory) -> AsyncIterator[Bot]:
    """One bot for all the tests of this file: each leaves it connected."""
    folder = tmp_path_factory.mktemp("wire")
    async with WireDiscord([GUILD]) as discord, Bot(discord, folder) as running:
        await running.wait_ready(0)
        yield running


async def rate(discord: WireDiscord) -> str:
    """Somebody who was never seen rates; gives what they are told."""
    person = next(newcomers)
    interaction = await discord.interact(GUILD, person, "rate", title=str(MONSTER), score=9)
    async with asyncio.timeout(60):
        await interaction.answered.wait()
    return str(interaction.answers[0]["data"])


async def until(condition, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a server's memory
            await asyncio.sleep(0.05)


class TestAConnectedBot:
    """Marked so that the one loop of the fixture is theirs too."""

    import pytest

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    async def test_a_command_is_answered_over_the_wire(self, bot: Bot) -> None:
        assert "You rated" in await rate(bot.discord)

    async def test_a_dropped_connection_is_resumed_and_what_was_missed_is_answered(
        self, bot: Bot
    ) -> None:
        discord = bot.discord
        before = discord.resumed[0]
        await discord.drop(0)
        missed = await discord.interact(GUILD, AKI, "rate", title=str(MONSTER), score=8)
        async with asyncio.timeout(60):
            await missed.answered.wait()
        assert discord.resumed[0] == before + 1
        assert missed.refused == 0

    async def test_discord_asking_to_reconnect_is_obeyed(self, bot: Bot) -> None:
        discord = bot.discord
        before = discord.resumed[0]
        await discord.say(0, RECONNECT)
        await until(lambda: discord.resumed[0] > before)
        assert "You rated" in await rate(discord)

    async def test_a_session_that_discord_forgot_is_begun_anew(self, bot: Bot) -> None:
        discord = bot.discord
        before = discord.identified[0]
        discord.ready[0].clear()
        await discord.say(0, INVALID, data=False)  # it cannot be resumed
        await until(lambda: discord.identified[0] > before)
        await bot.wait_ready(0)
        assert "You rated" in await rate(discord)

    async def test_a_rate_limit_is_waited_for_and_then_answered(self, bot: Bot) -> None:
        bot.discord.failing = [429, 429]
        assert "You rated" in await rate(bot.discord)
        assert bot.discord.failing == []

    async def test_discord_in_trouble_is_asked_again(self, bot: Bot) -> None:
        bot.discord.failing = [500, 503]
        assert "You rated" in await rate(bot.discord)

    async def test_nothing_that_it_wrote_holds_the_token_or_a_key_to_an_answer(
        self, bot: Bot
    ) -> None:
        await rate(bot.discord)
        written = bot.written()
        assert "DEBUG" in written
        assert TOKEN not in written
        for interaction in bot.discord.interactions.values():
            assert interaction.payload["token"] not in written
            assert interaction.payload["member"]["user"]["id"] not in written


async def test_a_killed_bot_comes_back_with_every_rating_and_answers_nobody_twice(
    tmp_path: Path,
) -> None:
    async with WireDiscord([GUILD]) as discord:
        async with Bot(discord, tmp_path) as bot:
            await bot.wait_ready(0)
            people = range(AKI, AKI + 30)
            async with asyncio.TaskGroup() as group:
                for person in people:
                    group.create_task(rate_until_killed(discord, person))
                await until(lambda: sum(bool(i.answers) for i in discord.interactions.values()) > 8)
                await bot.kill()
        acknowledged = {
            int(i.payload["member"]["user"]["id"])
            for i in discord.interactions.values()
            if i.answers and "You rated" in str(i.answers)
        }
        assert acknowledged
        database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'osusume.sqlite3'}")
        async with database.read() as tx:
            for person in acknowledged:
                assert await tx.entries.get(person, MONSTER) == Entry(MONSTER, 9)
        assert await problems(database) == []
        await database.close()
        discord.ready[0].clear()
        async with Bot(discord, tmp_path) as again:
            await again.wait_ready(0)
            assert "You rated" in await rate(discord)
            assert await again.stop() == 0
        assert all(len(i.answers) <= 1 and i.refused == 0 for i in discord.interactions.values())


async def rate_until_killed(discord: WireDiscord, person: int) -> None:
    interaction = await discord.interact(GUILD, person, "rate", title=str(MONSTER), score=9)
    try:
        async with asyncio.timeout(3):
            await interaction.answered.wait()
    except TimeoutError:
        pass  # the bot was gone


async def test_two_processes_share_the_shards_and_one_of_them_leads(tmp_path: Path) -> None:
    guilds = [n << 22 for n in range(8, 16)]
    url = f"sqlite:///{(tmp_path / 'shared.sqlite3').as_posix()}"
    async with WireDiscord(guilds, shards=4) as discord:
        shared = {"database_url": url, "shard_count": 4}
        async with (
            Bot(discord, tmp_path, shard_ids="0-1", **shared) as first,
            Bot(discord, tmp_path, shard_ids="2,3", **shared) as second,
        ):
            await first.wait_ready(0, 1)
            await second.wait_ready(2, 3)
            for guild in guilds:
                interaction = await discord.interact(guild, AKI, "anime", title=str(MONSTER))
                async with asyncio.timeout(60):
                    await interaction.answered.wait()
            assert discord.syncs == 1, "one of them sent the commands"
            await first.kill()
            for shard in (0, 1):
                discord.ready[shard].clear()
            async with Bot(discord, tmp_path, shard_ids="0-1", **shared) as third:
                await third.wait_ready(0, 1)
                for guild in guilds:
                    interaction = await discord.interact(guild, AKI, "anime", title=str(MONSTER))
                    async with asyncio.timeout(60):
                        await interaction.answered.wait()
        assert all(len(i.answers) <= 1 and not i.refused for i in discord.interactions.values())
