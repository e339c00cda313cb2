"""RikoNet: a deep autoencoder for ratings, clusters of its embeddings, and a hybrid filter.

After Soni et al. 2021, "RikoNet: A Novel Anime Recommendation Engine" (arXiv 2106.12970), and a
notebook that runs it. The autoencoder is `recsys.models.selu_autoencoder`; the lists that a
person is shown are `recsys.models.rikonet_lists`. Age and gender, of which the paper makes inputs,
are left out: nobody is asked for them.

Neither source says how its anime embeddings are read out of an autoencoder. Here the embedding of
an anime is the code of a person who has rated it alone, and rated it ten, less the mean of all
such codes; the mean is what all anime have in common and would hide what is opposite to what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import DataError
from recsys.models.clusters import Clusters
from recsys.models.personal import Items, PersonalModel, item_tensors, items_of
from recsys.models.selu_autoencoder import SeluAutoencoder, Training, train

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.personal import Tensors, Told


@dataclass(frozen=True, slots=True)
class RikoNetSettings(Training):
    """The notebook's numbers, beside how the network is trained, which it does not say.

    Attributes:
        layers: widths from the first hidden layer to the code. With the published ones and ten
            thousand anime the network has a hundred million weights: train it on a GPU, or pass
            smaller layers.
        clusters: of the embeddings.
    """

    layers: tuple[int, ...] = (8192, 2048, 512, 256)
    clusters: int = 222


class RikoNetModel(PersonalModel[RikoNetSettings]):
    """Predicted ratings from the autoencoder, likeness and clusters from its embeddings.

    Attributes:
        vectors: float32 [n, code], what the embeddings are before their length is made 1.
        network: the autoencoder.
        clusters: of the anime.
    """

    name = "rikonet"
    settings_type = RikoNetSettings

    def __init__(
        self,
        items: Items,
        vectors: NDArray[np.float32],
        network: SeluAutoencoder,
        clusters: Clusters,
        settings: RikoNetSettings,
    ) -> None:
        super().__init__(items, vectors, settings)
        self.vectors = vectors
        self.network = network
        self.clusters = clusters

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: RikoNetSettings, context: FitContext
    ) -> RikoNetModel:
        rated = lists.where(lists.scores > 0).common(1)
        rated = rated.of_users(rated.lengths > 0)
        if not len(rated):
            raise DataError(
                "Nobody rated anything, and this model learns from scores from 1 to 10. Pass a "
                "file with some, or pick a model that needs none."
            )
        network = train(rated, settings.layers, settings, context)
        codes = network.encode_singles(10.0)
        vectors = codes - codes.mean(axis=0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = vectors / np.where(norms > 0, norms, 1)
        clusters = Clusters.of_vectors(unit, settings.clusters, settings.seed)
        return cls(Items.of(rated), unit, network, clusters, settings)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        return self._decoded(told)

    def _rate(self, told: Told) -> NDArray[np.float32]:
        return np.clip(self._decoded(told), 1, 10)

    def _decoded(self, told: Told) -> NDArray[np.float32]:
        """What the autoencoder makes of the ratings, float32 [n], 0 and up."""
        rated = told.rated
        return self.network.decode(self.network.encode(rated.items, rated.ratings))

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`."""
        return {
            **item_tensors(self),
            **self.network.tensors(),
            "embeddings": self.vectors,
            "clusters.of": self.clusters.of,
            "clusters.opposite": self.clusters.opposite,
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[Any]], settings: RikoNetSettings
    ) -> RikoNetModel:
        """See `PersonalModel.from_tensors`."""
        clusters = Clusters(
            np.asarray(tensors["clusters.of"], np.int32),
            np.asarray(tensors["clusters.opposite"], np.int32),
        )
        return cls(
            items_of(tensors),
            np.asarray(tensors["embeddings"], np.float32),
            SeluAutoencoder.from_tensors(tensors),
            clusters,
            settings,
        )
