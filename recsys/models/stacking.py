"""What a second model learns from: a linear model's word on people whom it has not seen.

A linear model is surer of the people it was solved on than of strangers: a network taught beside
it on the same people would find nothing missing. So people are parted into folds, and a linear
model that was solved without a fold speaks of it (stacked generalisation, Wolpert 1992, "Stacked
Generalization", Neural Networks 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.splits import TESTED_SOURCES, uniform_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.linear import LinearModel
    from recsys.models.wide_deep import WideDeepSettings

    Solve = Callable[[Interactions], LinearModel]

_FEWEST_PEOPLE = 20


@dataclass(frozen=True, slots=True)
class Taught:
    """What the deep path learns from, in each telling.

    Attributes:
        told: lists, one an example.
        hidden: the same people's other entries.
        presence: float16 [people, n], what a linear model that has not seen them says.
        missed: float32 [hidden entries], rating less that model's; NaN where not rated.
    """

    told: tuple[Interactions, ...]
    hidden: tuple[Interactions, ...]
    presence: tuple[NDArray[np.float16], ...]
    missed: tuple[NDArray[np.float32], ...]

    @classmethod
    def of(cls, learners: Interactions, settings: WideDeepSettings, solve: Solve) -> Taught:
        """Solves a linear model for each fold, and asks it about the people it has not seen.

        Args:
            learners: everybody.
            settings: how many folds and tellings, and of whom.
            solve: makes a linear model of some lists.
        """
        fold_of = folds(learners, settings)
        chosen = _teachers(learners, settings)
        tellings = [told_part(learners, settings, telling) for telling in range(settings.tellings)]
        presence = [np.zeros((int(chosen.sum()), learners.n_items), np.float16) for _ in tellings]
        told = [learners.where(mask).of_users(chosen) for mask in tellings]
        hidden = [learners.where(~mask).of_users(chosen) for mask in tellings]
        missed = [np.full(len(part), np.nan, np.float32) for part in hidden]
        fold_of_chosen = fold_of[chosen]
        for fold in range(settings.folds):
            wide = _solved_without(learners, fold_of == fold, solve)
            for telling in range(len(tellings)):
                ask(
                    wide, np.flatnonzero(fold_of_chosen == fold), told[telling], hidden[telling],
                    presence[telling], missed[telling],
                )  # fmt: skip
        return cls(tuple(told), tuple(hidden), tuple(presence), tuple(missed))


def _teachers(learners: Interactions, settings: WideDeepSettings) -> NDArray[np.bool_]:
    """Mask [users] of who teaches: people with something to tell and something to hide.

    A capped or cut list teaches how it was cut, so only samples of whole lists do, where samples
    have names.
    """
    fit = learners.lengths >= 2
    whole = [code for code, name in enumerate(learners.sources) if name in TESTED_SOURCES]
    if whole:
        fit &= np.isin(learners.source_of, whole)
    place = np.where(fit, uniform_hash(settings.seed + 2, learners.user_ids), np.inf)
    chosen = np.zeros(learners.n_users, bool)
    chosen[np.argsort(place, kind="stable")[: settings.people]] = True
    return chosen & fit


def folds(learners: Interactions, settings: WideDeepSettings) -> NDArray[np.intp]:
    """Which fold each person is in, [users]."""
    place = uniform_hash(settings.seed + 1, learners.user_ids)
    return (place * settings.folds).astype(np.intp)


def _solved_without(
    learners: Interactions, left_out: NDArray[np.bool_], solve: Solve
) -> LinearModel:
    """The linear model of the others; of everybody where they are too few."""
    others = learners.of_users(~left_out)
    few = int((~left_out).sum()) < _FEWEST_PEOPLE
    return solve(learners if few else others)


def told_part(lists: Interactions, settings: WideDeepSettings, telling: int) -> NDArray[np.bool_]:
    """Which entries are told, bool [entries]: of each list a share of its own, but never all."""
    seed = settings.seed + 100 + telling
    share = settings.least + (settings.most - settings.least) * uniform_hash(seed, lists.user_ids)
    users = lists.users
    chance = uniform_hash(
        seed + 1000, lists.user_ids[users], lists.anime_ids[lists.items].astype(np.int64)
    )
    order = np.lexsort((chance, users))
    rank = np.empty(len(lists), np.int64)
    rank[order] = np.arange(len(lists)) - lists.indptr[users[order]]
    count = np.clip(np.ceil(lists.lengths * share), 1, np.maximum(lists.lengths - 1, 1))
    return rank < count[users]


def ask(
    wide: LinearModel,
    people: NDArray[np.intp],
    told: Interactions,
    hidden: Interactions,
    presence: NDArray[np.float16],
    missed: NDArray[np.float32],
) -> None:
    """Fills in what a linear model says of some people."""
    for person in people:
        own = slice(told.indptr[person], told.indptr[person + 1])
        ratings = told.scores[own].astype(np.float32)
        ratings[ratings == 0] = np.nan
        first = wide.first_stage(told.items[own].astype(np.intp), ratings)
        presence[person] = first.presence
        asked = slice(hidden.indptr[person], hidden.indptr[person + 1])
        truth = hidden.scores[asked].astype(np.float32)
        off = truth - first.ratings[hidden.items[asked]]
        missed[asked] = np.where(truth > 0, off, np.nan)
