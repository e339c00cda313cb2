"""Where a newcomer may begin: well-loved anime that differ from each other."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from recsys.picks import Pick
from recsys.profile import Hints
from recsys.ranking.diversity import mmr
from recsys.ranking.listed import Listed
from recsys.ranking.selection import Selection, best

if TYPE_CHECKING:
    from recsys.picks import Filters
    from recsys.ranking.leaning import Leaning
    from recsys.ranking.scoring import Scorer

# They are chosen from so many loved anime, and the list trades this much of its score for variety.
_POOL = 200
_TRADE_OFF = 0.6
# Sets of filters of which the answer is remembered, some ten kilobytes each.
_KEPT = 32


class StartingPoints:
    """What newcomers are shown; one for all people."""

    def __init__(self, scorer: Scorer, leaning: Leaning) -> None:
        """Takes what says what is loved, and what moves that by wishes."""
        self._scorer = scorer
        self._leaning = leaning
        # Not a method: it would hold this object, and so its weights, until the next collection.
        self._of_nobody = lru_cache(_KEPT)(partial(_of_nobody, scorer, leaning))

    def of_nobody(self, filters: Filters, k: int) -> list[Pick]:
        """`picks` for somebody with an empty list and no wishes: the same for all, so remembered.

        Args:
            filters: what a pick must be.
            k: at most how many.
        """
        return list(self._of_nobody(filters, k))

    def picks(self, selection: Selection, filters: Filters, hints: Hints, k: int) -> list[Pick]:
        """Picks for somebody who has seen nothing, without reasons.

        Args:
            selection: what may be shown at all.
            filters: what must hold of it.
            hints: what more and less is wanted of.
            k: at most how many.
        """
        return _picks(self._scorer, self._leaning, selection, filters, hints, k)


def _of_nobody(scorer: Scorer, leaning: Leaning, filters: Filters, k: int) -> tuple[Pick, ...]:
    selection = Selection.of(scorer.facts, Listed.of(scorer.facts), filters)
    return tuple(_picks(scorer, leaning, selection, filters, Hints(), k))


def _picks(
    scorer: Scorer, leaning: Leaning, selection: Selection, filters: Filters, hints: Hints, k: int
) -> list[Pick]:
    loved = leaning.lean(scorer.loved, hints)
    pool = list(best(scorer.facts, loved, selection, filters, max(_POOL, k)))
    if not pool:
        return []
    rows = np.array([row for row, _ in pool], np.intp)
    scores = np.array([score for _, score in pool], np.float32)
    chosen = mmr(scores, scorer.content.dense(rows), k, _TRADE_OFF)
    anime = scorer.facts.anime
    return [Pick(anime=anime[pool[i][0]], score=pool[i][1]) for i in chosen]
