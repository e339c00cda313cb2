"""What other models make of a list, beside the first stage: a factorisation, and crowds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.crowds import CROWDS, Crowds
from recsys.models.implicit_factors import FactorSettings, ImplicitFactors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

OF_VIEWS = (
    "factors", "factors rank", *(f"crowd {i}" for i in range(CROWDS)),
    *(f"entries of crowd {i}" for i in range(CROWDS)), "crowd of the list",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Views:
    """Two small models of the same anime as the first stage, trained on the same people.

    Attributes:
        factors: see `recsys.models.implicit_factors`.
        crowds: see `recsys.models.crowds`.
    """

    factors: ImplicitFactors
    crowds: Crowds

    @classmethod
    def fit(cls, lists: Interactions, crowds: Sequence[str], seed: int) -> Views:
        """Trains both.

        Args:
            lists: of the people.
            crowds: `recsys.models.crowds.largest` of everybody, so that columns mean the same
                whoever is left out.
            seed: of where the factors start.
        """
        factors = ImplicitFactors.fit(lists, FactorSettings(), seed)
        return cls(factors, Crowds.of(lists, crowds))

    def write(
        self, items: NDArray[np.intp], candidates: NDArray[np.intp], out: NDArray[np.float32]
    ) -> None:
        """`OF_VIEWS`, less the rank.

        Args:
            items: [m] positions of the entries.
            candidates: [k] positions.
            out: float32 [OF_VIEWS, k], to be written.
        """
        place = self.factors.of_list(items)
        np.matmul(self.factors.items.take(candidates, axis=0), place, out=out[0])
        lifts = self.crowds.lifts.take(candidates, axis=0)
        usual = self.crowds.of_list(items)
        out[2 : 2 + CROWDS] = lifts.T
        out[2 + CROWDS : -1] = usual[:, None]
        out[-1] = self.crowds.among_alike(usual, len(items), lifts)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        return {**self.factors.tensors(), **self.crowds.tensors()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]], n: int) -> Views:
        """The inverse of `tensors`, of n anime.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together, or are about other anime.
        """
        views = cls(ImplicitFactors.from_tensors(tensors), Crowds.from_tensors(tensors))
        if {len(views.factors.items), len(views.crowds.lifts)} != {n}:
            raise ValueError("the views are about other anime than the model")
        return views
