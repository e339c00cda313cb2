"""Training on pairs: one rated entry is one example of a person's row and an anime's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.models.descent import Batches, Check, Draws, Phase, dropped, minimise, seeded
from recsys.models.device import best_device
from recsys.models.user_vectors import INTERACTION, RATING, RatingHead, Tower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch
    from numpy.typing import NDArray

    from recsys.models.context import FitContext
    from recsys.models.rows import Rows

    Tensors = Mapping[str, torch.Tensor]
    Drop = Callable[[torch.Tensor], torch.Tensor]
    Forward = Callable[[Tensors, torch.Tensor, torch.Tensor, Drop], dict[str, torch.Tensor]]
    Loss = Callable[[dict[str, torch.Tensor], torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class PairSettings:
    """What every model of pairs is told; each gives the numbers of its own source.

    Attributes:
        epochs: at most how many passes.
        batch_size: ratings a step.
        most_steps: an epoch; on more ratings the batches grow instead (`descent.Batches`).
        learning_rate: of Adam.
        held_out: share of ratings kept aside to measure the error.
        seed: of everything drawn.
    """

    epochs: int = 10
    batch_size: int = 64
    most_steps: int = 4000
    learning_rate: float = 1e-3
    held_out: float = 0.1
    seed: int = 42


@dataclass(frozen=True, slots=True)
class PairTraining:
    """How a model of pairs is trained.

    Attributes:
        epochs: at most how many passes.
        batch_size: examples a step, unless that makes too many steps.
        most_steps: an epoch; beyond it the batches grow (`descent.Batches`).
        learning_rate: of Adam, at the batch size asked for; the peak where it is one cycle.
        seed: of the order of examples and the dropout.
        dropout: of both vectors.
        patience: epochs without gain on the rows held out before it stops; None never stops.
        one_cycle: the schedule of Smith & Topin 2018 with fastai's numbers, and its AdamW.
        weight_decay: decoupled; used in one cycle only.
    """

    epochs: int
    batch_size: int
    most_steps: int
    learning_rate: float
    seed: int
    dropout: float = 0.0
    patience: int | None = None
    one_cycle: bool = False
    weight_decay: float = 0.0

    @classmethod
    def of(cls, settings: PairSettings, **more: Any) -> PairTraining:  # noqa: ANN401 -- the fields above
        """What the settings of every such model name, and what only some of them do."""
        return cls(
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            most_steps=settings.most_steps,
            learning_rate=settings.learning_rate,
            seed=settings.seed,
            **more,
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the model said of the rows kept from it, to measure it on people it knows.

    Attributes:
        scores: float32 [rows], the ratings given.
        labels: float32 [rows], 1, 0 or NaN (`rows.interaction_labels`).
        outputs: by head, raw outputs float32 [rows].
    """

    scores: NDArray[np.float32]
    labels: NDArray[np.float32]
    outputs: dict[str, NDArray[np.float32]]

    def head(self, link: str, low: float = 0.0, high: float = 1.0) -> RatingHead:
        """The rating head, with the noise measured on these rows."""
        head = RatingHead(link, low, high, variance=1.0)
        off = head.rating(self.outputs[RATING]) - self.scores
        return RatingHead(link, low, high, variance=max(float((off * off).mean()), 1e-3))


def train_pairs(
    rows: Rows,
    start: Mapping[str, torch.Tensor],
    forward: Forward,
    loss: Loss,
    training: PairTraining,
    context: FitContext,
) -> tuple[dict[str, NDArray[np.float32]], HeldOut]:
    """Trains the parameters on the rows that are not held out.

    Args:
        rows: the examples.
        start: the parameters, on the processor; each is copied.
        forward: raw outputs by head of some users and items, given the dropout to apply.
        loss: of outputs, scores and labels of a batch.
        training: how.
        context: see `FitContext`.

    Returns:
        The trained parameters, and what they say of the rows held out.
    """
    import torch

    device = best_device()
    draws = Draws(training.seed, device)
    parameters = {
        name: tensor.detach().clone().to(device).requires_grad_() for name, tensor in start.items()
    }

    def columns(mask: NDArray[np.bool_]) -> tuple[torch.Tensor, ...]:
        parts = (rows.users, rows.items, rows.scores, rows.labels)
        return tuple(torch.from_numpy(part[mask]).to(device) for part in parts)

    users, items, scores, labels = columns(~rows.held_out)
    test_users, test_items, test_scores, test_labels = columns(rows.held_out)
    batches = Batches.plan(len(users), training.batch_size, training.most_steps)
    rate = training.learning_rate * batches.rate
    optimizer, schedule = _optimizer(parameters, rate, training, batches.count(len(users)))

    def drop(x: torch.Tensor) -> torch.Tensor:
        return dropped(x, training.dropout, draws.noise)

    def of_batch(batch: torch.Tensor) -> torch.Tensor:
        outputs = forward(parameters, users[batch], items[batch], drop)
        return loss(outputs, scores[batch], labels[batch])

    def kept_aside() -> dict[str, torch.Tensor]:
        with torch.no_grad():
            return forward(parameters, test_users, test_items, lambda x: x)

    def error_kept_aside() -> float:
        return float(loss(kept_aside(), test_scores, test_labels))

    minimise(
        parameters,
        [Phase(of_batch, optimizer)],
        rows=len(users),
        batch_size=batches.size,
        epochs=training.epochs,
        draws=draws,
        context=context,
        schedule=schedule,
        check=Check(error_kept_aside, patience=training.patience),
    )
    held_out = HeldOut(
        scores=rows.scores[rows.held_out],
        labels=rows.labels[rows.held_out],
        outputs={name: z.cpu().numpy() for name, z in kept_aside().items()},
    )
    return {name: t.detach().cpu().numpy() for name, t in parameters.items()}, held_out


