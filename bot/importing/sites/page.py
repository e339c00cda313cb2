"""What the clients of the sites share: a page of a list, and a person's name on a site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.importing.errors import RefusedError

if TYPE_CHECKING:
    from bot.importing.lines import Line


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        lines: what it says.
        after: the cursor to ask for the next page with; None after the last.
        total: how many lines the whole list has, where the site says so.
    """

    lines: tuple[Line, ...]
    after: str | None
    total: int | None = None


# What people paste: the address of their profile or their list.
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:www\.)?"
    r"(?:anilist\.co/user|myanimelist\.net/(?:profile|animelist)|kitsu\.(?:app|io)/users)"
    r"/([^/?#\s]+)",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{2,40}", re.ASCII)


def name_of(typed: str) -> str:
    """The user name in what a person typed or pasted.

    Raises:
        RefusedError: it cannot be a name on any of the sites.
    """
    typed = typed.strip()[:200]
    if profile := _PROFILE.match(typed):
        typed = profile[1]
    name = typed.removeprefix("@")
    if _NAME.fullmatch(name) is None:
        raise RefusedError("import_bad_name")
    return name
