"""What the models with one vector a user share: from vectors to picks and predicted ratings.

Only this part runs when the bot answers, so it is numpy alone; torch trains and is gone. A
decoder turns a person's vector into raw outputs for every anime: a dot product (`Factors`) or a
small network (`Tower`). A `RatingHead` says how a raw output becomes a rating.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from recsys.models.foldin import Curve, Prior, cross_entropy, fold_in, squared_error
from recsys.models.personal import PersonalModel, SettingsT, item_tensors, items_of
from recsys.models.rows import interaction_labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from numpy.typing import NDArray

    from recsys.models.pairs import HeldOut
    from recsys.models.personal import Items, Tensors, Told

RATING, INTERACTION = "rating", "interaction"


class Output(NamedTuple):
    """One head's raw outputs for m anime.

    Attributes:
        z: float32 [m].
        jacobian: float32 [m, d], by the person's vector.
    """

    z: NDArray[np.float32]
    jacobian: NDArray[np.float32]


class Decoder(Protocol):
    """Turns one person's vector into raw outputs, one head or more."""

    def outputs(self, vector: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Raw outputs of every head for all n anime, float32 [n] each."""
        ...

    def linearised(self, vector: NDArray[np.float32], items: NDArray[np.intp]) -> dict[str, Output]:
        """Raw outputs of every head for some anime, with their Jacobians."""
        ...

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What must be stored to make the same decoder again."""
        ...


@dataclass(frozen=True, slots=True)
class RatingHead:
    """From a raw output z to a rating from 1 to 10.

    Attributes:
        link: "identity" (low + (high - low) z), "sigmoid" (low + (high - low) σ(z)) or "relu"
            (max(z, 0)).
        low: of the range.
        high: of the range.
        variance: of a rating around its prediction, squared points, measured on ratings held out.
    """

    link: str
    low: float
    high: float
    variance: float

    def rating(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predicted ratings, not clipped; any shape."""
        if self.link == "relu":
            return np.maximum(z, 0)
        unit = z if self.link == "identity" else _sigmoid(z)
        return (self.low + (self.high - self.low) * unit).astype(np.float32)

    def slope(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """Derivative of the rating by z; same shape.

        For "relu" it is 1 below zero too, or a person whose vector started there would be stuck.
        """
        if self.link == "relu":
            return np.ones_like(z)
        if self.link == "identity":
            return np.full_like(z, self.high - self.low)
        unit = _sigmoid(z)
        return ((self.high - self.low) * unit * (1 - unit)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Factors:
    """A dot product: z_i = person · v_i + bias.

    Attributes:
        vectors: float32 [n, d].
        bias: the same for every anime.
        head: which head the output is.
    """

    vectors: NDArray[np.float32]
    bias: float = 0.0
    head: str = RATING

    def outputs(self, vector: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """See `Decoder`."""
        return {self.head: self.vectors @ vector.astype(np.float32) + np.float32(self.bias)}

    def linearised(self, vector: NDArray[np.float32], items: NDArray[np.intp]) -> dict[str, Output]:
        """See `Decoder`."""
        own = self.vectors[items]
        return {self.head: Output(own @ vector.astype(np.float32) + np.float32(self.bias), own)}

    def tensors(self) -> dict[str, NDArray[Any]]:
        """See `Decoder`."""
        return {"decoder.vectors": self.vectors, "decoder.bias": np.array([self.bias], np.float32)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], head: str) -> Factors:
        """The decoder that `tensors` stored."""
        return cls(_float(tensors["decoder.vectors"]), float(tensors["decoder.bias"][0]), head)


@dataclass(frozen=True, slots=True)
class Tower:
    """A network on the concatenation of a person's vector and an anime's: ReLU layers, then heads.

    The first layer is linear in the two parts, so the anime's share of it is computed once for
    all of them and a person costs one small product.

    Attributes:
        items: float32 [n, h], the anime's share of the first layer, its bias included.
        person: float32 [d, h], the first layer's weights of the person's part.
        layers: the further layers, weights float32 [in, out] and bias [out].
        heads: by name, weights float32 [in] and bias.
    """

    items: NDArray[np.float32]
    person: NDArray[np.float32]
    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
    heads: dict[str, tuple[NDArray[np.float32], float]]

    def outputs(self, vector: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """See `Decoder`."""
        x = np.maximum(self.items + vector.astype(np.float32) @ self.person, 0)
        for weight, bias in self.layers:
            x = np.maximum(x @ weight + bias, 0)
        return {name: x @ weight + np.float32(bias) for name, (weight, bias) in self.heads.items()}

    def linearised(self, vector: NDArray[np.float32], items: NDArray[np.intp]) -> dict[str, Output]:
        """See `Decoder`."""
        x = np.maximum(self.items[items] + vector.astype(np.float32) @ self.person, 0)
        active = [x > 0]
        for weight, bias in self.layers:
            x = np.maximum(x @ weight + bias, 0)
            active.append(x > 0)
        result: dict[str, Output] = {}
        for name, (weight, bias) in self.heads.items():
            back = weight * active[-1]
            for (inner, _), on in zip(reversed(self.layers), reversed(active[:-1]), strict=True):
                back = (back @ inner.T) * on
            result[name] = Output(x @ weight + np.float32(bias), back @ self.person.T)
        return result

    def tensors(self) -> dict[str, NDArray[Any]]:
        """See `Decoder`."""
        result: dict[str, NDArray[Any]] = {
            "decoder.items": self.items,
            "decoder.person": self.person,
        }
        for place, (weight, bias) in enumerate(self.layers):
            result[f"decoder.layer.{place}.weight"] = weight
            result[f"decoder.layer.{place}.bias"] = bias
        for name, (weight, bias) in self.heads.items():
            result[f"decoder.head.{name}.weight"] = weight
            result[f"decoder.head.{name}.bias"] = np.array([bias], np.float32)
        return result

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Tower:
        """The decoder that `tensors` stored."""
        depth = sum(name.startswith("decoder.layer.") for name in tensors) // 2
        return cls(
            items=_float(tensors["decoder.items"]),
            person=_float(tensors["decoder.person"]),
            layers=tuple(
                (
                    _float(tensors[f"decoder.layer.{place}.weight"]),
                    _float(tensors[f"decoder.layer.{place}.bias"]),
                )
                for place in range(depth)
            ),
            heads={
                name: (
                    _float(tensors[f"decoder.head.{name}.weight"]),
                    float(tensors[f"decoder.head.{name}.bias"][0]),
                )
                for name in (RATING, INTERACTION)
                if f"decoder.head.{name}.weight" in tensors
            },
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a person's list into a vector, and a vector into scores.

    Attributes:
        decoder: from a vector to raw outputs.
        prior: over the vectors of people.
        rating: how the rating head's raw output becomes a rating; None where there is no such
            head.
        interaction_weight: how much a yes or no answer counts beside a rating; only matters
            where there are both heads.
    """

    decoder: Decoder
    prior: Prior
    rating: RatingHead | None
    interaction_weight: float = 1.0

    def vector(
        self,
        items: NDArray[np.intp],
        ratings: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The vector of one person.

        Args:
            items: intp [m], positions of the anime on their list.
            ratings: float32 [m], 1 to 10, NaN where not rated.
            labels: float32 [m], 1 where they liked it, 0 where not, NaN where not known.
        """
        told = ~np.isnan(ratings)
        labelled = ~np.isnan(labels)

        def curve(vector: NDArray[np.float64]) -> Curve:
            narrow = vector.astype(np.float32)
            total = Curve(0.0, np.zeros_like(vector), np.zeros((len(vector), len(vector))))
            for name, (z, jacobian) in self.decoder.linearised(narrow, items).items():
                if name == RATING and self.rating is not None:
                    predicted = (
                        self.rating.rating(z[told]) if self.rating.link != "relu" else z[told]
                    )
                    slope = self.rating.slope(z[told])[:, None] * jacobian[told]
                    part = squared_error(predicted, slope, ratings[told], self.rating.variance)
                    weight = 1.0
                else:
                    part = cross_entropy(z[labelled], jacobian[labelled], labels[labelled])
                    weight = self.interaction_weight
                total = Curve(
                    total.value + weight * part.value,
                    total.gradient + weight * part.gradient,
                    total.curvature + weight * part.curvature,
                )
            return total

        if not (told.any() or labelled.any()):
            return self.prior.mean
        return fold_in(self.prior, curve)

    def ranking(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of all n anime, float32 [n]: log-odds of a good end, or else the rating."""
        outputs = self.decoder.outputs(vector)
        if INTERACTION in outputs:
            return outputs[INTERACTION]
        assert self.rating is not None  # noqa: S101 -- a decoder has one of the two heads
        return self.rating.rating(outputs[RATING])

    def ratings(self, vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Predicted ratings of all n anime, float32 [n], 1 to 10; None without that head."""
        if self.rating is None:
            return None
        return np.clip(self.rating.rating(self.decoder.outputs(vector)[RATING]), 1, 10)


class UserVectorModel(PersonalModel[SettingsT]):
    """A model that reads a person into a vector (`Reader`).

    Attributes:
        link: how its rating head's output becomes a rating (`RatingHead`).
        vectors: float32 [n, d], as learnt; `embeddings` are the same at length 1.
        reader: from a list to a vector to scores.
        held_out: what it said of the rows kept from training; None once loaded from a bundle.
    """

    link: ClassVar[str]

    def __init__(
        self,
        items: Items,
        vectors: NDArray[np.float32],
        reader: Reader,
        settings: SettingsT,
        held_out: HeldOut | None = None,
    ) -> None:
        super().__init__(items, vectors, settings)
        self.vectors = vectors
        self.reader = reader
        self.held_out = held_out

    def vector(self, told: Told) -> NDArray[np.float32]:
        """The vector of one person, float32 [d]."""
        scores = np.nan_to_num(told.ratings).astype(np.int8)
        labels = interaction_labels(scores, told.statuses)
        return self.reader.vector(told.items, told.ratings, labels)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        return self.reader.ranking(self.vector(told))

    def _rate(self, told: Told) -> NDArray[np.float32] | None:
        return self.reader.ratings(self.vector(told))

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`. No vector of a person in training is among them."""
        head = self.reader.rating
        return {
            **item_tensors(self),
            **self.reader.decoder.tensors(),
            "vectors": self.vectors,
            "prior.mean": self.reader.prior.mean,
            "prior.precision": self.reader.prior.precision,
            **(
                {"rating": np.array([head.low, head.high, head.variance], np.float64)}
                if head
                else {}
            ),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], settings: SettingsT) -> Self:
        """See `PersonalModel.from_tensors`."""
        head = None
        if "rating" in tensors:
            low, high, variance = np.asarray(tensors["rating"], np.float64).tolist()
            head = RatingHead(cls.link, low, high, variance)
        prior = Prior(_float(tensors["prior.mean"]), _float(tensors["prior.precision"]))
        weight = cls._interaction_weight(settings, head)
        reader = Reader(cls._decoder(tensors, settings), prior, head, weight)
        return cls(items_of(tensors), _float(tensors["vectors"]), reader, settings)

    @classmethod
    @abstractmethod
    def _decoder(cls, tensors: Mapping[str, NDArray[Any]], settings: SettingsT) -> Decoder: ...

    @classmethod
    def _interaction_weight(cls, settings: SettingsT, head: RatingHead | None) -> float:
        """How much an answer counts beside a rating in `Reader`."""
        del settings, head
        return 1.0


def _sigmoid(z: NDArray[np.float32]) -> NDArray[np.float32]:
    # The form in tanh never overflows.
    return (0.5 * (1 + np.tanh(0.5 * z))).astype(np.float32)


def _float(array: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(array, np.float32)
