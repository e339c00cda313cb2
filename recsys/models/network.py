"""A small multilayer perceptron as it serves, in NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    Layers: TypeAlias = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]

CLIP = 5.0
"""Features are cut at so many deviations from their training means."""


@dataclass(frozen=True, slots=True)
class Network:
    """A perceptron with SiLU units (Elfwing, Uchibe and Doya 2018) on standardised features.

    Attributes:
        mean: float32 [f] of each feature in training.
        scale: float32 [f], its standard deviation.
        layers: weights float32 [in, out] and biases float32 [out], first to last.
        served: `layers` as `halved` makes them, the first for features as they come.
        least: float32 [f], what each feature is raised to at least.
        most: float32 [f], what each is cut to at most.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    layers: Layers
    served: Layers = field(init=False, repr=False, compare=False)
    least: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    most: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Works out what is the same in every call."""
        (weights, bias), *others = self.layers
        # Standardising is linear, so the first layer can do it beside its own sums.
        first = np.asarray(weights / self.scale[:, None], np.float32)
        moved = np.asarray(bias - self.mean @ first, np.float32)
        object.__setattr__(self, "served", halved(((first, moved), *others)))
        object.__setattr__(self, "least", self.mean - np.float32(CLIP) * self.scale)
        object.__setattr__(self, "most", self.mean + np.float32(CLIP) * self.scale)

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outputs [k, o] of k rows of features [k, f]."""
        values = self.enter(features)
        for weights, bias in self.served[1:]:
            silu_of_halves(values)
            values = values @ weights
            values += bias
        return values

    def enter(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the first layer takes in of k rows of features [k, f], in halves: [k, h]."""
        weights, bias = self.served[0]
        values = np.maximum(features, self.least)
        np.minimum(values, self.most, out=values)
        values = values @ weights
        values += bias
        return values

    def tensors(self, name: str) -> dict[str, NDArray[Any]]:
        """What to save, by names that begin with the given one."""
        layers = {
            f"{name}.{kind}.{i}": array
            for i, layer in enumerate(self.layers)
            for kind, array in zip(("weights", "bias"), layer, strict=True)
        }
        return {**layers, f"{name}.mean": self.mean, f"{name}.scale": self.scale}

    @classmethod
    def load(
        cls, tensors: dict[str, NDArray[Any]], name: str, *, features: int, outputs: int
    ) -> Network:
        """The inverse of `tensors`.

        Args:
            tensors: of one part of a bundle.
            name: as it was saved.
            features: how many the network must take.
            outputs: how many it must have.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together.
        """
        count = sum(key.startswith(f"{name}.weights.") for key in tensors)
        layers = tuple(
            (tensors[f"{name}.weights.{i}"], tensors[f"{name}.bias.{i}"]) for i in range(count)
        )
        widths = [features, *(len(bias) for _, bias in layers)]
        if not layers or [weights.shape for weights, _ in layers] != list(pairwise(widths)):
            raise ValueError("the layers of the network do not fit together")
        if widths[-1] != outputs:
            raise ValueError(f"the network does not have {outputs} outputs")
        mean, scale = tensors[f"{name}.mean"], tensors[f"{name}.scale"]
        if mean.shape != (features,) or scale.shape != mean.shape:
            raise ValueError("the network was trained on other features")
        return cls(mean, scale, layers)


def halved(layers: Layers) -> Layers:
    """Layers of which all but the last give half of their sums, as `silu_of_halves` takes them."""
    half = np.float32(0.5)
    return (*((half * weights, half * bias) for weights, bias in layers[:-1]), layers[-1])


def silu_of_halves(halves: NDArray[np.float32]) -> None:
    """Replaces x / 2 by x / (1 + e⁻ˣ), which is x / 2 · (1 + tanh(x / 2))."""
    added = np.tanh(halves)
    added *= halves
    halves += added


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + e⁻ˣ); the form in tanh never overflows."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)
