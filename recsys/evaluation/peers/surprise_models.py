"""Rating predictors of scikit-surprise, which can only rate for people whom they were trained on.

Hug 2020, "Surprise: A Python library for recommender systems", Journal of Open Source Software 5.
So they are given what the others are told of the test people as training ratings, beside
everybody else's, and then asked for the hidden ones. That is more than ours ever sees.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.league.field import together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Fold


class Foretold:
    """The ratings that a system gave the hidden entries of one fold; nothing else can be asked."""

    def __init__(self, ratings: NDArray[np.float32], parameters: int) -> None:
        """Takes float32 [hidden rated entries], and how many bytes were learnt."""
        self.ratings = ratings
        self.parameters = parameters

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The ratings."""
        return {"ratings": self.ratings, "parameters": np.array(self.parameters)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Foretold:
        """What `tensors` stored."""
        return cls(tensors["ratings"], int(tensors["parameters"]))


def svd(lists: Interactions, fold: Fold) -> Callable[[Mapping[str, Any]], Foretold]:
    """Funk's matrix factorisation with biases; settings of `surprise.SVD`."""
    from surprise import SVD

    return _fitter(lists, fold, lambda settings: SVD(random_state=0, **settings))


def svdpp(lists: Interactions, fold: Fold) -> Callable[[Mapping[str, Any]], Foretold]:
    """The same with what was rated as evidence (Koren 2008); settings of `surprise.SVDpp`."""
    from surprise import SVDpp

    return _fitter(
        lists, fold, lambda settings: SVDpp(random_state=0, cache_ratings=True, **settings)
    )


def knn_baseline(lists: Interactions, fold: Fold) -> Callable[[Mapping[str, Any]], Foretold]:
    """Neighbouring anime about a baseline (Koren 2010); k, and `sim_options` of Surprise."""
    from surprise import KNNBaseline

    def make(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- Surprise has no types
        options = {key: settings[key] for key in ("name", "shrinkage") if key in settings}
        options |= {"user_based": False}
        return KNNBaseline(k=settings["k"], sim_options=options, verbose=False)

    return _fitter(lists, fold, make)


def baseline_only(lists: Interactions, fold: Fold) -> Callable[[Mapping[str, Any]], Foretold]:
    """μ + b_u + b_i by alternating least squares; settings of its `bsl_options`."""
    from surprise import BaselineOnly

    return _fitter(
        lists,
        fold,
        lambda settings: BaselineOnly(bsl_options={"method": "als", **settings}, verbose=False),
    )


def _fitter(
    lists: Interactions,
    fold: Fold,
    make: Callable[[Mapping[str, Any]], Any],
) -> Callable[[Mapping[str, Any]], Foretold]:
    """Fits on everybody's ratings and what the fold's people told, and rates what they hid."""
    everybody = together(lists, fold.known)
    hidden = fold.hidden.where(fold.hidden.scores > 0)
    row_of = np.searchsorted(everybody.user_ids, hidden.user_ids)
    trainset: list[Any] = []

    def fit(settings: Mapping[str, Any]) -> Foretold:
        trainset[:] = trainset or [_trainset(everybody)]
        model = make(settings)
        model.fit(trainset[0])
        pairs = zip(row_of[hidden.users].tolist(), hidden.items.tolist(), strict=True)
        ratings = np.array([_estimate(model, user, item) for user, item in pairs], np.float32)
        learnt = sum(v.nbytes for v in vars(model).values() if isinstance(v, np.ndarray))
        return Foretold(ratings.clip(1, 10), learnt)

    return fit


def _estimate(model: Any, user: int, item: int) -> float:  # noqa: ANN401 -- Surprise has no types
    from surprise import PredictionImpossible

    try:
        # SVD++ divides by the length of the list, which is 0 of whoever told no rating.
        with np.errstate(invalid="ignore"):
            estimate = model.estimate(user, item)
    except PredictionImpossible:
        return model.trainset.global_mean
    rating = float(estimate[0] if isinstance(estimate, tuple) else estimate)
    return rating if np.isfinite(rating) else model.trainset.global_mean


def _trainset(lists: Interactions) -> Any:  # noqa: ANN401 -- Surprise has no types
    """The ratings as Surprise keeps them; a person's and an anime's numbers are our positions."""
    from surprise import Trainset

    rated = lists.where(lists.scores > 0)
    of_user: dict[int, list[tuple[int, float]]] = defaultdict(list)
    of_item: dict[int, list[tuple[int, float]]] = defaultdict(list)
    columns = (rated.users.tolist(), rated.items.tolist(), rated.scores.astype(float).tolist())
    for user, item, score in zip(*columns, strict=True):
        of_user[user].append((item, score))
        of_item[item].append((user, score))
    # Positions without a rating still count: Surprise sizes its vectors by these two numbers.
    return Trainset(
        of_user, of_item, rated.n_users, rated.n_items, len(rated), (1, 10),
        {user: user for user in range(rated.n_users)},
        {item: item for item in range(rated.n_items)},
    )  # fmt: skip
