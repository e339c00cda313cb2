"""A deep autoencoder with tied weights that fills in a person's missing ratings.

The network of RikoNet (Soni et al. 2021, arXiv 2106.12970), which is that of Kuchaiev & Ginsburg
2017, "Training Deep AutoEncoders for Collaborative Filtering": the decoder uses the encoder's
weights transposed, SELU everywhere but in the last layer (ReLU), and the loss is the mean squared
error over what was rated alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.descent import Check, Draws, Phase, dropped, minimise, seeded
from recsys.models.device import autocast, best_device
from recsys.models.entries import Entries, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext

# Klambauer et al. 2017, "Self-Normalizing Neural Networks".
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True, slots=True)
class Training:
    """How the network is trained; the published notebook only loads it, so these are ours.

    Attributes:
        learning_rate: of Adam.
        epochs: passes over the people.
        batch_size: people a step.
        dropout: of the code, in training. That of Kuchaiev & Ginsburg; the 0.0 of the notebook is
            of the network it loads to predict with, where nothing is ever dropped.
        held_out: share of the entries kept aside, to stop when their error no longer falls: the
            network could learn what it is told by heart.
        patience: epochs without gain before it stops.
        seed: of the first weights and the order of people.
        bf16: matrix products in bfloat16 where there is a CUDA device.
    """

    learning_rate: float = 3e-4
    epochs: int = 100
    batch_size: int = 128
    dropout: float = 0.8
    held_out: float = 0.1
    patience: int = 3
    seed: int = 42
    bf16: bool = True


@dataclass(frozen=True, slots=True)
class SeluAutoencoder:
    """The trained network, in numpy: nothing here needs torch.

    Attributes:
        weights: float32 [in, out] each, from the ratings inwards; the decoder has no others.
        encoder_biases: float32 [out] each.
        decoder_biases: float32 [in] each, in the decoder's order: the last has length n.
    """

    weights: tuple[NDArray[np.float32], ...]
    encoder_biases: tuple[NDArray[np.float32], ...]
    decoder_biases: tuple[NDArray[np.float32], ...]

    def encode(self, items: NDArray[np.intp], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The code of one person, float32 [code].

        Args:
            items: intp [m], what they rated.
            ratings: float32 [m], 1 to 10.
        """
        return self._inner(ratings @ self.weights[0][items])

    def encode_singles(self, rating: float) -> NDArray[np.float32]:
        """The codes of n people who rated one anime each, and it this much: float32 [n, code]."""
        return self._inner(self.weights[0] * np.float32(rating))

    def decode(self, code: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predicted ratings, float32 [..., n], 0 and up."""
        x = code
        for weight, bias in zip(reversed(self.weights[1:]), self.decoder_biases[:-1], strict=True):
            x = selu(x @ weight.T + bias)
        return np.maximum(x @ self.weights[0].T + self.decoder_biases[-1], 0)

    def _inner(self, first: NDArray[np.float32]) -> NDArray[np.float32]:
        x = selu(first + self.encoder_biases[0])
        for weight, bias in zip(self.weights[1:], self.encoder_biases[1:], strict=True):
            x = selu(x @ weight + bias)
        return x

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The parameters by name."""
        return {
            f"{kind}.{place}": array
            for kind, arrays in (
                ("weight", self.weights),
                ("encoder_bias", self.encoder_biases),
                ("decoder_bias", self.decoder_biases),
            )
            for place, array in enumerate(arrays)
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> SeluAutoencoder:
        """The network that `tensors` stored."""
        depth = sum(name.startswith("weight.") for name in tensors)

        def those(kind: str) -> tuple[NDArray[np.float32], ...]:
            return tuple(np.asarray(tensors[f"{kind}.{i}"], np.float32) for i in range(depth))

        return cls(those("weight"), those("encoder_bias"), those("decoder_bias"))


def selu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scaled exponential linear unit; any shape."""
    negative = _SELU_ALPHA * np.expm1(np.minimum(x, 0))
    return (_SELU_SCALE * np.where(x > 0, x, negative)).astype(np.float32)


def start(
    sizes: tuple[int, ...], output_bias: NDArray[np.float32], seed: int
) -> dict[str, list[torch.Tensor]]:
    """Weights as Glorot & Bengio 2010 draw them (uniform Xavier); biases 0, but the output's.

    Args:
        sizes: n and the layers.
        output_bias: float32 [n], the mean rating of each anime. The last layer is a ReLU: an
            output that began below zero would never learn.
        seed: of the weights.
    """
    import torch

    generator = seeded(seed, torch.device("cpu"))
    weights = [
        torch.nn.init.xavier_uniform_(torch.empty(pair), generator=generator)
        for pair in pairwise(sizes)
    ]
    return {
        "weights": weights,
        "encoder_biases": [torch.zeros(size) for size in sizes[1:]],
        "decoder_biases": [
            *(torch.zeros(size) for size in reversed(sizes[1:-1])),
            torch.from_numpy(output_bias),
        ],
    }


def predicted(
    parameters: Mapping[str, list[torch.Tensor]],
    told: Entries,
    columns: torch.Tensor,
    drop: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> torch.Tensor:
    """The network's output for a batch of people, for some anime only.

    Args:
        parameters: as `start` makes them.
        told: what goes in.
        columns: int64 [c], the anime wanted.
        drop: dropout of the code.

    Returns:
        float32 [batch, c].
    """
    from torch.nn import functional

    weights, inner = parameters["weights"], parameters["decoder_biases"]
    x = told.summed(weights[0], told.ratings)
    x = functional.selu(x + parameters["encoder_biases"][0])
    for weight, bias in zip(weights[1:], parameters["encoder_biases"][1:], strict=True):
        x = functional.selu(x @ weight + bias)
    if drop:
        x = drop(x)
    for weight, bias in zip(reversed(weights[1:]), inner[:-1], strict=True):
        x = functional.selu(x @ weight.T + bias)
    return functional.relu(x @ weights[0][columns].T + inner[-1][columns])


def masked_loss(
    parameters: Mapping[str, list[torch.Tensor]],
    told: Entries,
    wanted: Entries,
    drop: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> torch.Tensor:
    """Mean squared error over the wanted entries alone; in training they are those told.

    What nobody of the batch is wanted to rate is not even computed.
    """
    import torch

    columns, place = torch.unique(wanted.items, return_inverse=True)
    output = predicted(parameters, told, columns, drop)
    off = output[wanted.people, place].float() - wanted.ratings
    return (off * off).mean()


def train(
    lists: Interactions, layers: tuple[int, ...], settings: Training, context: FitContext
) -> SeluAutoencoder:
    """Trains the network on rated lists.

    Args:
        lists: every entry is rated, nobody's list is empty.
        layers: widths from the first hidden one to the code.
        settings: how.
        context: see `FitContext`.
    """
    import torch

    device = best_device()
    aside = np.random.default_rng(settings.seed).random(len(lists)) < settings.held_out
    told, hidden = lists.where(~aside), lists.where(aside)
    hidden_from = np.flatnonzero((told.lengths > 0) & (hidden.lengths > 0))
    learners = torch.from_numpy(np.flatnonzero(told.lengths > 0)).to(device)
    told_store, hidden_store = Store(told, device), Store(hidden, device)
    parameters = {
        name: [tensor.to(device).requires_grad_() for tensor in tensors]
        for name, tensors in start(
            (lists.n_items, *layers), _mean_ratings(told), settings.seed
        ).items()
    }
    flat = {
        f"{name}.{layer}": tensor
        for name, tensors in parameters.items()
        for layer, tensor in enumerate(tensors)
    }
    draws = Draws(settings.seed, device)

    def drop(x: torch.Tensor) -> torch.Tensor:
        return dropped(x, settings.dropout, draws.noise)

    def loss(batch: torch.Tensor) -> torch.Tensor:
        entries = told_store.of(learners[batch])
        return masked_loss(parameters, entries, entries, drop)

    def error_of_hidden() -> float:
        total = 0.0
        for batch in torch.from_numpy(hidden_from).to(device).split(settings.batch_size):
            wanted = hidden_store.of(batch)
            with torch.no_grad(), autocast(device, bf16=settings.bf16):
                mean = masked_loss(parameters, told_store.of(batch), wanted)
            total += float(mean) * len(wanted.items)
        return total / int(hidden.lengths[hidden_from].sum())

    minimise(
        flat,
        [Phase(loss, torch.optim.Adam(flat.values(), lr=settings.learning_rate, fused=True))],
        rows=len(learners),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        draws=draws,
        context=context,
        check=Check(error_of_hidden, patience=settings.patience) if len(hidden_from) else None,
        bf16=settings.bf16,
    )
    trained = {
        name: tuple(tensor.detach().cpu().numpy() for tensor in tensors)
        for name, tensors in parameters.items()
    }
    return SeluAutoencoder(
        weights=trained["weights"],
        encoder_biases=trained["encoder_biases"],
        decoder_biases=trained["decoder_biases"],
    )


def _mean_ratings(lists: Interactions) -> NDArray[np.float32]:
    """[n] mean rating of each anime, half-way to the overall mean for an anime with one."""
    counts = np.bincount(lists.items, minlength=lists.n_items)
    sums = np.bincount(lists.items, lists.scores, lists.n_items)
    overall = sums.sum() / max(counts.sum(), 1)
    return ((sums + overall) / (counts + 1)).astype(np.float32)
