"""A perceptron over the candidates of one list that sees each of them beside the others.

What a feature of a candidate says depends on the list. Where the obvious candidates are all newer
than what somebody has seen, the list goes on after its end, and the newest are the best guess;
where obvious old ones are missing, it has holes. No candidate tells that of itself. So the second
hidden layer reads, beside a candidate's own hidden units, their means over the candidates: the
permutation-equivariant layer of Zaheer et al. 2017, "Deep Sets", Lemma 3, with two means, one of
all and one of the best by the first stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.network import Network, silu_of_halves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from numpy.typing import NDArray

MEANS = ("all", "best")
"""Over which candidates hidden units are averaged."""

# Of the second mean: a candidate so many ranks further down counts for 1/e.
_BEST = 40.0


@dataclass(frozen=True, slots=True)
class ListNetwork:
    """A perceptron, and what it makes of the list around a candidate.

    Attributes:
        alone: what it would be without a list.
        around: float32 [MEANS · h, o], weights of the h averaged units of the first hidden layer
            in the o units of the next layer.
        served_around: the same, in the measure of `Network.served`.
    """

    alone: Network
    around: NDArray[np.float32]
    served_around: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Works out what is the same in every call."""
        # Into a hidden layer go halves; see `recsys.models.network.halved`.
        into_hidden = len(self.alone.layers) > 2
        served = self.around * np.float32(0.5 if into_hidden else 1)
        object.__setattr__(self, "served_around", served)

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outputs [k, o] of k candidates, best first by the first stage: features [k, f]."""
        values = self.alone.enter(features)
        silu_of_halves(values)
        means = (_serving_shares(len(features)) @ values).reshape(-1)
        (weights, bias), *layers = self.alone.served[1:]
        values = values @ weights
        values += bias + means @ self.served_around
        for weights, bias in layers:
            silu_of_halves(values)
            values = values @ weights
            values += bias
        return values

    def tensors(self, name: str) -> dict[str, NDArray[Any]]:
        """What to save, by names that begin with the given one."""
        return {**self.alone.tensors(name), f"{name}.around": self.around}

    @classmethod
    def load(
        cls, tensors: dict[str, NDArray[Any]], name: str, *, features: int, outputs: int
    ) -> Self:
        """The inverse of `tensors`; arguments and errors as those of `Network.load`.

        A network that was saved without `around` takes no notice of its list.
        """
        alone = Network.load(tensors, name, features=features, outputs=outputs)
        if len(alone.layers) < 2:
            raise ValueError("the network has no hidden layer")
        (_, units), (_, following) = alone.layers[:2]
        shape = (len(MEANS) * len(units), len(following))
        around = tensors.get(f"{name}.around")
        if around is None:
            around = np.zeros(shape, np.float32)
        if around.shape != shape:
            raise ValueError("the parts of the network do not fit together")
        return cls(alone, around)


def joined(members: Sequence[ListNetwork]) -> ListNetwork:
    """One network that answers with the mean of what some say who read the same features.

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
    of_means = zip(*(np.split(member.around, len(MEANS)) for member in members), strict=True)
    if last == 1:
        around = np.concatenate([np.concatenate(parts) * share for parts in of_means])
    else:
        around = np.concatenate([_blocks(parts) for parts in of_means])
    first = members[0].alone
    return ListNetwork(Network(first.mean, first.scale, tuple(made)), around)


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
