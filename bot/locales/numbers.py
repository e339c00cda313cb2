"""Numbers and plurals as a language writes them, by the tables of Unicode's CLDR.

Only what the strings need: whole numbers with their thousands set apart, decimals, and the two
plural forms `one` and `other`.
"""

from __future__ import annotations

from typing import NamedTuple


class Marks(NamedTuple):
    """How a locale writes numbers.

    Attributes:
        group: stands between thousands.
        point: stands before decimals.
        grouped_from: numbers below it have no `group`.
    """

    group: str = ","
    point: str = "."
    grouped_from: int = 1_000


_ENGLISH = Marks()
_BY_LOCALE = {
    "es": Marks(".", ",", 10_000),
    "es-419": Marks(",", ".", 10_000),
    "fr": Marks("\N{NARROW NO-BREAK SPACE}", ","),
}


def marks(locale: str) -> Marks:
    """The marks of a locale, else of its language, else the English ones."""
    return _BY_LOCALE.get(locale) or _BY_LOCALE.get(locale.partition("-")[0], _ENGLISH)


def plural(language: str, count: float) -> str:
    """The plural form that goes with a count: "one" or "other"."""
    match language.partition("-")[0]:
        case "ja" | "zh" | "ko":
            return "other"
        case "fr":
            return "one" if 0 <= count < 2 else "other"
        case _:
            return "one" if count == 1 else "other"


class Number:
    """A number in a string: formatted as Python does, with the marks of a locale."""

    def __init__(self, value: float, marks: Marks) -> None:
        self._value = value
        self._marks = marks

    def __format__(self, spec: str) -> str:
        if abs(self._value) < self._marks.grouped_from:
            spec = spec.replace(",", "")
        text = format(self._value, spec)
        if self._marks is _ENGLISH or text.isdecimal():
            return text
        return text.translate({ord(","): self._marks.group, ord("."): self._marks.point})

    def __str__(self) -> str:
        return format(self, "")
