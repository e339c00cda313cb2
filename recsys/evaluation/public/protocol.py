"""How the papers on the split of Wang et al. (SIGIR 2023) measure.

A model is told the training part. Every item is ranked for every person, less those of the training
and the validation part; what it should find is the test part. Recall@k is the share of *all* test
items that are among the first k (not over min(k, n), as elsewhere in this package); NDCG@k has
binary gains and an ideal of min(k, n) hits. Both are means over people who have test items.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.metrics import ndcg, top_k
from recsys.models.gram import matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

METRICS = ("Recall@10", "Recall@20", "NDCG@10", "NDCG@20")
_USERS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Found:
    """One model on one split; each array is [users], NaN for those with nothing to find."""

    recall10: NDArray[np.float64]
    recall20: NDArray[np.float64]
    ndcg10: NDArray[np.float64]
    ndcg20: NDArray[np.float64]

    @property
    def columns(self) -> tuple[NDArray[np.float64], ...]:
        """In the order of `METRICS`."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def means(self) -> tuple[float, ...]:
        """In the order of `METRICS`, over people with something to find."""
        return tuple(
            float(column[known].mean()) if (known := np.isfinite(column)).any() else float("nan")
            for column in self.columns
        )


def measure(
    scores: NDArray[np.float32], masked: Sequence[Interactions], hidden: Interactions
) -> Found:
    """Ranks every item for each person and looks for what is hidden.

    Args:
        scores: [users, items] of a model; left as they are.
        masked: entries that are not ranked, of the same people and items.
        hidden: what should be found.
    """
    parts: list[tuple[NDArray[np.float64], ...]] = []
    away = [matrix(part) for part in masked]
    wanted = matrix(hidden)
    for start in range(0, len(scores), _USERS_AT_ONCE):
        rows = slice(start, min(start + _USERS_AT_ONCE, len(scores)))
        block = scores[rows].copy()
        for part in away:
            block[part[rows].toarray() > 0] = -np.inf
        ranked = top_k(block, 20)
        relevant = wanted[rows].toarray() > 0
        parts.append(
            (
                share_found(ranked, relevant, 10),
                share_found(ranked, relevant, 20),
                ndcg(ranked, relevant, 10),
                ndcg(ranked, relevant, 20),
            )
        )
    return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def share_found(
    ranked: NDArray[np.intp], relevant: NDArray[np.bool_], k: int
) -> NDArray[np.float64]:
    """Recall@k over all that is relevant: hits / n; [users], NaN for nothing relevant."""
    hits = np.take_along_axis(relevant, ranked[:, :k], axis=1).sum(axis=1)
    count = relevant.sum(axis=1)
    return np.divide(hits, count, out=np.full(len(hits), np.nan), where=count > 0)
