"""Ratings on each person's own scale, partly.

A 7 is praise from one person and blame from another; but somebody who gives nothing else says
little by it. So a rating is α · z + (1 − α) · (r − 5.5) / 2.5, where z is the person's standard
score and α = clip(σ / 2.6, .3, .8) grows with how widely they rate (Ameobea/sprout).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from recsys.models.entries import Entries

_MIDDLE, _HALF = 5.5, 2.5
_WIDEST, _LEAST, _MOST = 2.6, 0.3, 0.8
# Somebody whose ratings are all alike has no standard score.
_NARROWEST = 0.5


@dataclass(frozen=True, slots=True)
class RatingScale:
    """One person's, linear.

    Attributes:
        mean: of their ratings.
        deviation: of them, at least a half.
    """

    mean: float
    deviation: float

    @classmethod
    def typical(cls, scores: NDArray[np.integer]) -> Self:
        """That of everybody's ratings; 0 is not rated."""
        rated = scores[scores > 0].astype(np.float64)
        if not len(rated):
            return cls(_MIDDLE, _HALF)
        return cls(float(rated.mean()), max(float(rated.std()), _NARROWEST))

    @classmethod
    def of(cls, ratings: NDArray[np.float32], typical: Self) -> Self:
        """A person's, from ratings of 1 to 10 or NaN; the typical one where nothing is rated."""
        rated = ratings[np.isfinite(ratings)]
        if not len(rated):
            return typical
        return cls(float(rated.mean()), max(float(rated.std()), _NARROWEST))

    @property
    def _line(self) -> tuple[float, float]:
        """Slope and offset: value = slope · rating + offset."""
        own = min(max(self.deviation / _WIDEST, _LEAST), _MOST)
        slope = own / self.deviation + (1 - own) / _HALF
        return slope, -own * self.mean / self.deviation - (1 - own) * _MIDDLE / _HALF

    def values(self, ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """On this scale; any shape."""
        slope, offset = self._line
        return (slope * ratings + offset).astype(np.float32)

    def ratings(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Back from this scale; any shape."""
        slope, offset = self._line
        return ((values - offset) / slope).astype(np.float32)


def scaled(lists: Entries, typical: torch.Tensor) -> torch.Tensor:
    """The ratings of a batch on each person's scale, float32 [entries]; 0 where not rated.

    Args:
        lists: whose ratings say what each person's scale is.
        typical: float32 [2], mean and deviation, for those who rated nothing.
    """
    slope, offset = lines(lists, typical)
    values = slope[lists.people] * lists.ratings + offset[lists.people]
    return values * (lists.ratings > 0)


def lines(lists: Entries, typical: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Slope and offset of each person's scale, float32 [batch] each: `RatingScale` of a batch."""
    import torch

    rated = (lists.ratings > 0).float()

    def totals(values: torch.Tensor) -> torch.Tensor:
        return torch.zeros(lists.size, device=values.device).index_add(0, lists.people, values)

    number = totals(rated)
    mean = totals(lists.ratings) / number.clamp(min=1)
    off = (lists.ratings - mean[lists.people]) * rated
    deviation = (totals(off**2) / number.clamp(min=1)).sqrt().clamp(min=_NARROWEST)
    mean = torch.where(number > 0, mean, typical[0])
    deviation = torch.where(number > 0, deviation, typical[1])
    own = (deviation / _WIDEST).clamp(_LEAST, _MOST)
    slope = own / deviation + (1 - own) / _HALF
    return slope, -own * mean / deviation - (1 - own) * _MIDDLE / _HALF
