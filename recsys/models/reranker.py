"""The second stage: small networks that look at the first stage's best candidates more closely.

Cascades of a cheap ranker over everything and a careful one over its best are standard since
Wang, Lin and Metzler 2011, "A Cascade Ranking Model for Efficient Ranked Retrieval", and
Covington, Adams and Sargin 2016, "Deep Neural Networks for YouTube Recommendations". Here two
multilayer perceptrons read `recsys.models.features`, a candidate at a time. One ranks
(`recsys.models.list_network`), and says three things: how likely the anime is on the list, how
likely it is liked if it is, and how likely disliked; one formula joins them, so what a dislike
costs is a number and not another training.
The other says by how much the rating that the first stage predicts is off.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.features import NAMES, OF_RATINGS, CandidateFeatures
from recsys.models.item_facts import ItemFacts
from recsys.models.list_network import HOLES, MEANS, ListNetwork
from recsys.models.network import Network, sigmoid
from recsys.models.views import Views
from recsys.ordering import descending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from recsys.models.linear import LinearModel
    from recsys.models.linear_answer import FirstStage

_LEAST_GAIN = 1e-3
# One score in so many is looked at to guess which are the best.
_SAMPLED = 16


@dataclass(frozen=True, slots=True)
class Gains:
    """What it is worth to rank an anime that the person turns out to have.

    The first page is what people look at, and a pick that they dislike costs most there. Further
    down, what they would watch at all counts for more.

    Attributes:
        liked: added to 1 for an anime that they like, on the first page.
        disliked: taken from 1 for one that they dislike, on the first page.
        liked_beyond: as `liked`, after the first page.
        disliked_beyond: as `disliked`, after the first page.
        page: how many are on the first page.
    """

    liked: float = 0.75
    disliked: float = 2.5
    liked_beyond: float = 0.5
    disliked_beyond: float = 0.5
    page: int = 20


@dataclass(frozen=True, slots=True)
class Reranked:
    """What the second stage says of one list.

    Attributes:
        order: float32 [n], the first stage's scores, dealt out anew among the candidates.
        candidates: intp [k], positions.
        features: float32 [k, NAMES], of the candidates; of a few of them the rating is wanted too.
    """

    order: NDArray[np.float32]
    candidates: NDArray[np.intp]
    features: NDArray[np.float32]

    def features_of(self, targets: NDArray[np.intp]) -> NDArray[np.float32] | None:
        """Those of some anime [t], float32 [t, NAMES]; None if one of them is no candidate."""
        if not 0 < len(targets) <= len(self.candidates):
            return None
        found = self.candidates == targets[:, None]
        return self.features[found.argmax(axis=1)] if found.any(axis=1).all() else None


@dataclass(frozen=True, slots=True)
class Reranker:
    """Two networks, the features that they were trained on, and what to make of their outputs.

    Attributes:
        network: ranks; of each candidate the logarithm of its chance to be on the list, and two
            logits: liked if so, and disliked if so. The first are comparable within one list only.
        rater: what to add to a predicted rating, in points; reads `OF_RATINGS`.
        features: of the anime of the model it belongs to.
        gains: see `Gains`.
        candidates: how many of the first stage's best are ranked again.
    """

    network: ListNetwork
    rater: Network
    features: CandidateFeatures
    gains: Gains
    candidates: int

    def rerank(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
    ) -> Reranked:
        """Ranks the best candidates again.

        The candidates keep their scores as a set: the best by the network gets the largest. So
        scores stay on the scale of the first stage, on which anime that no model knows are placed
        beside the others, and what is no candidate keeps its score and stays below them.

        Args:
            model: the first stage.
            first: what it said of the list.
            items: [m] positions of what the person has, each once.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
        """
        candidates = best(first.order, items, self.candidates)
        if not len(items) or len(candidates) < 2:
            return Reranked(first.order, candidates[:0], np.empty((0, len(NAMES)), np.float32))
        features = self.features(model, first, items, scores_or_nan, candidates)
        order = first.order.copy()
        order[candidates[ranked(self.network(features), self.gains)]] = first.order[candidates]
        return Reranked(order, candidates, features)

    def ratings(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
        targets: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """Predicted ratings of any anime, float32 [k], 1 to 10; arguments as for `rerank`."""
        if not len(items) or not len(targets):
            return first.ratings[targets]
        features = self.features(model, first, items, scores_or_nan, targets)
        return self.rated(features, first.ratings[targets])

    def rated(
        self, features: NDArray[np.float32], predicted: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Predicted ratings, float32 [k], 1 to 10.

        Args:
            features: float32 [k, NAMES].
            predicted: float32 [k], the first stage's.
        """
        rated = predicted + self.rater(features[:, OF_RATINGS])[:, 0]
        return np.minimum(np.maximum(rated, np.float32(1)), np.float32(10))

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        networks = {**self.network.tensors("network"), **self.rater.tensors("rater")}
        return {**networks, **self.features.facts.tensors(), **self.features.views.tensors()}

    def serving(self) -> dict[str, Any]:
        """The numbers that a manifest keeps beside the tensors."""
        return {
            "gains": asdict(self.gains),
            "candidates": self.candidates,
            "features": list(NAMES),
            "means": list(MEANS),
            "holes": list(HOLES),
        }

    @classmethod
    def load(
        cls, tensors: dict[str, NDArray[Any]], serving: dict[str, Any], model: LinearModel
    ) -> Reranker:
        """The inverse of `tensors` and `serving`.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together, or were trained on other features.
        """
        return cls(
            network=ListNetwork.load(tensors, "network", features=len(NAMES)),
            rater=Network.load(tensors, "rater", features=len(OF_RATINGS), outputs=1),
            features=CandidateFeatures.of(
                model,
                ItemFacts.from_tensors(tensors),
                Views.from_tensors(tensors, len(model.item_ids)),
            ),
            gains=Gains(**serving["gains"]),
            candidates=int(serving["candidates"]),
        )


