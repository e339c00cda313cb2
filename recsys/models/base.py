"""What every model that is ranked in an evaluation can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


class Ranker(Protocol):
    """Scores every anime for people it may never have seen."""

    name: str

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """Scores for some people, given what they told.

        Args:
            known: their lists, on the model's anime.

        Returns:
            [users, anime]; larger is better, comparable within a row only.
        """
        ...
