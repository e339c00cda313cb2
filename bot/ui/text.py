"""Strings from outside, made safe to show: one visible line, short enough, without effect.

A title comes from a public data set and a name from whoever chose it. Either may hold markdown,
mentions, line breaks, right-to-left overrides, invisible characters or a tower of accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.services.missed import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterable

# Controls, formats (bidirectional overrides, zero-width characters, tags) and lone surrogates.
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 3
_ELLIPSIS = "…"
_REMEMBERED = 200  # shorter texts, such as titles, come again and again
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"

_MARKDOWN = re.compile(r"([\\*_~|`\[\]<])")
_AT_START = re.compile(r"^(?:([#>+-])|(\d+)([.)]))")
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)


def width(text: str) -> int:
    """Length in UTF-16 units, the strictest way Discord's clients count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _visible(text: str) -> Iterable[str]:
    marks = 0
    for char in " ".join(unicodedata.normalize("NFC", text).split()):
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if category not in _HIDDEN and char not in BLANKS and marks <= _MOST_MARKS:
            yield char


def _joins_previous(char: str) -> bool:
    """Whether a character is drawn on the one before it: an accent, or a skin tone."""
    return unicodedata.category(char) in _MARKS or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def shorten(text: str, limit: int) -> str:
    """The text, or its start and an ellipsis: at most ``limit`` UTF-16 units.

    What is drawn as one character is kept or dropped whole: accents, skin tones, flags.
    """
    if width(text) <= limit:
        return text
    end = used = 0
    for char in text:
        used += width(char)
        if used >= limit:  # one unit is the ellipsis
            break
        end += 1
    while end and _joins_previous(text[end]):
        end -= 1
    if end and _is_flag_half(text[end]):
        run = re.search("[\U0001f1e6-\U0001f1ff]*$", text[:end])
        end -= len(run.group()) % 2 if run else 0
    return text[:end].rstrip() + _ELLIPSIS


def plain(text: str, limit: int) -> str:
    """One visible line for a place without markdown: a button, a choice, alt text.

    Returns:
        At most ``limit`` UTF-16 units; empty if nothing in the text is visible. Text with
        right-to-left letters is isolated, so that it cannot reorder what stands beside it.
    """
    if text.isascii() and text.isprintable():  # nearly every title: nothing in it can hide
        return shorten(" ".join(text.split()), limit)
    line, leftward = _line(text) if len(text) < _REMEMBERED else _line.__wrapped__(text)
    if leftward:
        return f"{_ISOLATE}{shorten(line, limit - 2)}{_END_ISOLATE}"
    return shorten(line, limit)


@lru_cache(maxsize=4096)
def _line(text: str) -> tuple[str, bool]:
    """What is visible of a text, and whether any of it is written from right to left."""
    line = " ".join("".join(_visible(text)).split())
    return line, any(unicodedata.bidirectional(char) in {"R", "AL"} for char in line)


def escape(text: str) -> str:
    """One line with markdown, mentions and links made inert; at most twice as long."""
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _AT_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)
    # A backslash does not stop @everyone; an invisible space does.
    return _EVERYONE.sub("@\u200b", text).replace("://", ":/\\/")


def inline(text: str, limit: int) -> str:
    """A string from outside, for a place with markdown: ``plain``, then ``escape``."""
    return escape(plain(text, limit))
