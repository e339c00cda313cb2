"""A perceptron over the candidates of one list that sees each of them beside the others.

What a feature of a candidate says depends on the list. Where the obvious candidates are all newer
than what somebody has seen, the list goes on after its end, and the newest are the best guess;
where obvious old ones are missing, it has holes. No candidate tells that of itself. So the second
hidden layer reads, beside a candidate's own hidden units, their means over the candidates: the
permutation-equivariant layer of Zaheer et al. 2017, "Deep Sets", Lemma 3, with two means, one of
all and one of the best by the first stage.

What a list lacks lies between its entries, or after them, or is whole franchises, and what is a
good guess in one case is a bad one in the others: who has the second season and not the first
has a hole there, unless there are no holes. One output for all of them can only be a compromise.
So there is one for each case, and a gate that says from the same means how likely each is: the
mixture of experts of Jacobs et al. 1991, "Adaptive Mixtures of Local Experts". Chances are mixed,
not logits, for only one of the cases is true.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.network import Network, halved, silu_of_halves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from numpy.typing import NDArray

    from recsys.models.network import Layers

MEANS = ("all", "best")
"""Over which candidates hidden units are averaged."""

HOLES = ("random", "ended", "franchises")
"""What a list may lack: anything, what came last, or whole franchises."""

TASTES = ("liked", "disliked")
"""What is said of a candidate beside its chances."""

# Of the second mean: a candidate so many ranks further down counts for 1/e.
_BEST = 40.0


@dataclass(frozen=True, slots=True)
class ListNetwork:
    """A perceptron, and what it makes of the list around a candidate.

    Attributes:
        alone: what it would be without a list; an output for each of `HOLES`, then of `TASTES`.
        around: float32 [MEANS · h, o], weights of the h averaged units of the first hidden layer
            in the o units of the next layer.
        gate: two layers, weights and biases each, from the averaged units to a logit for each of
            `HOLES`.
        served_around: `around`, in the measure of `Network.served`.
        served_gate: `gate`, likewise.
    """

    alone: Network
    around: NDArray[np.float32]
    gate: Layers
    served_around: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    served_gate: Layers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Works out what is the same in every call."""
        # Into a hidden layer go halves; see `recsys.models.network.halved`.
        into_hidden = len(self.alone.layers) > 2
        served = self.around * np.float32(0.5 if into_hidden else 1)
        object.__setattr__(self, "served_around", served)
        object.__setattr__(self, "served_gate", halved(self.gate))

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What it says of k candidates, best first by the first stage.

        Args:
            features: float32 [k, f].

        Returns:
            Float32 [k, 1 + TASTES]. The first are logarithms of chances to be on the list, which
            sum to 1 over the candidates; the others are logits.
        """
        values = self.alone.enter(features)
        silu_of_halves(values)
        means = np.asarray(_serving_shares(len(features)) @ values, np.float32).reshape(-1)
        (weights, bias), *layers = self.alone.served[1:]
        values = values @ weights
        values += bias + means @ self.served_around
        for weights, bias in layers:
            silu_of_halves(values)
            values = values @ weights
            values += bias
        return mixed(values, self.holes(means))

    def holes(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits [HOLES] of what a list lacks, by the averaged units [MEANS · h] of it."""
        (weights, bias), (last, last_bias) = self.served_gate
        values = np.asarray(means @ weights + bias, np.float32)
        silu_of_halves(values)
        return np.asarray(values @ last + last_bias, np.float32)

    def tensors(self, name: str) -> dict[str, NDArray[Any]]:
        """What to save, by names that begin with the given one."""
        gate = {
            f"{name}.gate.{kind}.{i}": array
            for i, layer in enumerate(self.gate)
            for kind, array in zip(("weights", "bias"), layer, strict=True)
        }
        return {**self.alone.tensors(name), f"{name}.around": self.around, **gate}

    @classmethod
    def load(cls, tensors: dict[str, NDArray[Any]], name: str, *, features: int) -> Self:
        """The inverse of `tensors`; arguments and errors as those of `Network.load`."""
        outputs = len(HOLES) + len(TASTES)
        alone = Network.load(tensors, name, features=features, outputs=outputs)
        if len(alone.layers) < 2:
            raise ValueError("the network has no hidden layer")
        (_, units), (_, following) = alone.layers[:2]
        around = tensors[f"{name}.around"]
        gate = tuple(
            (tensors[f"{name}.gate.weights.{i}"], tensors[f"{name}.gate.bias.{i}"])
            for i in range(2)
        )
        (_, hidden), _ = gate
        read = len(MEANS) * len(units)
        shapes = [read, len(following)], [read, len(hidden)], [len(hidden), len(HOLES)]
        parts = (around, *(weights for weights, _ in gate))
        biases_fit = [bias.shape for _, bias in gate] == [hidden.shape, (len(HOLES),)]
        if [list(part.shape) for part in parts] != list(shapes) or not biases_fit:
            raise ValueError("the parts of the network do not fit together")
        return cls(alone, around, gate)


