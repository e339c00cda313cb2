"""Answering with files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from discord.ui import LayoutView

    from bot.services.privacy import File

# Of what Discord lets a message carry, this much is left for everything that is no file.
_MARGIN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message with files. Its view names each of them in a component, or Discord hides it."""

    view: LayoutView
    files: tuple[File, ...]


def carries(interaction: discord.Interaction[Any]) -> int:
    """How many bytes of files a message may carry where an interaction came from."""
    return interaction.filesize_limit - _MARGIN


async def reply_with_files(
    interaction: discord.Interaction[Any], work: Coroutine[Any, Any, Sequence[Parcel]]
) -> None:
    """Answer with messages that carry files and that only the person sees."""
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except BaseException:
        work.close()
        raise
    first, *others = await work
    await interaction.edit_original_response(view=first.view, attachments=_files(first))
    for one in others:
        await interaction.followup.send(view=one.view, files=_files(one), ephemeral=True)


def _files(parcel: Parcel) -> list[discord.File]:
    return [discord.File(io.BytesIO(file.content), file.name) for file in parcel.files]
