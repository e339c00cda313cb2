"""Matrix factorisation, a two-layer network, and the hybrid that rates and foretells the end.

After the project "Anime-RecSys" on the 2020 MyAnimeList set, three models as written there:

- MF: (u + b_u) · (v + b_v) + b, where b_u and b_v are single numbers added to every coordinate,
  with half of either sum dropped in training. It is a bilinear form with biases inside, not the
  usual u · v + b_u + b_v + b.
- NN: the two vectors side by side, half dropped, through 64 ReLU units to one output, a ReLU too.
- Hybrid: the network with a second output, whether the person will finish the anime and like it
  (`rows.interaction_labels`), and the sum of both losses with weights 1 and 5.

MF and NN can foretell the end instead of the rating (`target`), by a sigmoid over the same output,
as the project's second table has them.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys.models.descent import seeded
from recsys.models.foldin import Prior
from recsys.models.pairs import (
    PairSettings,
    PairTraining,
    binary_cross_entropy,
    squared,
    start_tower,
    tower_of,
    tower_outputs,
    train_pairs,
)
from recsys.models.personal import Items
from recsys.models.rows import Rows, interaction_labels
from recsys.models.user_vectors import (
    INTERACTION,
    RATING,
    Decoder,
    Factors,
    RatingHead,
    Reader,
    Tower,
    UserVectorModel,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.pairs import Drop, HeldOut
    from recsys.models.pairs import Tensors as Parameters


@dataclass(frozen=True, slots=True)
class HybridSettings(PairSettings):
    """The project's numbers, which its three models share, beside those of every model of pairs.

    Attributes:
        dimensions: of a vector.
        hidden: units between the vectors and the outputs; MF has none.
        dropout: share of either vector.
        fewest: people with fewer labelled entries are left out.
        target: what MF and NN foretell; the hybrid foretells both.
        rating_weight: of the squared error in the hybrid's loss.
        interaction_weight: of the cross-entropy in the hybrid's loss.
        epochs: at most how many.
        patience: epochs without gain before it stops. The project watches the training loss;
            here it is the loss of what is held out, which is what is wanted.
    """

    dimensions: int = 64
    hidden: int = 64
    dropout: float = 0.5
    fewest: int = 5
    target: Literal["rating", "interaction"] = "rating"
    rating_weight: float = 1.0
    interaction_weight: float = 5.0
    epochs: int = 100
    patience: int = 3
    most_steps: int = 1000
    held_out: float = 0.05


def labelled(lists: Interactions, fewest: int) -> Interactions:
    """What the project trains on: rated, and finished or dropped, by people with enough of it."""
    labels = interaction_labels(lists.scores, lists.statuses)
    left = lists.where((lists.scores > 0) & ~np.isnan(labels))
    return left.of_users(left.lengths >= fewest)


class _HybridFamily(UserVectorModel[HybridSettings]):
    """What the three have in common: the rows, the training, and the loss of their heads."""

    settings_type = HybridSettings

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: HybridSettings, context: FitContext
    ) -> _HybridFamily:
        part = labelled(lists, settings.fewest)
        rows = Rows.rated(part, held_out=settings.held_out, seed=settings.seed)
        heads = cls.heads(settings)

        def loss(
            outputs: dict[str, torch.Tensor], scores: torch.Tensor, labels: torch.Tensor
        ) -> torch.Tensor:
            parts = []
            if RATING in heads:
                parts.append(squared({RATING: cls._rated(outputs[RATING])}, scores))
            if INTERACTION in heads:
                parts.append(binary_cross_entropy(outputs, labels))
            if len(parts) == 1:
                return parts[0]
            return settings.rating_weight * parts[0] + settings.interaction_weight * parts[1]

        def forward(
            parameters: Parameters, users: torch.Tensor, items: torch.Tensor, drop: Drop
        ) -> dict[str, torch.Tensor]:
            return cls._outputs(parameters, users, items, drop, heads)

        trained, held_out = train_pairs(
            rows,
            cls._start(rows.lists, settings),
            forward,
            loss,
            PairTraining.of(settings, dropout=settings.dropout, patience=settings.patience),
            context,
        )
        return cls._made(Items.of(rows.lists), trained, held_out, settings)

    @classmethod
    def _made(
        cls,
        items: Items,
        trained: dict[str, NDArray[np.float32]],
        held_out: HeldOut,
        settings: HybridSettings,
    ) -> _HybridFamily:
        rating = held_out.head(cls.link) if RATING in cls.heads(settings) else None
        decoder, people = cls._trained_decoder(trained, settings)
        weight = cls._interaction_weight(settings, rating)
        reader = Reader(decoder, Prior.of(people), rating, weight)
        return cls(items, trained["items"], reader, settings, held_out)

    @classmethod
    def heads(cls, settings: HybridSettings) -> tuple[str, ...]:
        """What it foretells."""
        return (settings.target,)

    @classmethod
    def _interaction_weight(cls, settings: HybridSettings, head: RatingHead | None) -> float:
        # Rating errors enter as off² / 2σ², which is the loss's off² over 2σ²: so do the answers.
        if head is None:
            return 1.0
        return settings.interaction_weight / (settings.rating_weight * 2 * head.variance)

    @classmethod
    def _rated(cls, z: torch.Tensor) -> torch.Tensor:
        return z.relu() if cls.link == "relu" else z

    @classmethod
    @abstractmethod
    def _start(cls, lists: Interactions, settings: HybridSettings) -> dict[str, torch.Tensor]: ...

    @classmethod
    @abstractmethod
    def _outputs(
        cls,
        parameters: Parameters,
        users: torch.Tensor,
        items: torch.Tensor,
        drop: Drop,
        heads: tuple[str, ...],
    ) -> dict[str, torch.Tensor]: ...

    @classmethod
    @abstractmethod
    def _trained_decoder(
        cls, trained: dict[str, NDArray[np.float32]], settings: HybridSettings
    ) -> tuple[Decoder, NDArray[np.float32]]:
        """The decoder for numpy, and the vectors of the people that it was trained with."""


class MatrixFactorizationModel(_HybridFamily):
    """(u + b_u) · (v + b_v) + b."""

    name = "mf"
    link = "identity"

    @classmethod
    def _start(cls, lists: Interactions, settings: HybridSettings) -> dict[str, torch.Tensor]:
        import torch

        generator = seeded(settings.seed, torch.device("cpu"))

        def table(rows: int, size: int) -> torch.Tensor:
            return torch.empty(rows, size).uniform_(-0.05, 0.05, generator=generator)

        return {
            "users": table(lists.n_users, settings.dimensions),
            "items": table(lists.n_items, settings.dimensions),
            "user_biases": table(lists.n_users, 1),
            "item_biases": table(lists.n_items, 1),
            "bias": torch.zeros(1),
        }

    @classmethod
    def _outputs(
        cls,
        parameters: Parameters,
        users: torch.Tensor,
        items: torch.Tensor,
        drop: Drop,
        heads: tuple[str, ...],
    ) -> dict[str, torch.Tensor]:
        from torch.nn.functional import embedding

        person = embedding(users, parameters["users"]) + parameters["user_biases"][users]
        anime = embedding(items, parameters["items"]) + parameters["item_biases"][items]
        return {heads[0]: (drop(person) * drop(anime)).sum(dim=1) + parameters["bias"]}

    @classmethod
    def _trained_decoder(
        cls, trained: dict[str, NDArray[np.float32]], settings: HybridSettings
    ) -> tuple[Decoder, NDArray[np.float32]]:
        # The model only ever sees the sums, so they are the vectors that are folded in.
        anime = trained["items"] + trained["item_biases"]
        people = trained["users"] + trained["user_biases"]
        return Factors(anime, float(trained["bias"][0]), cls.heads(settings)[0]), people

    @classmethod
    def _decoder(cls, tensors: Mapping[str, NDArray[Any]], settings: HybridSettings) -> Factors:
        return Factors.from_tensors(tensors, cls.heads(settings)[0])


class NeuralNetworkModel(_HybridFamily):
    """Two vectors side by side, 64 ReLU units, one output."""

    name = "nn"
    link = "relu"

    @classmethod
    def _start(cls, lists: Interactions, settings: HybridSettings) -> dict[str, torch.Tensor]:
        return start_tower(
            lists.n_users,
            lists.n_items,
            (settings.dimensions, settings.dimensions, 0),
            (settings.hidden,),
            cls.heads(settings),
            settings.seed,
        )

    @classmethod
    def _outputs(
        cls,
        parameters: Parameters,
        users: torch.Tensor,
        items: torch.Tensor,
        drop: Drop,
        heads: tuple[str, ...],
    ) -> dict[str, torch.Tensor]:
        del heads  # the parameters have them
        return tower_outputs(parameters, users, items, drop)

    @classmethod
    def _trained_decoder(
        cls, trained: dict[str, NDArray[np.float32]], settings: HybridSettings
    ) -> tuple[Decoder, NDArray[np.float32]]:
        del settings
        return tower_of(trained), trained["users"]

    @classmethod
    def _decoder(cls, tensors: Mapping[str, NDArray[Any]], settings: HybridSettings) -> Tower:
        del settings
        return Tower.from_tensors(tensors)


class HybridModel(NeuralNetworkModel):
    """The network with both outputs; it ranks by the chance that the anime is liked."""

    name = "hybrid"

    @classmethod
    def heads(cls, settings: HybridSettings) -> tuple[str, ...]:
        """See `_HybridFamily.heads`."""
        del settings
        return (RATING, INTERACTION)