def mixed(logits: NDArray[np.float32], holes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Joins what is said in each case: log Σ P(case) · P(candidate | case).

    Args:
        logits: float32 [k, HOLES + TASTES].
        holes: float32 [HOLES], logits of the cases.

    Returns:
        Float32 [k, 1 + TASTES], see `ListNetwork.__call__`.
    """
    cases = len(holes)
    chances = _normalised(np.ascontiguousarray(logits[:, :cases].T), axis=1)
    chances += _normalised(holes, axis=0)[:, None]
    largest = chances.max(axis=0)
    result = np.empty((len(logits), 1 + logits.shape[1] - cases), np.float32)
    result[:, 0] = largest + np.log(np.exp(chances - largest).sum(axis=0))
    result[:, 1:] = logits[:, cases:]
    return result


def _normalised(logits: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Logarithms of the softmax along an axis."""
    away = logits - logits.max(axis=axis, keepdims=True)
    away -= np.log(np.exp(away).sum(axis=axis, keepdims=True))
    return away


def joined(members: Sequence[ListNetwork]) -> ListNetwork:
    """One network whose outputs, before they are mixed, are the means of some networks' outputs.

    Their units stand side by side, and those of one have no weights in those of another.

    Args:
        members: of the same widths, at least one.
    """
    share = np.float32(1 / len(members))
    layers = list(zip(*(member.alone.layers for member in members), strict=True))
    last = len(layers) - 1
    made: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for place, layer in enumerate(layers):
        weights, biases = ([part[i] for part in layer] for i in range(2))
        if place == last:
            made.append((np.concatenate(weights) * share, np.sum(biases, axis=0) * share))
        else:
            all_weights = _blocks(weights) if place else np.concatenate(weights, axis=1)
            made.append((all_weights, np.concatenate(biases)))
    around = _of_means([member.around for member in members], share if last == 1 else None)
    (weights, biases), (last, last_biases) = (
        tuple([member.gate[place][i] for member in members] for i in range(2)) for place in range(2)
    )
    gate = (
        (_of_means(weights, None), np.concatenate(biases)),
        (np.concatenate(last) * share, np.sum(last_biases, axis=0) * share),
    )
    first = members[0].alone
    return ListNetwork(Network(first.mean, first.scale, tuple(made)), around, gate)


def _of_means(
    members: Sequence[NDArray[np.float32]], share: np.float32 | None
) -> NDArray[np.float32]:
    """Weights that read means of all members' units, from those that read their own.

    Args:
        members: float32 [MEANS · h, o] each.
        share: of each in outputs that they have in common; None where each has outputs of its own.
    """
    by_mean = zip(*(np.split(weights, len(MEANS)) for weights in members), strict=True)
    if share is None:
        return np.concatenate([_blocks(parts) for parts in by_mean])
    return np.concatenate([np.concatenate(parts) * share for parts in by_mean])


def _blocks(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Matrices along the diagonal of a larger one, zero elsewhere."""
    rows, columns = (np.cumsum([0, *(part.shape[i] for part in parts)]) for i in range(2))
    whole = np.zeros((rows[-1], columns[-1]), np.float32)
    for i, part in enumerate(parts):
        whole[rows[i] : rows[i + 1], columns[i] : columns[i + 1]] = part
    return whole


def shares(ranks: NDArray[np.integer], stands_for: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each candidate counts in the `MEANS` of its list.

    Args:
        ranks: [..., k], by the first stage, from 0.
        stands_for: [..., k], how many candidates each stands for; 0 is padding.

    Returns:
        [..., MEANS, k], each row summing to 1.
    """
    weights = np.stack([stands_for, stands_for * np.exp(-ranks / _BEST)], axis=-2)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights.astype(np.float32)


@cache
def _serving_shares(k: int) -> NDArray[np.float32]:
    """`shares` of k candidates that all stand for themselves; k is nearly always the same."""
    return shares(np.arange(k), np.ones(k, np.float32))
