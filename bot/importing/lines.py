"""What every format is read into: lines that say which anime, which score, which status."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.importing.errors import RefusedError
from bot.importing.limits import LONGEST_TITLE, MOST_LINES

if TYPE_CHECKING:
    from recsys.profile import Status

# MyAnimeList numbers its anime to some 60,000 and AniList to 200,000.
_LARGEST_ID = 9_999_999
_WHOLE = re.compile(r"\d{1,7}", re.ASCII)


class Source(StrEnum):
    """Where a list came from."""

    MYANIMELIST = "myanimelist"
    ANILIST = "anilist"
    KITSU = "kitsu"
    ANIME_PLANET = "anime_planet"
    SIMKL = "simkl"
    OSUSUME = "osusume"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list that somebody brings.

    Attributes:
        mal_id: MyAnimeList id, where the list has it.
        anilist_id: AniList id, where the list has it.
        title: as the list spells it; empty where it has none.
        score: 1 to 10, or None when not rated.
        status: where it stands; None where the list does not say.
        year: of the first broadcast, where the list has it.
    """

    mal_id: int | None = None
    anilist_id: int | None = None
    title: str = ""
    score: int | None = None
    status: Status | None = None
    year: int | None = None

    @property
    def names_an_anime(self) -> bool:
        """Whether there is anything to find the anime by."""
        return self.mal_id is not None or self.anilist_id is not None or bool(self.title)


@dataclass(frozen=True, slots=True)
class ReadList:
    """A whole list, or a page of one.

    Attributes:
        source: where it came from.
        lines: in the order of the source.
        passed_over: lines that name no anime.
        guessed_scale: the top of the scale that the scores were taken for, where the list does
            not say it; None where it does.
    """

    source: Source
    lines: tuple[Line, ...]
    passed_over: int = 0
    guessed_scale: int | None = None


class Collector:
    """Gathers the lines of a list as it is read, and refuses one without end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines: list[Line] = []
        self._passed_over = 0

    def add(self, line: Line) -> None:
        """Take a line in, or count it where it names no anime.

        Raises:
            RefusedError: there are too many.
        """
        if line.names_an_anime:
            self._lines.append(line)
        else:
            self._passed_over += 1
        if len(self._lines) + self._passed_over > MOST_LINES:
            raise RefusedError("import_too_many", most=MOST_LINES)

    def done(self, *, guessed_scale: int | None = None) -> ReadList:
        """The list.

        Raises:
            RefusedError: nothing is in it.
        """
        if not self._lines:
            raise RefusedError("import_empty")
        return ReadList(self._source, tuple(self._lines), self._passed_over, guessed_scale)


def clean_title(value: object) -> str:
    """A title that any database takes: one line, no control or half characters, not too long."""
    if not isinstance(value, str):
        return ""
    if len(value) <= LONGEST_TITLE and value.isascii() and value.isprintable():
        return " ".join(value.split())
    kept = "".join(
        " " if char.isspace() else char
        for char in value[: 4 * LONGEST_TITLE]
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())[:LONGEST_TITLE].rstrip()


def whole_id(value: object) -> int | None:
    """An id, from a number or from digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        value = int(value) if _WHOLE.fullmatch(value) else None
    return value if isinstance(value, int) and 0 < value <= _LARGEST_ID else None


def whole_year(value: object) -> int | None:
    """A year in which there was television; None for anything else."""
    year = whole_id(value)
    return year if year is not None and 1900 <= year <= 2100 else None
