"""A vector for a person whom a factor model has never seen: the item side frozen, theirs fitted.

Models with an embedding a user say nothing about a newcomer. Here the newcomer's vector is the
maximum a posteriori estimate under the trained model: their ratings are the likelihood, and the
vectors of the people in training are the prior (empirical Bayes; for a plain dot product this is
the ridge regression of Koren, Bell & Volinsky 2009, "Matrix Factorization Techniques for
Recommender Systems", with the trained covariance in place of a multiple of the identity). Who has
rated nothing gets the average person. Few ratings move the vector little, and only along the
directions in which people differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MOST_STEPS = 30
_MOST_HALVINGS = 10
_TOLERANCE = 1e-6


class Curve(NamedTuple):
    """Minus the log-likelihood of a person's entries at one vector, to second order.

    Attributes:
        value: the value itself, up to a constant.
        gradient: [d].
        curvature: [d, d], positive semi-definite (Gauss-Newton or Fisher, not the full Hessian).
    """

    value: float
    gradient: NDArray[np.floating]
    curvature: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal distribution over users' vectors.

    Attributes:
        mean: float32 [d].
        precision: float32 [d, d], the inverse of the covariance.
    """

    mean: NDArray[np.float32]
    precision: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.floating]) -> Prior:
        """The distribution of trained vectors, [users, d].

        The covariance is shrunk towards a multiple of the identity by d / (users + d), so that
        it can be inverted however few people there were.
        """
        users, size = vectors.shape
        wide = vectors.astype(np.float64)
        mean = wide.mean(axis=0)
        centred = wide - mean
        covariance = centred.T @ centred / users
        shrinkage = size / (users + size)
        spread = max(float(np.trace(covariance)) / size, 1e-8)
        covariance = (1 - shrinkage) * covariance + shrinkage * spread * np.eye(size)
        precision = np.linalg.inv(covariance)
        return cls(mean.astype(np.float32), ((precision + precision.T) / 2).astype(np.float32))


def fold_in(prior: Prior, curve: Callable[[NDArray[np.float64]], Curve]) -> NDArray[np.float32]:
    """The most probable vector of one person, float32 [d].

    Newton steps with the curvature of Gauss-Newton, halved until the posterior rises: one step
    where the model is linear in the vector, a few where it is a network.

    Args:
        prior: what is known before any rating.
        curve: minus the log-likelihood of the person's entries at a vector, float64 [d].
    """
    mean = prior.mean.astype(np.float64)
    precision = prior.precision.astype(np.float64)

    def posterior(vector: NDArray[np.float64]) -> Curve:
        own = curve(vector)
        away = vector - mean
        return Curve(
            own.value + 0.5 * float(away @ precision @ away),
            own.gradient + precision @ away,
            own.curvature + precision,
        )

    vector, here = mean, posterior(mean)
    for _ in range(_MOST_STEPS):
        step = -np.linalg.solve(here.curvature, here.gradient)
        for _ in range(_MOST_HALVINGS):
            there = posterior(vector + step)
            if there.value <= here.value:
                break
            step = step / 2
        else:
            break
        gained = here.value - there.value
        vector, here = vector + step, there
        if gained <= _TOLERANCE * (1 + abs(here.value)):
            break
    return vector.astype(np.float32)


def squared_error(
    predicted: NDArray[np.floating],
    jacobian: NDArray[np.floating],
    wanted: NDArray[np.floating],
    variance: float,
) -> Curve:
    """The curve of ratings with normal noise.

    Args:
        predicted: [m].
        jacobian: [m, d], of the predictions by the vector.
        wanted: [m].
        variance: of the noise, in the units of the ratings squared.
    """
    off = np.asarray(predicted, np.float64) - wanted
    slope = np.asarray(jacobian, np.float64)
    return Curve(
        0.5 * float(off @ off) / variance, slope.T @ off / variance, slope.T @ slope / variance
    )


def cross_entropy(
    logits: NDArray[np.floating], jacobian: NDArray[np.floating], labels: NDArray[np.floating]
) -> Curve:
    """The curve of yes or no answers with the given log-odds; shapes as in `squared_error`."""
    z = np.asarray(logits, np.float64)
    slope = np.asarray(jacobian, np.float64)
    chance = 1 / (1 + np.exp(-z))
    return Curve(
        float((np.logaddexp(0, z) - labels * z).sum()),
        slope.T @ (chance - labels),
        (slope * (chance * (1 - chance))[:, None]).T @ slope,
    )
