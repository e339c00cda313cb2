"""Fits the second stage on people whom its first stage has not seen.

A linear model knows its own training people too well: on their lists its scores are surer than
they will ever be on a new one's. So a first stage is fitted without some people, ranks for them
as it will for strangers, and the network learns from where it went wrong. The first stage that
serves is fitted on everybody; its scores are spread alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.protocol import tastes
from recsys.evaluation.splits import TESTED_SOURCES, fold_in, uniform_hash
from recsys.models.features import NAMES, CandidateFeatures
from recsys.models.reranker import CLIP, Gains, Network, Reranker, best

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Fold
    from recsys.models.item_facts import ItemFacts
    from recsys.models.linear import LinearModel

_FEW = (3, 5, 10, 20)
_MIN_HIDDEN = 5
_LEAST_PEOPLE = 20
_PADDING, _ABSENT, _NEUTRAL, _LIKED, _DISLIKED = -1, 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class SecondStageSettings:
    """How the second stage is trained. The values were tuned on validation people.

    Attributes:
        people: at most so many learn it, and at most half of those whose lists are whole.
        candidates: how many of the first stage's best are ranked again.
        hidden: widths of the network's hidden layers.
        epochs: passes over all lists.
        lists_at_once: in one step.
        learning_rate: the largest, of a one-cycle schedule.
        weight_decay: of AdamW.
        tastes: what the losses of liking and disliking weigh beside that of presence.
        gains: see `Gains`.
    """

    people: int = 3500
    candidates: int = 300
    hidden: tuple[int, ...] = (64, 32)
    epochs: int = 8
    lists_at_once: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    tastes: float = 0.3
    gains: Gains = field(default_factory=Gains)


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates of some lists, padded to k each.

    Attributes:
        features: float32 [lists, k, f].
        states: int8 [lists, k]: −1 padding, 0 not on the list, 1 on it, 2 liked, 3 disliked.
    """

    features: NDArray[np.float32]
    states: NDArray[np.int8]


def learners(part: Interactions, settings: SecondStageSettings, seed: int) -> NDArray[np.bool_]:
    """Mask [users] of who trains the second stage: by a hash, of samples whose lists are whole."""
    whole = [code for code, name in enumerate(part.sources) if name in TESTED_SOURCES]
    eligible = part.lengths >= _MIN_HIDDEN
    if whole:
        eligible &= np.isin(part.source_of, whole)
    place = np.where(eligible, uniform_hash(seed + 1, part.user_ids), np.inf)
    people = min(settings.people, int(eligible.sum()) // 2)
    chosen = np.zeros(part.n_users, bool)
    if people >= _LEAST_PEOPLE:
        chosen[np.argsort(place, kind="stable")[:people]] = True
    return chosen


def folds(lists: Interactions, seed: int) -> Iterator[Fold]:
    """Each list three times: 80 % told twice, and once a few entries only."""
    yield fold_in(lists, seed=seed + 2)
    yield fold_in(lists, seed=seed + 3)
    group = (uniform_hash(seed + 4, lists.user_ids) * len(_FEW)).astype(int)
    for number, known in enumerate(_FEW):
        those = (group == number) & (lists.lengths >= known + _MIN_HIDDEN)
        yield fold_in(lists.of_users(those), seed=seed + 4, known=known)


def examples(
    model: LinearModel, features: CandidateFeatures, lists: Interactions, most: int, seed: int
) -> Examples:
    """What serving would compute for these people, and what became of each candidate.

    Args:
        model: a first stage that has not seen them.
        features: of its anime.
        lists: of the people, on the model's anime.
        most: candidates of each list.
        seed: decides what is told.
    """
    several = list(folds(lists, seed))
    total = sum(fold.known.n_users for fold in several)
    X = np.zeros((total, most, len(NAMES)), np.float32)
    states = np.full((total, most), _PADDING, np.int8)
    row = 0
    for fold in several:
        for items, scores, truth in _each(fold, len(model.item_ids)):
            first = model.first_stage(items, scores)
            candidates = best(first.order, items, most)
            if truth[candidates].any():
                k = len(candidates)
                X[row, :k] = features(model, first, items, scores, candidates)
                states[row, :k] = truth[candidates]
                row += 1
    return Examples(X[:row], states[:row])


def _each(
    fold: Fold, n: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.int8]]]:
    """Of each person: positions and scores of what they told, and states [n] of all anime."""
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
        yield known.items[told].astype(np.intp), scores, truth


