"""MF-BPR: matrix factorisation that ranks what somebody has before what they have not.

Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI '09: of each
entry (u, i) and a random j that is not on the list, maximise ln σ(p_u · (q_i − q_j)), less
regularisation of the three vectors. People have vectors of their own, so it ranks only for those it
was trained on: it is here to be compared with, on splits that test the people it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


@dataclass(frozen=True, slots=True)
class MfBprSettings:
    """How it is trained.

    Attributes:
        dimensions: of the vectors.
        learning_rate: of Adam.
        l2: what half the squared length of each entry's three vectors costs.
        batch_size: entries a step.
        epochs: at most.
        every: epochs between two checks.
        patience: checks without gain before it stops.
        start: standard deviation of the first vectors.
        seed: of everything drawn.
    """

    dimensions: int = 64
    learning_rate: float = 1e-3
    l2: float = 1e-4
    batch_size: int = 2048
    epochs: int = 200
    every: int = 5
    patience: int = 3
    start: float = 0.1
    seed: int = 42


class MfBpr:
    """Vectors of people and items; the score is their inner product."""

    name = "MF-BPR"

    def __init__(self, people: NDArray[np.float32], items: NDArray[np.float32]) -> None:
        """Takes p [users, d] and q [items, d]."""
        self.people = people
        self.items = items

    @classmethod
    def fit(
        cls,
        lists: Interactions,
        check: Callable[[NDArray[np.float32]], float],
        settings: MfBprSettings | None = None,
    ) -> MfBpr:
        """Trains until the check gets no better, and goes back to the best.

        Args:
            lists: what people have; who has nothing keeps a random vector.
            check: says of scores [users, items] how good they are; more is better.
            settings: see `MfBprSettings`.
        """
        import torch

        settings = settings or MfBprSettings()
        random = np.random.default_rng(settings.seed)
        people, vectors = (
            torch.tensor(
                random.normal(0, settings.start, (count, settings.dimensions)).astype(np.float32),
                requires_grad=True,
            )
            for count in (lists.n_users, lists.n_items)
        )
        optimizer = torch.optim.Adam([people, vectors], lr=settings.learning_rate)
        users, items = lists.users.astype(np.int64), lists.items.astype(np.int64)
        best, found, waited = cls(_copied(people), _copied(vectors)), -np.inf, 0
        for epoch in range(1, settings.epochs + 1):
            order = random.permutation(len(lists))
            absent = _absent(lists, users[order], random)
            rows = np.stack([users[order], items[order], absent])
            for start in range(0, len(order), settings.batch_size):
                batch = torch.from_numpy(rows[:, start : start + settings.batch_size])
                loss = _loss(people, vectors, batch, settings.l2)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            if epoch % settings.every:
                continue
            now = cls(_copied(people), _copied(vectors))
            value = check(now.score(lists))
            best, found, waited = (now, value, 0) if value > found else (best, found, waited + 1)
            if waited >= settings.patience:
                break
        return best

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """Scores [users, items] for the people that it was trained on, in their order.

        Raises:
            ValueError: these are other people.
        """
        if known.n_users != len(self.people):
            raise ValueError("MF-BPR knows only the people that it was trained on.")
        return self.people @ self.items.T


def _loss(
    people: torch.Tensor, items: torch.Tensor, batch: torch.Tensor, l2: float
) -> torch.Tensor:
    """Mean over the entries of a batch int64 [3, b]: person, item, and one they do not have."""
    import torch

    p, q, absent = people[batch[0]], items[batch[1]], items[batch[2]]
    ranking = -torch.nn.functional.logsigmoid((p * (q - absent)).sum(dim=1)).mean()
    squares = p.square().sum() + q.square().sum() + absent.square().sum()
    return ranking + 0.5 * l2 * squares / len(p)


def _absent(
    lists: Interactions, users: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """[entries] for each person an item drawn evenly from those that they do not have."""
    keys = lists.users.astype(np.int64) * lists.n_items + lists.items
    drawn = random.integers(0, lists.n_items, len(users))
    # Who has everything gets one of their own.
    open_to = lists.lengths[users] < lists.n_items
    while True:
        wanted = users * lists.n_items + drawn
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        again = np.flatnonzero((keys[place] == wanted) & open_to)
        if not len(again):
            return drawn
        drawn[again] = random.integers(0, lists.n_items, len(again))


def _copied(table: torch.Tensor) -> NDArray[np.float32]:
    return table.detach().numpy().copy()
