"""Rating biases: what a person gives on average, what an anime gets on average.

r_ui ≈ μ + b_u + b_i, each bias shrunk towards zero by a few imagined ratings (Koren 2010,
"Factor in the Neighbors", section 2.1). The means of the samples run from 6.5 to 7.9, so nothing
about ratings can be said without centring by person first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

_SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Biases:
    """Fitted on the rated entries of the training people.

    Attributes:
        mean: μ, the mean of all ratings.
        anime: [anime] float32, b_i.
        user_shrinkage: imagined ratings of zero bias that a person starts with.
    """

    mean: float
    anime: NDArray[np.float32]
    user_shrinkage: float

    @classmethod
    def fit(cls, rated: Interactions, user_shrinkage: float, anime_shrinkage: float) -> Biases:
        """Alternates between people and anime until both stand still, to about 1e-4."""
        users = rated.users
        scores = rated.scores.astype(np.float64)
        mean = float(scores.mean()) if len(scores) else 0.0
        by_user = np.bincount(users, minlength=rated.n_users) + user_shrinkage
        by_anime = np.bincount(rated.items, minlength=rated.n_items) + anime_shrinkage
        anime = np.zeros(rated.n_items)
        for _ in range(_SWEEPS):
            left = scores - mean - anime[rated.items]
            user = np.bincount(users, left, rated.n_users) / by_user
            left = scores - mean - user[users]
            anime = np.bincount(rated.items, left, rated.n_items) / by_anime
        return cls(mean, anime.astype(np.float32), user_shrinkage)

    def of_user(self, items: NDArray[np.integer], scores: NDArray[np.floating]) -> float:
        """b_u of one person, from what they rated; 0 for nobody's ratings."""
        left = scores - self.mean - self.anime[items]
        return float(left.sum() / (len(items) + self.user_shrinkage)) if len(items) else 0.0

    def residuals_of_user(
        self, items: NDArray[np.integer], scores: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """[m] what the biases leave unexplained of one person's m ratings."""
        level = self.mean + self.of_user(items, scores) + self.anime[items]
        return np.asarray(scores - level, np.float32)

    def of_list(
        self, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]
    ) -> tuple[float, NDArray[np.float32]]:
        """b_u of one person, and what the biases leave unexplained of each entry of their list.

        Args:
            items: intp [m], positions.
            scores_or_nan: float32 [m], 1 to 10, or NaN where not rated.

        Returns:
            b_u, and float32 [m], in points; 0 where not rated.
        """
        rated = np.isfinite(scores_or_nan)
        count = int(np.count_nonzero(rated))
        left = np.where(rated, scores_or_nan - np.float32(self.mean) - self.anime[items], 0)
        bias = float(left.sum()) / max(count + self.user_shrinkage, 1e-9)
        left -= rated * np.float32(bias)
        return bias, left.astype(np.float32, copy=False)

    def of_users(self, rated: Interactions) -> NDArray[np.float64]:
        """[users] b_u of several people."""
        left = rated.scores - self.mean - self.anime[rated.items]
        sums = np.bincount(rated.users, left, rated.n_users)
        return sums / np.maximum(rated.lengths + self.user_shrinkage, 1e-9)

    def residuals(self, rated: Interactions) -> NDArray[np.float64]:
        """[entries] what the biases leave unexplained."""
        users = rated.users
        return rated.scores - self.mean - self.of_users(rated)[users] - self.anime[rated.items]
