"""More like this, less like this: what a person wishes of their picks without having seen it.

A wish is no rating, so it never enters the model's sums. It moves the scores: up for what is like
an anime that more is wanted of, down for what is like one that less is wanted of. Where several
anime are named, the one most like a candidate counts, not the mean of all: somebody who wants more
like a thriller and more like a romance wants either, and nothing between the two (Rocchio's mean
of relevant documents, Manning et al. 2008, "Introduction to Information Retrieval", section 9.1.1,
fails in just this case).
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING

import numpy as np

from recsys.moments import deviation
from recsys.picks import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.profile import Hints
    from recsys.ranking.scoring import Scorer

# Well-known anime are all a little like each other, so only this share of the catalog counts as
# like a given one, or so many anime where the catalog is small.
_ALIKE, _LEAST = 0.01, 10
# Standard deviations of the score for each of likeness beyond theirs, and at most. The picks of a
# long list lie 10 to 20 of them out, so what is most alike crosses the page with one tap.
_PULL = 2.5
_FURTHEST = 15.0
# The newest of each side; what somebody wished for a hundred lists ago has passed.
_MOST = 12
_KEPT = 64  # likenesses in memory, 80 kB each


class Leaning:
    """Moves scores by what people wish; one for all of them."""

    def __init__(self, scorer: Scorer) -> None:
        """Takes the scorer whose likeness counts."""
        self._scorer = scorer
        self._pull = lru_cache(maxsize=_KEPT)(self._pull_of)

    def lean(self, scores: NDArray[np.float32], hints: Hints) -> NDArray[np.float32]:
        """Scores moved by wishes, float32 [n], in the units that they came in.

        Args:
            scores: float32 [n], as ranked without them.
            hints: the anime that more and less is wanted of; what the catalog lacks is left out.
        """
        more, less = self._rows(hints.more), self._rows(hints.less)
        if not more and not less:
            return scores
        unit = np.float32(deviation(scores) or 1.0)
        moved = scores.copy()
        if more:
            moved += unit * reduce(np.maximum, [self._pull(row, True) for row in more])
        if less:
            moved -= unit * reduce(np.maximum, [self._pull(row, False) for row in less])
        return moved

    def reasons(self, row: int, unit: float, hints: Hints) -> tuple[Reason, ...]:
        """The wishes that moved one anime, the strongest of each side.

        Args:
            row: the anime's.
            unit: standard deviation of the scores that were moved.
            hints: as for `lean`.

        Returns:
            At most two; the contribution is what was added to the score, below zero for less.
        """
        found: list[Reason] = []
        for anime_ids, sign in ((hints.more, 1.0), (hints.less, -1.0)):
            rows = self._rows(anime_ids)
            pulls = [float(self._pull(other, sign > 0)[row]) for other in rows]
            if pulls and max(pulls) > 0:
                strongest = rows[int(np.argmax(pulls))]
                anime_id = self._scorer.facts.anime[strongest].id
                found.append(Reason(anime_id, float(sign * max(pulls) * unit)))
        return tuple(sorted(found, key=lambda reason: -abs(reason.contribution)))

    def _rows(self, anime_ids: Sequence[int]) -> list[int]:
        rows = [self._scorer.facts.row(anime_id) for anime_id in anime_ids[-_MOST:]]
        return [row for row in rows if row is not None]

    def _pull_of(self, row: int, other_franchises: bool) -> NDArray[np.float32]:
        """How far one wish moves every anime, float32 [n], 0 to `_FURTHEST`.

        Args:
            row: what more or less is wanted of.
            other_franchises: whether its own franchise stays where it is. More like an anime is
                not that anime again; less like it is less of all of them.
        """
        likeness = self._scorer.likeness([row])
        place = max(len(likeness) - max(int(_ALIKE * len(likeness)), _LEAST), 0)
        beyond = likeness - np.partition(likeness, place)[place]
        pull = np.clip(_PULL / (float(likeness.std()) or 1.0) * beyond, 0, _FURTHEST)
        facts = self._scorer.facts
        own = list(facts.rows_of_franchise[facts.franchise[row]])
        pull[own] = 0 if other_franchises else pull.max()
        return pull.astype(np.float32)
