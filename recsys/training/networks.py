"""Fits the networks of the second stage, in torch; they serve in NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.list_network import HOLES, MEANS, TASTES, ListNetwork, shares
from recsys.models.network import CLIP, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch
    from numpy.typing import NDArray

    from recsys.training.second_stage import Examples

    Layers = list[tuple[torch.Tensor, torch.Tensor]]

_LIKED, _DISLIKED = 2, 3
# What the losses of liking and disliking, and of the gate, weigh beside that of presence.
_TASTES = 0.3
_GATE = 0.3
_WEIGHT_DECAY = 1e-2
_GATE_UNITS = 16
_ROWS_AT_ONCE = 4096
# Of a case that no lesson is of.
_LEAST_SHARE = 1e-3


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


def fit_ranker(learn: Examples, fitting: Fitting, prior: Sequence[float], seed: int) -> ListNetwork:
    """Trains the ranking network: softmaxes over a list's candidates, cross-entropies for taste.

    The listwise loss is that of ListNet's top-one probabilities (Cao et al. 2007, "Learning to
    Rank: From Pairwise Approach to Listwise Approach") with what is on the list as the target;
    lists count alike, as in NDCG. A sampled candidate stands for several: the logarithm of how
    many is added to its logit (Bengio and Senécal 2008, "Adaptive Importance Sampling to
    Accelerate Training of a Neural Probabilistic Language Model"), and it counts as many times in
    the means over the list.

    A list teaches the output of its own case, and the gate to tell the case. How often each case
    is among the lessons has nothing to do with how often it is met, so at the end the gate's
    biases are moved from the one to the other (Saerens, Latinne and Decaestecker 2002, "Adjusting
    the Outputs of a Classifier to New a Priori Probabilities").

    Args:
        learn: see `Examples`.
        fitting: see `Fitting`; at least one hidden layer.
        prior: how often each of `HOLES` is met.
        seed: of the weights and of the order of lists.
    """
    import torch

    random = np.random.default_rng(seed)
    mean, scale = _moments(learn.features, learn.weights > 0)
    layers = _layers((len(mean), *fitting.hidden, len(HOLES) + len(TASTES)), random)
    units, following = (len(bias) for _, bias in layers[:2])
    around = _leaf(np.zeros((len(MEANS) * units, following)))
    gate = _layers((len(MEANS) * units, _GATE_UNITS, len(HOLES)), random)

    def loss(values: torch.Tensor, chosen: NDArray[np.intp]) -> torch.Tensor:
        stands_for = learn.weights[chosen]
        of_list = torch.tensor(shares(learn.ranks[chosen], stands_for))
        logits, means = _forward_list(values, layers, of_list, around)
        states = torch.tensor(learn.states[chosen])
        holes = torch.tensor(learn.holes[chosen]).long()
        present = states > 0
        own = logits.gather(2, holes[:, None, None].expand(-1, logits.shape[1], 1))[..., 0]
        chances = torch.log_softmax(own + torch.log(torch.tensor(stands_for)), dim=1)
        by_list = torch.where(present, chances, 0.0).sum(dim=1) / present.sum(dim=1)
        taste = sum(
            torch.nn.functional.binary_cross_entropy_with_logits(
                logits[..., len(HOLES) + i][present], (states[present] == state).float()
            )
            for i, state in enumerate((_LIKED, _DISLIKED))
        )
        told_apart = torch.nn.functional.cross_entropy(_forward(means, gate), holes)
        return _TASTES * taste + _GATE * told_apart - by_list.mean()

    _descend(learn.features, mean, scale, ([*layers, *gate], [around]), loss, fitting, random)
    (weights, bias), (last, last_bias) = _numbers(gate)
    met = np.asarray(prior, np.float32) / sum(prior)
    taught = np.bincount(learn.holes, minlength=len(HOLES)) / max(len(learn.holes), 1)
    last_bias = last_bias + np.log(met / np.maximum(taught, _LEAST_SHARE)).astype(np.float32)
    return ListNetwork(
        Network(mean, scale, _numbers(layers)),
        around.detach().numpy(),
        ((weights, bias), (last, last_bias)),
    )


def fit_rater(learn: Examples, fitting: Fitting, seed: int) -> Network:
    """Trains the rating network on squared errors; arguments as for `fit_ranker`."""
    import torch

    random = np.random.default_rng(seed)
    mean, scale = _moments(learn.rated, np.ones(len(learn.rated), bool))
    layers = _layers((len(mean), *fitting.hidden, 1), random)

    def loss(values: torch.Tensor, chosen: NDArray[np.intp]) -> torch.Tensor:
        return ((_forward(values, layers)[:, 0] - torch.tensor(learn.off[chosen])) ** 2).mean()

    _descend(learn.rated, mean, scale, (layers, []), loss, fitting, random)
    return Network(mean, scale, _numbers(layers))


def _descend(
    X: NDArray[np.float16],
    mean: NDArray[np.float32],
    scale: NDArray[np.float32],
    trained: tuple[Layers, list[torch.Tensor]],
    loss: Callable[[torch.Tensor, NDArray[np.intp]], torch.Tensor],
    fitting: Fitting,
    random: np.random.Generator,
) -> None:
    """Makes a loss of standardised rows small by what is trained: layers, and other weights."""
    import torch

    layers, others = trained
    batches = max(-(-len(X) // fitting.at_once), 1)
    optimizer = torch.optim.AdamW(
        [*(part for layer in layers for part in layer), *others],
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
            error = loss(torch.tensor(values), chosen)
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            schedule.step()


def _forward(values: torch.Tensor, layers: Layers) -> torch.Tensor:
    """`Network.__call__` of standardised values [..., f], where gradients are kept."""
    import torch

    for place, (weights, bias) in enumerate(layers):
        values = values @ weights + bias
        if place < len(layers) - 1:
            values = torch.nn.functional.silu(values)
    return values


def _forward_list(
    values: torch.Tensor, layers: Layers, of_list: torch.Tensor, around: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """`ListNetwork.__call__` before the gate, where gradients are kept.

    Args:
        values: [lists, k, f], standardised.
        layers: weights and biases.
        of_list: `shares` [lists, MEANS, k].
        around: `ListNetwork.around`.

    Returns:
        Outputs [lists, k, o], and averaged units [lists, MEANS · h].
    """
    import torch

    (weights, bias), (second, second_bias), *others = layers
    units = torch.nn.functional.silu(values @ weights + bias)
    means = (of_list @ units).flatten(start_dim=-2)
    values = units @ second + (second_bias + means @ around).unsqueeze(-2)
    if others:
        values = _forward(torch.nn.functional.silu(values), others)
    return values, means


def _layers(widths: tuple[int, ...], random: np.random.Generator) -> Layers:
    return [
        (_leaf(random.standard_normal((m, n)) / np.sqrt(3 * m)), _leaf(np.zeros(n)))
        for m, n in pairwise(widths)
    ]


def _numbers(
    layers: Layers,
) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]:
    """What was learnt, without its gradients."""
    return tuple((w.detach().numpy(), b.detach().numpy()) for w, b in layers)


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