def is_of_this_version(serving: dict[str, Any]) -> bool:
    """Whether a second stage was trained on what this Osusume computes."""
    says = (tuple(serving.get(name, ())) for name in ("features", "means", "holes"))
    return tuple(says) == (NAMES, MEANS, HOLES)


def best(order: NDArray[np.float32], items: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Positions of the largest scores, best first, less what the person has; ties by position."""
    left = order.copy()
    left[items] = -np.inf
    k = min(most, len(order) - len(items))
    if k <= 0:
        return np.empty(0, np.intp)
    places = _promising(left, k)
    values = left[places]
    if k < len(places):
        # All that tie with the least stay in, so that ties are decided by position alone.
        kept = values >= np.partition(values, len(values) - k)[len(values) - k]
        places, values = places[kept], values[kept]
    return places[descending(values)[:k]]


def _promising(values: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Positions among which the k largest are, and few others: all above a guess from a sample."""
    sample = values[::_SAMPLED]
    rank = 2 * k // _SAMPLED + 4
    if rank < len(sample):
        least = np.partition(sample, len(sample) - rank)[len(sample) - rank]
        places = np.flatnonzero(values > least)
        if len(places) >= k:
            return places
    return np.arange(len(values))


def ranked(logits: NDArray[np.float32], gains: Gains) -> NDArray[np.intp]:
    """Positions of candidates, best first: the first page by its gains, the others by theirs.

    Args:
        logits: [k, 3], as the network gives them.
        gains: see `Gains`.
    """
    worth = ((gains.liked, gains.disliked), (gains.liked_beyond, gains.disliked_beyond))
    on_page, beyond = expected_gains(logits, worth)
    order = descending(on_page)
    rest = order[gains.page :]
    order[gains.page :] = rest[descending(beyond[rest])]
    return order


def expected_gains(
    logits: NDArray[np.float32], worth: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    """Logarithms of P(on the list) · (1 + a · P(liked | on it) − b · P(disliked | on it)).

    Args:
        logits: float32 [k, 3], as the network gives them.
        worth: some pairs of a and b.

    Returns:
        Float32 [pairs, k].
    """
    signed = np.array([(liked, -disliked) for liked, disliked in worth], np.float32)
    factors = 1 + signed @ sigmoid(logits[:, 1:]).T
    return logits[:, 0] + np.log(np.maximum(factors, np.float32(_LEAST_GAIN)))
