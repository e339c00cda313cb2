"""Takes titles apart: the part that a whole franchise shares, and the part that is one entry's.

"Naruto: Shippuuden Movie 3" is "naruto" and then "shippuuden"; its type and its number say
nothing. Each part is found at a boundary: a colon or a bracket parts a title surely, a plain space
only perhaps.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from recsys.shelving import names

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cut(IntEnum):
    """How a stem was cut out of a title, from the weakest to the surest."""

    NONE = 0
    AT_SPACE = 1
    AT_MARK = 2
    WHOLE = 3


@dataclass(frozen=True, slots=True)
class Stem:
    """A beginning of a title that a franchise may share.

    Attributes:
        key: what equal stems have in common; Latin words, or East Asian text after "=".
        cut: how it was cut out.
    """

    key: str
    cut: Cut


def is_long(key: str) -> bool:
    """Whether a stem is too long to be shared by chance; "Another" and "Air" are not."""
    if key.startswith("="):
        return len(key) > 4
    return " " in key and len(key) >= 8


_NUMBERED = {"first", "second", "third", "fourth", "fifth", "sixth", "final", "last"}
_ROMAN = {"ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii"}
# Words that tell the entries of one franchise apart, at the end of a title or before its colon.
_ENTRY_WORDS = frozenset({
    "animation", "animations", "anime", "bangaihen", "cm", "collection", "commercial",
    "compilation", "cour", "daiisshou", "digest", "director", "drama", "edition", "eiga",
    "encore", "episode", "episodes", "extra", "extras", "film", "gaiden", "gekijouban", "go",
    "hen", "kai", "kan", "kouhen", "mini", "movie", "movies", "music", "new", "ni", "oad",
    "omake", "ona", "ova", "ovas", "part", "picture", "pilot", "plus", "prologue", "promo",
    "puchi", "pv", "recap", "recaps", "remake", "remaster", "remastered", "roku", "san",
    "season", "series", "shi", "shin", "short", "shorts", "soushuuhen", "sp", "special",
    "specials", "stage", "summary", "the", "theater", "tokubetsuhen", "trailer", "tv",
    "version", "video", "vol", "volume", "yon", "zenpen", "zoku",
})  # fmt: skip
_LEADING = frozenset({
    "chibi", "eiga", "gekijouban", "mini", "new", "petit", "puchi", "shin", "the", "zoku",
})  # fmt: skip
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)?|(?:19|20)\d\d")
_WORDS = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[:()\[\]~!?;★☆♪♥†/|<>\"“”]|\s[-–—]+\s?|\s?[-–—]+\s|\.\s|\.$|(?<=\w)-$")
_EAST_MARKS = re.compile(r"[\s:()\[\]~〜!?;★☆♪♥†/|<>\"“”「」『』【】《》〈〉、。,.・·…‐–—×＊*-]+")
_EAST_ENTRY = re.compile(
    r"(?:第?[0-9一二三四五六七八九十两]+(?:期|季|部分?|クール|シリーズ|シーズン|章|弾|幕|话|話|年目|ndシーズン)"
    r"|(?:2nd|3rd|[4-9]th|1st|final|last)?(?:season|stage)[0-9]*|part[0-9]*|[前中後后][編编篇]|完[結结][編编篇]"
    r"|[総总]集[編编篇]|特[別别][編编篇]|番外[編编篇]|劇場版|剧场版|電影版|映画|电影|ova|oad|ona|tv|sp|the|animation|anime|movie"
    r"|アニメ|テレビ|スペシャル|シーズン|ザムービー|[ivx]{2,4}|[0-9]{1,2}|(?:19|20)[0-9]{2}(?:年版|年)?|新版|続|续)+$"
)
_EAST_LEADING = re.compile(
    r"^(?:劇場版|剧场版|電影|映画|电影|tvアニメ|テレビアニメ|アニメ|ova|oad|新版?|続|续|ミニアニメ)+"
)


def stems(title: str) -> Iterator[Stem]:
    """Every stem of one title, the whole title first."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    if names.has_kana(title) or names.has_han(title):
        yield from _east_stems(folded)
    elif names.is_latin(title):
        yield from _latin_stems(folded)


def words(title: str) -> list[str]:
    """The words of a Latin title, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", title).casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    # `Gintama'` and "Journey's" keep no trace of their apostrophes.
    return _WORDS.findall(re.sub(r"['’`´°]", "", plain))


def _latin_stems(title: str) -> Iterator[Stem]:
    seen: set[str] = set()
    whole = _core(words(title))
    for key, cut in (
        (whole, Cut.WHOLE),
        *((_core(words(title[: m.start()])), Cut.AT_MARK) for m in _MARKS.finditer(title)),
    ):
        text = " ".join(key)
        if text and text not in seen:
            seen.add(text)
            yield Stem(text, cut)
    split = words(title)
    for count in range(len(split) - 1, 0, -1):
        text = " ".join(_core(split[:count]))
        if text and text not in seen:
            seen.add(text)
            yield Stem(text, Cut.AT_SPACE)


def _core(split: list[str]) -> list[str]:
    """A title's words without those that only tell its type or its number."""
    left, right = 0, len(split)
    while right - left > 1 and _is_entry_word(split[right - 1]):
        right -= 1
    while right - left > 1 and split[left] in _LEADING:
        left += 1
    return split[left:right]


def _is_entry_word(word: str) -> bool:
    return (
        word in _ENTRY_WORDS
        or word in _ROMAN
        or word in _NUMBERED
        or bool(_ORDINAL.fullmatch(word))
    )


def _east_stems(title: str) -> Iterator[Stem]:
    seen: set[str] = set()
    parts = [part for part in _EAST_MARKS.split(title) if part]
    # "劇場版 けいおん!": the type may stand before the name as a part of its own.
    while len(parts) > 1 and not _bare(parts[0]):
        parts.pop(0)
    for count in range(len(parts), 0, -1):
        core = _bare("".join(parts[:count]))
        if len(core) > 1 and core not in seen and (names.has_kana(core) or names.has_han(core)):
            seen.add(core)
            yield Stem("=" + core, Cut.WHOLE if count == len(parts) else Cut.AT_MARK)


def _bare(text: str) -> str:
    text = _EAST_LEADING.sub("", text)
    return _EAST_ENTRY.sub("", text)
