"""Picks that do not repeat each other, or that follow the proportions of a taste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Steck's alpha: how much of the target is mixed into a list's genres, so that one which the list
# lacks costs much and not infinitely much.
_MIXED_IN = 0.01


def mmr(
    scores: NDArray[np.float32], vectors: NDArray[np.float32], k: int, trade_off: float
) -> list[int]:
    """Maximal marginal relevance (Carbonell & Goldstein 1998, section 2), greedy.

    Args:
        scores: float32 [m], relevance; scaled here to 0..1.
        vectors: float32 [m, d], unit rows; redundancy is the largest cosine to what is chosen.
        k: how many to choose.
        trade_off: lambda, 1 for relevance alone and 0 for variety alone.

    Returns:
        Positions in the input, in the order chosen; min(k, m) of them.
    """
    count = min(k, len(scores))
    if count == 0:
        return []
    relevance = _to_unit(scores)
    redundancy = np.zeros_like(relevance)
    chosen: list[int] = []
    open_ = np.ones(len(scores), dtype=np.bool_)
    for _ in range(count):
        value = np.where(open_, trade_off * relevance - (1 - trade_off) * redundancy, -np.inf)
        best = int(value.argmax())
        chosen.append(best)
        open_[best] = False
        np.maximum(redundancy, vectors @ vectors[best], out=redundancy)
    return chosen


def calibrated(
    scores: NDArray[np.float32],
    genres: NDArray[np.float32],
    target: NDArray[np.float32],
    k: int,
    trade_off: float,
) -> list[int]:
    """A list whose genres come in wanted proportions (Steck 2018, "Calibrated Recommendations").

    Greedy on trade_off · Σ relevance − (1 − trade_off) · k · KL(target ‖ list), section 4.

    Args:
        scores: float32 [m], relevance; scaled here to 0..1.
        genres: float32 [m, g], each row a share of each genre, summing to 1 or all 0.
        target: float32 [g], how much of each genre is wanted, not below 0, of any sum.
        k: how many to choose.
        trade_off: 1 for relevance alone.

    Returns:
        Positions in the input, in the order chosen; min(k, m) of them.
    """
    count = min(k, len(scores))
    total = float(target.sum())
    wanted = target > 0
    if count == 0 or total <= 0:
        return np.argsort(-scores, kind="stable")[:count].tolist()
    p, of_list = target[wanted] / total, genres[:, wanted]
    relevance = _to_unit(scores)
    chosen: list[int] = []
    summed = np.zeros(len(p), dtype=np.float32)
    open_ = np.ones(len(scores), dtype=np.bool_)
    for size in range(1, count + 1):
        q = (1 - _MIXED_IN) * (summed + of_list) / size + _MIXED_IN * p
        divergence = (p * np.log(p / q)).sum(axis=1)
        value = trade_off * relevance - (1 - trade_off) * size * divergence
        best = int(np.where(open_, value, -np.inf).argmax())
        chosen.append(best)
        open_[best] = False
        summed += of_list[best]
    return chosen


def _to_unit(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    span = float(scores.max() - scores.min())
    return (scores - scores.min()) / span if span > 0 else np.ones_like(scores)
