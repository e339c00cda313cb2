"""The deep path of `recsys.models.wide_deep` in training, and how both paths are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.autoencoder import Columns, Start, Strangers, log_likelihood
from recsys.models.descent import Check, Draws, Phase, dropped, minimise
from recsys.models.device import autocast, best_device
from recsys.models.entries import Entries, Store
from recsys.models.rating_scale import RatingScale, scaled
from recsys.models.side_information import SIDE
from recsys.models.stacking import Taught, ask
from recsys.models.two_head_dae import through
from recsys.profile import Status

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.autoencoder import Parameters
    from recsys.models.context import FitContext
    from recsys.models.linear import LinearModel
    from recsys.models.wide_deep import WideDeepSettings

CHANNELS = ("presence", "rating", "dropped")
TABLES = (*(f"in_{channel}" for channel in CHANNELS), "out", "rating_out")
"""Tables of a row an anime, each with a share that its facts give it."""


def _start(n: int, side: int, learners: Interactions, settings: WideDeepSettings) -> Parameters:
    import torch

    start, widths = Start(settings.seed), settings.hidden
    typical = RatingScale.typical(learners.scores)
    result: Parameters = {}
    for channel in CHANNELS:
        result[f"in_{channel}"] = start.table(n, widths[0])
        result[f"in_{channel}.{SIDE}"] = start.dense(side, widths[0])
    for head in ("out", "rating_out"):
        result[head] = torch.zeros(n, widths[-1])
        result[f"{head}.{SIDE}"] = torch.zeros(side, widths[-1])
    return {
        **result,
        "in_bias": torch.zeros(widths[0]),
        "in_length": torch.zeros(widths[0]),
        **start.layers(widths),
        "out_bias": torch.zeros(n),
        # Weights of the standardised presence and of its logarithm, and what each gains with the
        # logarithm of the list.
        "mix": torch.tensor([0.1, 0.0, 1.0, 0.0]),
        "typical": torch.tensor([typical.mean, typical.deviation]),
    }


def mixed(
    presence: NDArray[np.float32], mix: NDArray[np.float32], known: int
) -> NDArray[np.float32]:
    """What the wide path adds to the logits: a rising curve of its presence, [n].

    Standardised presence is nearly a probability, and a softmax wants its logarithm.
    """
    many = np.float32(np.log(max(known, 1)))
    straight, bent = mix[0] + mix[1] * many, mix[2] + mix[3] * many
    logarithm = np.sign(presence) * np.log1p(np.abs(presence))
    return (straight * presence + bent * logarithm).astype(np.float32)


def train_deep(
    taught: Taught,
    wide: LinearModel,
    side: NDArray[np.float32],
    learners: Interactions,
    validation: Interactions,
    settings: WideDeepSettings,
    context: FitContext,
) -> dict[str, NDArray[np.float32]]:
    """Trains the deep path.

    Args:
        taught: what it learns from.
        wide: the linear model that will serve.
        side: float32 [n, columns], facts of the anime.
        learners: everybody.
        validation: people who say when to stop.
        settings: see `WideDeepSettings`.
        context: see `FitContext`.

    Returns:
        Its parameters for NumPy, and the facts, by name.
    """
    import torch

    device = best_device()
    n = learners.n_items
    facts = torch.from_numpy(side).to(device)
    parameters = {
        name: tensor.to(device).requires_grad_(name != "typical")
        for name, tensor in _start(n, side.shape[1], learners, settings).items()
    }
    draws = Draws(settings.seed, device)
    told = [Store(part, device) for part in taught.told]
    hidden = [Store(part, device) for part in taught.hidden]
    missed = [torch.from_numpy(part).to(device) for part in taught.missed]

    def loss(batch: torch.Tensor) -> torch.Tensor:
        telling = draws.epoch % settings.tellings
        lists, wanted = told[telling].of(batch), hidden[telling].of(batch)
        presence = torch.from_numpy(taught.presence[telling][batch.cpu().numpy()]).to(device)
        presence = presence.float()
        chance = torch.rand(len(lists.items), generator=draws.noise, device=device)
        shown = lists.where(chance >= settings.input_dropout)
        state = dropped(hidden_layer(parameters, facts, shown), settings.dropout, draws.noise)
        scores = logits(parameters, facts, lists, state, presence)
        inside = candidates(presence, lists, settings.candidates)
        found = wanted.where(inside[wanted.people, wanted.items])
        scores = scores.masked_fill(~inside, -torch.inf)
        every = Columns(None, found.items, None)
        evenly = 1 / found.lengths().clamp(min=1)[found.people]
        value = -log_likelihood(scores, found, every, evenly).mean()
        off = missed[telling][wanted.places]
        rated = ~torch.isnan(off)
        table = _table(parameters, facts, "rating_out")
        said = (state[wanted.people[rated]] * table[wanted.items[rated]]).sum(1).float()
        error = ((said - off[rated]) ** 2).sum() / rated.sum().clamp(min=1)
        return value + settings.rating_weight * error

    strangers = Strangers(validation, device, settings.seed)
    check = _check(strangers, wide, parameters, facts, settings) if len(strangers) else None
    decayed = [t for name, t in parameters.items() if t.ndim == 2]
    plain = [t for name, t in parameters.items() if t.ndim == 1 and name not in {"typical", "mix"}]
    rate = settings.learning_rate
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": settings.weight_decay},
            {"params": plain, "weight_decay": 0.0},
            # Four numbers that everything hangs on: they may move faster.
            {"params": [parameters["mix"]], "weight_decay": 0.0, "lr": 10 * rate},
        ],
        lr=rate,
        fused=True,
    )
    minimise(
        parameters,
        [Phase(loss, optimizer)],
        rows=taught.told[0].n_users,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        draws=draws,
        context=context,
        check=check,
        bf16=settings.bf16,
    )
    trained = {name: tensor.detach().cpu().numpy() for name, tensor in parameters.items()}
    return {**trained, SIDE: side}


def _check(
    strangers: Strangers,
    wide: LinearModel,
    parameters: Parameters,
    facts: torch.Tensor,
    settings: WideDeepSettings,
) -> Check:
    """NDCG@100 of presence on people kept aside, beside the linear model that will serve."""
    import torch

    asked = strangers.known
    presence = np.zeros((asked.n_users, asked.n_items), np.float16)
    nobody = np.empty(0, np.float32)
    ask(wide, np.arange(asked.n_users), asked, asked.where(np.zeros(len(asked), bool)), presence,
         nobody)  # fmt: skip

    def scores_of(people: torch.Tensor, lists: Entries) -> torch.Tensor:
        device = people.device
        said = torch.from_numpy(presence[people.cpu().numpy()]).to(device).float()
        with torch.no_grad(), autocast(device, bf16=settings.bf16):
            state = hidden_layer(parameters, facts, lists)
            scores = logits(parameters, facts, lists, state, said)
        return scores.masked_fill(~candidates(said, lists, settings.candidates), -torch.inf)

    return Check(
        lambda: strangers.ndcg(scores_of, settings.batch_size),
        "NDCG@100",
        rising=True,
        patience=settings.patience,
        from_start=True,
    )


def candidates(presence: torch.Tensor, told: Entries, most: int) -> torch.Tensor:
    """The anime that the wide path puts first, less what is told: bool [batch, n]."""
    import torch

    left = presence.clone()
    left[told.people, told.items] = -torch.inf
    least = left.topk(min(most, left.shape[1]), dim=1).values[:, -1:]
    return (left >= least) & (left > -torch.inf)


def _table(parameters: Parameters, facts: torch.Tensor, name: str) -> torch.Tensor:
    """A row an anime: its own, and what its facts say of it, [n, d]."""
    return parameters[name] + facts @ parameters[f"{name}.{SIDE}"]


def hidden_layer(parameters: Parameters, facts: torch.Tensor, lists: Entries) -> torch.Tensor:
    """The deep path's last layer, [batch, d]."""
    import torch
    from torch.nn import functional

    ratings = scaled(lists, parameters["typical"])
    statuses = lists.statuses if lists.statuses is not None else torch.zeros_like(lists.items)
    values = (torch.ones_like(ratings), ratings, (statuses == int(Status.DROPPED)).float())
    x = sum(
        lists.summed(_table(parameters, facts, f"in_{channel}"), value)
        for channel, value in zip(CHANNELS, values, strict=True)
    )
    many = lists.lengths().clamp(min=1).float()[:, None]
    x = x * many.rsqrt() + parameters["in_bias"] + many.log() * parameters["in_length"]
    return through(parameters, functional.silu(x))


def logits(
    parameters: Parameters,
    facts: torch.Tensor,
    lists: Entries,
    state: torch.Tensor,
    presence: torch.Tensor,
) -> torch.Tensor:
    """Both paths together, float32 [batch, n]; see `mixed` for the wide one."""
    many = lists.lengths().clamp(min=1).float().log()[:, None]
    mix = parameters["mix"]
    straight, bent = mix[0] + mix[1] * many, mix[2] + mix[3] * many
    logarithm = presence.sign() * presence.abs().log1p()
    deep = state @ _table(parameters, facts, "out").T + parameters["out_bias"]
    return straight * presence + bent * logarithm + deep.float()
