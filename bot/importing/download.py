"""Fetching a file that somebody attached, never more than a cap, whatever size it claims."""

from __future__ import annotations

from typing import Final

import aiohttp

from bot.importing.errors import RefusedError
from bot.importing.limits import MEGABYTE, MOST_BYTES

_LIMITS: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=15)
_STEP: Final = 1 << 16


async def fetch(url: str, *, limits: aiohttp.ClientTimeout = _LIMITS) -> bytes:
    """The bytes at an address, piece by piece until they are too many.

    Args:
        url: of the file.
        limits: of time.

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
                check_size(len(found))
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise RefusedError("import_download") from None
    return bytes(found)


def check_size(size: int) -> None:
    """Refuse what is too large.

    Raises:
        RefusedError: it is.
    """
    if size > MOST_BYTES:
        raise RefusedError("import_too_large", most=MOST_BYTES // MEGABYTE)
