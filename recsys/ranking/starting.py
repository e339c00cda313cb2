"""Where a newcomer may begin: well-loved anime that differ from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.picks import Pick
from recsys.ranking.diversity import mmr
from recsys.ranking.selection import best

if TYPE_CHECKING:
    from recsys.picks import Filters
    from recsys.profile import Hints
    from recsys.ranking.leaning import Leaning
    from recsys.ranking.scoring import Scorer
    from recsys.ranking.selection import Selection

# They are chosen from so many loved anime, and the list trades this much of its score for variety.
_POOL = 200
_TRADE_OFF = 0.6


def starting_points(
    scorer: Scorer, leaning: Leaning, selection: Selection, filters: Filters, hints: Hints, k: int
) -> list[Pick]:
    """Picks for somebody of whom nothing is known, without reasons.

    Args:
        scorer: of the catalog.
        leaning: moves the scores by what they wish.
        selection: what may be shown at all.
        filters: what must hold of it.
        hints: what more and less is wanted of.
        k: at most how many.
    """
    loved = leaning.lean(scorer.loved, hints)
    pool = list(best(scorer.facts, loved, selection, filters, max(_POOL, k)))
    if not pool:
        return []
    rows = np.array([row for row, _ in pool], np.intp)
    scores = np.array([score for _, score in pool], np.float32)
    chosen = mmr(scores, scorer.content.dense(rows), k, _TRADE_OFF)
    anime = scorer.facts.anime
    return [Pick(anime=anime[pool[i][0]], score=pool[i][1]) for i in chosen]
