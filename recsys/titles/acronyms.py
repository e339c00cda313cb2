"""Short names that follow a rule: initials, and the first morae of two words.

"Shingeki no Kyojin" is snk, "Legend of the Galactic Heroes" is lotgh and logh. Japanese shortens a
title to four morae, two from each of two words (Labrune, "The prosodic structure of simple
abbreviated loanwords in Japanese", 2002): KONO SUBArashii is konosuba, ANO hi mita HANA is
anohana.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMALL_WORDS = frozenset({"a", "an", "and", "in", "of", "on", "the", "to"})
_LATIN = re.compile(r"[a-z0-9 ]+")
_MORA = re.compile(r"(?:[kgsztdcjnhfbpmyrwv]|[kgsztdcjnhbpmr]y|sh|ch|ts)?[aeiou]|n")
_MOST_WORDS = 8


def initials(words: str) -> Iterator[str]:
    """The initials of a title, with and without its small words.

    Args:
        words: a title folded by `recsys.titles.fold.words`.

    Yields:
        Strings of two letters or more; none for a title that is not in Latin letters.
    """
    if " " not in words or not _LATIN.fullmatch(words):
        return
    parts = words.split()
    full = "".join([part if part.isdigit() else part[0] for part in parts])
    yield full
    short = "".join(
        [part if part.isdigit() else part[0] for part in parts if part not in _SMALL_WORDS]
    )
    if 1 < len(short) < len(full):
        yield short


def clipped(words: str) -> Iterator[str]:
    """The four-mora names of a romaji title: two morae each of two of its words, in order.

    Args:
        words: a title folded by `recsys.titles.fold.words`.

    Yields:
        Strings such as "konosuba".
    """
    if " " not in words or not _LATIN.fullmatch(words):
        return
    starts = [start for part in words.split()[:_MOST_WORDS] if (start := _two_morae(part))]
    for i, first in enumerate(starts):
        for second in starts[i + 1 :]:
            yield first + second


def _two_morae(word: str) -> str:
    first = _MORA.match(word)
    second = _MORA.match(word, first.end()) if first else None
    return word[: second.end()] if second else ""
