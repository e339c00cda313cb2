"""The protocol: fold in part of each held-out list, rank everything, look for the rest.

Liang et al. 2018, "Variational Autoencoders for Collaborative Filtering", section 4.2: the one
that EASE, Mult-VAE, RecVAE and iALS report. Beside its three figures: NDCG on what the person
*liked*, and how many disliked anime reach the top 20.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.metrics import ndcg, recall, rmse, top_k
from recsys.evaluation.splits import TESTED_ALONE, Fold, fold_in
from recsys.models.gram import matrix
from recsys.profile import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.base import Ranker
    from recsys.models.linear import LinearModel
    from recsys.training.pipeline import Trained

_USERS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Measured:
    """One model on some people; each array is [users].

    Attributes:
        recall20: Recall@20.
        recall50: Recall@50.
        ndcg100: NDCG@100.
        liked100: NDCG@100 of liked hidden anime alone, NaN where there is none.
        disliked20: hidden anime among the first 20 that the person disliked.
    """

    recall20: NDArray[np.float64]
    recall50: NDArray[np.float64]
    ndcg100: NDArray[np.float64]
    liked100: NDArray[np.float64]
    disliked20: NDArray[np.float64]


def measure(model: Ranker, fold: Fold) -> Measured:
    """Ranks every anime for each person, less what they told, and looks for what they hid."""
    liked, disliked = tastes(fold)
    parts: list[tuple[NDArray[np.float64], ...]] = []
    n_users = fold.known.n_users
    for start in range(0, n_users, _USERS_AT_ONCE):
        chosen = np.zeros(n_users, bool)
        chosen[start : start + _USERS_AT_ONCE] = True
        known, hidden = fold.known.of_users(chosen), fold.hidden.of_users(chosen)
        scores = model.score(known)
        scores[known.users, known.items] = -np.inf
        ranked = top_k(scores, 100)
        entries = chosen[fold.hidden.users]
        found = matrix(hidden).toarray() > 0
        good = matrix(hidden, liked[entries]).toarray() > 0
        bad = matrix(hidden, disliked[entries]).toarray() > 0
        parts.append(
            (
                recall(ranked, found, 20),
                recall(ranked, found, 50),
                ndcg(ranked, found, 100),
                ndcg(ranked, good, 100),
                np.take_along_axis(bad, ranked[:, :20], axis=1).sum(axis=1).astype(np.float64),
            )
        )
    if not parts:
        return Measured(*(np.zeros(0) for _ in range(5)))
    return Measured(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def tastes(fold: Fold) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Which hidden entries were liked and which disliked, as ones and zeros [entries].

    Liked: a score of at least 8 and at least the person's own median. Disliked: a score of 5 or
    less, or dropped.
    """
    hidden = fold.hidden
    medians = np.full(hidden.n_users, np.nan)
    for user in range(hidden.n_users):
        both = [
            part.scores[part.indptr[user] : part.indptr[user + 1]] for part in (fold.known, hidden)
        ]
        rated = np.concatenate(both)
        rated = rated[rated > 0]
        if len(rated):
            medians[user] = np.median(rated)
    least = np.fmax(medians, 8.0)[hidden.users]
    liked = hidden.scores >= least
    disliked = ((hidden.scores > 0) & (hidden.scores <= 5)) | (hidden.statuses == Status.DROPPED)
    return liked.astype(np.float32), disliked.astype(np.float32)


@dataclass(frozen=True, slots=True)
class RatingErrors:
    """RMSE of predicted ratings over the hidden rated entries, on the 1 to 10 scale.

    Attributes:
        entries: how many were predicted.
        mean: predicting the training mean for everything.
        biases: μ + b_u + b_i.
        head: the first stage's rating head.
        model: both stages.
    """

    entries: int
    mean: float
    biases: float
    head: float
    model: float


def rating_errors(model: LinearModel, fold: Fold) -> RatingErrors:
    """Predicts each hidden rating from the ratings that the person told."""
    actual: list[NDArray[np.int8]] = []
    from_biases: list[NDArray[np.floating]] = []
    from_head: list[NDArray[np.floating]] = []
    from_model: list[NDArray[np.floating]] = []
    hidden = fold.hidden.where(fold.hidden.scores > 0)
    for user in range(fold.known.n_users):
        told = slice(fold.known.indptr[user], fold.known.indptr[user + 1])
        asked = slice(hidden.indptr[user], hidden.indptr[user + 1])
        items = fold.known.items[told].astype(np.intp)
        scores = fold.known.scores[told].astype(np.float32)
        scores[scores == 0] = np.nan
        rated = np.isfinite(scores)
        wanted = hidden.items[asked].astype(np.intp)
        level = model.biases.mean + model.biases.of_user(items[rated], scores[rated])
        answer = model.answer(items, scores)
        from_biases.append((level + model.biases.anime[wanted]).clip(1, 10))
        from_head.append(answer.first.ratings[wanted])
        from_model.append(answer.ratings_of(wanted))
        actual.append(hidden.scores[asked])
    if not actual:
        return RatingErrors(0, *[float("nan")] * 4)
    truth = np.concatenate(actual).astype(np.float64)
    return RatingErrors(
        entries=len(truth),
        mean=rmse(np.full(len(truth), model.biases.mean), truth),
        biases=rmse(np.concatenate(from_biases), truth),
        head=rmse(np.concatenate(from_head), truth),
        model=rmse(np.concatenate(from_model), truth),
    )


def tested_alone(lists: Interactions) -> NDArray[np.bool_]:
    """[users] who belong to a sample that is reported on its own."""
    alone = [code for code, name in enumerate(lists.sources) if name in TESTED_ALONE]
    return np.isin(lists.source_of, alone)


def summary(trained: Trained) -> dict[str, float]:
    """The figures that a manifest keeps: the model on the test people, 80 % folded in."""
    model, lists = trained.model, trained.lists
    people = lists.of_users(trained.split.test & ~tested_alone(lists)).on_anime(model.item_ids)
    fold = fold_in(people, seed=trained.settings.seed)
    if not fold.known.n_users:
        return {}
    result, errors = measure(model, fold), rating_errors(model, fold)
    figures = {
        "people": float(fold.known.n_users),
        "recall@20": float(result.recall20.mean()),
        "recall@50": float(result.recall50.mean()),
        "ndcg@100": float(result.ndcg100.mean()),
        "liked_ndcg@100": _mean(result.liked100),
        "disliked@20": float(result.disliked20.mean()),
        "rating_rmse": errors.model,
    }
    return {name: round(value, 4) for name, value in figures.items() if np.isfinite(value)}


def _mean(values: NDArray[np.float64]) -> float:
    """The mean of what is a number."""
    good = values[np.isfinite(values)]
    return float(good.mean()) if len(good) else float("nan")
