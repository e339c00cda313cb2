"""Discord's side of the bot: who it is there, where it was invited, which commands it has.

Everything here is asked over HTTP, without connecting to the gateway, so that it can be asked while
the bot runs.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
from discord.http import Route

from bot.admin.tool import CannotError
from bot.client import Osusume

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.services import Services
    from bot.settings import Settings

# The bot answers interactions, and an answer needs no permission in a channel. It asks for none.
PERMISSIONS = discord.Permissions.none()
SCOPES = ("bot", "applications.commands")

_INVITE = "https://discord.com/oauth2/authorize"


class Described(Osusume):
    """The bot with its commands, which tells Discord nothing by itself and answers nobody."""

    def __init__(self, settings: Settings) -> None:
        # Commands are described and compared here, never run: no services are needed.
        super().__init__(settings, cast("Services", None))

    async def setup_hook(self) -> None:
        """Send nothing."""

    async def load_commands_for(self, guild_id: int | None) -> None:
        """Load the commands, for one server where an id is given."""
        await self.load_commands()
        if guild_id is not None:
            self.tree.copy_global_to(guild=discord.Object(guild_id))


@asynccontextmanager
async def portal(settings: Settings) -> AsyncGenerator[Described]:
    """The bot as Discord knows it.

    Raises:
        CannotError: there is no token, Discord refuses it, or Discord cannot be reached.
    """
    if settings.discord_token is None:
        message = (
            "There is no token. Run: python scripts/setup.py - or put OSUSUME_DISCORD_TOKEN into "
            ".env. (Without a token the bot runs in your browser, which needs none of this.)"
        )
        raise CannotError(message)
    client = Described(settings)
    try:
        async with client:
            try:
                await client.login(settings.discord_token.get_secret_value())
            except discord.LoginFailure:
                message = (
                    "Discord does not accept this token. Copy it again from the Bot page of your "
                    "application; resetting it there makes a new one."
                )
                raise CannotError(message) from None
            yield client
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        message = f"Discord cannot be reached ({error}). Check the connection, then try again."
        raise CannotError(message) from None
    except discord.DiscordServerError as error:
        message = f"Discord has trouble of its own ({error.status}). Try again in a few minutes."
        raise CannotError(message) from None


def invite_link(application_id: int) -> str:
    """The link by which an admin adds the bot to a server, with just what it needs."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)


def user_link(application_id: int) -> str:
    """The link by which a person adds the bot to their account, to use it anywhere."""
    return f"{_INVITE}?client_id={application_id}&scope=applications.commands&integration_type=1"


async def guilds(client: Described) -> list[dict[str, Any]]:
    """The servers that the bot is in: id and name of each."""
    found = [guild async for guild in client.fetch_guilds(limit=None, with_counts=False)]
    return [{"id": guild.id, "name": guild.name} for guild in found]


async def commands_reachable(client: Described, guild_id: int) -> bool:
    """Whether a server let the bot have slash commands, the scope that older invites lack."""
    try:
        await client.tree.fetch_commands(guild=discord.Object(guild_id))
    except discord.Forbidden:
        return False
    return True


async def clock_offset() -> float:
    """By how many seconds this machine's clock is ahead of Discord's.

    Discord's clock has whole seconds, so half a second either way says nothing.
    """
    url = f"{Route.BASE}/gateway"
    async with aiohttp.ClientSession() as session:
        before = datetime.now(UTC)
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
            after = datetime.now(UTC)
            said = answer.headers.get("Date")
    if said is None:
        return 0.0
    theirs = datetime.strptime(said, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    middle = before + (after - before) / 2
    return (middle - theirs).total_seconds() - 0.5
