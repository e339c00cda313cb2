"""Which entry of a franchise a text names: season, part, year, kind, apart from the name itself.

"attack on titan season 3 part 2" is the name "attack on titan" and the wish "season 3, part 2".
The same parser reads the catalog's titles and what a person typed, so "2nd Season", "Season II",
"second season", "s2", "dai 2 ki" and "第二季" meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBERS = {
    name: number
    for names in (
        "one two three four five six seven eight nine ten",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
        "i ii iii iv v vi vii viii ix x",
        "一 二 三 四 五 六 七 八 九 十",
    )
    for number, name in enumerate(names.split(), start=1)
}
_NUM = r"(?:\d{1,2}(?:st|nd|rd|th)?|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
)
# Words that hold a wish together and name nothing: "the one from 2003".
_LINK = (
    r"(?:\b(?:the |that )?(?:one|version|adaptation|anime|tv|series|show)\b *)?"
    r"(?:\b(?:from|of|in|by)\b *)?"
)


@dataclass(frozen=True, slots=True)
class Which:
    """What a text says of the entry besides its name. None: it does not say.

    Attributes:
        season: 1 for the first.
        part: part or cour within a season, 1 for the first.
        year: of the first broadcast.
        kind: a catalog type: "TV", "Movie", "OVA", "ONA" or "Special".
        number: which one of that kind ("movie 2").
        final: the text says "final season".
        bare_number: a number that ends the name without the word season ("psycho pass 2"), or
            None. It may as well belong to the name.
    """

    season: int | None = None
    part: int | None = None
    year: int | None = None
    kind: str | None = None
    number: int | None = None
    final: bool = False
    bare_number: int | None = None

    @property
    def is_sequel(self) -> bool:
        """Whether the text says outright that something came before."""
        return max(self.season or 1, self.part or 1, self.bare_number or 1) > 1 or self.final


NOTHING = Which()

_Match = re.Match[str]
_Rule = tuple[re.Pattern[str], "Callable[[Which, _Match], Which]"]


def _number(text: str) -> int:
    text = text.strip()
    return _NUMBERS.get(text) or int(re.sub(r"\D", "", text))


def _season(which: Which, found: _Match) -> Which:
    return replace(which, season=_number(found["n"]))


def _part(which: Which, found: _Match) -> Which:
    return replace(which, part=_number(found["n"]))


def _kind(kind: str) -> Callable[[Which, _Match], Which]:
    def apply(which: Which, found: _Match) -> Which:
        number = found.groupdict().get("n")
        return replace(which, kind=kind, number=_number(number) if number else None)

    return apply


def _rule(pattern: str, apply: Callable[[Which, _Match], Which]) -> _Rule:
    return re.compile(pattern), apply


def _year(which: Which, found: _Match) -> Which:
    return replace(which, year=int(found["n"]))


_RULES: tuple[_Rule, ...] = (
    _rule(r"\b(?:the )?final season\b", lambda which, _: replace(which, final=True)),
    # Seasons, then parts: "season 3 part 2", "3rd season 2nd cour", "s3p2", "第三季 第2部分".
    _rule(rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:season|series|saison)\b", _season),
    _rule(rf"\b(?:season|saison|series|shizun) ?(?P<n>{_NUM})\b", _season),
    _rule(r"\bs ?0?(?P<n>\d{1,2})(?=\b|p\d)", _season),
    _rule(rf"第 ?(?P<n>{_NUM}) ?[季期]", _season),
    _rule(r"(?<![\d第])(?P<n>\d) ?[季期]\b", _season),
    _rule(rf"\bdai ?(?P<n>{_NUM}) ?ki\b", _season),
    _rule(rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:part|cour|half)\b", _part),
    _rule(rf"\b(?:part|cour|pt) ?(?P<n>{_NUM})\b", _part),
    _rule(r"(?:(?<=\d)|\b)p(?P<n>\d)\b", _part),
    _rule(rf"第 ?(?P<n>{_NUM}) ?(?:部分|kuru)", _part),
    # Kinds.
    _rule(rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:movie|film)\b", _kind("Movie")),
    _rule(
        rf"\b(?:the )?(?:movies?|films?|gekijou?ban)\b(?: (?P<n>{_NUM})\b)?|剧场版|映画",
        _kind("Movie"),
    ),
    _rule(rf"\b(?:the )?(?:ovas?|oads?)\b(?: (?P<n>{_NUM})\b)?", _kind("OVA")),
    _rule(rf"\b(?:the )?onas?\b(?: (?P<n>{_NUM})\b)?", _kind("ONA")),
    _rule(
        rf"\b(?:the )?(?:specials?|tokubetsu ?hen)\b(?: (?P<n>{_NUM})\b)?|特别篇",
        _kind("Special"),
    ),
    _rule(rf"{_LINK}\b(?P<n>19[5-9]\d|20[0-3]\d)\b(?: (?:version|anime|series|one)\b)?", _year),
    _rule(
        r"\b(?:the )?(?:tv(?: (?:series|anime|show|version))?|anime series|(?<= )anime)$",
        _kind("TV"),
    ),
)
# A text without any of these has nothing to parse, and most have none: one search, not many.
_HINT = re.compile(
    r"\d|season|saison|series|shizun|\bpart\b|\bcour\b|\bhalf\b|movie|film|gekijo|ova|\boad|\bona|"
    r"special|tokubetsu|\btv\b|anime|[第剧映季期特]|"
    r" (?:ii|iii|iv|vi|vii|viii|ix|two|three|four|five)$"
)
_BARE_NUMBER = re.compile(
    r"(?<=\S) ?(?<!\d)(?P<n>\d|ii|iii|iv|vi|vii|viii|ix|two|three|four|five)$"
)
_BARE_ROMAN_OR_WORD = re.compile(r"[a-z]+")
_SPACES = re.compile(r" {2,}")


def parse(words: str) -> tuple[str, Which]:
    """Take a text apart into the name and what it says of the entry.

    Args:
        words: a text folded by `recsys.titles.fold.words`.

    Returns:
        The words of the name, and the rest understood. A text that is nothing but such words
        ("movie", "86", "1984") is a name.
    """
    if not _HINT.search(words):
        return words, NOTHING
    name, which = words, NOTHING
    for pattern, apply in _RULES:
        found = pattern.search(name)
        if not found:
            continue
        rest = _SPACES.sub(" ", name[: found.start()] + " " + name[found.end() :]).strip()
        if rest:
            name, which = rest, apply(which, found)
    found = _BARE_NUMBER.search(name)
    if found and which.season is None and which.number is None:
        spelled = found["n"]
        joined = found.start() and name[found.start()] != " "
        if not (joined and _BARE_ROMAN_OR_WORD.fullmatch(spelled)):
            number = _number(spelled)
            if number > 1:
                name, which = name[: found.start()].strip(), replace(which, bare_number=number)
    return name, which


def canonical(name: str, which: Which) -> str:
    """One spelling for a name and its season and part; "" when it says neither."""
    season = which.season or which.bare_number
    part = which.part or (which.number if which.kind is None else None)
    pieces = [name]
    if which.final:
        pieces.append("final")
    if season and season > 1:
        pieces.append(str(season))
    if part and part > 1:
        pieces.append(f"part {part}")
    if which.kind in {"Movie", "OVA"}:
        pieces.append(which.kind.casefold())
        if which.number and which.number > 1:
            pieces.append(str(which.number))
    return " ".join(pieces) if len(pieces) > 1 or season or part else ""
