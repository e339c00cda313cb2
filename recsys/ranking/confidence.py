"""How far a predicted rating may be off, so that four of five ratings fall within the range.

The spread of a prediction is learnt from people whom the model had not seen: the logarithm of its
variance is linear in what makes a rating hard to guess, fitted by maximum likelihood (Harvey 1976,
"Estimating Regression Models with Multiplicative Heteroscedasticity"). How many spreads the range
takes below and above is read off other such people, without any assumption about the shape of the
errors: the locally weighted split conformal intervals of Lei et al. 2018, "Distribution-Free
Predictive Inference for Regression", section 5.2, with a quantile of its own for either side.
`python -m recsys confidence` learns the numbers, and measures how many ratings fall within.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.linear import LinearModel

COVERAGE = 0.8
"""Share of ratings that fall within a range."""

FEATURES = 6

# A person's spread counts as if they had given so many ratings with the usual one.
_PRIOR_RATINGS = 5
_USUAL_SPREAD = 1.3
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Confidence:
    """Learnt ranges.

    Attributes:
        weights: of the features, for the logarithm of the variance; see `features`.
        below: how many spreads a range reaches below the prediction.
        above: how many above.
    """

    weights: tuple[float, ...]
    below: float
    above: float

    def __post_init__(self) -> None:
        """Refuses numbers of another version."""
        if len(self.weights) != FEATURES:
            raise ValueError(f"there are {len(self.weights)} weights, and not {FEATURES}")

    def range(
        self, predicted: NDArray[np.floating], described: NDArray[np.floating]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The ends of the ranges, each [m], within 1 to 10.

        Args:
            predicted: [m], predicted ratings.
            described: [m, FEATURES].
        """
        spread = np.exp(described @ self.weights / 2)
        low, high = predicted - self.below * spread, predicted + self.above * spread
        return np.minimum(np.maximum(low, 1), 10), np.minimum(np.maximum(high, 1), 10)


def features(
    model: LinearModel,
    items: NDArray[np.intp],
    scores: NDArray[np.float32],
    targets: NDArray[np.intp],
    predicted: NDArray[np.float32],
) -> NDArray[np.float64]:
    """What makes some ratings of one person hard to guess, float64 [m, FEATURES].

    One; the logarithms of how many ratings they gave and of how far these lie from the biases'
    prediction; the standard error of the anime's mean, in units of the spread of its ratings; the
    predicted rating's distance from 7, and its square, for there is little room above a high one.

    Args:
        model: which predicted.
        items: intp [ratings], positions of what they rated.
        scores: float32 [ratings], 1 to 10.
        targets: intp [m], positions of what was predicted.
        predicted: float32 [m].
    """
    off = model.biases.residuals_of_user(items, scores)
    return described(model, off, len(items), targets, predicted)


def described(
    model: LinearModel,
    residuals: NDArray[np.float32],
    count: int,
    targets: NDArray[np.intp],
    predicted: NDArray[np.float32],
) -> NDArray[np.float64]:
    """`features`, where the residuals are at hand.

    Args:
        model: as for `features`.
        residuals: float32 [entries], what the biases leave unexplained; 0 where not rated.
        count: how many ratings there are among the entries.
        targets: as for `features`.
        predicted: as for `features`.
    """
    prior = _PRIOR_RATINGS * _USUAL_SPREAD**2
    spread = math.sqrt((float(residuals @ residuals) + prior) / (count + _PRIOR_RATINGS))
    person = 1.0, math.log1p(count), math.log(spread)
    # A list has a few picks: numbers one by one are quicker than columns.
    return np.array(
        [
            (*person, 1 / math.sqrt(1 + ratings), told - 7, (told - 7) ** 2)
            for ratings, told in zip(
                model.ratings_count.take(targets).tolist(), predicted.tolist(), strict=True
            )
        ]
    ).reshape(-1, FEATURES)


def fit_spread(described: NDArray[np.float64], errors: NDArray[np.float64]) -> tuple[float, ...]:
    """Weights of the logarithm of the variance, by Fisher scoring.

    Args:
        described: [m, FEATURES].
        errors: [m], rating less prediction.
    """
    gram = np.linalg.pinv(described.T @ described)
    weights = np.zeros(described.shape[1])
    weights[0] = np.log(max(float((errors**2).mean()), 1e-6))
    for _ in range(_STEPS):
        excess = errors**2 / np.exp(described @ weights) - 1
        step = gram @ (described.T @ excess)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    return tuple(weights.tolist())


def fit_ends(spreads: NDArray[np.float64], errors: NDArray[np.float64]) -> tuple[float, float]:
    """How many spreads a range reaches below and above, each side missed by half of the rest.

    Args:
        spreads: [m], of people whom `fit_spread` has not seen.
        errors: [m], rating less prediction.
    """
    missed = (1 - COVERAGE) / 2
    low, high = np.quantile(errors / spreads, [missed, 1 - missed])
    return float(-low), float(high)


SHIPPED = Confidence(
    weights=(0.6944, -0.1378, 1.2611, 1.2414, -0.1796, 0.0044), below=1.2099, above=1.1917
)
"""What `python -m recsys confidence --learn` printed for the settings of the bundle that ships."""
