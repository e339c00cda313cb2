"""What the model says to one person about every anime of the catalog.

Each part is worked out when it is first asked for, and once: a list of picks needs the scores of
all anime, but the predicted ratings of a few.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.linear import LinearModel
from recsys.ranking.confidence import SHIPPED, described
from recsys.ranking.leading import Leading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.content import Query
    from recsys.ranking.scoring import Scorer, Seen

_ROUNDED = 1e-3


class Answer:
    """Scores and predicted ratings for one person.

    Attributes:
        linear: what the linear model says; None where another model answers.
    """

    def __init__(self, scorer: Scorer, seen: Seen) -> None:
        """Takes whom to answer, and what answers."""
        self._scorer = scorer
        self._seen = seen
        known = seen.items >= 0
        told = (seen.items, seen.scores) if known.all() else (seen.items[known], seen.scores[known])
        self._items, self._scores = told
        model = scorer.model
        self.linear = model.answer(*told) if isinstance(model, LinearModel) else None

    @property
    def leading(self) -> Leading:
        """`scores` of what was not seen, in three steps.

        At hand are the candidates of the second stage, who nearly always fill a list. Then come
        the other anime that the model knows, and at last those that no model knows.
        """
        linear, scorer = self.linear, self._scorer
        if linear is None or not len(self._items):
            return Leading.of(self.scores)
        order, best = linear.order, linear.best
        # The bound is of real numbers; their sums were rounded.
        beyond = scorer.carrier.most(order.take(scorer.sampled), self._query) + _ROUNDED

        def known() -> Leading:
            scores = scorer.of_known(order)
            return Leading(scorer.known, scores, beyond, lambda: Leading.of(self.scores))

        rows = np.sort(scorer.row_of_item.take(best))
        if not len(best) or rows[0] < 0:
            return known()
        scores = order.take(scorer.item_of_row.take(rows))
        return Leading(rows, scores, max(float(scores.min()), beyond), known)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """Ranking scores of all anime, float32 [n]; higher is better."""
        scorer = self._scorer
        if not len(self._items):
            return scorer.content.similarity(self._seen.rows, self._seen.tastes)
        if self.linear is not None:
            known = self.linear.order
        else:
            known = scorer.model.rank_scores(self._items, self._scores)
        return scorer.carrier.carry(scorer.of_known(known), self._query)

    @cached_property
    def predicted(self) -> NDArray[np.float32] | None:
        """Predicted ratings of all anime, float32 [n], 1 to 10; None where the model has none.

        Of a model with two stages this is the first one's guess, which is good for comparing
        anime with each other; what is shown comes from `predicted_at`.
        """
        ratings = self._ratings
        if ratings is None:
            return None
        scorer = self._scorer
        carried = scorer.carrier.carry(scorer.of_known(ratings), self._query)
        return np.clip(carried, 1, 10)

    def predicted_at(self, rows: NDArray[np.intp]) -> NDArray[np.float32] | None:
        """Predicted ratings of some anime, as good as the model can make them.

        Args:
            rows: intp [k], of the catalog.

        Returns:
            float32 [k], 1 to 10; None where the model predicts none.
        """
        items = self._scorer.item_of_row[rows]
        known = items >= 0
        if known.all() and self.linear is not None:
            return self.linear.ratings_of(items)
        if self.predicted is None:
            return None
        result = self.predicted[rows]
        if self.linear is not None:
            result[known] = self.linear.ratings_of(items[known])
        return result

    def ranges(
        self, rows: NDArray[np.intp], predicted: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The ranges that predicted ratings come with, float64 [k] each, 1 to 10.

        Args:
            rows: intp [k], of the catalog.
            predicted: float32 [k], their predicted ratings.

        Returns:
            Both ends; NaN for an anime that the model does not know, and for models whose errors
            nobody has measured.
        """
        targets = self._scorer.item_of_row[rows]
        known = targets >= 0
        model = self._scorer.model
        if self.linear is None or not isinstance(model, LinearModel) or not known.any():
            return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        if not known.all():
            low, high = np.full((2, len(rows)), np.nan)
            low[known], high[known] = self.ranges(rows[known], predicted[known])
            return low, high
        first = self.linear.first
        features = described(model, first.residuals, self._count, targets, predicted)
        return SHIPPED.range(predicted, features)

    @cached_property
    def _count(self) -> int:
        """How many ratings the model was told."""
        return int(np.count_nonzero(np.isfinite(self._scores)))

    @cached_property
    def _query(self) -> Query:
        """What was seen, to compare the content of others with."""
        return self._scorer.carrier.query(self._seen.rows, self._seen.tastes)

    @cached_property
    def _ratings(self) -> NDArray[np.float32] | None:
        """Predicted ratings of the model's own anime."""
        if self.linear is not None:
            return self.linear.first.ratings
        rated = np.isfinite(self._scores)
        return self._scorer.model.ratings(self._items[rated], self._scores[rated])
