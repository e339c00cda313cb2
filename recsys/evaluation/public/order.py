"""Where in time the parts of the split lie.

The paper divides each list 7 : 1 : 2 by time, training first, then validation, then test. In the
files the *validation* part is the larger. What is nearest to what a model was told is easiest to
find, so a model that is told the first half of each list can tell where a part belongs: the quality
with which it finds pieces of equal size falls with their distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recsys.evaluation.public.protocol import measure
from recsys.models.directed import Directed, DirectedSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.fixed_split import FixedSplit
    from recsys.data.interactions import Interactions
    from recsys.data.timeline import Timeline

_TOLD = 0.7  # of the training part, so about half of all that a person has
_PIECE = 1 / 14  # of the training part, so about a twentieth of all
_LONG = 42  # entries of the training part, so that a piece is three entries or more
_NO_GAP = DirectedSettings(cuts=(0.3, 0.45, 0.6, 0.75), gap=0.0)


class Piece(NamedTuple):
    """So many entries of each list, one after the other.

    Attributes:
        name: which part, and which piece of it from the front.
        recall20: Recall@20 of a model that was told the first half of each list.
    """

    name: str
    recall20: float


def pieces(split: FixedSplit) -> list[Piece]:
    """Recall@20 of pieces of the training part's end, the test part and the validation part.

    Settings are not chosen by it; it says in what order the parts stand. Empty where no list is
    long enough to be cut into pieces.
    """
    lists = split.train
    ends = np.maximum(np.floor(lists.lengths * _TOLD), 1).astype(np.int64)
    size = np.maximum(np.floor(lists.lengths * _PIECE), 1).astype(np.int64)
    long = lists.lengths >= _LONG
    if not long.any():
        return []
    told = split.in_order.before(ends)
    scores = Directed.fit(told, _NO_GAP).score(told)

    def recall(timeline: Timeline, start: NDArray[np.int64], stop: NDArray[np.int64]) -> float:
        part = _between(timeline, start, stop, long)
        return measure(scores, [told.lists], part).means[1]

    result: list[Piece] = []
    for k in range(4):
        value = recall(split.in_order, ends + k * size, ends + (k + 1) * size)
        result.append(Piece(f"train, piece {k + 1} of its end", value))
    for name, count in (("test", 2), ("valid", 4)):
        timeline = split.part_in_order(name)
        for k in range(count):
            value = recall(timeline, k * size, (k + 1) * size)
            result.append(Piece(f"{name}, piece {k + 1}", value))
    return result


def _between(
    timeline: Timeline,
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    people: NDArray[np.bool_],
) -> Interactions:
    """Entries at the places from start to stop [users], of some people (mask [users])."""
    users = timeline.lists.users
    inside = (timeline.places >= start[users]) & (timeline.places < stop[users])
    return timeline.lists.where(inside & people[users])
