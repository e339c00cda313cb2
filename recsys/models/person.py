"""How one person rates, for the features of the second stage and of the rater."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.biases import Biases

# A person's mean and deviation start from a few imagined usual ratings.
IMAGINED = 3.0
_USUAL_RATING = 7.5
_USUAL_DEVIATION = 1.6
# In units of the person's deviation: above the first an entry was liked, below the second not.
_LIKED = 0.3
_DISLIKED = -0.8
_BAD_SCORE = 5


@dataclass(frozen=True, slots=True)
class Person:
    """m entries of one person.

    Attributes:
        mean: of their scores, drawn to the usual one while there are few.
        deviation: likewise.
        share_rated: 0 to 1.
        rated: float32 [m], ones and zeros.
        taste: float32 [m], scores in deviations from their mean; 0 where not rated.
        liked: float32 [m], ones and zeros.
        disliked: float32 [m], ones and zeros.
        residuals: float32 [m], what the biases leave unexplained, in points; 0 where not rated.
        bias: b_u of the biases.
    """

    mean: float
    deviation: float
    share_rated: float
    rated: NDArray[np.float32]
    taste: NDArray[np.float32]
    liked: NDArray[np.float32]
    disliked: NDArray[np.float32]
    residuals: NDArray[np.float32]
    bias: float

    @classmethod
    def of(
        cls, biases: Biases, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]
    ) -> Person:
        """Reads a list.

        Args:
            biases: of the first stage.
            items: [m] positions of what they have, each once; at least one.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
        """
        is_rated = np.isfinite(scores_or_nan)
        rated = is_rated.astype(np.float32)
        scores = np.where(is_rated, scores_or_nan, np.float32(0))
        count = float(rated.sum())
        total = count + IMAGINED
        mean = (float(scores.sum()) + IMAGINED * _USUAL_RATING) / total
        away = (scores - np.float32(mean)) * rated
        deviation = math.sqrt((float(away @ away) + IMAGINED * _USUAL_DEVIATION**2) / total)
        taste = away / np.float32(deviation)
        residuals = (scores - np.float32(biases.mean) - biases.anime[items]) * rated
        bias = float(residuals.sum()) / max(count + biases.user_shrinkage, 1e-9)
        residuals -= rated * np.float32(bias)
        return cls(
            mean=mean,
            deviation=deviation,
            share_rated=count / len(rated),
            rated=rated,
            taste=taste,
            liked=(taste > _LIKED).astype(np.float32),
            disliked=((taste < _DISLIKED) | (is_rated & (scores <= _BAD_SCORE))).astype(np.float32),
            residuals=residuals,
            bias=bias,
        )
