"""Learning the ranges of predicted ratings, and measuring how many ratings fall within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.splits import fold_in, uniform_hash
from recsys.ranking.confidence import FEATURES, Confidence, features, fit_ends, fit_spread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.linear import LinearModel

KNOWN = (1, 3, 5, 10, 20, 50, 150)
"""Sizes of the profiles that ratings are predicted from, so that thin ones are measured too."""

# Scores of this sample were rebuilt to about ±1: the error would be the rebuilding's.
_REBUILT = ("mal-2021-a",)
# Of a long list only so many ratings count, or a few people would decide.
_MOST_EACH = 40


@dataclass(frozen=True, slots=True)
class Errors:
    """Hidden ratings and their predictions; m of them.

    Attributes:
        described: float64 [m, FEATURES].
        predicted: float64 [m].
        actual: float64 [m], 1 to 10.
        known: int64 [m], how many ratings each was predicted from.
        user_ids: int64 [m].
    """

    described: NDArray[np.float64]
    predicted: NDArray[np.float64]
    actual: NDArray[np.float64]
    known: NDArray[np.int64]
    user_ids: NDArray[np.int64]

    def where(self, kept: NDArray[np.bool_]) -> Errors:
        """Some of them: mask [m]."""
        return Errors(
            self.described[kept],
            self.predicted[kept],
            self.actual[kept],
            self.known[kept],
            self.user_ids[kept],
        )


def errors_of(model: LinearModel, people: Interactions, seed: int) -> Errors:
    """Predicts hidden ratings of people from a few to many of their others.

    Args:
        model: which has not seen these people.
        people: their lists, on its anime.
        seed: of what is hidden.
    """
    rebuilt = [code for code, name in enumerate(people.sources) if name in _REBUILT]
    rated = people.of_users(~np.isin(people.source_of, rebuilt))
    rated = rated.where(rated.scores > 0)
    parts: list[tuple[NDArray[Any], ...]] = []
    for size in KNOWN:
        fold = fold_in(rated.of_users(rated.lengths >= 2 * min(size, 5)), seed=seed, known=size)
        for user in range(fold.known.n_users):
            told = slice(fold.known.indptr[user], fold.known.indptr[user + 1])
            start, stop = fold.hidden.indptr[user : user + 2]
            asked = slice(start, min(stop, start + _MOST_EACH))
            items, scores = fold.known.items[told].astype(np.intp), fold.known.scores[told]
            targets = fold.hidden.items[asked].astype(np.intp)
            scores = scores.astype(np.float32)
            predicted = model.answer(items, scores).ratings_of(targets)
            m = len(targets)
            parts.append(
                (
                    features(model, items, scores, targets, predicted),
                    predicted,
                    fold.hidden.scores[asked],
                    np.full(m, size),
                    np.full(m, fold.known.user_ids[user]),
                )
            )
    if not parts:
        parts.append((np.zeros((0, FEATURES)), *(np.zeros(0) for _ in range(4))))
    described, predicted, actual, known, user_ids = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Errors(
        described=described.astype(np.float64),
        predicted=predicted.astype(np.float64),
        actual=actual.astype(np.float64),
        known=known.astype(np.int64),
        user_ids=user_ids.astype(np.int64),
    )


def learn(errors: Errors, seed: int) -> Confidence:
    """Fits the spread on half of the people and the ends of the range on the other half."""
    first = uniform_hash(seed + 1, errors.user_ids) < 0.5
    one, other = errors.where(first), errors.where(~first)
    weights = fit_spread(one.described, one.actual - one.predicted)
    spreads = np.exp(other.described @ np.array(weights) / 2)
    below, above = fit_ends(spreads, other.actual - other.predicted)
    return Confidence(tuple(round(w, 4) for w in weights), round(below, 4), round(above, 4))


def coverage_lines(confidence: Confidence, errors: Errors) -> Iterator[str]:
    """How many ratings fall within their range, of all and by what is known, line by line."""
    low, high = confidence.range(errors.predicted, errors.described)
    inside = (low <= errors.actual) & (errors.actual <= high)
    rated_by = 1 / errors.described[:, 3] ** 2 - 1

    def line(name: str, those: NDArray[np.bool_]) -> str:
        if not those.any():
            return f"{name:<44}{'none':>10}"
        width = float((high - low)[those].mean())
        return f"{name:<44}{int(those.sum()):>10,}{inside[those].mean():>11.3f}{width:>11.2f}"

    yield f"{'':<44}{'ratings':>10}{'inside':>11}{'width':>11}"
    yield line("all", np.ones(len(inside), np.bool_))
    for size in KNOWN:
        yield line(f"predicted from {size}", errors.known == size)
    for least, most in ((0, 30), (30, 100), (100, 1000), (1000, 10**9)):
        name = f"anime that {least:,} to {most:,} rated" if most < 10**9 else "anime that more did"
        yield line(name, (rated_by >= least) & (rated_by < most))
    for least, most in ((1, 6), (6, 7), (7, 8), (8, 9), (9, 10.1)):
        those = (errors.predicted >= least) & (errors.predicted < most)
        yield line(f"predicted {least} to {min(most, 10)}", those)
