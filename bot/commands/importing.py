"""/import: a list from elsewhere, by file or by user name; its preview, and undo."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, command, text
from bot.commands.look import look_of
from bot.commands.pages import page_of
from bot.commands.picks import picked
from bot.importing import RefusedError, Source
from bot.importing.sites.directory import NAMES
from bot.services.errors import UserError
from bot.ui.action import only_for
from bot.ui.importing import (
    AnswerTitle,
    ApplyImport,
    AskTitles,
    CancelImport,
    RecommendNow,
    ShowImport,
    UndoImport,
    cancelled_view,
    import_view,
    question_view,
    undone_view,
)
from bot.ui.reply import reply, update
from recsys.picks import Filters

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from discord.ui import LayoutView

    from bot.client import Interaction

log = logging.getLogger(__name__)

_following: set[asyncio.Task[None]] = set()

SITES = tuple(site.value for site in NAMES)


_LOOK_EVERY = 2.0  # seconds between two changes of a message that shows progress
_TOKEN_SECONDS = 14 * 60.0  # Discord takes changes of an answer for fifteen minutes


class Importing(commands.Cog):
    """Lists from elsewhere. Only the person sees any of it."""

    @command
    @app_commands.choices(site=choices("commands.import_.site.choices", SITES))
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        site: str | None = None,
        account: str | None = None,
    ) -> None:
        """Bring a list: a file, or the public list of a user name on a site."""
        if file is not None and site is None and account is None:
            await _begin(interaction, _from_file(interaction, file))
        elif file is None and site is not None and account is not None:
            await _begin(interaction, _from_site(interaction, site, account))
        else:
            raise UserError("import_what")


def import_menu() -> app_commands.ContextMenu:
    """The entry in the menu of a message, for a list that is attached to it."""
    return app_commands.ContextMenu(
        name=text("commands.import_message.name"), callback=import_message
    )


async def import_message(interaction: Interaction, message: discord.Message) -> None:
    """Bring the list that is attached to a message."""
    if not message.attachments:
        raise UserError("import_no_attachment")
    await _begin(interaction, _from_file(interaction, message.attachments[0]))


async def _from_file(interaction: Interaction, file: discord.Attachment) -> int:
    client = interaction.client
    try:
        data = await client.read_attachment(file)
    except RefusedError as refused:
        raise UserError(refused.key, **refused.params) from None
    return await client.services.imports.bring_file(interaction.user.id, data)


async def _from_site(interaction: Interaction, site: str, account: str) -> int:
    if site not in SITES:  # Discord offers the choices, and a raw request can hold anything
        raise UserError("bad_choice")
    imports = interaction.client.services.imports
    return await imports.bring_account(interaction.user.id, Source(site), account)


async def _begin(interaction: Interaction, work: Coroutine[Any, Any, int]) -> None:
    found: list[int] = []

    async def view() -> LayoutView:
        job_id = await work
        found.append(job_id)
        await interaction.client.services.imports.wait(job_id, 0.5)  # a short list is ready by then
        return await _status(interaction, job_id)

    await reply(interaction, view(), ephemeral=True)
    _keep_shown(interaction, found[0])


async def _status(interaction: Interaction, job_id: int) -> LayoutView:
    imports = interaction.client.services.imports
    status = await imports.status(interaction.user.id, job_id)
    return import_view(status, await look_of(interaction), owner_id=interaction.user.id)


def _keep_shown(interaction: Interaction, job_id: int) -> None:
    """Keep the message in step with a list that is being read, after the command has ended."""
    if interaction.client.services.imports.is_running(job_id):
        task = asyncio.create_task(_follow(interaction, job_id))
        _following.add(task)
        task.add_done_callback(_following.discard)


async def _follow(interaction: Interaction, job_id: int) -> None:
    """Change the message while the list is being read, as long as Discord takes changes."""
    imports = interaction.client.services.imports
    until = time.monotonic() + _TOKEN_SECONDS
    seen = None
    while imports.is_running(job_id) and time.monotonic() < until:
        await imports.wait(job_id, _LOOK_EVERY)
        try:
            status = await imports.status(interaction.user.id, job_id)
        except UserError:
            return  # cancelled, or the database is away: the message has a button to look again
        if status != seen:
            seen = status
            view = import_view(status, await look_of(interaction), owner_id=interaction.user.id)
            try:
                await interaction.edit_original_response(view=view)
            except discord.HTTPException as error:
                # The person put the message away, or Discord is: the list is read on.
                log.info("The progress of import %d is not shown any more: %s", job_id, error)
                return


@ShowImport.tapped
async def _show(interaction: Interaction, tap: ShowImport) -> None:
    only_for(interaction, tap.owner_id)
    await update(interaction, _status(interaction, tap.job_id))
    _keep_shown(interaction, tap.job_id)


@ApplyImport.tapped
async def _apply(interaction: Interaction, tap: ApplyImport) -> None:
    only_for(interaction, tap.owner_id)

    async def work() -> LayoutView:
        status = await interaction.client.services.imports.apply(
            interaction.user.id, tap.job_id, file_wins=tap.file_wins == 1
        )
        return import_view(status, await look_of(interaction), owner_id=interaction.user.id)

    await update(interaction, work())


@UndoImport.tapped
async def _undo(interaction: Interaction, tap: UndoImport) -> None:
    only_for(interaction, tap.owner_id)

    async def work() -> LayoutView:
        undone = await interaction.client.services.imports.undo(interaction.user.id, tap.job_id)
        return undone_view(undone, await look_of(interaction))

    await update(interaction, work())


@CancelImport.tapped
async def _cancel(interaction: Interaction, tap: CancelImport) -> None:
    only_for(interaction, tap.owner_id)

    async def work() -> LayoutView:
        await interaction.client.services.imports.cancel(interaction.user.id, tap.job_id)
        return cancelled_view(await look_of(interaction))

    await update(interaction, work())


@AskTitles.tapped
async def _ask(interaction: Interaction, tap: AskTitles) -> None:
    only_for(interaction, tap.owner_id)
    await update(interaction, _question(interaction, tap.job_id, tap.after))


@AnswerTitle.tapped
async def _answer(interaction: Interaction, tap: AnswerTitle) -> None:
    only_for(interaction, tap.owner_id)

    async def work() -> LayoutView:
        await interaction.client.services.imports.answer(
            interaction.user.id, tap.job_id, tap.position, tap.anime_id or None
        )
        return await _question(interaction, tap.job_id, tap.position)

    await update(interaction, work())


async def _question(interaction: Interaction, job_id: int, after: int) -> LayoutView:
    """The next question, or the preview where none is left."""
    imports = interaction.client.services.imports
    question = await imports.question(interaction.user.id, job_id, after)
    if question is None:
        return await _status(interaction, job_id)
    return question_view(question, await look_of(interaction), owner_id=interaction.user.id)


@RecommendNow.tapped
async def _recommend(interaction: Interaction, tap: RecommendNow) -> None:
    only_for(interaction, tap.owner_id)
    await reply(interaction, _picks(interaction), ephemeral=True)


async def _picks(interaction: Interaction) -> LayoutView:
    return await page_of(interaction, await picked(interaction, Filters()))
