"""Fits the second stage on people whom its first stage has not seen.

A linear model knows its own training people too well: on their lists its scores are surer than
they will ever be on a new one's. So the people who teach are parted in a few groups, a first
stage is fitted without each of them and ranks for its group as it will for strangers, and the
networks learn from where it went wrong: the stacking of Wolpert 1992, "Stacked Generalization".
The first stage that serves is fitted on everybody; its scores are spread alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.protocol import tastes
from recsys.evaluation.splits import TESTED_ALONE, TESTED_SOURCES, uniform_hash
from recsys.models.features import NAMES, OF_RATINGS, CandidateFeatures
from recsys.models.list_network import HOLES, joined
from recsys.models.reranker import Gains, Reranker, best
from recsys.training.cuts import MIN_HIDDEN, cuts
from recsys.training.networks import Fitting, fit_ranker, fit_rater

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Fold
    from recsys.models.linear import LinearModel

_LEAST_PEOPLE = 40
_ABSENT, _NEUTRAL, _LIKED, _DISLIKED = 0, 1, 2, 3
# `cuts` draws from seeds that follow the one it is given; the next time must not meet them.
_SEEDS_A_TIME = 100
# Of a long list only so many ratings teach the rater, or a few people would decide.
_MOST_RATINGS = 60


@dataclass(frozen=True, slots=True)
class SecondStageSettings:
    """How the second stage is trained. The values were tuned on validation people.

    Attributes:
        people: at most so many teach it.
        groups: how many groups they are parted in; each costs a fit of the first stage. The more,
            the more people each first stage has, and the more it is like the one that serves.
        times: how often each list is cut in every way of `recsys.training.cuts`.
        candidates: how many of the first stage's best are ranked again.
        sampled: how many of them a list teaches by: those that are on it, and others at random.
        ranker: how the ranking network is fitted.
        members: how many of these are fitted, from different seeds; the mean of them ranks.
        prior: how often each of `HOLES` is met, relative to one another.
        rater: how the rating network is.
        gains: see `Gains`.
    """

    people: int = 14_000
    groups: int = 4
    times: int = 2
    candidates: int = 300
    sampled: int = 128
    ranker: Fitting = field(default_factory=lambda: Fitting((64, 32), 4, 32, 3e-3))
    members: int = 2
    prior: tuple[float, ...] = (0.92, 0.05, 0.03)
    rater: Fitting = field(default_factory=lambda: Fitting((64, 32), 6, 2048, 4e-3))
    gains: Gains = field(default_factory=Gains)


@dataclass(frozen=True, slots=True)
class Examples:
    """What some lists teach.

    Attributes:
        features: float16 [lists, s, f], of sampled candidates.
        states: int8 [lists, s]: 0 not on the list, 1 on it, 2 liked, 3 disliked.
        weights: float32 [lists, s], how many candidates each stands for; 0 is padding.
        ranks: int16 [lists, s], their places among all candidates, by the first stage.
        holes: int8 [lists], what was taken from each, a position in `HOLES`.
        rated: float16 [ratings, OF_RATINGS], features of hidden anime that were rated.
        off: float32 [ratings], the rating less what the first stage predicted.
    """

    features: NDArray[np.float16]
    states: NDArray[np.int8]
    weights: NDArray[np.float32]
    ranks: NDArray[np.int16]
    holes: NDArray[np.int8]
    rated: NDArray[np.float16]
    off: NDArray[np.float32]

    @classmethod
    def joined(cls, several: Sequence[Examples]) -> Examples:
        """Those of several groups of people."""
        return cls(*(np.concatenate([getattr(e, f.name) for e in several]) for f in fields(cls)))


def teachers(part: Interactions, settings: SecondStageSettings, seed: int) -> NDArray[np.int64]:
    """Which group [users] teaches, −1 for those who do not: by a hash, of whole lists only."""
    whole = [c for c, name in enumerate(part.sources) if name in TESTED_SOURCES + TESTED_ALONE]
    eligible = part.lengths >= MIN_HIDDEN
    if whole:
        eligible &= np.isin(part.source_of, whole)
    group = np.full(part.n_users, -1)
    if eligible.sum() < _LEAST_PEOPLE:
        return group
    rank = np.argsort(np.where(eligible, uniform_hash(seed + 5, part.user_ids), np.inf))
    chosen = rank[: min(settings.people, int(eligible.sum()))]
    place = uniform_hash(seed + 1, part.user_ids[chosen])
    group[chosen] = (place * settings.groups).astype(int)
    return group


def examples(
    model: LinearModel,
    features: CandidateFeatures,
    lists: Interactions,
    settings: SecondStageSettings,
    seed: int,
) -> Examples:
    """What serving would compute for these people, and what became of each candidate.

    Args:
        model: a first stage that has not seen them.
        features: of its anime; its views have not seen them either.
        lists: of the people, on the model's anime.
        settings: see `SecondStageSettings`.
        seed: decides what is told, and which candidates are sampled.
    """
    random = np.random.default_rng(seed)
    several = [
        cut
        for time in range(settings.times)
        for cut in cuts(lists, features.facts, seed + _SEEDS_A_TIME * time)
    ]
    total = sum(cut.fold.known.n_users for cut in several)
    X = np.zeros((total, settings.sampled, len(NAMES)), np.float16)
    states = np.zeros((total, settings.sampled), np.int8)
    weights = np.zeros((total, settings.sampled), np.float32)
    ranks = np.zeros((total, settings.sampled), np.int16)
    holes = np.zeros(total, np.int8)
    rated = [np.zeros((0, len(OF_RATINGS)), np.float16)]
    off = [np.zeros(0, np.float32)]
    row = 0
    for cut in several:
        for items, scores, truth, ratings in _each(cut.fold, len(model.item_ids)):
            first = model.first_stage(items, scores)
            asked = random.permutation(np.flatnonzero(ratings))[:_MOST_RATINGS]
            if cut.rated and len(asked):
                described = features(model, first, items, scores, asked)[:, OF_RATINGS]
                rated.append(described.astype(np.float16))
                off.append(ratings[asked] - first.ratings[asked])
            candidates = best(first.order, items, settings.candidates)
            if truth[candidates].any():
                chosen, counts = sampled(truth[candidates] > _ABSENT, settings.sampled, random)
                k = len(chosen)
                X[row, :k] = features(model, first, items, scores, candidates)[chosen]
                states[row, :k] = truth[candidates[chosen]]
                weights[row, :k] = counts
                ranks[row, :k] = chosen
                holes[row] = HOLES.index(cut.holes)
                row += 1
    return Examples(
        X[:row],
        states[:row],
        weights[:row],
        ranks[:row],
        holes[:row],
        np.concatenate(rated),
        np.concatenate(off),
    )


def sampled(
    present: NDArray[np.bool_], most: int, random: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """A part of some candidates, those on the list first, and how many each stands for.

    Args:
        present: [k], which are on the list.
        most: of the part. At least half of it are candidates that are not on the list, if there
            are so many.
        random: chooses.

    Returns:
        Positions, and float32 weights.
    """
    on_list, others = np.flatnonzero(present), np.flatnonzero(~present)
    room = max(most - len(others), most // 2)
    kept = np.sort(random.permutation(on_list)[:room])
    negatives = np.sort(random.permutation(others)[: most - len(kept)])
    count = np.ones(len(kept) + len(negatives), np.float32)
    count[len(kept) :] = len(others) / max(len(negatives), 1)
    return np.concatenate([kept, negatives]), count


def _each(
    fold: Fold, n: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.int8], NDArray[np.float32]]]:
    """Of each person what they told, positions and scores; of all anime states and ratings [n]."""
    known, hidden = fold.known, fold.hidden
    liked, disliked = tastes(fold)
    state = np.full(len(hidden), _NEUTRAL, np.int8)
    state[liked > 0] = _LIKED
    state[disliked > 0] = _DISLIKED
    for user in range(known.n_users):
        told = slice(known.indptr[user], known.indptr[user + 1])
        asked = slice(hidden.indptr[user], hidden.indptr[user + 1])
        scores = known.scores[told].astype(np.float32)
        scores[scores == 0] = np.nan
        truth = np.zeros(n, np.int8)
        truth[hidden.items[asked]] = state[asked]
        ratings = np.zeros(n, np.float32)
        ratings[hidden.items[asked]] = hidden.scores[asked]
        yield known.items[told].astype(np.intp), scores, truth, ratings


def fit_reranker(
    learn: Examples, features: CandidateFeatures, settings: SecondStageSettings, seed: int
) -> Reranker:
    """Trains both networks.

    Args:
        learn: of all groups.
        features: of the anime of the first stage that serves.
        settings: see `SecondStageSettings`.
        seed: of the networks.
    """
    return Reranker(
        network=joined(
            [
                fit_ranker(learn, settings.ranker, settings.prior, seed + i)
                for i in range(settings.members)
            ]
        ),
        rater=fit_rater(learn, settings.rater, seed),
        features=features,
        gains=settings.gains,
        candidates=settings.candidates,
    )
