"""SLIM, solved on the Gram matrix with small active sets: the optimum of fastslim, in less time.

Ning & Karypis 2011, "SLIM: Sparse Linear Methods for Top-N Recommender Systems": for each anime i,
minimise ½‖x_i − Xw‖² + l2/2 ‖w‖² + l1 ‖w‖₁ with w ≥ 0 and w_i = 0. All that X says is in G = XᵀX:
the best w_j, the others held, is max(0, G_ji − Σ_{k≠j} G_jk w_k − l1) / (G_jj + l2) (Friedman,
Hastie & Tibshirani 2010, "Regularization Paths for Generalized Linear Models via Coordinate
Descent", section 2.2, covariance updates).

A column has some fifty weights of ten thousand. So it is solved over a few candidates, the nearest
by cosine at first; then all anime are asked whether they would take a weight (the gradient's sign,
one product of G and the weights), those that would are let in, and it is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from recsys.models.gram import symmetric

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_COLUMNS_AT_ONCE = 256
# A block is copied without its finished columns once so few are left.
_WORTH_LEAVING = 0.7


@dataclass(frozen=True, slots=True)
class SlimSettings:
    """What is solved, and how far.

    Attributes:
        l1: of the sum of the weights.
        l2: of the sum of their squares, halved.
        candidates: anime a column is solved over at first.
        let_in: at most so many more a round.
        rounds: at most how many.
        tolerance: the largest change of a weight in the last pass.
        passes: at most how many over the candidates.
    """

    l1: float
    l2: float
    candidates: int = 96
    let_in: int = 32
    rounds: int = 3
    tolerance: float = 1e-3
    passes: int = 60


def solve(
    G: NDArray[np.float32],
    settings: SlimSettings,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> sparse.csr_array:
    """The weights B [n, n], zero on the diagonal, none below 0; the score of a list x is xB.

    Args:
        G: [n, n], of which the lower triangle is read. Filled to both.
        settings: see there.
        progress: told how many of the n columns are done.
    """
    G = symmetric(G)
    n = len(G)
    diagonal = np.diagonal(G).copy()
    root = np.sqrt(np.maximum(diagonal, 1))
    blocks: list[sparse.csc_array] = []
    for start in range(0, n, _COLUMNS_AT_ONCE):
        columns = np.arange(start, min(start + _COLUMNS_AT_ONCE, n))
        blocks.append(_block(G, columns, root, diagonal, settings))
        progress(int(columns[-1]) + 1, n)
    return sparse.csr_array(sparse.hstack(blocks), dtype=np.float32)


def _block(
    G: NDArray[np.float32],
    columns: NDArray[np.intp],
    root: NDArray[np.float32],
    diagonal: NDArray[np.float32],
    settings: SlimSettings,
) -> sparse.csc_array:
    """Some columns of B, [n, b]."""
    n = len(G)
    target = np.ascontiguousarray(G[:, columns].T)  # [b, n]
    target[np.arange(len(columns)), columns] = 0  # w_i = 0: it is never a candidate
    chosen = _largest(target / root, settings.candidates)
    weights = np.zeros(chosen.shape, np.float32)
    found = sparse.csc_array((n, len(columns)), dtype=np.float32)
    for _ in range(settings.rounds):
        weights = _descend(G, target, diagonal, chosen, weights, settings)
        found = _columns(weights, chosen, n)
        would_gain = target - (G @ found).T - settings.l1
        np.put_along_axis(would_gain, chosen, -np.inf, axis=1)
        would_gain[np.arange(len(columns)), columns] = -np.inf
        more = _largest(would_gain, settings.let_in)
        # By less than the tolerance none of them would change.
        gain = np.take_along_axis(would_gain, more, axis=1) / (diagonal[more] + settings.l2)
        if not (gain > settings.tolerance).any():
            break
        chosen = np.concatenate([chosen, more], axis=1)
        weights = np.concatenate([weights, np.zeros(more.shape, np.float32)], axis=1)
    return found


def _descend(
    G: NDArray[np.float32],
    target: NDArray[np.float32],
    diagonal: NDArray[np.float32],
    chosen: NDArray[np.intp],
    weights: NDArray[np.float32],
    settings: SlimSettings,
) -> NDArray[np.float32]:
    """Cyclic coordinate descent of all columns side by side, each over its own candidates.

    Args:
        G: [n, n].
        target: [b, n], row i of G for each column.
        diagonal: [n].
        chosen: [b, c], the candidates.
        weights: [b, c], where to begin.
        settings: see there.
    """
    # [c, b, c]: one coordinate of all columns lies together.
    inner = np.stack([G[chosen[:, [j]], chosen] for j in range(chosen.shape[1])])
    result = weights.copy()
    # What is left of the target at the candidates: G_ji − Σ_k G_jk w_k.
    rest = np.take_along_axis(target, chosen, axis=1) - np.einsum("jbk,bj->bk", inner, weights)
    own = diagonal[chosen]
    # An anime on no list has nothing to say, and without l2 its scale is 0.
    scale = np.where(own + settings.l2 > 0, own + settings.l2, 1)
    still = np.arange(len(chosen))
    weights = weights.copy()
    for _ in range(settings.passes):
        largest = np.zeros(len(still), np.float32)
        for j in range(chosen.shape[1]):
            best = np.maximum(rest[:, j] + own[:, j] * weights[:, j] - settings.l1, 0)
            change = best / scale[:, j] - weights[:, j]
            if change.any():
                rest -= change[:, None] * inner[j]
                weights[:, j] += change
                np.maximum(largest, np.abs(change), out=largest)
        result[still] = weights
        moving = largest >= settings.tolerance
        if not moving.any():
            break
        # Few columns take many passes; the rest need not wait for them.
        if moving.mean() < _WORTH_LEAVING:
            still, weights, rest = still[moving], weights[moving], rest[moving]
            own, scale, inner = own[moving], scale[moving], inner[:, moving]
    return result


def _columns(weights: NDArray[np.float32], chosen: NDArray[np.intp], n: int) -> sparse.csc_array:
    """The weights in their places, [n, b]."""
    column, place = np.nonzero(weights)
    rows = chosen[column, place]
    return sparse.csc_array((weights[column, place], (rows, column)), shape=(n, len(weights)))


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Positions of the largest of each row, [b, count], in no order."""
    count = min(count, values.shape[1])
    return np.argpartition(-values, count - 1, axis=1)[:, :count]
