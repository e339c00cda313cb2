"""Counting the titles that people ask for in vain, without keeping who they are."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.services.errors import UserError, storage

if TYPE_CHECKING:
    from bot.db import Database
    from bot.db.missed import Missed

LONGEST = 100
"""Characters of a text that is counted; what is longer is no title, but something pasted."""

MOST = 5000
"""Texts kept. The rarest and oldest make room for new ones."""

_KEEP = 4500

# An address, a mention, a handle, a host's name or a long number may say who somebody is.
_PERSONAL = re.compile(
    r"@|://|<[#:&]|#\d{4}\b|\bwww\."
    r"|\b[\w-]+\.(?:com|net|org|io|gg|me|tv)\b"
    r"|(?:\d[ -]?){6}"
)
# A suggestion's value that was altered.
_CHOICE = re.compile(r"id:\d+")


BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Drawn as nothing although Unicode calls them letters or symbols."""


def tidy(text: str) -> str:
    """One line of what is visible: no control or format characters, single spaces."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in text if _is_shown(c)).split())


def key_of(text: str) -> str:
    """A text as it is counted and compared: `tidy`, small letters, one width."""
    return tidy(unicodedata.normalize("NFKC", text).casefold())


def countable(typed: str) -> str | None:
    """The text to count, or None for what may be personal or cannot be a title."""
    key = key_of(typed)
    if len(key) > LONGEST or _PERSONAL.search(key) or _CHOICE.fullmatch(key):
        return None
    return key if any(map(str.isalpha, key)) else None


def _is_shown(char: str) -> bool:
    return char.isspace() or (unicodedata.category(char)[0] != "C" and char not in BLANKS)


class MissedTitles:
    """What people miss."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, typed: str) -> None:
        """Count a finished title that nothing was found for.

        A database that does not take it is noted in the log, and keeps nobody from an answer.
        """
        text = countable(typed)
        if text is None:
            return
        with suppress(UserError), storage():
            async with self._database.write() as tx:
                await tx.missed.count(text, datetime.now(UTC).date())
                await tx.missed.prune(MOST, _KEEP)

    async def top(self, limit: int = MOST) -> tuple[Missed, ...]:
        """The texts that people missed most.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return await tx.missed.top(limit)
