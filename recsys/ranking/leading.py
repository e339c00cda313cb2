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
    """Scores of n anime.

    Attributes:
        rows: intp [m], ascending; whose scores are at hand.
        scores: float32 [m], of those rows.
        beyond: no other row scores more.
        all: works out all of them, float32 [n].
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    beyond: float
    all: Callable[[], NDArray[np.float32]]

    @classmethod
    def of(cls, scores: NDArray[np.float32]) -> Leading:
        """All scores, float32 [n], are at hand."""
        return cls(np.arange(len(scores)), scores, -math.inf, lambda: scores)
