"""How one person rates, for the features of the second stage and of the rater."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.linear_answer import FirstStage

RATED, RESIDUAL, ONE, TASTE, LIKED, DISLIKED = range(6)
"""Rows of `Person.weights`."""

# A person's mean and deviation start from a few imagined usual ratings.
IMAGINED = 3.0
_USUAL_RATING = 7.5
_USUAL_DEVIATION = 1.6
# In units of the person's deviation: above the first an entry was liked, below the second not.
_LIKED_FROM = 0.3
_DISLIKED_TO = -0.8
_BAD_SCORE = 5


@dataclass(frozen=True, slots=True)
class Person:
    """m entries of one person.

    Attributes:
        mean: of their scores, drawn to the usual one while there are few.
        deviation: likewise.
        share_rated: 0 to 1.
        share_liked: of all entries, 0 to 1.
        weights: float32 [6, m], what is said of each entry. One product with it sums up all that
            is asked of the entries, so it is one matrix. Its rows: `RATED`, 1 or 0; `RESIDUAL`,
            what the biases leave unexplained, in points, and 0 where not rated; `ONE`; `TASTE`,
            the score in deviations from the mean, and 0 where not rated; `LIKED`, 1 or 0;
            `DISLIKED`, 1 or 0.
        usual: float32 [4, 1], what sums over the rows from `ONE` on are multiplied by to be alike
            for lists of any length: 1/m, 1/√m, and one over how many are liked, and disliked.
    """

    mean: float
    deviation: float
    share_rated: float
    share_liked: float
    weights: NDArray[np.float32]
    usual: NDArray[np.float32]

    @classmethod
    def of(cls, first: FirstStage, scores_or_nan: NDArray[np.float32]) -> Person:
        """Reads a list.

        Args:
            first: what the first stage said of it.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it; at least one entry.
        """
        m = len(scores_or_nan)
        weights = np.empty((6, m), np.float32)
        taste = weights[TASTE]
        is_rated = np.isfinite(scores_or_nan)
        weights[RATED] = is_rated
        weights[RESIDUAL] = first.residuals
        weights[ONE] = 1
        scores = np.where(is_rated, scores_or_nan, np.float32(0))
        count = float(np.count_nonzero(is_rated))
        total = count + IMAGINED
        mean = (float(scores.sum()) + IMAGINED * _USUAL_RATING) / total
        np.multiply(scores - np.float32(mean), weights[RATED], out=taste)
        deviation = math.sqrt((float(taste @ taste) + IMAGINED * _USUAL_DEVIATION**2) / total)
        taste /= np.float32(deviation)
        liked = taste > _LIKED_FROM
        disliked = (taste < _DISLIKED_TO) | (is_rated & (scores <= _BAD_SCORE))
        weights[LIKED] = liked
        weights[DISLIKED] = disliked
        many = int(np.count_nonzero(liked))
        usual = 1 / m, m**-0.5, 1 / max(many, 1), 1 / max(int(np.count_nonzero(disliked)), 1)
        return cls(
            mean=mean,
            deviation=deviation,
            share_rated=count / m,
            share_liked=many / m,
            weights=weights,
            usual=np.array(usual, np.float32)[:, None],
        )
