"""RecVAE: a variational autoencoder that is held near its own former self.

Shenbin et al. 2020, "RecVAE: A New Variational Autoencoder for Top-N Recommendations with Implicit
Feedback", WSDM '20: a deep, densely connected encoder; a prior of three normal distributions, one
of which is what the encoder said in the epoch before (section 3.3); a Kullback-Leibler term that
grows with the length of a list (section 3.4); and encoder and decoder trained in turn, the encoder
with dropout and for longer, the linear decoder without (section 3.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.autoencoder import (
    AutoencoderModel,
    Columns,
    SampledSettings,
    Start,
    kept,
    log_likelihood,
    normalised,
    optimiser,
)
from recsys.models.descent import Draws, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.autoencoder import Parameters
    from recsys.models.context import FitContext
    from recsys.models.entries import Entries, Store
    from recsys.models.personal import Told

_DEPTH = 5
# Of the layer normalisation; the authors' code has one far above the usual.
_EPSILON = 0.1
# Weights of the prior's parts in the authors' code: the standard normal distribution, the former
# posterior, and a wide normal distribution with this logarithm of the variance.
_MIXTURE = (3 / 20, 3 / 4, 1 / 10)
_WIDE = 10.0
_FORMER = "former."
_DECODER = ("out", "out_bias")


@dataclass(frozen=True, slots=True)
class RecVaeSettings(SampledSettings):
    """The paper's numbers (section 4.3), beside how any autoencoder is trained.

    Attributes:
        hidden: width of the encoder's layers.
        code: width of the code.
        dropout: share of a list that is dropped while the encoder is trained.
        gamma: what the Kullback-Leibler term counts for each entry of a list.
        encoder_passes: over the people in an epoch.
        decoder_passes: likewise, after those of the encoder.
    """

    learning_rate: float = 5e-4
    epochs: int = 50
    hidden: int = 600
    code: int = 200
    dropout: float = 0.5
    gamma: float = 0.005
    encoder_passes: int = 3
    decoder_passes: int = 1


class RecVaeModel(AutoencoderModel[RecVaeSettings]):
    """A list to a normal distribution of codes, its mean by one linear layer to scores."""

    name = "rec-vae"
    settings_type = RecVaeSettings

    @classmethod
    def _start(
        cls, lists: Interactions, settings: RecVaeSettings, context: FitContext
    ) -> Parameters:
        import torch

        del context
        start, n, width = Start(settings.seed), lists.n_items, settings.hidden
        encoder = {"in": start.table(n, width), "in_bias": torch.zeros(width)}
        for layer in range(1, _DEPTH):
            encoder[f"dense.{layer}"] = start.dense(width, width)
            encoder[f"dense.{layer}.bias"] = torch.zeros(width)
        for layer in range(_DEPTH):
            encoder[f"norm.{layer}"] = torch.ones(width)
            encoder[f"norm.{layer}.bias"] = torch.zeros(width)
        encoder["code"] = start.dense(width, 2 * settings.code)
        encoder["code_bias"] = torch.zeros(2 * settings.code)
        return {
            **encoder,
            **{_FORMER + name: tensor.clone() for name, tensor in encoder.items()},
            "out": start.table(n, settings.code),
            "out_bias": torch.zeros(n),
        }

    @classmethod
    def _phases(
        cls, parameters: Parameters, people: Store, settings: RecVaeSettings, draws: Draws
    ) -> list[Phase]:
        import torch

        former = {
            name.removeprefix(_FORMER): tensor.requires_grad_(False)
            for name, tensor in parameters.items()
            if name.startswith(_FORMER)
        }
        encoder = {name: parameters[name] for name in former}
        decoder = {name: parameters[name] for name in _DECODER}
        fixed = {name: tensor.detach() for name, tensor in decoder.items()}

        def drawn(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
            noise = torch.empty_like(mean).normal_(generator=draws.noise)
            return mean + (0.5 * log_variance).exp() * noise

        def likelihood(code: torch.Tensor, lists: Entries, those: Parameters) -> torch.Tensor:
            columns = Columns.of(lists.items, people.n_items, settings.sampled, draws.noise)
            scores = columns.scores(code, those["out"], those["out_bias"])
            return log_likelihood(scores, lists, columns)

        def encoder_loss(batch: torch.Tensor) -> torch.Tensor:
            lists = people.of(batch)
            values = normalised(lists)
            mean, log_variance = posterior(
                encoder, lists, values * kept(lists, settings.dropout, draws.noise)
            )
            code = drawn(mean, log_variance)
            with torch.no_grad():
                before = posterior(former, lists, values)
            divergence = (log_normal(code, mean, log_variance) - log_prior(code, *before)).sum(1)
            weight = settings.gamma * lists.lengths()
            return (weight * divergence - likelihood(code, lists, fixed)).mean()

        def decoder_loss(batch: torch.Tensor) -> torch.Tensor:
            lists = people.of(batch)
            with torch.no_grad():
                code = drawn(*posterior(encoder, lists, normalised(lists)))
            return -likelihood(code, lists, decoder).mean()

        def remember() -> None:
            with torch.no_grad():
                for name, tensor in former.items():
                    tensor.copy_(encoder[name])

        def phase(
            loss: Callable[[torch.Tensor], torch.Tensor], those: Parameters, passes: int
        ) -> Phase:
            after = remember if those is encoder else None
            rate = settings.learning_rate
            return Phase(loss, optimiser(list(those.values()), rate), passes, after)

        return [
            phase(encoder_loss, encoder, settings.encoder_passes),
            phase(decoder_loss, decoder, settings.decoder_passes),
        ]

    @classmethod
    def _scores(
        cls, parameters: Parameters, told: Entries, settings: RecVaeSettings
    ) -> torch.Tensor:
        del settings
        mean, _ = posterior(parameters, told, normalised(told))
        return mean @ parameters["out"].T + parameters["out_bias"]

    @classmethod
    def _served(cls, name: str) -> bool:
        return not name.startswith(_FORMER)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        w = self.weights
        value = np.float32(1 / np.sqrt(max(len(told.items), 1)))
        x = w["in"][told.items].sum(axis=0) * value + w["in_bias"]
        passed = np.zeros_like(x)
        for layer in range(_DEPTH):
            if layer:
                x = x @ w[f"dense.{layer}"] + w[f"dense.{layer}.bias"] + passed
            x = x / (1 + np.exp(-x))
            x = (x - x.mean()) / np.sqrt(x.var() + np.float32(_EPSILON))
            x = x * w[f"norm.{layer}"] + w[f"norm.{layer}.bias"]
            passed = passed + x
        code = self.settings.code
        mean = x @ w["code"][:, :code] + w["code_bias"][:code]
        return w["out"] @ mean + w["out_bias"]


def posterior(
    encoder: Parameters, lists: Entries, values: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and logarithm of the variance of each person's code, float32 [batch, code] each.

    Every layer but the first adds the outputs of all before it (section 3.2).

    Args:
        encoder: its parameters.
        lists: what goes in.
        values: float32 [entries], how much of each.
    """
    import torch
    from torch.nn import functional

    x = lists.summed(encoder["in"], values) + encoder["in_bias"]
    passed = torch.zeros_like(x)
    for layer in range(_DEPTH):
        if layer:
            x = x @ encoder[f"dense.{layer}"] + encoder[f"dense.{layer}.bias"] + passed
        scale, shift = encoder[f"norm.{layer}"], encoder[f"norm.{layer}.bias"]
        x = functional.layer_norm(functional.silu(x), scale.shape, scale, shift, _EPSILON)
        passed = passed + x
    mean, log_variance = (x @ encoder["code"] + encoder["code_bias"]).chunk(2, dim=1)
    return mean.float(), log_variance.float()


def log_normal(
    x: torch.Tensor, mean: torch.Tensor | float, log_variance: torch.Tensor | float
) -> torch.Tensor:
    """Logarithm of a normal density, coordinate by coordinate."""
    import torch

    variance = torch.as_tensor(log_variance, device=x.device)
    return -0.5 * (variance + math.log(2 * math.pi) + (x - mean) ** 2 / variance.exp())


def log_prior(code: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Logarithm of the composite prior (equation 6), coordinate by coordinate.

    Args:
        code: [batch, code].
        mean: of the former posterior, [batch, code].
        log_variance: likewise.
    """
    import torch

    parts = ((0.0, 0.0), (mean, log_variance), (0.0, _WIDE))
    weighted = [
        log_normal(code, *part) + math.log(weight)
        for part, weight in zip(parts, _MIXTURE, strict=True)
    ]
    return torch.stack(weighted, dim=-1).logsumexp(dim=-1)