def fit_reranker(
    model: LinearModel,
    facts: ItemFacts,
    lists: Interactions,
    settings: SecondStageSettings,
    seed: int,
) -> Reranker:
    """Trains a second stage for a first stage.

    Args:
        model: which has not seen the people.
        facts: of its anime.
        lists: of the people, on the model's anime.
        settings: see `SecondStageSettings`.
        seed: of what is told, and of the network.
    """
    features = CandidateFeatures.of(model, facts)
    network = fit_network(
        examples(model, features, lists, settings.candidates, seed), settings, seed
    )
    return Reranker(network, features, settings.gains, settings.candidates)


def fit_network(learn: Examples, settings: SecondStageSettings, seed: int) -> Network:
    """Trains the network: softmax over each list's candidates, cross-entropies for taste.

    The listwise loss is that of ListNet's top-one probabilities (Cao et al. 2007, "Learning to
    Rank: From Pairwise Approach to Listwise Approach") with what is on the list as the target;
    every list counts alike, as in NDCG.

    Args:
        learn: overwritten: its features are standardised in place.
        settings: see `SecondStageSettings`.
        seed: of the weights and of the order of lists.
    """
    import torch

    real = learn.states != _PADDING
    mean, scale = _moments(learn.features, real)
    X = learn.features
    X -= mean
    X /= scale
    np.clip(X, -CLIP, CLIP, out=X)
    random = np.random.default_rng(seed)
    layers = [
        (_leaf(random.standard_normal((m, n)) / np.sqrt(3 * m)), _leaf(np.zeros(n)))
        for m, n in zip((len(mean), *settings.hidden), (*settings.hidden, _DISLIKED), strict=True)
    ]
    batches = -(-len(X) // settings.lists_at_once)
    optimizer = torch.optim.AdamW(
        [part for layer in layers for part in layer],
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=settings.epochs * batches, pct_start=0.1
    )
    for _ in range(settings.epochs):
        for chosen in np.array_split(random.permutation(len(X)), batches):
            logits = _forward(torch.tensor(X[chosen]), layers)
            loss = _loss(logits, torch.tensor(learn.states[chosen]), settings.tastes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    trained = tuple((w.detach().numpy(), b.detach().numpy()) for w, b in layers)
    return Network(mean, scale, trained)


def _forward(values: torch.Tensor, layers: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """`Network.__call__` where gradients are kept, on features that are standardised."""
    import torch

    for weights, bias in layers[:-1]:
        values = torch.nn.functional.silu(values @ weights + bias)
    weights, bias = layers[-1]
    return values @ weights + bias


def _loss(logits: torch.Tensor, states: torch.Tensor, weight: float) -> torch.Tensor:
    import torch

    present = states > _ABSENT
    masked = logits[..., 0].masked_fill(states == _PADDING, float("-inf"))
    chances = torch.log_softmax(masked, dim=1)
    by_list = torch.where(present, chances, 0.0).sum(dim=1) / present.sum(dim=1)
    taste = sum(
        torch.nn.functional.binary_cross_entropy_with_logits(
            logits[..., column][present], (states[present] == state).float()
        )
        for column, state in ((1, _LIKED), (2, _DISLIKED))
    )
    return weight * taste - by_list.mean()


def _leaf(values: NDArray[np.float64]) -> torch.Tensor:
    import torch

    return torch.tensor(values.astype(np.float32), requires_grad=True)


def _moments(
    X: NDArray[np.float32], real: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation [f] of each feature, list by list, for they are many."""
    total = np.zeros(X.shape[2])
    squares = np.zeros(X.shape[2])
    for row, those in zip(X, real, strict=True):
        values = row[those].astype(np.float64)
        total += values.sum(axis=0)
        squares += (values**2).sum(axis=0)
    count = max(int(real.sum()), 1)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    return mean.astype(np.float32), (deviation + 1e-3).astype(np.float32)
