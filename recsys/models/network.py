"""A small multilayer perceptron as it serves, in NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

CLIP = 5.0
"""Features are cut at so many deviations from their training means."""


@dataclass(frozen=True, slots=True)
class Network:
    """A perceptron with SiLU units (Elfwing, Uchibe and Doya 2018) on standardised features.

    Attributes:
        mean: float32 [f] of each feature in training.
        scale: float32 [f], its standard deviation.
        layers: weights float32 [in, out] and biases float32 [out], first to last.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outputs [k, o] of k rows of features [k, f]."""
        values = standardised(features, self.mean, self.scale)
        for weights, bias in self.layers[:-1]:
            values = values @ weights
            values += bias
            silu(values)
        weights, bias = self.layers[-1]
        return values @ weights + bias

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


def standardised(
    features: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Features in deviations from their training means, cut at `CLIP` of them."""
    values = features - mean
    values *= 1 / scale
    return np.clip(values, np.float32(-CLIP), np.float32(CLIP), out=values)


def silu(values: NDArray[np.float32]) -> None:
    """Replaces x by x / (1 + e⁻ˣ)."""
    values *= np.float32(0.5)
    tanh = np.tanh(values)
    tanh += 1
    values *= tanh


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + e⁻ˣ); the form in tanh never overflows."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)
