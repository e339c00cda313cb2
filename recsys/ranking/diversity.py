"""Picks that do not repeat each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    span = float(scores.max() - scores.min())
    relevance = (scores - scores.min()) / span if span > 0 else np.ones_like(scores)
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
