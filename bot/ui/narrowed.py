"""Filters and dials in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui.cards import SEPARATOR, joined

if TYPE_CHECKING:
    from bot.locales import Strings
    from recsys.picks import Dials, Filters

DIALS = ("niche", "varied", "loved")
"""The names of the dials. Their order stands in menus already sent: keep it."""

POSITIONS = {"far_left": -1.0, "left": -0.5, "middle": 0.0, "right": 0.5, "far_right": 1.0}
"""Where a dial can be set, by the values of choices."""

PARTS = (
    "types",
    "genres",
    "any_genres",
    "without",
    "studios",
    "year_from",
    "year_to",
    "min_episodes",
    "max_episodes",
    "min_members",
    "finished",
)
"""The parts of the filters that are told, in this order. Adult titles are not: the place says."""

_MOST = 6


def describe(filters: Filters, s: Strings) -> str:
    """What a list was narrowed to, in one line for a place with markdown; empty for nothing."""
    parts = [text for part in part_names(filters) if (text := part_text(filters, part, s))]
    return SEPARATOR.join(parts)


def part_names(filters: Filters) -> tuple[str, ...]:
    """The attributes of the filters that are set, in the order in which they are told."""
    return tuple(name for name in PARTS if getattr(filters, name) not in (frozenset(), None, False))


def part_text(filters: Filters, part: str, s: Strings, label: str | None = None) -> str:
    """One part of the filters in words.

    Args:
        filters: of which.
        part: the attribute.
        s: the language.
        label: the one genre or tag that is meant, where the part holds several.
    """
    value = getattr(filters, part)
    if part == "types":
        kinds = sorted(value)
        names = [s(f"commands.recommend.kind.choices.{k}") if _known(k, s) else k for k in kinds]
        return joined(names, _MOST)
    if part in {"genres", "without", "any_genres", "studios"}:
        named = sorted(value) if label is None else [label]
        language = None if part == "studios" else s
        return s(f"filters.parts.{part}", labels=joined(named, _MOST, language))
    if part == "finished":
        return s("filters.parts.finished")
    return s(f"filters.parts.{part}", count=value, year=str(value))


def _known(kind: str, s: Strings) -> bool:
    return f"commands.recommend.kind.choices.{kind}" in s


def describe_dials(dials: Dials, s: Strings) -> str:
    """How the ranking was turned, in one line; empty where it was not."""
    return SEPARATOR.join(
        s(f"dials.{name}.{position(value)}")
        for name in DIALS
        if (value := float(getattr(dials, name)))
    )


def dial_choices(dial: str, s: Strings) -> list[tuple[str, str]]:
    """The positions of a dial, each with what it is called."""
    return [(value, s(f"dials.{dial}.{value}")) for value in POSITIONS]


def position(value: float) -> str:
    """The nearest position of a dial."""
    return min(POSITIONS, key=lambda name: abs(POSITIONS[name] - value))
