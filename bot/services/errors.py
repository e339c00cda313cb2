"""Trouble that a person reads about in their own language."""

from __future__ import annotations

import logging
from typing import Final, Literal

from bot.db.errors import DatabaseError, Fault
from bot.importing.errors import KEYS as IMPORT_KEYS

log = logging.getLogger(__name__)


class StartupError(Exception):
    """The bot cannot start; the message is a sentence that says what to do."""


class UserError(Exception):
    """Something that the person who asked should read.

    Attributes:
        key: of the sentence, within the section `errors` of `bot/locales`.
        params: what the sentence mentions.
    """

    def __init__(self, key: str, **params: object) -> None:
        mentioned = ", ".join(f"{name}={value!r}" for name, value in params.items())
        super().__init__(f"{key} ({mentioned})" if mentioned else key)
        self.key: Final = key
        self.params: Final = params


_STORAGE_KEYS = {
    Fault.BUSY: "storage_busy",
    Fault.READ_ONLY: "storage_read_only",
    Fault.FULL: "storage_full",
    Fault.ERASED: "erased_meanwhile",
}

KEYS = frozenset(
    {
        "bad_score",  # low, high
        "bad_count",  # low, high
        "unknown_anime",  # id
        "bad_alias",  # most
        "no_title",
        "too_many_titles",  # most
        "liked_and_less",
        "changed_since",
        "slow_down",  # seconds
        "crowded",
        "import_gone",
        "import_failed",
        "storage_failed",
        *IMPORT_KEYS,
        *_STORAGE_KEYS.values(),
    }
)
"""Every key that the services raise, with the params it brings."""


class storage:  # noqa: N801 - used as a function; a generator would take three times as long
    """Say in a sentence for the person that the database did not take or give what was asked.

    Whatever was to be written was not, in whole: the person can try again. The log has the
    sentence for the admin.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: object
    ) -> Literal[False]:
        """End, perhaps by raising a `UserError`."""
        if isinstance(error, DatabaseError):
            if error.fault is not Fault.ERASED:  # which is as it should be
                log.error("%s", error)
            raise UserError(_STORAGE_KEYS.get(error.fault, "storage_failed")) from error
        return False
