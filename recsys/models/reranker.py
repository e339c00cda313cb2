"""The second stage: a small network that puts the first stage's best candidates in a better order.

Cascades of a cheap ranker over everything and a careful one over its best are standard since
Wang, Lin and Metzler 2011, "A Cascade Ranking Model for Efficient Ranked Retrieval", and
Covington, Adams and Sargin 2016, "Deep Neural Networks for YouTube Recommendations". Here the
second is a multilayer perceptron on `recsys.models.features`, a candidate at a time, with three
outputs: how likely the anime is on the list, how likely it is liked if it is, and how likely
disliked. One formula joins them, so what a dislike costs is a number and not another training.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.features import NAMES, CandidateFeatures
from recsys.models.item_facts import ItemFacts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from recsys.models.linear import FirstStage, LinearModel

CLIP = 5.0
_LEAST_GAIN = 1e-3
_OUTPUTS = 3


@dataclass(frozen=True, slots=True)
class Gains:
    """What it is worth to rank an anime that the person turns out to have.

    Attributes:
        liked: added to 1 for an anime that they like.
        disliked: taken from 1 for one that they dislike.
    """

    liked: float = 2.0
    disliked: float = 1.0


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
        """Three logits of each candidate: on the list; if so, liked; if so, disliked.

        Args:
            features: [k, f].

        Returns:
            [k, 3]. The first are comparable within one list only.
        """
        values = standardised(features, self.mean, self.scale)
        for weights, bias in self.layers[:-1]:
            values = values @ weights
            values += bias
            values *= _sigmoid(values)
        weights, bias = self.layers[-1]
        return values @ weights + bias


@dataclass(frozen=True, slots=True)
class Reranker:
    """A network, the features that it was trained on, and what to make of its outputs.

    Attributes:
        network: three logits a candidate.
        features: of the anime of the model it belongs to.
        gains: see `Gains`.
        candidates: how many of the first stage's best are ranked again.
    """

    network: Network
    features: CandidateFeatures
    gains: Gains
    candidates: int

    def rerank(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The first stage's scores, dealt out anew among its best candidates.

        The candidates keep their scores as a set: the best by the network gets the largest. So
        scores stay on the scale of the first stage, on which anime that no model knows are placed
        beside the others, and what is no candidate keeps its score and stays below them.

        Args:
            model: the first stage.
            first: what it said of the list.
            items: [m] positions of what the person has, each once.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.

        Returns:
            [n].
        """
        candidates = best(first.order, items, self.candidates)
        if not len(items) or len(candidates) < 2:
            return first.order
        logits = self.network(self.features(model, first, items, scores_or_nan, candidates))
        again = candidates[np.argsort(-expected_gain(logits, self.gains), kind="stable")]
        order = first.order.copy()
        order[again] = first.order[candidates]
        return order

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        network = self.network
        layers = {
            f"network.{kind}.{i}": array
            for i, layer in enumerate(network.layers)
            for kind, array in zip(("weights", "bias"), layer, strict=True)
        }
        normal = {"network.mean": network.mean, "network.scale": network.scale}
        return {**layers, **normal, **self.features.facts.tensors()}

    def serving(self) -> dict[str, Any]:
        """The numbers that a manifest keeps beside the tensors."""
        return {
            "gains": asdict(self.gains),
            "candidates": self.candidates,
            "layers": len(self.network.layers),
            "features": list(NAMES),
        }

    @classmethod
    def load(
        cls, tensors: dict[str, NDArray[Any]], serving: dict[str, Any], model: LinearModel
    ) -> Reranker:
        """The inverse of `tensors` and `serving`.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together, or were trained on other features.
        """
        if tuple(serving["features"]) != NAMES:
            raise ValueError("the second stage was trained on other features")
        layers = tuple(
            (tensors[f"network.weights.{i}"], tensors[f"network.bias.{i}"])
            for i in range(int(serving["layers"]))
        )
        widths = [len(NAMES), *(len(bias) for _, bias in layers)]
        shapes = [weights.shape for weights, _ in layers]
        if not layers or shapes != list(pairwise(widths)):
            raise ValueError("the layers of the network do not fit together")
        if widths[-1] != _OUTPUTS:
            raise ValueError(f"the network does not have {_OUTPUTS} outputs")
        mean, scale = tensors["network.mean"], tensors["network.scale"]
        if mean.shape != (len(NAMES),) or scale.shape != mean.shape:
            raise ValueError("the network was trained on other features")
        return cls(
            network=Network(mean, scale, layers),
            features=CandidateFeatures.of(model, ItemFacts.from_tensors(tensors)),
            gains=Gains(**serving["gains"]),
            candidates=int(serving["candidates"]),
        )


def best(order: NDArray[np.float32], items: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Positions of the largest scores, best first, less what the person has; ties by position."""
    left = order.copy()
    left[items] = -np.inf
    k = min(most, len(order) - len(items))
    if k <= 0:
        return np.empty(0, np.intp)
    top = np.sort(np.argpartition(-left, k - 1)[:k])
    return top[np.argsort(-left[top], kind="stable")]


def standardised(
    features: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Features in deviations from their training means, cut at `CLIP` of them."""
    values = features - mean
    values /= scale
    return np.clip(values, -CLIP, CLIP, out=values)


def expected_gain(logits: NDArray[np.float32], gains: Gains) -> NDArray[np.float32]:
    """Logarithm of P(on the list) · (1 + a · P(liked | on it) − b · P(disliked | on it)): [k]."""
    worth = 1 + gains.liked * _sigmoid(logits[:, 1]) - gains.disliked * _sigmoid(logits[:, 2])
    return np.asarray(logits[:, 0] + np.log(np.maximum(worth, _LEAST_GAIN)), np.float32)


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), np.float32)
