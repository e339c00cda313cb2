"""The least that a bot in the same place could be: one command, and nothing behind it.

  python benchmarks/bare.py discord     discord.py at the Discord that OSUSUME_WIRE_URL names
  python benchmarks/bare.py browser     simcord's page with a server, a channel and two people

`benchmarks/start.py` sets the bot beside it.
"""

from __future__ import annotations

import asyncio
import os
import sys

import discord
from discord import app_commands
from discord.ext import commands

TOKEN = "MTAwMA.bare.bot"  # noqa: S105 - of nobody


class Bare(commands.AutoShardedBot):
    """A bot that says hello."""

    def __init__(self) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents.default(),
        )

    async def setup_hook(self) -> None:
        """Add the one command."""
        self.tree.add_command(hello)


@app_commands.command()
async def hello(interaction: discord.Interaction[Bare]) -> None:
    """Say hello."""
    await interaction.response.send_message("Hello")


def on_discord(url: str, token: str) -> None:
    """Connect, and stay."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route
    from yarl import URL

    Route.BASE = url
    DiscordWebSocket.DEFAULT_GATEWAY = URL(url.replace("http", "ws", 1)) / "ws"
    Bare().run(token, log_handler=None)


async def in_browser() -> None:
    """Serve a page, print where it is, and stay."""
    from simcord import Env

    env = Env(Bare(), shard_count=1)
    user = env.create_user("aki")
    guild = env.create_guild("Club", owner=user)
    channel = guild.create_text_channel("club")
    await env.start()
    async with env.preview(channel, viewers=[guild.add_member(user)], layout="channel") as preview:
        print(f"The page is at {preview.url}", flush=True)
        await preview.wait_closed()


if __name__ == "__main__":
    if sys.argv[1:] == ["discord"]:
        on_discord(os.environ["OSUSUME_WIRE_URL"], os.environ["OSUSUME_DISCORD_TOKEN"])
    elif sys.argv[1:] == ["browser"]:
        asyncio.run(in_browser())
    else:
        sys.exit(__doc__)
