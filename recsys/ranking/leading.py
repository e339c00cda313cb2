"""Scores of which the highest are at hand, and the others are worked out when they are needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Leading:
    """Scores of some anime.

    Attributes:
        rows: intp [m], ascending; whose scores are at hand.
        scores: float32 [m], of those rows.
        beyond: no other row that may be shown scores more.
        more: works out the scores of more rows, of these among them, with the same numbers; None
            where there are no others.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    beyond: float = -math.inf
    more: Callable[[], Leading] | None = None

    @classmethod
    def of(cls, scores: NDArray[np.float32]) -> Leading:
        """All scores, float32 [n], are at hand."""
        return cls(np.arange(len(scores)), scores)
