"""A denoising autoencoder with two heads: what is on the list, and how it was rated.

As the recommender of a public anime site is described (Ameobea/sprout): presence and ratings go in,
each person's on a scale of their own, with a share of the list dropped that is drawn anew for each
person; a softmax loss for presence and a masked Huber loss for ratings, weighed by learnt
uncertainties (Kendall, Gal & Cipolla 2018, "Multi-Task Learning Using Uncertainty to Weigh
Losses"). The widths of its layers are ours.
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
    log_likelihood,
    optimiser,
)
from recsys.models.descent import Draws, Phase
from recsys.models.rating_scale import RatingScale, scaled

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.autoencoder import Parameters
    from recsys.models.context import FitContext
    from recsys.models.entries import Entries, Store
    from recsys.models.personal import Told


@dataclass(frozen=True, slots=True)
class TwoHeadSettings(SampledSettings):
    """The description's numbers, beside how any autoencoder is trained.

    Attributes:
        hidden: widths of the layers between the lists and the two heads.
        dropout: share of a list that is dropped, on average.
        dropout_spread: the share is drawn evenly from so much below to so much above.
        rating_share: what the predicted rating counts in the ranking beside presence, both
            standardised over all anime.
        niche: b of the niche boost: (presence + rating) · (1 + b · log(1 + p / popularity)), where
            p is the popularity of an anime in the middle; 0 leaves the order as it is.
    """

    learning_rate: float = 5e-4
    batch_size: int = 128
    hidden: tuple[int, ...] = (512, 256)
    dropout: float = 0.4
    dropout_spread: float = 0.4
    rating_share: float = 0.0
    niche: float = 0.0


class TwoHeadModel(AutoencoderModel[TwoHeadSettings]):
    """Presence and scaled ratings of a list to presence and scaled ratings of all anime."""

    name = "two-head-dae"
    settings_type = TwoHeadSettings

    @classmethod
    def _start(
        cls, lists: Interactions, settings: TwoHeadSettings, context: FitContext
    ) -> Parameters:
        import torch

        del context
        start, n, widths = Start(settings.seed), lists.n_items, settings.hidden
        typical = RatingScale.typical(lists.scores)
        return {
            "in": start.table(n, widths[0]),
            "in_rating": start.table(n, widths[0]),
            "in_bias": torch.zeros(widths[0]),
            **start.layers(widths),
            "out": start.table(n, widths[-1]),
            "out_bias": torch.zeros(n),
            "rating": start.table(n, widths[-1]),
            "rating_bias": torch.zeros(n),
            # Logarithms of the variances of presence and rating.
            "uncertainty": torch.zeros(2),
            "typical": torch.tensor([typical.mean, typical.deviation]),
        }

    @classmethod
    def _phases(
        cls, parameters: Parameters, people: Store, settings: TwoHeadSettings, draws: Draws
    ) -> list[Phase]:
        import torch
        from torch.nn import functional

        learnt = [tensor for name, tensor in parameters.items() if name != "typical"]

        def loss(batch: torch.Tensor) -> torch.Tensor:
            lists = people.of(batch)
            ratings = scaled(lists, parameters["typical"])
            left = partly(lists, settings.dropout, settings.dropout_spread, draws.noise)
            hidden = encoded(parameters, lists.where(left), ratings[left])
            columns = Columns.of(lists.items, people.n_items, settings.sampled, draws.noise)
            scores = columns.scores(hidden, parameters["out"], parameters["out_bias"])
            evenly = 1 / lists.lengths()[lists.people]
            presence = -log_likelihood(scores, lists, columns, evenly).mean()
            rated = lists.ratings > 0
            who, what = lists.people[rated], lists.items[rated]
            said = (hidden[who] * parameters["rating"][what]).sum(1).float()
            off = functional.huber_loss(
                said + parameters["rating_bias"][what], ratings[rated], reduction="sum"
            ) / rated.sum().clamp(min=1)
            parts = torch.stack([presence, off])
            return (parts * (-parameters["uncertainty"]).exp() + parameters["uncertainty"]).sum()

        return [Phase(loss, optimiser(learnt, settings.learning_rate))]

    @classmethod
    def _scores(
        cls, parameters: Parameters, told: Entries, settings: TwoHeadSettings
    ) -> torch.Tensor:
        del settings
        hidden = encoded(parameters, told, scaled(told, parameters["typical"]))
        return hidden @ parameters["out"].T + parameters["out_bias"]

    def _rank(self, told: Told) -> NDArray[np.float32]:
        w, settings = self.weights, self.settings
        hidden, _ = self._encoded(told)
        presence = w["out"] @ hidden + w["out_bias"]
        if not settings.rating_share and not settings.niche:
            return presence
        rating = w["rating"] @ hidden + w["rating_bias"]
        score = _standardised(presence) + np.float32(settings.rating_share) * _standardised(rating)
        if not settings.niche:
            return score.astype(np.float32)
        middle = np.median(self.popularity)
        boost = 1 + settings.niche * np.log1p(middle / np.maximum(self.popularity, 1))
        # A boost of what is below zero would push it down: the scores are moved above it.
        return ((score - score.min()) * boost).astype(np.float32)

    def _rate(self, told: Told) -> NDArray[np.float32]:
        hidden, scale = self._encoded(told)
        said = self.weights["rating"] @ hidden + self.weights["rating_bias"]
        return np.clip(scale.ratings(said), 1, 10)

    def _encoded(self, told: Told) -> tuple[NDArray[np.float32], RatingScale]:
        w = self.weights
        typical = RatingScale(*w["typical"].tolist())
        scale = RatingScale.of(told.ratings, typical)
        values = np.nan_to_num(scale.values(told.ratings))
        x = w["in"][told.items].sum(axis=0) + values @ w["in_rating"][told.items]
        x = silu(x / np.float32(np.sqrt(max(len(told.items), 1))) + w["in_bias"])
        for layer in range(len(self.settings.hidden) - 1):
            x = silu(x @ w[f"layer.{layer}.weight"] + w[f"layer.{layer}.bias"])
        return x, scale


def partly(lists: Entries, share: float, spread: float, generator: torch.Generator) -> torch.Tensor:
    """Which entries are left when each person loses a share of their own: bool [entries]."""
    import torch

    device = lists.ratings.device
    shares = torch.rand(lists.size, generator=generator, device=device)
    shares = (share + spread * (2 * shares - 1)).clamp(0, 1)
    chance = torch.rand(len(lists.items), generator=generator, device=device)
    return chance >= shares[lists.people]


def encoded(parameters: Parameters, told: Entries, ratings: torch.Tensor) -> torch.Tensor:
    """The last hidden layer, [batch, hidden].

    Args:
        parameters: of the network.
        told: what goes in.
        ratings: float32 [entries], on the person's scale; 0 where not rated.
    """
    from torch.nn import functional

    x = told.summed(parameters["in"], ratings.new_ones(len(ratings)))
    x = x + told.summed(parameters["in_rating"], ratings)
    x = x * told.lengths().clamp(min=1).rsqrt()[:, None]
    x = functional.silu(x + parameters["in_bias"])
    return through(parameters, x)


def through(parameters: Parameters, x: torch.Tensor) -> torch.Tensor:
    """The dense layers "layer.0.weight" and so on, each with a SiLU."""
    from torch.nn import functional

    layer = 0
    while f"layer.{layer}.weight" in parameters:
        weight, bias = parameters[f"layer.{layer}.weight"], parameters[f"layer.{layer}.bias"]
        x = functional.silu(x @ weight + bias)
        layer += 1
    return x


def silu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """X · σ(x), any shape."""
    # The form in tanh never overflows.
    return (0.5 * x * (1 + np.tanh(0.5 * x))).astype(np.float32)


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Less its mean, over its standard deviation; zeros where nothing varies."""
    deviation = float(values.std())
    return (values - values.mean()) / np.float32(deviation if deviation > 0 else 1)
