"""/privacy: what is kept about a person, shown, handed over, erased, and perhaps learnt from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, subcommand, text
from bot.commands.look import look_of
from bot.services.errors import UserError
from bot.services.fairness import Cost
from bot.ui.action import only_for
from bot.ui.files import Parcel, carries, reply_with_files
from bot.ui.privacy import (
    AskErase,
    EraseData,
    ExportData,
    KeepData,
    erase_question,
    erased_view,
    export_view,
    kept_view,
    report_view,
    training_view,
)
from bot.ui.reply import reply, update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.ui import LayoutView

    from bot.client import Interaction

ON, OFF = "on", "off"

# As long as Discord lets a command be under way: a question that is older was not just read.
_QUESTION_SECONDS = 15 * 60


class Privacy(
    commands.GroupCog,
    group_name=text("commands.privacy.name"),
    group_description=text("commands.privacy.description"),
):
    """What is kept about a person. Nobody else ever sees any of it."""

    @subcommand("privacy")
    async def show(self, interaction: Interaction) -> None:
        """Say what is kept and why."""

        async def work() -> LayoutView:
            services = interaction.client.services
            return report_view(
                await services.privacy.report(interaction.user.id),
                await look_of(interaction),
                owner_id=interaction.user.id,
                retention_days=services.settings.retention_days,
            )

        await reply(interaction, work(), ephemeral=True)

    @subcommand("privacy")
    async def export(self, interaction: Interaction) -> None:
        """Hand over everything as files."""
        await reply_with_files(interaction, _exported(interaction))

    @subcommand("privacy")
    async def erase(self, interaction: Interaction) -> None:
        """Ask whether to erase everything."""
        await reply(interaction, _question(interaction), ephemeral=True)

    @subcommand("privacy")
    @app_commands.choices(allow=choices("commands.privacy.training.allow.choices", (ON, OFF)))
    async def training(self, interaction: Interaction, allow: str | None = None) -> None:
        """Allow or forbid learning from the list, or say which it is."""
        if allow not in (ON, OFF, None):
            raise UserError("bad_choice")

        async def work() -> LayoutView:
            privacy = interaction.client.services.privacy
            if allow is not None:
                await privacy.allow_training(interaction.user.id, allowed=allow == ON)
            report = await privacy.report(interaction.user.id)
            return training_view(report, await look_of(interaction))

        await reply(interaction, work(), ephemeral=True)


async def _exported(interaction: Interaction) -> Sequence[Parcel]:
    services = interaction.client.services
    user_id = interaction.user.id
    with services.turnstile.admitted(Cost.BULK, user_id, interaction.guild_id):
        messages = await services.privacy.export(user_id, carries(interaction))
    look = await look_of(interaction)
    return [
        Parcel(export_view(files, look, number=number, messages=len(messages)), files)
        for number, files in enumerate(messages, start=1)
    ]


async def _question(interaction: Interaction) -> LayoutView:
    report = await interaction.client.services.privacy.report(interaction.user.id)
    return erase_question(
        report.kept,
        await look_of(interaction),
        owner_id=interaction.user.id,
        asked_at=int(time.time()),
    )


@ExportData.tapped
async def _export(interaction: Interaction, tap: ExportData) -> None:
    only_for(interaction, tap.owner_id)
    await reply_with_files(interaction, _exported(interaction))


@AskErase.tapped
async def _ask(interaction: Interaction, tap: AskErase) -> None:
    only_for(interaction, tap.owner_id)
    await reply(interaction, _question(interaction), ephemeral=True)


@EraseData.tapped
async def _erase(interaction: Interaction, tap: EraseData) -> None:
    only_for(interaction, tap.owner_id)
    if not 0 <= time.time() - tap.asked_at <= _QUESTION_SECONDS:
        raise UserError("old_question")

    async def work() -> LayoutView:
        look = await look_of(interaction)  # first, for the language they chose goes too
        return erased_view(
            await interaction.client.services.privacy.erase(interaction.user.id), look
        )

    await update(interaction, work())


@KeepData.tapped
async def _keep(interaction: Interaction, tap: KeepData) -> None:
    only_for(interaction, tap.owner_id)

    async def work() -> LayoutView:
        return kept_view(await look_of(interaction))

    await update(interaction, work())
