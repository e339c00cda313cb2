"""The local bot: the real client inside a simulated Discord, shown in the browser.

No token and no network. Ratings go to the database of the settings and last between runs; the
messages of the simulated channel do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import webbrowser
from typing import TYPE_CHECKING

from bot.services.errors import StartupError

if TYPE_CHECKING:
    from bot.settings import Settings


def run(settings: Settings) -> int:
    """Run the local bot until Ctrl-C, SIGTERM, or "End preview session" in the page.

    Returns:
        The exit status, 0.

    Raises:
        StartupError: it cannot start; the message says why and what to do.
    """
    # The first is Ctrl-C, the second SIGTERM.
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_run(settings))
    print("The local bot has ended; your ratings are kept.")
    return 0


async def _run(settings: Settings) -> None:
    _end_on_sigterm()
    try:
        from bot.local.world import open_world
    except ModuleNotFoundError as error:
        # Only what the extra brings: a module of ours that is missing must stay a trace.
        if (error.name or "").partition(".")[0] not in {"simcord", "PIL"}:
            raise
        message = (
            f"The local bot needs the package {error.name}, which is not installed. "
            'Install the extra "local" (pip install -e ".[local]"), '
            "or set OSUSUME_DISCORD_TOKEN to run on Discord."
        )
        raise StartupError(message) from None

    import discord

    from bot.client import build_client
    from bot.commands.attachments import from_memory
    from bot.services import Services

    discord.utils.setup_logging(level=logging.getLevelNamesMapping()[settings.log_level])
    if settings.log_level == "INFO":
        for library in ("alembic", "discord"):  # what they say at this level is of no use here
            logging.getLogger(library).setLevel(logging.WARNING)
    print("Starting the local bot", flush=True)
    services = await Services.open(settings)
    try:
        client = build_client(settings, services)
        client.read_attachment = from_memory
        async with open_world(client, settings, services.catalog) as world:
            print(f"The local bot is at {world.url}\nCtrl-C ends it.", flush=True)
            if settings.local_open_browser and _has_a_screen():
                # In a thread: some systems' openers block until the browser has started.
                await asyncio.to_thread(webbrowser.open, world.url)
            await world.wait_closed()
    finally:
        await services.close()


def _has_a_screen() -> bool:
    """Whether a browser would have a window; without one it may take over the terminal."""
    named = any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    return named or sys.platform in {"win32", "darwin"}


def _end_on_sigterm() -> None:
    """Let SIGTERM do what asyncio.run does on Ctrl-C: cancel, so that all is closed in order."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - for the type checker: a coroutine calls this
    with contextlib.suppress(NotImplementedError):  # Windows has no such signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
