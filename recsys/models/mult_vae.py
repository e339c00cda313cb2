"""Mult-VAE: a variational autoencoder whose lists are multinomial draws.

Liang et al. 2018, "Variational Autoencoders for Collaborative Filtering", WWW '18: a list of
length 1, half of it dropped, through tanh layers 600 → 200 → 600 to a softmax over all anime; the
Kullback-Leibler term of the evidence lower bound counts β, which rises from 0 (section 2.2.2).
"""

from __future__ import annotations

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
    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.autoencoder import Parameters
    from recsys.models.context import FitContext
    from recsys.models.entries import Entries, Store
    from recsys.models.personal import Told


@dataclass(frozen=True, slots=True)
class MultVaeSettings(SampledSettings):
    """The paper's numbers (section 4.3), beside how any autoencoder is trained.

    Attributes:
        hidden: width of the layer on either side of the code.
        code: width of the code.
        dropout: share of a list that is dropped.
        beta: what the Kullback-Leibler term counts in the end.
        rising: epochs in which it comes to that. The paper counts 200,000 steps, and ends before
            them.
    """

    hidden: int = 600
    code: int = 200
    dropout: float = 0.5
    beta: float = 0.2
    rising: int = 50


class MultVaeModel(AutoencoderModel[MultVaeSettings]):
    """A list to a normal distribution of codes, its mean to scores."""

    name = "mult-vae"
    settings_type = MultVaeSettings

    @classmethod
    def _start(
        cls, lists: Interactions, settings: MultVaeSettings, context: FitContext
    ) -> Parameters:
        import torch

        del context
        start, n = Start(settings.seed), lists.n_items
        return {
            "in": start.table(n, settings.hidden),
            "in_bias": torch.zeros(settings.hidden),
            "code": start.dense(settings.hidden, 2 * settings.code),
            "code_bias": torch.zeros(2 * settings.code),
            "decoder": start.dense(settings.code, settings.hidden),
            "decoder_bias": torch.zeros(settings.hidden),
            "out": start.table(n, settings.hidden),
            "out_bias": torch.zeros(n),
        }

    @classmethod
    def _phases(
        cls, parameters: Parameters, people: Store, settings: MultVaeSettings, draws: Draws
    ) -> list[Phase]:
        import torch

        def loss(batch: torch.Tensor) -> torch.Tensor:
            lists = people.of(batch)
            values = normalised(lists) * kept(lists, settings.dropout, draws.noise)
            mean, log_variance = posterior(parameters, lists, values)
            noise = torch.empty_like(mean).normal_(generator=draws.noise)
            code = mean + (0.5 * log_variance).exp() * noise
            columns = Columns.of(lists.items, people.n_items, settings.sampled, draws.noise)
            scores = columns.scores(
                decoded(parameters, code), parameters["out"], parameters["out_bias"]
            )
            divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(dim=1)
            beta = settings.beta * min(1.0, draws.epoch / max(settings.rising, 1))
            return (beta * divergence - log_likelihood(scores, lists, columns)).mean()

        return [Phase(loss, optimiser(list(parameters.values()), settings.learning_rate))]

    @classmethod
    def _scores(
        cls, parameters: Parameters, told: Entries, settings: MultVaeSettings
    ) -> torch.Tensor:
        del settings
        mean, _ = posterior(parameters, told, normalised(told))
        return decoded(parameters, mean) @ parameters["out"].T + parameters["out_bias"]

    def _rank(self, told: Told) -> NDArray[np.float32]:
        w = self.weights
        value = np.float32(1 / np.sqrt(max(len(told.items), 1)))
        hidden = np.tanh(w["in"][told.items].sum(axis=0) * value + w["in_bias"])
        code = w["code"].shape[1] // 2
        mean = hidden @ w["code"][:, :code] + w["code_bias"][:code]
        return w["out"] @ np.tanh(mean @ w["decoder"] + w["decoder_bias"]) + w["out_bias"]


def posterior(
    parameters: Parameters, lists: Entries, values: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and logarithm of the variance of each person's code, [batch, code] each.

    Args:
        parameters: of the network.
        lists: what goes in.
        values: float32 [entries], how much of each.
    """
    hidden = (lists.summed(parameters["in"], values) + parameters["in_bias"]).tanh()
    mean, log_variance = (hidden @ parameters["code"] + parameters["code_bias"]).chunk(2, dim=1)
    # In bfloat16 an exponential and a sum of squares would lose too much.
    return mean.float(), log_variance.float()


def decoded(parameters: Parameters, code: torch.Tensor) -> torch.Tensor:
    """The decoder's hidden layer, [batch, hidden]."""
    return (code @ parameters["decoder"] + parameters["decoder_bias"]).tanh()
