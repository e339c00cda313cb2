"""Dot product: fifty factors a person and an anime, squeezed into the range of ratings.

After "Building a collaborative filtering system with anime" (a fastai notebook on the 2020
reviews): no biases, σ(u · v) stretched to (0, 10.5) so that a 10 is within reach, mean squared
error, twelve epochs of one cycle. Similar anime by cosine. The numbers that the notebook leaves
to fastai (batch 64, peak learning rate 0.001, weight decay 0.01, a fifth held out) are fastai's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.models.descent import seeded
from recsys.models.foldin import Prior
from recsys.models.pairs import PairSettings, PairTraining, squared, train_pairs
from recsys.models.personal import Items
from recsys.models.rows import Rows
from recsys.models.user_vectors import RATING, Factors, Reader, UserVectorModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.pairs import Drop
    from recsys.models.pairs import Tensors as Parameters


@dataclass(frozen=True, slots=True)
class DotProductSettings(PairSettings):
    """The notebook's numbers, beside those of every model of pairs.

    Attributes:
        factors: length of a vector.
        start: standard deviation of the first factors.
        low: of the sigmoid's range.
        high: of the sigmoid's range; above 10, which a sigmoid would otherwise never reach.
        weight_decay: decoupled.
    """

    factors: int = 50
    start: float = 0.1
    low: float = 0.0
    high: float = 10.5
    weight_decay: float = 0.01
    epochs: int = 12
    held_out: float = 0.2


class DotProductModel(UserVectorModel[DotProductSettings]):
    """σ(u · v_i) in the range of ratings."""

    name = "dot-product"
    settings_type = DotProductSettings
    link = "sigmoid"

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: DotProductSettings, context: FitContext
    ) -> DotProductModel:
        import torch

        rows = Rows.rated(lists, held_out=settings.held_out, seed=settings.seed)
        generator = seeded(settings.seed, torch.device("cpu"))

        def factors(count: int) -> torch.Tensor:
            return settings.start * torch.randn(count, settings.factors, generator=generator)

        def loss(
            outputs: dict[str, torch.Tensor], scores: torch.Tensor, _: torch.Tensor
        ) -> torch.Tensor:
            unit = outputs[RATING].sigmoid()
            return squared({RATING: settings.low + (settings.high - settings.low) * unit}, scores)

        trained, held_out = train_pairs(
            rows,
            {"users": factors(rows.lists.n_users), "items": factors(rows.lists.n_items)},
            outputs,
            loss,
            PairTraining.of(settings, one_cycle=True, weight_decay=settings.weight_decay),
            context,
        )
        reader = Reader(
            decoder=Factors(trained["items"]),
            prior=Prior.of(trained["users"]),
            rating=held_out.head(cls.link, settings.low, settings.high),
        )
        return cls(Items.of(rows.lists), trained["items"], reader, settings, held_out)

    @classmethod
    def _decoder(cls, tensors: Mapping[str, NDArray[Any]], settings: DotProductSettings) -> Factors:
        del settings
        return Factors.from_tensors(tensors, RATING)


def outputs(
    parameters: Parameters, users: torch.Tensor, items: torch.Tensor, drop: Drop
) -> dict[str, torch.Tensor]:
    """Products of the vectors of some pairs, float32 [batch]."""
    from torch.nn.functional import embedding

    del drop  # the notebook has none
    mine = embedding(users, parameters["users"])
    return {RATING: (mine * embedding(items, parameters["items"])).sum(dim=1)}
