"""Two systems on the same people: how far apart, how sure, and how likely by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Ratio:
    """One system's mean over another's.

    Attributes:
        value: of the quotient.
        low: lower end of its 95 % interval.
        high: its upper end.
    """

    value: float
    low: float
    high: float


def ratio_of_means(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], *, seed: int = 0, rounds: int = 4000
) -> Ratio:
    """The quotient of two means over the same people, with a paired bootstrap over people.

    Args:
        ours: [users] one system's metric; people with NaN in either are left out.
        theirs: [users] the other's.
        seed: of the resampling.
        rounds: how many resamples.

    Returns:
        NaN where nobody is left, or where the other's mean is 0.
    """
    both = np.isfinite(ours) & np.isfinite(theirs)
    pair = np.stack([ours[both], theirs[both]])
    return _ratio(pair, lambda sums: sums[..., 0, :] / sums[..., 1, :], seed, rounds)


def ratio_of_rmse(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], *, seed: int = 0, rounds: int = 4000
) -> Ratio:
    """The quotient of two RMSE over the same entries, with a paired bootstrap over people.

    Args:
        ours: [users] one system's sum of squared errors over a person's entries.
        theirs: [users] the other's, over the same entries.
        seed: of the resampling.
        rounds: how many resamples.
    """
    pair = np.stack([ours, theirs])
    return _ratio(pair, lambda sums: np.sqrt(sums[..., 0, :] / sums[..., 1, :]), seed, rounds)


def p_value(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], *, seed: int = 0, rounds: int = 10_000
) -> float:
    """How often chance alone would part two systems as far, either way.

    The paired randomisation test (Fisher 1935; for rankings Smucker, Allan & Carterette 2007, "A
    Comparison of Statistical Significance Tests for Information Retrieval Evaluation"): were the
    two alike, each person's difference might as well have the other sign.

    Args:
        ours: [users] one system's metric; people with NaN in either are left out.
        theirs: [users] the other's.
        seed: of the signs.
        rounds: how many draws; the least value is 1 / (rounds + 1).

    Returns:
        From 0 to 1; 1 where nobody is left.
    """
    gap = ours - theirs
    gap = gap[np.isfinite(gap)]
    # Whose difference is 0 changes no sum.
    gap = gap[gap != 0]
    if not len(gap):
        return 1.0
    observed = abs(float(gap.sum()))
    random = np.random.default_rng(seed)
    as_far = 0
    for start in range(0, rounds, _AT_ONCE):
        count = min(_AT_ONCE, rounds - start)
        signs = random.integers(0, 2, (count, len(gap)), np.int8).astype(np.float64) * 2 - 1
        # Rounding must not tell two equal sums apart.
        as_far += int((np.abs(signs @ gap) >= observed * (1 - 1e-12)).sum())
    return (as_far + 1) / (rounds + 1)


def _ratio(pair: NDArray[np.float64], quotient, seed: int, rounds: int) -> Ratio:  # noqa: ANN001
    """A quotient of sums [2, users] and its interval; NaN where it is not a number."""
    if not pair.shape[1] or not pair[1].any():
        return Ratio(float("nan"), float("nan"), float("nan"))
    value = float(quotient(pair.sum(axis=1)[:, None])[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.concatenate([quotient(sums) for sums in _resampled(pair, seed, rounds)])
    # A resample in which theirs is 0 has no quotient.
    low, high = np.quantile(draws[np.isfinite(draws)], [0.025, 0.975])
    return Ratio(value, float(low), float(high))


def _resampled(pair: NDArray[np.float64], seed: int, rounds: int) -> Iterator[NDArray[np.float64]]:
    """Sums of people drawn with replacement: [2, some rounds]."""
    random = np.random.default_rng(seed)
    users = pair.shape[1]
    for start in range(0, rounds, _AT_ONCE):
        drawn = random.integers(0, users, (min(_AT_ONCE, rounds - start), users))
        yield pair[:, drawn].sum(axis=2)
