"""Reading what somebody attached, never more than a cap, whatever its size is said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from bot.importing import RefusedError
from bot.importing.limits import MEGABYTE, MOST_BYTES

if TYPE_CHECKING:
    import discord

_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=15)
_STEP: Final = 1 << 16


async def download(attachment: discord.Attachment) -> bytes:
    """The bytes of an attachment, from Discord's servers.

    Raises:
        RefusedError: there are too many, or they do not come.
    """
    check_size(attachment)
    return await fetch(attachment.url)


def check_size(attachment: discord.Attachment) -> None:
    """Refuse what is too large by its own account. What it says otherwise is not believed.

    Raises:
        RefusedError: it is.
    """
    if attachment.size > MOST_BYTES:
        raise RefusedError("import_too_large", most=MOST_BYTES // MEGABYTE)


async def fetch(url: str, *, limits: aiohttp.ClientTimeout = _TIMEOUT) -> bytes:
    """The bytes at an address, piece by piece until they are too many.

    Raises:
        RefusedError: they are, or they do not come.
    """
    found = bytearray()
    try:
        async with (
            # Not unpacked on the way: a few bytes of an answer could become all of memory.
            aiohttp.ClientSession(timeout=limits, auto_decompress=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise RefusedError("import_download")
            async for piece in response.content.iter_chunked(_STEP):
                found += piece
                if len(found) > MOST_BYTES:
                    raise RefusedError("import_too_large", most=MOST_BYTES // MEGABYTE)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise RefusedError("import_download") from None
    return bytes(found)


async def from_memory(attachment: discord.Attachment) -> bytes:
    """The bytes of an attachment in a simulated Discord, which has no servers.

    Raises:
        RefusedError: there are too many.
    """
    check_size(attachment)
    return await attachment.read()
