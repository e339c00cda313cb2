"""GloVe on lists: anime liked by the same people get vectors whose product is log co-occurrence.

Pennington, Socher & Manning 2014, "GloVe: Global Vectors for Word Representation", with a
person's liked anime in place of a window of words, and no weight for distance: a list has no
order. After the notebook "Anime Recommender System" on the 2016 MyAnimeList set, whose cleaning,
numbers and wi + wj are the defaults here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from recsys.data.interactions import DataError, Interactions
from recsys.models.descent import Draws, Phase, minimise, seeded
from recsys.models.device import best_device
from recsys.models.personal import Items, PersonalModel, item_tensors, items_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import torch
    from numpy.typing import NDArray

    from recsys.models.context import FitContext
    from recsys.models.personal import Tensors, Told


@dataclass(frozen=True, slots=True)
class GloveSettings:
    """The notebook's numbers.

    Attributes:
        fewest: people who like fewer anime are left out: they know too few.
        most: people who like more are left out: they watch anything. None leaves nobody out.
        least_people: anime liked by fewer of the people who are left are dropped.
        dimensions: of a vector.
        x_max: co-occurrences from which a pair has full weight (section 4.2 of the paper).
        alpha: exponent of the weight below that.
        learning_rate: of Adagrad.
        epochs: passes over the pairs.
        batch_size: pairs a step.
        seed: of the first vectors and of the order of pairs.
    """

    fewest: int = 10
    most: int | None = 20
    least_people: int = 2
    dimensions: int = 100
    x_max: float = 100.0
    alpha: float = 0.75
    learning_rate: float = 0.05
    epochs: int = 100
    batch_size: int = 2048
    seed: int = 123


def liked(lists: Interactions, settings: GloveSettings) -> tuple[Interactions, float]:
    """The notebook's cleaning: what people recommend, by people who know enough but not all.

    Args:
        lists: everybody's lists.
        settings: the limits.

    Returns:
        The entries rated above the mean of all ratings, of the people with between `fewest` and
        `most` of them, on anime that `least_people` of these like; and that mean.

    Raises:
        DataError: nothing is left.
    """
    rated = lists.where(lists.scores > 0)
    mean = float(rated.scores.mean()) if len(rated) else 0.0
    above = rated.where(rated.scores > mean)
    most = np.inf if settings.most is None else settings.most
    kept = (above.lengths >= settings.fewest) & (above.lengths <= most)
    left = above.of_users(kept).common(settings.least_people)
    if not len(left):
        raise DataError(
            f"Nobody is left to learn from: {settings.fewest} to {settings.most or 'any number'} "
            f"anime above the mean rating are asked of a person, and {settings.least_people} "
            "people of an anime. Pass more ratings, or widen the limits."
        )
    return left, mean


def cooccurrence(lists: Interactions) -> sparse.coo_array:
    """How many people have both anime of each pair of different ones, float32 [n, n], symmetric."""
    ones = np.ones(len(lists), np.float32)
    lists_by_anime = sparse.csr_array(
        (ones, lists.items, lists.indptr), shape=(lists.n_users, lists.n_items)
    )
    together = sparse.coo_array(lists_by_anime.T @ lists_by_anime)
    apart = together.row != together.col
    return sparse.coo_array(
        (together.data[apart], (together.row[apart], together.col[apart])), shape=together.shape
    )


def weights(counts: torch.Tensor, x_max: float, alpha: float) -> torch.Tensor:
    """Equation 9 of the paper: (x / x_max)^alpha, at most 1; any shape."""
    return (counts / x_max).pow(alpha).clamp(max=1)


def loss(
    tables: dict[str, torch.Tensor],
    first: torch.Tensor,
    second: torch.Tensor,
    counts: torch.Tensor,
    settings: GloveSettings,
) -> torch.Tensor:
    """Equation 8 of the paper as a mean over pairs.

    Args:
        tables: wi and wj, float32 [n, d]; bi and bj, float32 [n].
        first: int64 [pairs].
        second: int64 [pairs].
        counts: float32 [pairs], all above 0.
        settings: x_max and alpha.
    """
    from torch.nn.functional import embedding

    product = (embedding(first, tables["wi"]) * embedding(second, tables["wj"])).sum(dim=1)
    predicted = product + tables["bi"][first] + tables["bj"][second]
    off = predicted - counts.log()
    return (weights(counts, settings.x_max, settings.alpha) * off * off).mean()


def train(
    pairs: sparse.coo_array, n_items: int, settings: GloveSettings, context: FitContext
) -> NDArray[np.float32]:
    """Trains both tables and returns their sum wi + wj, float32 [n, d].

    Args:
        pairs: co-occurrence of different anime.
        n_items: how many anime there are.
        settings: everything else.
        context: see `FitContext`.
    """
    import torch

    device = best_device()
    # Drawn on the processor, so that the start is the same wherever the training runs.
    start = seeded(settings.seed, torch.device("cpu"))
    shape = (n_items, settings.dimensions)
    tables = {
        "wi": torch.empty(shape).uniform_(-1, 1, generator=start),
        "wj": torch.empty(shape).uniform_(-1, 1, generator=start),
        "bi": torch.zeros(shape[0]),
        "bj": torch.zeros(shape[0]),
    }
    tables = {name: table.to(device).requires_grad_() for name, table in tables.items()}
    first = torch.from_numpy(pairs.row.astype(np.int64)).to(device)
    second = torch.from_numpy(pairs.col.astype(np.int64)).to(device)
    counts = torch.from_numpy(pairs.data).to(device)

    def of_batch(batch: torch.Tensor) -> torch.Tensor:
        return loss(tables, first[batch], second[batch], counts[batch], settings)

    minimise(
        tables,
        [Phase(of_batch, torch.optim.Adagrad(tables.values(), lr=settings.learning_rate))],
        rows=len(counts),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        draws=Draws(settings.seed, device),
        context=context,
    )
    return (tables["wi"] + tables["wj"]).detach().cpu().numpy()


class GloveModel(PersonalModel[GloveSettings]):
    """Vectors of anime; a person is the sum of those that they like.

    The notebook ends at similar anime and says that recommending is "based on similarity with the
    list of anime you give". That list is what the person rated above the mean of the training
    ratings, as in training; who has no such entry is taken by everything on their list.
    """

    name = "glove"
    settings_type = GloveSettings

    def __init__(
        self,
        items: Items,
        vectors: NDArray[np.float32],
        mean: float,
        settings: GloveSettings,
    ) -> None:
        super().__init__(items, vectors, settings)
        self.vectors = vectors
        self.mean = mean

    @classmethod
    def _fit(cls, lists: Interactions, settings: GloveSettings, context: FitContext) -> GloveModel:
        left, mean = liked(lists, settings)
        vectors = train(cooccurrence(left), left.n_items, settings, context)
        return cls(Items.of(left), vectors, mean, settings)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        # Mean cosine to what the person likes; by popularity where the list is empty.
        if not len(told.items):
            return np.log1p(self.popularity).astype(np.float32)
        good = np.nan_to_num(told.ratings) > self.mean
        chosen = told.items[good] if good.any() else told.items
        return self.embeddings @ self.embeddings[chosen].mean(axis=0)

    def _rate(self, told: Told) -> None:
        del told  # vectors of co-occurrence say nothing about ratings

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`."""
        return {
            **item_tensors(self),
            "vectors": self.vectors,
            "mean": np.array([self.mean], np.float64),
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[Any]], settings: GloveSettings
    ) -> GloveModel:
        """See `PersonalModel.from_tensors`."""
        vectors = np.asarray(tensors["vectors"], np.float32)
        return cls(items_of(tensors), vectors, float(tensors["mean"][0]), settings)
