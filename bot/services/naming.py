"""Which of its titles an anime goes by, for one person."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recsys.catalog import Anime

_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3041-\u30fa]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_TRADITIONAL = frozenset({"zh-TW", "zh-HK"})


class TitleLanguage(StrEnum):
    """In which language a person reads titles. `BOTH` is English with romaji beside it."""

    BOTH = "both"
    ENGLISH = "english"
    ROMAJI = "romaji"
    NATIVE = "native"
    CHINESE = "chinese"


@dataclass(frozen=True, slots=True)
class Naming:
    """How one person reads titles.

    Attributes:
        language: which title comes first.
        traditional: whether Chinese titles are wanted in traditional characters.
    """

    language: TitleLanguage = TitleLanguage.BOTH
    traditional: bool = False

    @classmethod
    def of(cls, chosen: TitleLanguage | None, locale: str) -> Naming:
        """What a person chose, or what readers of their Discord's language expect.

        Args:
            chosen: None for somebody who chose nothing.
            locale: Discord's language tag, such as "en-US".
        """
        usual = {"ja": TitleLanguage.NATIVE, "zh": TitleLanguage.CHINESE}
        default = usual.get(locale.partition("-")[0], TitleLanguage.BOTH)
        return cls(chosen or default, traditional=locale in _TRADITIONAL)

    def titles(self, anime: Anime) -> tuple[str, ...]:
        """Every title of an anime, the one the person wants first, none twice.

        A title that is not known is passed over, so the first is the nearest there is to what
        they want.
        """
        english, romaji, native = anime.english, anime.title, native_title(anime)
        match self.language:
            case TitleLanguage.BOTH | TitleLanguage.ENGLISH:
                order = (english, romaji, native)
            case TitleLanguage.ROMAJI:
                order = (romaji, english, native)
            case TitleLanguage.NATIVE:
                order = (native, romaji, english)
            case TitleLanguage.CHINESE:
                chinese = chinese_title(anime, traditional=self.traditional)
                order = (chinese, native, romaji, english)
        return tuple({title.casefold(): title for title in reversed(order) if title}.values())[::-1]


def native_title(anime: Anime) -> str | None:
    """The title in Japanese script: the official one, else the first alias with kana."""
    return anime.japanese or next(filter(_KANA.search, anime.aliases), None)


@lru_cache(maxsize=8192)
def chinese_title(anime: Anime, *, traditional: bool) -> str | None:
    """The Chinese title by which an anime is best known, where any is known.

    The catalog does not say which of the aliases is the official one. That one, unlike a nickname,
    is usually there in both simplified and traditional characters, and begins other aliases.

    Args:
        anime: the anime.
        traditional: whether traditional characters are wanted, where there is a choice.
    """
    # Here, not above: this brings NumPy along, which the database need not wait for at start.
    from recsys.titles import fold

    names = [
        alias
        for alias in anime.aliases
        if _HAN.search(alias)
        and not _KANA.search(alias)
        and not _HANGUL.search(alias)
        and alias != anime.japanese
    ]
    if not names:
        return None
    keys = [fold.words(name) for name in names]
    agreed = Counter(keys)

    def worth(key: str) -> tuple[int, int, int]:
        return agreed[key], _continued(key, keys), len(key)  # of two unknown, no abbreviation

    best = max(keys, key=worth)  # the first of those equally good
    spellings = [name for name, key in zip(names, keys, strict=True) if key == best]
    return min(spellings, key=lambda name: _is_traditional(name) != traditional)


def _continued(key: str, keys: Iterable[str]) -> int:
    """How many other keys begin with this one."""
    return sum(other != key and other.startswith(key) for other in keys)


def _is_traditional(name: str) -> bool:
    """Whether a name has characters that simplified Chinese writes otherwise."""
    from recsys.titles import fold

    return any(fold.words(char) != char for char in _HAN.findall(name))
