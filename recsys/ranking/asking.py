"""Which anime to ask a newcomer about: those whose answer says most about everything else.

The model's leading directions of co-occurrence make a Gaussian model of a person: u ~ N(0, I), and
an answer about anime i observes f_i · u with noise. What an answer is worth is how far it narrows
the guesses about all anime, each by how much it counts: the A-optimal choice of experimental
design, as Anava et al. 2015, "Budget-Constrained Item Cold-Start Handling in Collaborative
Filtering Recommenders via Optimal Design", section 4, apply it to cold starts. An anime that the
person has not seen costs them a look and tells the recommender nothing, so the gain is weighed by
how likely they have seen it, given what they said so far, "haven't seen it" included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.picks import Filters

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from recsys.models.linear import LinearModel
    from recsys.ranking.scoring import Scorer

# Nobody is asked about what few know.
_CANDIDATES = 1000
# How surely an answer places a person, in the units of the factors.
_NOISE = 0.01
# How much an anime counts, and how much its chance of having been seen does: powers.
_COUNTS = 0.3
_CHANCE = 0.7
# The chance of what fits best so far, and how many of the best set the scale for it.
_SURE, _BEST = 0.6, 100
# From this cosine on, not having seen one anime makes another less likely.
_ALIKE = 0.3
_RECENT = 8


class Asker:
    """Chooses questions; one for all people."""

    def __init__(self, scorer: Scorer, model: LinearModel) -> None:
        """Takes the model whose directions and counts it uses, and whose rows they are."""
        self._scorer = scorer
        self._model = model
        facts = scorer.facts
        popularity = np.zeros(len(facts), np.float32)
        popularity[scorer.known] = model.popularity[scorer.item]
        fit = scorer.item_of_row >= 0
        fit &= facts.main & facts.shown(Filters())
        # One entry a franchise, the best-known one: it is the one that people remember.
        rows = np.flatnonzero(fit)[np.argsort(-popularity[fit], kind="stable")]
        _, first = np.unique(facts.franchise[rows], return_index=True)
        self._rows = rows[np.sort(first)][:_CANDIDATES]
        self._items = scorer.item_of_row[self._rows]
        factors = model.smooth_weights.factors
        counts = (model.popularity / max(float(model.popularity.max()), 1.0)) ** _COUNTS
        self._worth = (factors * counts[:, None]).T @ factors
        self._share = model.popularity / max(float(model.popularity.max()), 1.0) * _SURE

    def choose(
        self, seen: NDArray[np.intp], unseen: Sequence[int], closed: Collection[int], k: int
    ) -> list[int]:
        """Rows to ask about, most telling first.

        Args:
            seen: intp [m], items of the model that the person has seen.
            unseen: items that they said they had not, the latest last.
            closed: numbers of franchises not to ask about.
            k: at most how many; each is chosen as if the ones before it had been answered.
        """
        factors = self._model.smooth_weights.factors
        size = factors.shape[1]
        spread = np.eye(size, dtype=np.float32)
        for item in (*seen.tolist(), *unseen):
            spread = _narrowed(spread, factors[item])
        chance = self._chances(seen, unseen)[self._items] ** _CHANCE
        own = factors[self._items]
        open_ = np.array([int(n) not in closed for n in self._scorer.facts.franchise[self._rows]])
        chosen: list[int] = []
        while len(chosen) < min(k, len(open_)) and open_.any():
            reach = own @ spread
            variance = np.einsum("ij,ij->i", reach, own)
            gain = np.einsum("ij,ij->i", reach @ self._worth, reach) / (variance + _NOISE)
            best = int(np.where(open_, chance * gain, -np.inf).argmax())
            open_[best] = False
            spread = _narrowed(spread, own[best])
            chosen.append(int(self._rows[best]))
        return chosen

    def _chances(self, seen: NDArray[np.intp], unseen: Sequence[int]) -> NDArray[np.float32]:
        """How likely the person has seen each of the model's anime, float32 [items]."""
        chance = self._share
        if len(seen):
            presence = np.maximum(self._model.presence(seen), 0)
            best = np.partition(presence, -min(_BEST, len(presence)))[-_BEST:]
            chance = presence * np.float32(_SURE / (float(best.mean()) or 1.0))
        chance = np.clip(chance, 0, 0.97)
        for item in unseen[-_RECENT:]:
            alike = self._scorer.embeddings @ self._scorer.embeddings[item]
            chance = chance * (1 - np.clip(alike - _ALIKE, 0, 1))
        return chance.astype(np.float32)


def _narrowed(spread: NDArray[np.float32], direction: NDArray[np.float32]) -> NDArray[np.float32]:
    """The covariance [d, d] after an answer about one direction [d]."""
    seen = spread @ direction
    narrower = spread - np.outer(seen, seen) / (direction @ seen + np.float32(_NOISE))
    return narrower.astype(np.float32)
