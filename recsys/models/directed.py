"""Directed: what people turn to later, given what they had before; linear, in closed form.

EASE asks what stands *beside* an item in a list. Where the order of lists is known, and what is to
be found comes after all that is told, another question fits better: what *follows*? Each list is
cut at several points. With X the part before a cut, Y what comes some while after it, and W the
weights of people, B minimises Σ_cuts ‖W^½ (Y − XB)‖² + ‖Λ^½ B‖², so

    B = (Σ XᵀWX + Λ)⁻¹ Σ XᵀWY,

with EDLAE's Λ (Steck 2020), which grows with how common an item is. No diagonal needs to be
forbidden, for nobody takes up the same thing twice. The latest entries say most: an entry with `a`
later ones beside it in the part told enters X as (1 + a)^−recency, in training and in use alike.

Linear weights from earlier to later entries are known from sessions (Choe et al. 2021,
"Session-aware Linear Item-Item Models for Session-based Recommendation", WWW '21, SLIT, which cuts
at every point and decays by age). New here are the gap between what is told and what is asked, and
EASE beside it: sharp pairs that stand in lists together in either order are EASE's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from recsys.models.ease import Ease
from recsys.models.gram import gram, matrix, symmetric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.timeline import Timeline


@dataclass(frozen=True, slots=True)
class DirectedSettings:
    """How the weights are fitted. The values were tuned on the validation part of ML-1M.

    Attributes:
        cuts: where lists are cut, as shares of each.
        gap: how many entries after the cut are left out, as a share of the part told: what is
            asked of a model may not come at once.
        recency: an entry with a later ones counts (1 + a)^−recency.
        l2: λ, in units of one person with one entry.
        dropout: adds dropout times the diagonal of XᵀWX to λ.
        person_power: a person with m entries to find weighs m^−person_power.
    """

    cuts: tuple[float, ...] = (0.25, 0.4, 0.55, 0.7)
    gap: float = 0.2
    recency: float = 0.5
    l2: float = 60.0
    dropout: float = 0.3
    person_power: float = 0.5


class Directed:
    """A dense weight matrix B [items, items]; the score of a list x in order is xB."""

    name = "directed"

    def __init__(self, weights: NDArray[np.float32], recency: float) -> None:
        """Takes B, and by how much late entries count for more."""
        self.weights = weights
        self.recency = recency

    @classmethod
    def fit(cls, timeline: Timeline, settings: DirectedSettings | None = None) -> Directed:
        """Fits on everybody's list.

        Args:
            timeline: the lists of the training people, in order.
            settings: see `DirectedSettings`.
        """
        settings = settings or DirectedSettings()
        n = timeline.lists.n_items
        A = np.zeros((n, n), np.float32, order="F")
        C = np.zeros((n, n), np.float32)
        for cut in settings.cuts:
            ends = np.maximum(timeline.lists.lengths * cut, 1).astype(np.int64)
            told = timeline.before(ends)
            later = timeline.since(np.ceil(ends * (1 + settings.gap)).astype(np.int64))
            person = _weights(later.lengths, settings.person_power)
            values = recency_weights(told, settings.recency)
            A += gram(told.lists, values, person)
            X, Y = matrix(told.lists, values), matrix(later)
            Y.data *= np.repeat(person, later.lengths).astype(np.float32)
            C += (X.T.tocsr() @ Y).toarray()
        diagonal = np.diag_indices(n)
        A[diagonal] *= 1 + settings.dropout
        A[diagonal] += settings.l2
        factor = cho_factor(symmetric(A), lower=True, overwrite_a=True, check_finite=False)
        B = cho_solve(factor, C, overwrite_b=True, check_finite=False)
        return cls(np.asarray(B, np.float32), settings.recency)

    def score(self, known: Timeline) -> NDArray[np.float32]:
        """XB for some people, whose entries are in order: [users, items]."""
        return matrix(known.lists, recency_weights(known, self.recency)) @ self.weights


class DirectedEase:
    """Directed weights and EASE, each person's scores of either in standard deviations.

    What we send to a split by time. `share` is how much EASE counts beside the directed weights.
    """

    name = "EASE and directed"

    def __init__(self, directed: Directed, ease: Ease, share: float) -> None:
        """Takes the two models, fitted on the same items."""
        self.directed = directed
        self.ease = ease
        self.share = share

    @classmethod
    def fit(
        cls,
        timeline: Timeline,
        settings: DirectedSettings | None = None,
        *,
        ease_l2: float = 500.0,
        share: float = 0.5,
    ) -> DirectedEase:
        """Fits both on everybody's list.

        Args:
            timeline: the lists of the training people, in order.
            settings: of the directed weights.
            ease_l2: λ of EASE.
            share: of EASE.
        """
        directed = Directed.fit(timeline, settings)
        return cls(directed, Ease.fit(timeline.lists, ease_l2), share)

    def score(self, known: Timeline) -> NDArray[np.float32]:
        """Scores of all items for some people, whose entries are in order: [users, items]."""
        scores = standard(self.ease.score(known.lists))
        scores *= self.share
        scores += standard(self.directed.score(known))
        return scores


def recency_weights(timeline: Timeline, recency: float) -> NDArray[np.float32]:
    """[entries] (1 + a)^−recency, where a is how many entries of the person came later."""
    return ((1.0 + timeline.ages) ** -recency).astype(np.float32)


def standard(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row less its mean, over its standard deviation; [users, items]."""
    deviation = scores.std(axis=1, keepdims=True)
    centred = scores - scores.mean(axis=1, keepdims=True)
    centred /= np.maximum(deviation, np.float32(1e-9))
    return centred


def _weights(lengths: NDArray[np.integer], power: float) -> NDArray[np.float64]:
    """[users] lengths^−power, and 0 for those with nothing to find."""
    return np.where(lengths > 0, np.maximum(lengths, 1).astype(np.float64) ** -power, 0.0)
