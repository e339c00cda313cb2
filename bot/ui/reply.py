"""How an interaction is answered: in time, once, and with a sentence when something goes wrong."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.locales import strings
from bot.services.errors import UserError
from bot.services.guilds import Place
from bot.ui.gate import came_to
from bot.ui.places import chosen_channels, place_of
from bot.ui.reader import locale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from discord.ui import LayoutView

    from bot.locales import Strings

log = logging.getLogger(__name__)

# Discord drops an interaction that is not answered in 3 s. Most answers are ready in milliseconds
# and go out at once; one that is not ready by now gets a deferral, and 15 minutes.
PATIENCE = 1.0

# Unknown interaction, and unknown webhook: too late for any answer. Seconds or minutes have passed.
_EXPIRED = frozenset({10062, 10015})

# Nothing is asked of the database for somebody who is turned away to spare it.
TOO_FAST = frozenset({"slow_down", "crowded"})


async def reply(
    interaction: discord.Interaction[Any],
    work: Coroutine[Any, Any, LayoutView],
    *,
    ephemeral: bool,
) -> None:
    """Answer with a new message, which only the person sees where ``ephemeral``.

    Where the server wants answers private, each is, and nothing can be shared.
    """
    if not ephemeral and await place_of(interaction) is not Place.OPEN:
        if interaction.type is discord.InteractionType.component:
            work.close()
            raise UserError("shared_elsewhere", channels=await chosen_channels(interaction))
        ephemeral = True

    async def defer() -> None:
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)

    view = await _in_time(work, defer)
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=ephemeral)


async def update(
    interaction: discord.Interaction[Any], work: Coroutine[Any, Any, LayoutView]
) -> None:
    """Answer by changing the message whose button was tapped."""

    async def defer() -> None:
        await interaction.response.defer()

    view = await _in_time(work, defer)
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.edit_message(view=view)


async def _in_time(
    work: Coroutine[Any, Any, LayoutView], defer: Callable[[], Coroutine[Any, Any, None]]
) -> LayoutView:
    loop = asyncio.get_running_loop()
    deferral: asyncio.Task[None] | None = None

    def late() -> None:
        nonlocal deferral
        deferral = loop.create_task(defer())

    # The work is awaited here, and what nearly never happens is a timer: a task for the work would
    # have to be waited for, and a busy event loop makes everybody who waits do so for a while.
    timer = loop.call_later(PATIENCE, late)
    try:
        # It is finished even if the interaction expired meanwhile: a rating is not lost.
        return await work
    finally:
        timer.cancel()
        if deferral is not None:
            await deferral


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """The bot's one error path: commands, buttons and unknown components all end here.

    A `UserError` becomes its sentence. An expired interaction is noted. Anything else is logged
    once under a reference, and the person is given the reference and an apology.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, discord.NotFound) and error.code in _EXPIRED:
        log.warning("%s expired before it was answered", _describe(interaction))
        came_to(interaction, "expired")
        return
    refused = isinstance(error, UserError | app_commands.CommandNotFound)
    came_to(interaction, "refused" if refused else "failed")
    try:
        await _say(interaction, _sentence(interaction, error, await _language(interaction, error)))
    except discord.HTTPException as failure:
        log.warning("%s could not be told of an error: %s", _describe(interaction), failure)


async def _language(interaction: discord.Interaction[Any], error: BaseException) -> Strings:
    """The person's language; whoever is too fast is told in that of their Discord, for free."""
    if isinstance(error, UserError) and error.key in TOO_FAST:
        return strings(interaction.locale.value)
    return strings(await locale_of(interaction))


def _sentence(interaction: discord.Interaction[Any], error: BaseException, s: Strings) -> str:
    if isinstance(error, UserError):
        return s(f"errors.{error.key}", **error.params)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return s("errors.unknown_command")
    reference = secrets.token_hex(4)
    log.error("%s failed, reference %s", _describe(interaction), reference, exc_info=error)
    return s("errors.unexpected", reference=reference)


async def _say(interaction: discord.Interaction[Any], sentence: str) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(sentence, ephemeral=True)
    else:
        await interaction.response.send_message(sentence, ephemeral=True)


def _describe(interaction: discord.Interaction[Any]) -> str:
    """What was attempted, for the log: neither who did it nor what they typed."""
    command = interaction.command
    name = f"/{command.qualified_name}" if command else _custom_id(interaction)
    return f"{name} (interaction {interaction.id}, server {interaction.guild_id})"


def _custom_id(interaction: discord.Interaction[Any]) -> str:
    data: Any = interaction.data or {}
    return f"the component {str(data.get('custom_id', '?'))[:40]!r}"
