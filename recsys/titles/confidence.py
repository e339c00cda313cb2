"""The chance that the anime found is the one meant.

A logistic model a way of matching, fitted to typed names with known meaning (noise, half-typed
names, initials) and to text that means nothing (random letters, words put together, names of
anime that were taken out of the catalog). `benchmarks/titles_calibration.py` makes the data, fits
the weights below and prints them with a reliability table.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from recsys.titles.matching import Hit, How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recsys.titles.names import Names

ANSWER = 0.6
"""From this chance on the anime is the answer; below it a person is asked."""

WORTH_ASKING = 0.2
"""Below this chance that any of the five best is meant, nothing was found."""

FEATURES = ("one", "likeness", "whole", "fame", "margin", "loss", "ideographs")
"""What the chance is computed from.

likeness and whole are those of `Hit`; fame is the popularity of the anime; margin is how far its
score is from the next series'; loss is the part of the text that
differs times its length in tens of characters; ideographs is 1 for Chinese characters.
"""

_FIRST_IDEOGRAPH = "\u2e80"
_WIDEST = 0.3
_FALL = 0.05
_LONGEST = 20

# (that the best is meant, that one of the five best is), in the order of FEATURES.
_ALWAYS_ASK = (-0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_WEIGHTS: dict[How, tuple[tuple[float, ...], tuple[float, ...]]] = {
    How.NAMED: (_ALWAYS_ASK, _ALWAYS_ASK),
    How.SIMILAR: (
        (-8.66, 4.83, 4.49, 2.49, 6.50, -4.91, 1.54),
        (-9.61, 6.40, 4.07, 3.53, 5.86, -5.58, 1.78),
    ),
    How.START: (
        (-3.19, 0.01, 2.95, 0.10, 5.95, 0.00, 1.55),
        (-4.59, 0.01, 3.91, 2.46, 6.09, 0.00, 2.04),
    ),
    How.SHORT: (
        (-2.76, 0.01, 0.01, 2.63, 13.46, 0.00, 0.00),
        (-4.01, 0.00, 0.00, 6.57, 8.79, 0.00, 0.00),
    ),
    How.CHOSEN: (
        (-1.84, -0.28, 1.59, 1.03, 6.10, -2.99, 0.97),
        (-5.55, 1.98, 2.55, 4.01, 5.73, -3.08, 1.35),
    ),
    How.FOLDED: (
        (2.68, -0.01, -0.01, -2.05, 3.81, 0.00, 0.40),
        (0.18, 0.00, 0.00, 1.73, 4.50, 0.00, 3.12),
    ),
    How.EXACT: (
        (2.37, 0.02, 0.02, 0.41, -0.10, 0.00, 0.75),
        (0.51, 0.05, 0.05, 3.54, 0.00, 0.00, 1.74),
    ),
}


def features(hit: Hit, margin: float, key: str, fame: float) -> tuple[float, ...]:
    """The numbers of `FEATURES` for one hit.

    Args:
        hit: what was found.
        margin: its score less that of the next series.
        key: the typed text, folded by `recsys.titles.fold.compact`.
        fame: popularity of the anime, 0 to 1.
    """
    length = min(len(key), _LONGEST) / 10
    return (
        1.0,
        hit.likeness,
        hit.whole,
        fame,
        min(_WIDEST, max(0.0, margin)),
        (1.0 - hit.likeness) * length,
        float(max(key, default="") >= _FIRST_IDEOGRAPH),
    )


def margin_of_best(ranked: Sequence[Hit], names: Names) -> float:
    """How far the best hit's score is from that of the next that is of another franchise."""
    best = ranked[0]
    anime = names.anime[best.position]
    for hit in ranked[1:]:
        other = names.anime[hit.position]
        if other.franchise != anime.franchise or not anime.franchise:
            return best.score - hit.score
    return _WIDEST


def chance_each(ranked: Sequence[Hit], key: str, names: Names) -> list[float]:
    """The chance of each hit that it is the anime meant, descending; together at most one.

    Args:
        ranked: hits, best first.
        key: the typed text, folded by `recsys.titles.fold.compact`.
        names: the names that were searched.

    Returns:
        As many chances as hits; none when the best hits are too unlike the text to be worth a
        question.
    """
    if not ranked:
        return []
    best = ranked[0]
    margin = margin_of_best(ranked, names)
    fame = float(names.popularity[best.position])
    given = features(best, margin, key, fame)
    top, among_five = _WEIGHTS[best.how]
    if best.how is How.SIMILAR and _logistic(among_five, given) < WORTH_ASKING:
        return []
    chance = _logistic(top, given)
    # What is left of the chance is shared by the others as their scores fall off.
    left = max(0.0, _logistic(among_five, given) - chance)
    shares = [exp((hit.score - best.score) / _FALL) for hit in ranked[1:]]
    whole = sum(shares) or 1.0
    return [chance, *(min(chance, left * share / whole) for share in shares)]


def _logistic(weights: tuple[float, ...], given: tuple[float, ...]) -> float:
    total = sum([weight * value for weight, value in zip(weights, given, strict=True)])
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))
