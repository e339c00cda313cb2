"""Embedding network: a vector a person and an anime, side by side, through two small layers.

After "Recommending Anime with Neural Networks" (2020), section "Embeddings": vectors of 16 into
layers of 32 and 8, or, with facts about the anime beside them, vectors of 8 into 16 and 8; linear
output, ratings scaled to [0, 1], mean squared error, Adam, ten epochs, a tenth held out. It trains
on the 1000 people with the longest lists and the 500 most listed anime. The document scaled
entries that were not rated as ratings of -1; here they are left out, for they are no ratings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.data.interactions import DataError
from recsys.models.device import best_device
from recsys.models.foldin import Prior
from recsys.models.genres import facts
from recsys.models.pairs import (
    PairSettings,
    PairTraining,
    squared,
    start_tower,
    tower_of,
    tower_outputs,
    train_pairs,
)
from recsys.models.personal import Items
from recsys.models.rows import Rows, busiest
from recsys.models.user_vectors import RATING, Reader, Tower, UserVectorModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.pairs import Drop
    from recsys.models.pairs import Tensors as Parameters


@dataclass(frozen=True, slots=True)
class EmbeddingNetworkSettings(PairSettings):
    """The document's numbers, without facts, beside those of every model of pairs.

    Attributes:
        users: people with the longest lists who are kept; None for all.
        anime: most listed anime that are kept; None for all.
        user_dimensions: of a person's vector.
        anime_dimensions: of an anime's vector.
        hidden: widths of the layers.
        genres: principal components of the ordered genres, where facts are used.
    """

    users: int | None = 1000
    anime: int | None = 500
    user_dimensions: int = 16
    anime_dimensions: int = 16
    hidden: tuple[int, ...] = (32, 8)
    genres: int = 10
    batch_size: int = 32


@dataclass(frozen=True, slots=True)
class MetadataNetworkSettings(EmbeddingNetworkSettings):
    """The document's numbers with facts; attributes as in `EmbeddingNetworkSettings`."""

    user_dimensions: int = 8
    anime_dimensions: int = 8
    hidden: tuple[int, ...] = (16, 8)


class EmbeddingNetworkModel(UserVectorModel[EmbeddingNetworkSettings]):
    """The network of vectors alone."""

    name = "embedding-network"
    settings_type = EmbeddingNetworkSettings
    link = "identity"

    @classmethod
    def _facts(
        cls, rows: Rows, settings: EmbeddingNetworkSettings, context: FitContext
    ) -> NDArray[np.float32] | None:
        """What is known of the anime beside who rated it, float32 [n, f]; None for nothing."""
        del rows, settings, context
        return None

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: EmbeddingNetworkSettings, context: FitContext
    ) -> Self:
        import torch

        rated = busiest(lists.where(lists.scores > 0), settings.users, settings.anime)
        rows = Rows.rated(rated, held_out=settings.held_out, seed=settings.seed)
        beside = cls._facts(rows, settings, context)
        low, high = float(rows.scores.min()), float(rows.scores.max())
        span = max(high - low, 1.0)
        facts_table = None if beside is None else torch.from_numpy(beside).to(best_device())

        def forward(
            parameters: Parameters, users: torch.Tensor, items: torch.Tensor, drop: Drop
        ) -> dict[str, torch.Tensor]:
            return tower_outputs(parameters, users, items, drop, facts_table)

        def loss(
            outputs: dict[str, torch.Tensor], scores: torch.Tensor, _: torch.Tensor
        ) -> torch.Tensor:
            return squared(outputs, (scores - low) / span)

        trained, held_out = train_pairs(
            rows,
            start_tower(
                rows.lists.n_users,
                rows.lists.n_items,
                (
                    settings.user_dimensions,
                    settings.anime_dimensions,
                    0 if beside is None else beside.shape[1],
                ),
                settings.hidden,
                (RATING,),
                settings.seed,
            ),
            forward,
            loss,
            PairTraining.of(settings),
            context,
        )
        reader = Reader(
            decoder=tower_of(trained, beside),
            prior=Prior.of(trained["users"]),
            rating=held_out.head(cls.link, low, low + span),
        )
        return cls(Items.of(rows.lists), trained["items"], reader, settings, held_out)

    @classmethod
    def _decoder(
        cls, tensors: Mapping[str, NDArray[Any]], settings: EmbeddingNetworkSettings
    ) -> Tower:
        del settings
        return Tower.from_tensors(tensors)


class MetadataNetworkModel(EmbeddingNetworkModel):
    """The network with facts: ordered genres, episodes, mean score, members."""

    name = "embedding-network-metadata"
    settings_type = MetadataNetworkSettings

    @classmethod
    def _facts(
        cls, rows: Rows, settings: EmbeddingNetworkSettings, context: FitContext
    ) -> NDArray[np.float32]:
        if context.catalog is None:
            raise DataError(
                "The network with metadata needs the catalog's facts: pass a catalog, or train "
                f"{EmbeddingNetworkModel.name}, which needs none."
            )
        return facts(context.catalog, rows.lists.anime_ids, settings.genres)
