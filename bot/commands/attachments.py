"""Reading what somebody attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.importing.download import check_size, fetch

if TYPE_CHECKING:
    import discord


async def download(attachment: discord.Attachment) -> bytes:
    """The bytes of an attachment, from Discord's servers.

    Raises:
        RefusedError: there are too many, or they do not come.
    """
    check_size(attachment.size)  # by its own account; what it says otherwise is not believed
    return await fetch(attachment.url)


async def from_memory(attachment: discord.Attachment) -> bytes:
    """The bytes of an attachment in a simulated Discord, which has no servers.

    Raises:
        RefusedError: there are too many.
    """
    check_size(attachment.size)
    return await attachment.read()
