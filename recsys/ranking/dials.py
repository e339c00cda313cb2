"""What a person may turn: safe or niche, familiar or varied, watched or loved.

All dials at zero leave the ranking as it is. What each costs and buys on people whom the model
has not seen is printed by `python -m recsys dials`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.moments import deviation
from recsys.ranking.diversity import calibrated, mmr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.picks import Dials
    from recsys.ranking.scoring import Scorer, Seen

POOL = 100
"""How many franchises `arrange` chooses from, at least."""

# Anime of one bin are about equally popular.
_BINS = 24
# Scores of what nobody knows hardly vary; their tiny differences are no surprise.
_LEAST_SPREAD = 0.35
# The ends of the dials, as far as they can be turned before a list stops making sense.
_MOST_LOVED = 1.5
_MOST_VARIED = 0.6
_MOST_CALIBRATED = 0.6


class Surprise:
    """What a score should be given how popular an anime is, and how far beyond that it is.

    A penalty on popularity puts what nobody likes first. Here a score is compared with those of
    anime as popular: what stands out among them is a find, popular or not (the surprise of
    Vargas and Castells 2011, "Rank and Relevance in Novelty and Diversity Metrics", section 3.1,
    with the score's own distribution in place of a fixed prior).
    """

    def __init__(self, popularity: NDArray[np.floating]) -> None:
        """Takes [n] how many people have each anime; those of nobody are left out of the bins."""
        known = np.flatnonzero(popularity > 0)
        self._order = known[np.argsort(popularity[known], kind="stable")]
        bins = max(min(_BINS, len(known) // 8), 1)
        self._starts = np.linspace(0, len(known), bins, endpoint=False).astype(np.intp)
        self._counts = np.diff(np.append(self._starts, len(known)))
        centres = self._starts + self._counts / 2
        place = np.zeros(len(popularity))
        place[self._order] = np.arange(len(known))
        # Linear between the centres of two bins, so that no anime gains by falling into one.
        position = np.interp(place, centres, np.arange(bins))
        self._low = position.astype(np.intp)
        self._share = (position - self._low).astype(np.float32)

    def expected(
        self, scores: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and standard deviation of the scores of anime as popular, float32 [n] each."""
        if not len(self._order):
            return np.zeros_like(scores), np.ones_like(scores)
        values = scores[self._order]
        means = np.add.reduceat(values, self._starts) / self._counts
        squares = np.add.reduceat(values * values, self._starts) / self._counts
        spreads = np.sqrt(np.maximum(squares - means**2, 0))
        return self._between(means), self._between(spreads)

    def _between(self, of_bin: NDArray[np.floating]) -> NDArray[np.float32]:
        low = of_bin.astype(np.float32)
        steps = np.append(low[1:] - low[:-1], np.float32(0))
        between: NDArray[np.float32] = steps.take(self._low)
        between *= self._share
        between += low.take(self._low)
        return between


def adjust(
    scores: NDArray[np.float32],
    predicted: NDArray[np.float32] | None,
    surprise: Surprise,
    dials: Dials,
) -> NDArray[np.float32]:
    """Scores as two of the dials want them, float32 [n], in the units that they came in.

    Args:
        scores: float32 [n], as the model ranks.
        predicted: float32 [n], predicted ratings; None where the model has none, which leaves
            `loved` without effect.
        surprise: of the same n anime.
        dials: `niche` and `loved` count.
    """
    unit = deviation(scores)
    if dials.loved and predicted is not None:
        spread = deviation(predicted) or 1.0
        amount = np.float32(_MOST_LOVED * unit * dials.loved / spread)
        scores = np.asarray(scores + amount * (predicted - predicted.mean()), np.float32)
    if dials.niche:
        mean, spreads = surprise.expected(scores)
        if dials.niche < 0:
            return scores - np.float32(dials.niche) * (mean - scores.mean())
        unit = deviation(scores)
        beyond = (scores - mean) / np.maximum(spreads, _LEAST_SPREAD * unit or 1.0)
        turned = (1 - dials.niche) * scores + dials.niche * unit * beyond
        return np.asarray(turned, np.float32)
    return scores


def arrange(
    scorer: Scorer, seen: Seen, pool: Sequence[tuple[int, float]], k: int, dials: Dials
) -> list[tuple[int, float]]:
    """The k of a pool that make the list `varied` wants, in its order.

    Args:
        scorer: for the anime's vectors and genres.
        seen: whose genres count, by how much each entry is liked.
        pool: rows and scores, best first.
        k: at most how many.
        dials: `varied` counts.
    """
    if not dials.varied or len(pool) < 2:
        return list(pool[:k])
    rows = np.array([row for row, _ in pool], dtype=np.intp)
    scores = np.array([score for _, score in pool], dtype=np.float32)
    if dials.varied > 0:
        order = mmr(scores, scorer.vectors(rows), k, 1 - _MOST_VARIED * dials.varied)
    else:
        genres = scorer.facts.genres
        liked = np.maximum(seen.tastes, 0) @ genres[seen.rows]
        order = calibrated(scores, genres[rows], liked, k, 1 + _MOST_CALIBRATED * dials.varied)
    return [pool[i] for i in order]
