"""Fits the networks of the second stage, in torch; they serve in NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.network import CLIP, Network

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from recsys.training.second_stage import Examples

    Layers = list[tuple[torch.Tensor, torch.Tensor]]

_LIKED, _DISLIKED = 2, 3
# What the losses of liking and disliking weigh beside that of presence.
_TASTES = 0.3
_WEIGHT_DECAY = 1e-2
_OUTPUTS = 3
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Fitting:
    """How one network is fitted.

    Attributes:
        hidden: widths of its hidden layers.
        epochs: passes over everything.
        at_once: lists, or ratings, in one step.
        learning_rate: the largest, of a one-cycle schedule.
    """

    hidden: tuple[int, ...]
    epochs: int
    at_once: int
    learning_rate: float


def fit_ranker(learn: Examples, fitting: Fitting, seed: int) -> Network:
    """Trains the ranking network: softmax over a list's candidates, cross-entropies for taste.

    The listwise loss is that of ListNet's top-one probabilities (Cao et al. 2007, "Learning to
    Rank: From Pairwise Approach to Listwise Approach") with what is on the list as the target;
    every list counts alike, as in NDCG. A sampled candidate stands for several: the logarithm of
    how many is added to its logit (Bengio and Senécal 2008, "Adaptive Importance Sampling to
    Accelerate Training of a Neural Probabilistic Language Model").

    Args:
        learn: see `Examples`.
        fitting: see `Fitting`.
        seed: of the weights and of the order of lists.
    """
    import torch

    def loss(logits: torch.Tensor, chosen: NDArray[np.intp]) -> torch.Tensor:
        states = torch.tensor(learn.states[chosen])
        present = states > 0
        stands_for = torch.tensor(learn.weights[chosen])
        chances = torch.log_softmax(logits[..., 0] + torch.log(stands_for), dim=1)
        by_list = torch.where(present, chances, 0.0).sum(dim=1) / present.sum(dim=1)
        taste = sum(
            torch.nn.functional.binary_cross_entropy_with_logits(
                logits[..., column][present], (states[present] == state).float()
            )
            for column, state in ((1, _LIKED), (2, _DISLIKED))
        )
        return _TASTES * taste - by_list.mean()

    real = learn.weights > 0
    mean, scale = _moments(learn.features, real)
    return _fit(learn.features, mean, scale, _OUTPUTS, loss, fitting, seed)


def fit_rater(learn: Examples, fitting: Fitting, seed: int) -> Network:
    """Trains the rating network on squared errors; arguments as for `fit_ranker`."""
    import torch

    def loss(outputs: torch.Tensor, chosen: NDArray[np.intp]) -> torch.Tensor:
        return ((outputs[:, 0] - torch.tensor(learn.off[chosen])) ** 2).mean()

    mean, scale = _moments(learn.rated, np.ones(len(learn.rated), bool))
    return _fit(learn.rated, mean, scale, 1, loss, fitting, seed)


def _fit(
    X: NDArray[np.float16],
    mean: NDArray[np.float32],
    scale: NDArray[np.float32],
    outputs: int,
    loss: Callable[[torch.Tensor, NDArray[np.intp]], torch.Tensor],
    fitting: Fitting,
    seed: int,
) -> Network:
    import torch

    random = np.random.default_rng(seed)
    widths = (len(mean), *fitting.hidden, outputs)
    layers = [
        (_leaf(random.standard_normal((m, n)) / np.sqrt(3 * m)), _leaf(np.zeros(n)))
        for m, n in pairwise(widths)
    ]
    batches = max(-(-len(X) // fitting.at_once), 1)
    optimizer = torch.optim.AdamW(
        [part for layer in layers for part in layer],
        lr=fitting.learning_rate,
        weight_decay=_WEIGHT_DECAY,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, fitting.learning_rate, total_steps=fitting.epochs * batches, pct_start=0.1
    )
    for _ in range(fitting.epochs if len(X) else 0):
        for chosen in np.array_split(random.permutation(len(X)), batches):
            values = X[chosen].astype(np.float32)
            values -= mean
            values /= scale
            np.clip(values, -CLIP, CLIP, out=values)
            error = loss(_forward(torch.tensor(values), layers), chosen)
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            schedule.step()
    trained = tuple((w.detach().numpy(), b.detach().numpy()) for w, b in layers)
    return Network(mean, scale, trained)


def _forward(values: torch.Tensor, layers: Layers) -> torch.Tensor:
    """`Network.__call__` where gradients are kept, on features that are standardised."""
    import torch

    for weights, bias in layers[:-1]:
        values = torch.nn.functional.silu(values @ weights + bias)
    weights, bias = layers[-1]
    return values @ weights + bias


def _leaf(values: NDArray[np.float64]) -> torch.Tensor:
    import torch

    return torch.tensor(values.astype(np.float32), requires_grad=True)


def _moments(
    X: NDArray[np.float16], real: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation [f] of each feature, some rows at a time, for they are many."""
    total = np.zeros(X.shape[-1])
    squares = np.zeros(X.shape[-1])
    for start in range(0, len(X), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        values = X[part][real[part]].astype(np.float64)
        total += values.sum(axis=0)
        squares += (values**2).sum(axis=0)
    count = max(int(real.sum()), 1)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    return mean.astype(np.float32), (deviation + 1e-3).astype(np.float32)
