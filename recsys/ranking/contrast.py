"""The opposite of some anime, and blends of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.ranking.scoring import Scorer

# The opposite is chosen among the best-known anime, and of these among the better-loved half.
_WELL_KNOWN = 1500
# A rating of who loves the given anime, with which everything else is predicted.
_LOVED = 10.0


def opposite(scorer: Scorer, query: Sequence[int]) -> NDArray[np.float32]:
    """How unlike all anime are to the mean of some, among what is worth watching, float32 [n].

    The far end of any measure of likeness is full of what nobody knows, about which little is
    known either. So the opposite is a well-known, well-loved anime that is watched by other
    people, and is of another kind, and that those who love the given ones like no less than
    others do: somewhere to go, and not the worst thing to suffer.

    Args:
        scorer: of the catalog.
        query: rows, at least one.

    Returns:
        Minus the sum of the cosines of embedding and content, minus infinity for all but: the
        1,500 that most people have; of these the half with the higher Bayesian mean score; of
        these, where the model predicts ratings, what somebody who gave the query 10 is predicted
        to give as much as somebody with the same habits and no such taste.
    """
    weights = np.full(len(query), 1 / len(query), dtype=np.float32)
    alike = scorer.content.similarity(query, weights)
    items = scorer.item_of_row[np.asarray(query, dtype=np.intp)]
    items = items[items >= 0]
    worthy = scorer.item_of_row >= 0
    if len(items):
        direction = scorer.embeddings[items].mean(axis=0)
        direction /= np.linalg.norm(direction) or 1.0
        alike[scorer.known] += (scorer.embeddings @ direction)[scorer.item]
        worthy[scorer.known] &= _as_liked(scorer, items)[scorer.item]
    known_by = np.where(scorer.item_of_row >= 0, scorer.facts.known_by, 0)
    worthy &= known_by >= _nth_largest(known_by, _WELL_KNOWN)
    if worthy.any():
        worthy &= scorer.loved >= np.median(scorer.loved[worthy])
    return np.where(worthy, -alike, -np.inf).astype(np.float32)


def blend(scorer: Scorer, like: Sequence[int], less: Sequence[int]) -> NDArray[np.float32]:
    """How much all anime are like each of some, and unlike others, float32 [n].

    The mean of likenesses is led by whichever of them stands out; something between two anime
    must be like both, so half of the score is the least of the likenesses. Of what is not wanted
    only that part counts which the wanted ones do not have themselves: its likeness, less what a
    regression on theirs explains.

    Args:
        scorer: of the catalog.
        like: rows, at least one.
        less: rows; may be empty.
    """
    wanted = np.stack([_standardised(scorer.likeness([row])) for row in like])
    score = (wanted.mean(axis=0) + wanted.min(axis=0)) / 2
    if len(less):
        base = _standardised(score)
        unwanted = _standardised(
            np.mean([_standardised(scorer.likeness([row])) for row in less], axis=0)
        )
        shared = float(base @ unwanted) / len(base)
        score = base - (unwanted - shared * base)
    return score.astype(np.float32)


def _as_liked(scorer: Scorer, items: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of the model's items those who love some are predicted to rate as high as others."""
    predicted = scorer.model.ratings(items, np.full(len(items), _LOVED, np.float32))
    habits = scorer.model.ratings(items[:0], np.empty(0, np.float32))
    if predicted is None or habits is None:
        return np.ones(len(scorer.model.item_ids), dtype=np.bool_)
    # The median of the gain is what a generous person gives more to everything.
    gain = predicted - habits
    return gain >= np.median(gain)


def _nth_largest(values: NDArray[np.floating], n: int) -> float:
    place = max(len(values) - n, 0)
    return float(np.partition(values, place)[place])


def _standardised(values: NDArray[np.floating]) -> NDArray[np.float32]:
    spread = float(values.std()) or 1.0
    return ((values - values.mean()) / spread).astype(np.float32)
