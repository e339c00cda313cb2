"""Which entry of a franchise a text names: season, part, year, kind, apart from the name itself.

"attack on titan season 3 part 2" is the name "attack on titan" and the wish "season 3, part 2".
The same parser reads the catalog's titles and what a person typed, so "2nd Season", "Season II",
"second season", "s2", "dai 2 ki" and "第二季" meet.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern that says one thing.

    Attributes:
        needs: the pattern cannot match a text without one of these, which is quicker to see.
        pattern: what it looks for; the group n is a number.
        says: the field of `Which` that the number goes into.
        kind: the kind that it means, for `says` "number".
    """

    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    says: str
    kind: str | None = None


def _rule(needs: str, pattern: str, says: str, kind: str | None = None) -> _Rule:
    return _Rule(tuple(needs.split()), re.compile(pattern), says, kind)


_DIGITS = "0 1 2 3 4 5 6 7 8 9"
_RULES = (
    _rule("final", r"\b(?:the )?final season\b", "final"),
    # Seasons, then parts: "season 3 part 2", "3rd season 2nd cour", "s3p2", "第三季 第2部分".
    _rule("sea seri sai", rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:season|series|saison)\b", "season"),
    _rule("sea seri sai shizun", rf"\b(?:season|saison|series|shizun) ?(?P<n>{_NUM})\b", "season"),
    _rule(_DIGITS, r"\bs ?0?(?P<n>\d{1,2})(?=\b|p\d)", "season"),
    _rule("季 期", rf"第 ?(?P<n>{_NUM}) ?[季期]", "season"),
    _rule("季 期", r"(?<![\d第])(?P<n>\d) ?[季期]\b", "season"),
    _rule("dai", rf"\bdai ?(?P<n>{_NUM}) ?ki\b", "season"),
    _rule("part cour half", rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:part|cour|half)\b", "part"),
    _rule("part cour pt", rf"\b(?:part|cour|pt) ?(?P<n>{_NUM})\b", "part"),
    _rule("p", r"(?:(?<=\d)|\b)p(?P<n>\d)\b", "part"),
    _rule("第", rf"第 ?(?P<n>{_NUM}) ?(?:部分|kuru)", "part"),
    # Kinds.
    _rule("movie film", rf"\b(?:the )?(?P<n>{_ORDINAL}) (?:movie|film)\b", "number", "Movie"),
    _rule(
        "movie film gekijo 剧场版 映画",
        rf"\b(?:the )?(?:movies?|films?|gekijou?ban)\b(?: (?P<n>{_NUM})\b)?|剧场版|映画",
        "number",
        "Movie",
    ),
    _rule("ova oad", rf"\b(?:the )?(?:ovas?|oads?)\b(?: (?P<n>{_NUM})\b)?", "number", "OVA"),
    _rule("ona", rf"\b(?:the )?onas?\b(?: (?P<n>{_NUM})\b)?", "number", "ONA"),
    _rule(
        "special tokubetsu 特别篇",
        rf"\b(?:the )?(?:specials?|tokubetsu ?hen)\b(?: (?P<n>{_NUM})\b)?|特别篇",
        "number",
        "Special",
    ),
    _rule(
        "19 20",
        rf"{_LINK}\b(?P<n>19[5-9]\d|20[0-3]\d)\b(?: (?:version|anime|series|one)\b)?",
        "year",
    ),
    _rule(
        "tv anime",
        r"\b(?:the )?(?:tv(?: (?:series|anime|show|version))?|anime series|(?<= )anime)$",
        "number",
        "TV",
    ),
)
_BARE_NUMBER = re.compile(
    r"(?<=\S) ?(?<!\d)(?P<n>\d|ii|iii|iv|vi|vii|viii|ix|two|three|four|five)$"
)
_SPACES = re.compile(r" {2,}")
# A text without any of these has nothing to parse, and most have none.
_LITERAL_HINTS = tuple(
    sorted({need for rule in _RULES for need in rule.needs if len(need) > 1 or need > "z"})
)
_HINT_PATTERN = re.compile(
    r"(?m)\d| (?:ii|iii|iv|vi|vii|viii|ix|two|three|four|five)$", re.MULTILINE
)


def hinted_lines(text: str) -> list[int]:
    """The lines that `parse` may find something in, ascending.

    Args:
        text: lines folded by `recsys.titles.fold.words`.
    """
    ends = [found.start() for found in re.finditer("\n", text)]
    found = {bisect_right(ends, at) for at in _hints(text)}
    return sorted(found)


def _hints(text: str) -> Iterator[int]:
    for hint in _LITERAL_HINTS:
        at = text.find(hint)
        while at >= 0:
            yield at
            at = text.find(hint, at + 1)
    for found in _HINT_PATTERN.finditer(text):
        yield found.start()


def parse(words: str) -> tuple[str, Which]:
    """Take a text apart into the name and what it says of the entry.

    Args:
        words: a text folded by `recsys.titles.fold.words`.

    Returns:
        The words of the name, and the rest understood. A text that is nothing but such words
        ("movie", "86", "1984") is a name.
    """
    if not _HINT_PATTERN.search(words) and not _has_any(words, _LITERAL_HINTS):
        return words, NOTHING
    name = words
    says: dict[str, Any] = {}
    for rule in _RULES:
        if not _has_any(name, rule.needs) or not (found := rule.pattern.search(name)):
            continue
        rest = _SPACES.sub(" ", f"{name[: found.start()]} {name[found.end() :]}").strip()
        if not rest:
            continue
        name = rest
        if rule.says == "final":
            says["final"] = True
            continue
        number = found.groupdict().get("n")
        if rule.kind:
            says["kind"] = rule.kind
        if number:
            says[rule.says] = _number(number)
    if "season" not in says and "number" not in says:
        name = _take_bare_number(name, says)
    return name, Which(**says) if says else NOTHING


def _has_any(text: str, pieces: tuple[str, ...]) -> bool:
    for piece in pieces:  # noqa: SIM110 -- any() takes three times as long, at every keystroke
        if piece in text:
            return True
    return False


def _number(text: str) -> int:
    return _NUMBERS.get(text) or int("".join([letter for letter in text if letter.isdecimal()]))


def _take_bare_number(name: str, says: dict[str, Any]) -> str:
    """Take the number that ends a name: "psycho pass 2", "overlord ii", "snk2"."""
    found = _BARE_NUMBER.search(name)
    if not found:
        return name
    joined = name[found.start()] != " "
    number = _number(found["n"])
    if number < 2 or (joined and found["n"].isalpha()):
        return name
    says["bare_number"] = number
    return name[: found.start()].strip()


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
