"""Scores of every scale as whole numbers from 1 to 10."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SCALES = (10, 20, 100)
"""Tops of the scales that a list without a declaration may use, smallest first.

Five is not among them: a list whose best score is 5 may be that of a harsh person.
"""

_NUMBER = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)(?:\s*/\s*(\d{1,3})|\s*(%))?", re.ASCII)


def to_ten(score: object, top: float) -> int | None:
    """A score on the scale from 0 to ``top`` as 1 to 10; halves are rounded up.

    Args:
        score: as the list has it. Every list writes "not rated" as 0 or as nothing.
        top: the best score of its scale.

    Returns:
        None where it is not rated, or where it is no score of that scale.
    """
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    if not 0 < score <= top:  # false for NaN too
        return None
    return max(1, math.floor(score * 10 / top + 0.5))


def parse(text: str) -> tuple[float, float | None] | None:
    """A written score and the top of the scale that it declares: "8", "8,5", "4/5", "85 %".

    Returns:
        None for what is no score.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    top = float(match[2]) if match[2] else 100.0 if match[3] else None
    return float(match[1].replace(",", ".")), top or None


def guess_top(scores: Iterable[float]) -> int | None:
    """The smallest usual scale that all the scores fit on; None if none does."""
    highest = max(scores, default=0.0)
    return next((top for top in SCALES if highest <= top), None)
