"""Which anime to ask a newcomer about: those whose answers make for the best first list.

They are asked about a card at a time, many titles on each, so what is chosen is a set: each title
as if those before it had been answered, whatever the answers will be. Two steps. What an answer
says about all others is known beforehand: how far it narrows the guesses about them, each by how
open it still is. That is the A-optimal choice of experimental design, as Anava et al. 2015,
"Budget-Constrained Item Cold-Start Handling in Collaborative Filtering Recommenders via Optimal
Design", section 4, apply it to cold starts; how far a guess narrows does not depend on the answers,
so the set is known at once. For the few that narrow most, both answers are tried out, and the one
with the best list to expect is asked: the value of information of Boutilier, Zemel and Marlin 2003,
"Active Collaborative Filtering", section 3, with the expected discounted gain of a hundred picks as
the value. Both steps go by `Copresence`, which learns from "haven't seen it" as from "seen it".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.copresence import NOISE
from recsys.picks import Filters

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from recsys.models.copresence import Copresence
    from recsys.ranking.scoring import Scorer

TITLES = 12
"""On a card. Of those tried on validation people, five such cards are the most that a minute takes
by `recsys.evaluation.asking`."""

# Powers: of how open a guess still is beside before any answer, and of the chance that an anime
# was seen. A list on which nothing was seen is dull, and by the measure it is worth no more.
_OPEN, _CHANCE = 1.2, 0.3
# How many of the most telling are tried out.
_TRIED = 15
_LEAST, _MOST = 0.02, 0.97  # of a chance
_FADED = 0.1  # of the usual chance, at least
_DISCOUNT = 1 / np.log2(np.arange(2, 102)).astype(np.float32)


class Asker:
    """Chooses questions; one for all people."""

    def __init__(self, scorer: Scorer, copresence: Copresence) -> None:
        """Takes the catalog's rows of the model, and what the model has learnt of pairs."""
        facts = scorer.facts
        self._copresence = copresence
        row_of_item = np.full(len(copresence.share), -1, np.intp)
        row_of_item[scorer.item] = scorer.known
        rows = row_of_item[copresence.asked]
        fit = rows >= 0
        fit[fit] = (facts.main & facts.shown(Filters()))[rows[fit]]
        # One entry a franchise, the best-known one: it is the one that people remember.
        share = copresence.share[copresence.asked]
        order = np.argsort(-np.where(fit, share, -1), kind="stable")[: int(fit.sum())]
        _, first = np.unique(facts.franchise[rows[order]], return_index=True)
        self._places = np.sort(order[first])
        self._rows = rows[self._places]
        self._franchise = facts.franchise[self._rows]
        self._share = np.maximum(copresence.share[copresence.targets], 1e-6)

    def choose(
        self, seen: NDArray[np.intp], unseen: Sequence[int], closed: Collection[int], k: int
    ) -> list[int]:
        """Rows to ask about, most telling first.

        Args:
            seen: intp [m], items of the model that the person has seen.
            unseen: items that they said they had not.
            closed: numbers of franchises not to ask about.
            k: at most how many.
        """
        copresence, places = self._copresence, self._places
        open_ = ~np.isin(self._franchise, list(closed))
        if not open_.any():
            return []
        guess = copresence.guess(seen, np.array(unseen, np.intp))
        own = copresence.place[places]
        presence = guess.presence.copy()
        presence[copresence.place[guess.asked]] = -np.inf  # these are known by now
        share = self._share
        chance = presence.clip(_FADED * share, _MOST)
        weights = (chance * (1 - chance) / (share * (1 - share))) ** np.float32(_OPEN)
        likely = presence[own].clip(_LEAST, _MOST) ** _CHANCE
        left = Left(copresence.left(guess)[places], own, weights)
        chosen: list[int] = []
        while len(chosen) < k and open_.any():
            telling = left.narrowed / left.variance * likely
            order = np.argsort(-np.where(open_, telling, -np.inf), kind="stable")
            tried = order[: min(_TRIED, int(open_.sum()))]
            shifts = left.rows(tried) / left.variance[tried, None]
            best = int(tried[int(np.argmax(_worth(presence, own[tried], shifts)))])
            chosen.append(best)
            open_[best] = False
            presence[own[best]] = -np.inf  # it will be known, whatever the answer
            if len(chosen) < k:
                left.answer(best)
        return self._rows[chosen].tolist()


class Left:
    """What some answers leave open, while more are imagined: covariances of p anime with t.

    An answer about one anime takes a matrix of rank one away. It is never taken from all p × t
    numbers, only from those that are looked at.

    Attributes:
        variance: float32 [p], of each anime's own answer, noise included.
        narrowed: float32 [p], Σ of squared covariances with all t, weighted.
    """

    def __init__(
        self,
        covariance: NDArray[np.float32],
        own: NDArray[np.intp],
        weights: NDArray[np.floating],
    ) -> None:
        """Takes covariances [p, t], where each of the p stands among the t, and weights [t]."""
        self._covariance = covariance
        self._own = own
        self._weights = weights
        self.variance = covariance[np.arange(len(own)), own] + np.float32(NOISE)
        self.narrowed = (covariance * covariance) @ weights
        # What each imagined answer takes away is the outer product of one row of these [s, p] and
        # one of those [s, t].
        self._with = np.empty((0, len(own)), np.float32)
        self._taken = np.empty((0, covariance.shape[1]), np.float32)

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """Covariances of some with all t, float32 [len(places), t]."""
        gone = self._with[:, places].T @ self._taken
        return np.subtract(self._covariance[places], gone, dtype=np.float32)

    def answer(self, place: int) -> None:
        """Imagine that one of the p were answered."""
        own = self._own[place]
        column = self._covariance[:, own] - self._taken[:, own] @ self._with
        taken = self.rows(np.array([place]))[0] / self.variance[place]
        weighted = self._weights * taken
        through = self._covariance @ weighted - (self._taken @ weighted) @ self._with
        self.narrowed += column * (column * np.float32(taken @ weighted) - 2 * through)
        self.variance -= column * taken[self._own]
        self._with = np.vstack([self._with, column])
        self._taken = np.vstack([self._taken, taken])


def _worth(
    presence: NDArray[np.float32], places: NDArray[np.intp], shifts: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Expected discounted gain of the first hundred picks, once one answer is known, float32 [q].

    Args:
        presence: float32 [t], guesses; of what is known by now, −∞.
        places: intp [q], of what may be asked about.
        shifts: [q, t], by how much each guess moves for each unit that each was off.
    """
    each = np.arange(len(places))
    guessed = presence[places]
    most = min(len(_DISCOUNT), len(presence))
    gains: list[NDArray[np.floating]] = []
    for answer in (1.0, 0.0):
        after = presence + shifts * (np.float32(answer) - guessed)[:, None]
        after[each, places] = -np.inf
        best = np.partition(after, after.shape[1] - most, axis=1)[:, after.shape[1] - most :]
        gains.append(np.sort(best, axis=1)[:, ::-1].clip(0, 1) @ _DISCOUNT[:most])
    chance = guessed.clip(_LEAST, _MOST)
    return np.asarray(chance * gains[0] + (1 - chance) * gains[1], np.float32)
