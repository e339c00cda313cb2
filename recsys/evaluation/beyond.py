"""What a ranking metric does not see.

How much of the catalog is shown, how little known it is, and whether a predicted 8 is an 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BIN = 0.5


def coverage(top: NDArray[np.integer], n_items: int) -> float:
    """Share of the anime that are on somebody's list: 0 to 1.

    Args:
        top: [people, k] positions.
        n_items: how many anime there are.
    """
    return len(np.unique(top)) / n_items if n_items else float("nan")


def novelty(top: NDArray[np.integer], shares: NDArray[np.floating]) -> float:
    """Mean self-information of what is shown, −log₂ of the share of people who have it, in bits.

    Zhou et al. 2010, "Solving the apparent diversity-accuracy dilemma of recommender systems"; one
    bit more is twice as little known.

    Args:
        top: [people, k] positions.
        shares: [n] of the training people, above 0.
    """
    return float(-np.log2(shares[top]).mean()) if top.size else float("nan")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Predicted ratings in bins half a point wide, against the ratings given.

    Attributes:
        predicted: [bins] mean prediction.
        actual: [bins] mean rating.
        counts: [bins] entries; no bin is empty.
    """

    predicted: NDArray[np.float64]
    actual: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of the bins from truth, by entries.

        Naeini, Cooper & Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian
        Binning", for ratings; in points of the scale.
        """
        if not len(self.counts):
            return float("nan")
        return float(np.average(np.abs(self.predicted - self.actual), weights=self.counts))


def calibration(predicted: NDArray[np.floating], actual: NDArray[np.floating]) -> Calibration:
    """Bins predictions; entries without one (NaN) are left out.

    Args:
        predicted: [entries], 1 to 10.
        actual: [entries], 1 to 10.
    """
    known = np.isfinite(predicted)
    p, a = predicted[known].astype(np.float64), actual[known].astype(np.float64)
    bins, place, counts = np.unique(
        np.floor(p / _BIN).astype(np.int64), return_inverse=True, return_counts=True
    )

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(place, values, len(bins)) / counts

    return Calibration(mean(p), mean(a), counts)