def _optimizer(
    parameters: Mapping[str, torch.Tensor], rate: float, training: PairTraining, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler | None]:
    import torch

    tensors = list(parameters.values())
    if not training.one_cycle:
        return torch.optim.Adam(tensors, lr=rate, fused=True), None
    # fastai's `fit_one_cycle`: a quarter of the steps up from a 25th of the peak, then down to
    # nearly nothing, momentum the other way; its Adam has betas (.95, .99) and eps 1e-5.
    optimizer = torch.optim.AdamW(
        tensors, lr=rate, betas=(0.95, 0.99), eps=1e-5, weight_decay=training.weight_decay,
        fused=True,
    )  # fmt: skip
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=rate,
        total_steps=max(training.epochs * steps, 1) + 1,
        pct_start=0.25,
        div_factor=25,
        final_div_factor=4000,
        base_momentum=0.85,
        max_momentum=0.95,
    )
    return optimizer, schedule


def squared(outputs: dict[str, torch.Tensor], wanted: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the rating head's raw outputs."""
    off = outputs[RATING] - wanted
    return (off * off).mean()


def binary_cross_entropy(outputs: dict[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of the interaction head over the rows that have a label; 0 for none."""
    import torch
    from torch.nn import functional

    known = ~torch.isnan(labels)
    each = functional.binary_cross_entropy_with_logits(
        outputs[INTERACTION], torch.where(known, labels, 0.0), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp(min=1)


def start_tower(
    n_users: int,
    n_items: int,
    sizes: tuple[int, int, int],
    hidden: tuple[int, ...],
    heads: tuple[str, ...],
    seed: int,
) -> dict[str, torch.Tensor]:
    """The first parameters of a `Tower`, drawn as Keras draws them.

    Args:
        n_users: rows of the users' table.
        n_items: rows of the items' table.
        sizes: of a user's vector, of an anime's, and of its facts (0 for none).
        hidden: widths of the layers.
        heads: names.
        seed: of the draws.
    """
    import torch

    generator = seeded(seed, torch.device("cpu"))

    def table(rows: int, size: int) -> torch.Tensor:
        return torch.empty(rows, size).uniform_(-0.05, 0.05, generator=generator)

    def dense(size_in: int, size_out: int) -> torch.Tensor:
        weight = torch.empty(size_in, size_out)
        return torch.nn.init.xavier_uniform_(weight, generator=generator)

    result = {"users": table(n_users, sizes[0]), "items": table(n_items, sizes[1])}
    widths = (sum(sizes), *hidden)
    for place, (size_in, size_out) in enumerate(pairwise(widths)):
        result[f"layer.{place}.weight"] = dense(size_in, size_out)
        result[f"layer.{place}.bias"] = torch.zeros(size_out)
    for name in heads:
        result[f"head.{name}.weight"] = dense(hidden[-1], 1)
        result[f"head.{name}.bias"] = torch.zeros(1)
    return result


def tower_outputs(
    parameters: Tensors,
    users: torch.Tensor,
    items: torch.Tensor,
    drop: Drop,
    facts: torch.Tensor | None = None,
) -> dict[str, torch.Tensor]:
    """Raw outputs by head of a `Tower` in training, float32 [batch] each.

    Args:
        parameters: as `start_tower` makes them.
        users: int64 [batch].
        items: int64 [batch].
        drop: dropout, applied to either vector.
        facts: float32 [n_items, f], beside the anime's vector.
    """
    import torch
    from torch.nn.functional import embedding

    parts = [drop(embedding(users, parameters["users"]))]
    parts.append(drop(embedding(items, parameters["items"])))
    if facts is not None:
        parts.append(facts[items])
    x = torch.cat(parts, dim=1)
    place = 0
    while f"layer.{place}.weight" in parameters:
        weight, bias = parameters[f"layer.{place}.weight"], parameters[f"layer.{place}.bias"]
        x = torch.relu(x @ weight + bias)
        place += 1
    return {
        name: (x @ parameters[f"head.{name}.weight"] + parameters[f"head.{name}.bias"]).squeeze(1)
        for name in (RATING, INTERACTION)
        if f"head.{name}.weight" in parameters
    }


def tower_of(
    parameters: Mapping[str, NDArray[np.float32]], facts: NDArray[np.float32] | None = None
) -> Tower:
    """The trained tower for numpy; `facts` as in `tower_outputs`."""
    size = parameters["users"].shape[1]
    first, items = parameters["layer.0.weight"], parameters["items"]
    beside = items if facts is None else np.hstack([items, facts])
    depth = sum(name.startswith("layer.") for name in parameters) // 2
    return Tower(
        items=(beside @ first[size:] + parameters["layer.0.bias"]).astype(np.float32),
        person=first[:size],
        layers=tuple(
            (parameters[f"layer.{place}.weight"], parameters[f"layer.{place}.bias"])
            for place in range(1, depth)
        ),
        heads={
            name: (
                parameters[f"head.{name}.weight"][:, 0],
                float(parameters[f"head.{name}.bias"][0]),
            )
            for name in (RATING, INTERACTION)
            if f"head.{name}.weight" in parameters
        },
    )
