"""One system on everybody who is tested: a number a person and a metric, kept for later pairs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.league.field import ALL
from recsys.evaluation.league.ours import Ours
from recsys.evaluation.metrics import ndcg, recall, top_k
from recsys.evaluation.peers.surprise_models import Foretold
from recsys.evaluation.protocol import tastes
from recsys.models.gram import matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.evaluation.league.field import Field
    from recsys.evaluation.peers.base import System
    from recsys.evaluation.splits import Fold

METRICS = ("recall20", "recall50", "ndcg100", "liked100", "disliked20")
NEW = "new"
"""The fold ALL without the franchises that a person has told of: neither ranked nor looked for."""
TOP = "top20"
RATED = "rated"

_USERS_AT_ONCE = 256
_TIMED = 40


def measure_all(system: System, field: Field) -> dict[str, NDArray[Any]]:
    """Everything that the tables need of one system.

    Returns:
        "FOLD.METRIC": float64 [people of the fold], for the folds of `Field.folds` and NEW and for
        METRICS. "top20": int32 [people, 20], the first picks of the fold ALL. "rated": float32
        [hidden rated entries of ALL], predicted ratings, NaN where it has none; left out where the
        system predicts no ratings.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, fold in field.folds().items():
        if name == ALL:
            found |= ranked(system, fold, ALL, field.franchises, keep_top=True)
        else:
            found |= ranked(system, fold, name)
    rated = foretold(system, field.fold())
    return found if rated is None else {**found, RATED: rated}


def ranked(
    system: System,
    fold: Fold,
    name: str,
    franchises: NDArray[np.int32] | None = None,
    *,
    keep_top: bool = False,
) -> dict[str, NDArray[Any]]:
    """The ranking metrics of one fold; see `measure_all`.

    Args:
        system: scores every anime.
        fold: told and hidden halves.
        name: of the fold, for the keys.
        franchises: [n]; given, the same is measured again without known franchises, as NEW.
        keep_top: whether the first 20 are kept.
    """
    columns: dict[str, list[NDArray[Any]]] = {}

    def keep(key: str, values: NDArray[Any]) -> None:
        columns.setdefault(key, []).append(values)

    for known, found, good, bad in _blocks(fold):
        scores = np.array(system.score(known), np.float32)
        scores[known.users, known.items] = -np.inf
        top = top_k(scores, 100)
        for metric, values in _metrics(top, found, good, bad).items():
            keep(f"{name}.{metric}", values)
        if keep_top:
            keep(TOP, top[:, :20].astype(np.int32))
        if franchises is not None:
            blocked = told_franchises(known, franchises)
            scores[blocked] = -np.inf
            new = [part & ~blocked for part in (found, good, bad)]
            for metric, values in _metrics(top_k(scores, 100), *new).items():
                keep(f"{NEW}.{metric}", values)
    return {key: np.concatenate(parts) for key, parts in columns.items()}


def told_franchises(known: Interactions, franchises: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which anime are of a franchise that a person has told of: [users, n]."""
    told = np.zeros((known.n_users, int(franchises.max(initial=0)) + 1), np.bool_)
    told[known.users, franchises[known.items]] = True
    return told[:, franchises]


def foretold(system: System | Ours | Foretold, fold: Fold) -> NDArray[np.float32] | None:
    """What a system predicts for the hidden rated entries of a fold; None if it predicts none."""
    rated = fold.hidden.where(fold.hidden.scores > 0)
    if isinstance(system, Ours):
        return system.foretell(fold.known, rated)
    if isinstance(system, Foretold):
        return system.ratings
    parts: list[NDArray[np.float32]] = []
    for chosen in _chunks(fold.known.n_users):
        predicted = system.predict(fold.known.of_users(chosen))
        if predicted is None:
            return None
        hidden = rated.of_users(chosen)
        parts.append(predicted[hidden.users, hidden.items].astype(np.float32))
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def ndcg_of(system: System, fold: Fold) -> float:
    """Mean NDCG@100 over the people of a fold."""
    parts: list[NDArray[np.float64]] = []
    for known, found, _, _ in _blocks(fold):
        scores = np.array(system.score(known), np.float32)
        scores[known.users, known.items] = -np.inf
        parts.append(ndcg(top_k(scores, 100), found, 100))
    return float(np.nanmean(np.concatenate(parts)))


def milliseconds_a_user(system: System, fold: Fold) -> float:
    """Median time to score every anime for one person, one at a time."""
    taken: list[float] = []
    for user in range(min(_TIMED, fold.known.n_users)):
        chosen = np.zeros(fold.known.n_users, np.bool_)
        chosen[user] = True
        one = fold.known.of_users(chosen)
        started = time.perf_counter()
        system.score(one)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken) * 1000) if taken else float("nan")


def _metrics(
    top: NDArray[np.intp], found: NDArray[np.bool_], good: NDArray[np.bool_], bad: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    disliked = np.take_along_axis(bad, top[:, :20], axis=1).sum(axis=1).astype(np.float64)
    # Nothing can be disliked of who hides nothing: their zero would only dilute the mean.
    disliked[~found.any(axis=1)] = np.nan
    return {
        "recall20": recall(top, found, 20),
        "recall50": recall(top, found, 50),
        "ndcg100": ndcg(top, found, 100),
        "liked100": ndcg(top, good, 100),
        "disliked20": disliked,
    }


def _blocks(
    fold: Fold,
) -> Iterator[tuple[Interactions, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]]:
    """Some people at a time: what they told, and what they hid, liked and disliked as masks."""
    liked, disliked = tastes(fold)
    for chosen in _chunks(fold.known.n_users):
        known, hidden = fold.known.of_users(chosen), fold.hidden.of_users(chosen)
        entries = chosen[fold.hidden.users]
        masks = [
            matrix(hidden, values).toarray() > 0
            for values in (None, liked[entries], disliked[entries])
        ]
        yield known, masks[0], masks[1], masks[2]


def _chunks(n_users: int) -> Iterator[NDArray[np.bool_]]:
    for start in range(0, n_users, _USERS_AT_ONCE):
        chosen = np.zeros(n_users, np.bool_)
        chosen[start : start + _USERS_AT_ONCE] = True
        yield chosen
