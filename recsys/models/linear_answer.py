"""What both stages say to one person, and the parts of it that others need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.linear import LinearModel
    from recsys.models.reranker import Reranked


@dataclass(frozen=True, slots=True)
class FirstStage:
    """What the linear model says of one list; each array is float32 [n].

    Attributes:
        rows: int8 [m, n], the codes of the list's entries (`DenseWeights.rows`).
        sharp: the sharp weights' part of presence, before popularity.
        place: float32 [d], of the list among the smooth weights' directions.
        bias: b_u of the biases.
        residuals: float32 [m], what the biases leave unexplained of each entry; 0 where not rated.
        ratings: predicted, 1 to 10.
        presence: standardised over all anime.
        rating: `ratings`, standardised likewise.
        order: the ranking scores: presence + c · rating.
    """

    rows: NDArray[np.int8]
    sharp: NDArray[np.float32]
    place: NDArray[np.float32]
    bias: float
    residuals: NDArray[np.float32]
    ratings: NDArray[np.float32]
    presence: NDArray[np.float32]
    rating: NDArray[np.float32]
    order: NDArray[np.float32]


class LinearAnswer:
    """What both stages say to one person, each worked out when it is first asked for."""

    def __init__(
        self, model: LinearModel, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]
    ) -> None:
        """Takes who answers, and what the person told; see `LinearModel.answer`."""
        self._model = model
        self._items = items
        self._scores = scores_or_nan

    @cached_property
    def first(self) -> FirstStage:
        """The first stage's part."""
        return self._model.first_stage(self._items, self._scores)

    @property
    def order(self) -> NDArray[np.float32]:
        """The ranking scores [n]."""
        return self.first.order if self._reranked is None else self._reranked.order

    @property
    def best(self) -> NDArray[np.intp]:
        """The candidates of the second stage, intp [k]; none where there is no second stage.

        No other anime that is not on the list scores more than the least of them.
        """
        return np.empty(0, np.intp) if self._reranked is None else self._reranked.candidates

    def ratings_of(self, targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """What the person would give some anime, float32 [k], 1 to 10.

        Args:
            targets: intp [k], positions.
        """
        second = self._model.second_stage
        if second is None:
            return self.first.ratings[targets]
        if "_reranked" in self.__dict__ and self._reranked is not None:
            # The candidates have been described for their order.
            features = self._reranked.features_of(targets)
            if features is not None:
                return second.rated(features, self.first.ratings[targets])
        return second.ratings(self._model, self.first, self._items, self._scores, targets)

    def contributions_to(self, targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """What each entry of the list adds to the presence of some anime: [k, m].

        Args:
            targets: intp [k], positions. See `LinearModel.contributions_to`.
        """
        return self._model.contributions_to(self._items, targets, self.first.rows)

    def rating_terms(
        self, places: NDArray[np.intp], targets: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """What some entries of the list add to the first stage's ratings, beside the biases.

        Args:
            places: intp [p], of the entries in the list.
            targets: intp [k], positions of the anime.

        Returns:
            Float32 [k, p], in points; 0 for entries that are not rated.
        """
        terms = self._model.rating_weights.columns(self._items[places], targets)
        terms *= self.first.residuals[places] * np.float32(self._model.residual_scale)
        return terms

    @cached_property
    def _reranked(self) -> Reranked | None:
        second = self._model.second_stage
        if second is None:
            return None
        return second.rerank(self._model, self.first, self._items, self._scores)
