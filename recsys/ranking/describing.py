"""From rows and scores to picks: what each would be rated, why it came up, what it shares."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.content import Labels
from recsys.picks import Pick
from recsys.ranking.reasons import AGAINST, REASONS, Explainer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.picks import Reason
    from recsys.profile import Hints
    from recsys.ranking.answer import Answer
    from recsys.ranking.leaning import Leaning
    from recsys.ranking.scoring import Scorer, Seen


class Describer:
    """Makes picks of the rows that were chosen; one for all people."""

    def __init__(self, scorer: Scorer, leaning: Leaning) -> None:
        """Takes what scored the rows, and what leaned their scores to wishes."""
        self._scorer = scorer
        self._anime = scorer.facts.anime
        self._labels = Labels(self._anime)
        self._leaning = leaning

    def picks(
        self,
        seen: Seen,
        rows: Sequence[tuple[int, float]],
        answer: Answer,
        *,
        most: int | None = None,
    ) -> list[Pick]:
        """Picks for somebody who has seen something, each with its reasons.

        Args:
            seen: whose picks.
            rows: of the catalog, with the scores that brought them up.
            answer: what the model said to this person.
            most: at most how many reasons, and how many against; left out, what a card has room
                for.
        """
        if not rows:
            return []
        explainer = Explainer(self._scorer, seen, answer)
        places = np.array([row for row, _ in rows], dtype=np.intp)
        return self._picks(
            rows,
            self._labels.counts(seen.rows[seen.tastes > 0]),
            answer,
            explainer.reasons(places, most or REASONS),
            explainer.against(places, most or AGAINST),
        )

    def alike(
        self,
        query: Sequence[int],
        seen: Seen,
        rows: Sequence[tuple[int, float]],
        answer: Answer | None,
    ) -> list[Pick]:
        """Picks that came up for their likeness to some rows, and not for an entry of a profile.

        Args:
            query: rows of the catalog.
            seen: of the person who asks.
            rows: as for `picks`.
            answer: what the model said to this person; None where they have seen nothing.
        """
        if not rows:
            return []
        against: list[tuple[Reason, ...]] = [()] * len(rows)
        if answer is not None:
            places = np.array([row for row, _ in rows], dtype=np.intp)
            against = Explainer(self._scorer, seen, answer).against(places, AGAINST)
        return self._picks(rows, self._labels.counts(query), answer, [()] * len(rows), against)

    def hinted(self, pick: Pick, unit: float, hints: Hints) -> Pick:
        """The pick with the wishes that moved it.

        Args:
            pick: without them.
            unit: standard deviation of the scores that were moved.
            hints: the wishes.
        """
        if not hints.more and not hints.less:
            return pick
        row = self._scorer.facts.row_of[pick.anime.id]
        found = self._leaning.reasons(row, unit, hints)
        return replace(pick, hinted=found) if found else pick

    def _picks(
        self,
        rows: Sequence[tuple[int, float]],
        labels: NDArray[np.intp],
        answer: Answer | None,
        reasons: Sequence[tuple[Reason, ...]],
        against: Sequence[tuple[Reason, ...]],
    ) -> list[Pick]:
        places = np.array([row for row, _ in rows], dtype=np.intp)
        predicted, ranges = _ratings(places, answer)
        shared = self._labels.shared(places, labels)
        is_new = (self._scorer.item_of_row.take(places) < 0).tolist()
        return [
            Pick(
                anime=self._anime[row],
                score=score,
                predicted=predicted[i],
                reasons=reasons[i],
                shared=shared[i],
                is_new=is_new[i],
                against=against[i],
                low=ranges[i][0],
                high=ranges[i][1],
            )
            for i, (row, score) in enumerate(rows)
        ]


def _ratings(
    rows: NDArray[np.intp], answer: Answer | None
) -> tuple[list[float | None], list[tuple[float | None, float | None]]]:
    """Predicted ratings of some rows and their ranges; None where there is nothing to say."""
    unknown = [None] * len(rows)
    predicted = None if answer is None else answer.predicted_at(rows)
    if answer is None or predicted is None:
        return [*unknown], [(None, None)] * len(rows)
    low, high = answer.ranges(rows, predicted)
    ends: list[tuple[float | None, float | None]] = [
        (None, None) if math.isnan(least) else (least, most)
        for least, most in zip(low.tolist(), high.tolist(), strict=True)
    ]
    return predicted.tolist(), ends
