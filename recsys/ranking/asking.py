"""Which anime to ask a newcomer about: those whose answers make for the best first list.

Two steps. What an answer says about all others is known beforehand: how far it narrows the guesses
about them, each by how open it still is. That is the A-optimal choice of experimental design, as
Anava et al. 2015, "Budget-Constrained Item Cold-Start Handling in Collaborative Filtering
Recommenders via Optimal Design", section 4, apply it to cold starts. For the few that narrow most,
both answers are tried out, and the one with the best list to expect is asked: the value of
information of Boutilier, Zemel and Marlin 2003, "Active Collaborative Filtering", section 3, with
the expected discounted gain of a hundred picks as the value. Both steps go by `Copresence`, which
learns from "haven't seen it" as from a score.
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

# Powers: of how open a guess still is beside before any answer, and of the chance that an anime
# was seen. The second is below zero, for what few have seen says more once somebody has.
_OPEN, _CHANCE = 1.2, -0.3
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
            k: at most how many; each is chosen as if the ones before it had been answered.
        """
        copresence, places = self._copresence, self._places
        open_ = ~np.isin(self._franchise, list(closed))
        if not open_.any():
            return []
        guess = copresence.guess(seen, np.array(unseen, np.intp))
        left = copresence.left(guess)[places]
        own = copresence.place[places]
        presence = guess.presence.copy()
        presence[copresence.place[guess.asked]] = -np.inf  # these are known by now
        share = self._share
        chance = presence.clip(_FADED * share, _MOST)
        weights = (chance * (1 - chance) / (share * (1 - share))) ** np.float32(_OPEN)
        likely = presence[own].clip(_LEAST, _MOST) ** _CHANCE
        chosen: list[int] = []
        while len(chosen) < k and open_.any():
            variance = (left[np.arange(len(places)), own] + NOISE).astype(np.float32)
            telling = (left * left) @ weights / variance * likely
            order = np.argsort(-np.where(open_, telling, -np.inf), kind="stable")
            tried = order[: min(_TRIED, int(open_.sum()))]
            shifts = np.divide(left[tried], variance[tried, None], dtype=np.float32)
            values = [_worth(presence, int(own[i]), s) for i, s in zip(tried, shifts, strict=True)]
            best = int(tried[int(np.argmax(values))])
            chosen.append(int(self._rows[best]))
            open_[best] = False
            if len(chosen) < k:
                column = left[:, own[best]].copy()
                left -= np.outer(column, left[best] / variance[best])
        return chosen


def _worth(presence: NDArray[np.float32], place: int, shift: NDArray[np.float32]) -> float:
    """Expected discounted gain of the first hundred picks, once one answer is known.

    Args:
        presence: float32 [t], guesses; of what is known by now, −∞.
        place: of what is asked about.
        shift: float32 [t], by how much each guess moves for each unit that this one was off.
    """
    chance = float(presence[place].clip(_LEAST, _MOST))
    total = 0.0
    for answer, probability in ((1.0, chance), (0.0, 1 - chance)):
        after = presence + shift * np.float32(answer - presence[place])
        after[place] = -np.inf
        most = min(len(_DISCOUNT), len(after))
        best = np.sort(np.partition(after, len(after) - most)[len(after) - most :])[::-1]
        total += probability * float(best.clip(0, 1) @ _DISCOUNT[:most])
    return total
