"""What to watch next of what a person has started and liked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.profile import Status
from recsys.ranking.franchise import continuations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from recsys.profile import Profile
    from recsys.ranking.facts import Facts
    from recsys.ranking.scoring import Seen
    from recsys.ranking.selection import Selection

# What somebody left unrated, or scored a point under their usual, they do not mind going on with.
_LIKED_TASTE = 0.5
_LEAST_MEAN = 6.0
# The newest franchise of a profile against the oldest, in points of the predicted rating.
_RECENCY = 1.0


@dataclass(frozen=True, slots=True)
class Continuation:
    """The next unseen entry of a franchise.

    Attributes:
        row: which.
        is_main: whether it carries the story on; specials and recaps do not.
        recency: where the last entry seen of the franchise stands in the profile, 0 for the
            oldest to 1 for the newest.
    """

    row: int
    is_main: bool
    recency: float

    def order(self, predicted: float) -> tuple[bool, float]:
        """What to sort by, largest first: main entries before others, then `score`."""
        return self.is_main, self.score(predicted)

    def score(self, predicted: float) -> float:
        """The predicted rating, 1 to 10, and up to a point for how lately it was watched."""
        return predicted + _RECENCY * self.recency


def next_entries(
    facts: Facts,
    profile: Profile,
    seen: Seen,
    selection: Selection,
    allowed: NDArray[np.bool_],
) -> Iterator[Continuation]:
    """The next entry of each franchise that was started, not dropped, and liked.

    Args:
        facts: the catalog's facts.
        profile: the newest entry last.
        seen: the part of it that the catalog has.
        selection: of the profile, started franchises open.
        allowed: bool [n], what passes the filters and may be shown.

    Yields:
        One a franchise at most. Nothing where the next entry does not pass: what comes after it
        would give its end away. What is on hold stays there.
    """
    waiting = {
        int(facts.franchise[row])
        for e in profile.entries
        if e.status == Status.ON_HOLD and (row := facts.row(e.anime_id)) is not None
    }
    by_franchise: dict[int, list[int]] = {}
    for place, number in enumerate(facts.franchise.take(seen.rows).tolist()):
        by_franchise.setdefault(number, []).append(place)
    closed = selection.closed.take([*by_franchise])
    tastes = seen.tastes.tolist()
    last = max(len(seen.entries) - 1, 1)
    for (number, places), is_closed in zip(by_franchise.items(), closed.tolist(), strict=True):
        if is_closed or number in waiting or not _liked(seen, tastes, places):
            continue
        for row in continuations(facts, facts.rows_of_franchise[number], selection.seen):
            if allowed[row]:
                yield Continuation(row, facts.is_main[row], max(places) / last)
                break
            if facts.is_main[row]:
                break


def _liked(seen: Seen, tastes: Sequence[float], places: Sequence[int]) -> bool:
    """Whether somebody liked some entries, given how much each speaks for anime like it."""
    if sum(tastes[place] for place in places) < _LIKED_TASTE * len(places):
        return False
    scores = [score for place in places if (score := seen.entries[place].score) is not None]
    return not scores or sum(scores) >= _LEAST_MEAN * len(scores)
