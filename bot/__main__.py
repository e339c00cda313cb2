"""``python -m bot``: with a token the bot on Discord, without one the same bot in the browser."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.settings import SettingsError, load_settings
from bot.threads import one_thread_each, take_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr

    from bot.settings import Settings

_FAILED = 1
_MISCONFIGURED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bot until it is stopped.

    Returns:
        The exit status: 0 when it was stopped, 1 when it could not start or go on, 2 when a setting
        is wrong. Then a sentence on standard error says what to do.
    """
    argparse.ArgumentParser(prog="python -m bot", description=__doc__).parse_args(arguments)
    one_thread_each()  # before anything loads NumPy
    take_turns()
    # What a start makes stays: looking through it again and again for garbage would take a third of
    # the start. `bot.memory.set_aside` turns the collector on again.
    gc.disable()
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return _MISCONFIGURED
    from bot.observing.logs import set_up
    from bot.services.errors import StartupError

    try:
        if settings.discord_token is None:
            from bot import local

            return local.run(settings)
        token = settings.discord_token
        set_up(settings.log_level, settings.log_format, (token.get_secret_value(),))
        asyncio.run(_connect(settings, token))
    except StartupError as error:
        print(error, file=sys.stderr)
        return _FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("The bot has stopped.")
    return 0


async def _connect(settings: Settings, token: SecretStr) -> None:
    """Run on Discord until SIGINT or SIGTERM.

    Raises:
        StartupError: the token is wrong, Discord cannot be reached or refuses the commands, or the
            services cannot open.
    """
    import aiohttp
    import discord

    from bot.client import build_client
    from bot.services import Services
    from bot.services.errors import StartupError
    from bot.watch import watching

    task = asyncio.current_task()
    with suppress(NotImplementedError):  # on Windows, where there is no SIGTERM to speak of
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, lambda: task and task.cancel()
        )
    services = await Services.open(settings)
    try:
        async with build_client(settings, services) as client, watching(client):
            await client.start(token.get_secret_value())
    except discord.LoginFailure:
        message = (
            "Discord does not accept the token in OSUSUME_DISCORD_TOKEN. Copy it again from the "
            "Bot page of your application; resetting it there makes a new one."
        )
        raise StartupError(message) from None
    except discord.Forbidden:
        where = "" if settings.test_guild_id is None else f" in the server {settings.test_guild_id}"
        message = (
            f"Discord does not let the bot register its commands{where}. Invite it there with the "
            "scopes bot and applications.commands, or correct OSUSUME_TEST_GUILD_ID."
        )
        raise StartupError(message) from None
    except (aiohttp.ClientConnectionError, discord.DiscordServerError) as error:
        message = f"Discord cannot be reached ({error}). Check the connection, then start again."
        raise StartupError(message) from None
    finally:
        await services.close()


if __name__ == "__main__":
    sys.exit(main())
