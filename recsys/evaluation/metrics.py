"""How good a ranking is: Recall@k and NDCG@k as Liang et al. 2018 (section 4.2) define them.

Every function gives one number a person, so that two models can be compared pair by pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def top_k(scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """Positions of the k largest of each row, best first; of equals the earlier one.

    Args:
        scores: [users, anime].
        k: at most the number of anime is returned.
    """
    if k >= scores.shape[1]:
        return np.argsort(-scores, axis=1, kind="stable")
    # Sorting all ten thousand anime of everybody would take most of an evaluation's time.
    some = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(scores, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    top = np.take_along_axis(some, order, axis=1)
    # Which of several equals a partition lets in at the cut is left to chance.
    least = values.min(axis=1)
    tied = (scores >= least[:, None]).sum(axis=1) > k
    top[tied] = np.argsort(-scores[tied], axis=1, kind="stable")[:, :k]
    return top


def recall(ranked: NDArray[np.intp], relevant: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Share of the relevant anime among the first k, over at most k: Σ hits / min(k, relevant).

    Args:
        ranked: [users, at least k] positions, best first.
        relevant: [users, anime].
        k: cut-off.

    Returns:
        [users]; NaN for a person with nothing relevant.
    """
    hits = np.take_along_axis(relevant, ranked[:, :k], axis=1).sum(axis=1)
    return _over(hits, np.minimum(relevant.sum(axis=1), k))


def ndcg(ranked: NDArray[np.intp], relevant: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain of binary relevance, discount 1 / log2(rank + 1).

    Args:
        ranked: [users, at least k] positions, best first.
        relevant: [users, anime].
        k: cut-off.

    Returns:
        [users]; NaN for a person with nothing relevant.
    """
    hits = np.take_along_axis(relevant, ranked[:, :k], axis=1)
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    best = np.concatenate([[0.0], np.cumsum(discount)])
    gain = hits @ discount[: hits.shape[1]]
    return _over(gain, best[np.minimum(relevant.sum(axis=1), k)])


def rmse(predicted: NDArray[np.floating], actual: NDArray[np.floating]) -> float:
    """Root of the mean squared error; NaN of nothing."""
    return float(np.sqrt(np.mean((predicted - actual) ** 2))) if len(actual) else float("nan")


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one model is ahead of another on the same people.

    Attributes:
        mean: of the differences.
        low: lower end of the 95 % interval.
        high: its upper end.
    """

    mean: float
    low: float
    high: float


def paired_bootstrap(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], *, seed: int = 0, rounds: int = 4000
) -> Difference:
    """Resamples people, not models (Sakai 2006): the interval of the mean of ours − theirs.

    Args:
        ours: [users] one model's metric; people with NaN in either are left out.
        theirs: [users] the other's.
        seed: of the resampling.
        rounds: how many resamples.
    """
    gap = ours - theirs
    gap = gap[np.isfinite(gap)]
    if not len(gap):
        return Difference(float("nan"), float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    means = [gap[random.integers(0, len(gap), len(gap))].mean() for _ in range(rounds)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(float(gap.mean()), float(low), float(high))


def _over(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """The quotient, NaN where b is 0."""
    return np.divide(a, b, out=np.full(len(a), np.nan), where=np.asarray(b) > 0)
