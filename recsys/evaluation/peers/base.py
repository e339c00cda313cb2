"""What the league asks of a system, published or ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


class System(Protocol):
    """Answers for people it has never seen; may know fewer anime than it is asked about."""

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """See `recsys.models.base.Ranker`."""
        ...

    def predict(self, known: Interactions) -> NDArray[np.float32] | None:
        """Predicted ratings [users, anime], 1 to 10, NaN where unknown; None if it has none."""
        ...

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Everything learnt, by name."""
        ...


def threads() -> int:
    """How many threads a library may use: OMP_NUM_THREADS, or else every processor."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else os.cpu_count() or 1
