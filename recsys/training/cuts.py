"""How the lists that teach are cut into what is told and what is hidden.

A second stage learns to expect the kind of hole that its lessons have. Cut at random alone, it
takes a list that simply ends for one whose owner wanted nothing newer, and ranks what came later
*below* where the first stage had it. So lists are cut as people are tested, and after a date, as
the future cuts everybody's, and franchise by franchise; and the network is told which is which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.timeline import Timeline
from recsys.evaluation.splits import Fold, fold_in, uniform_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.item_facts import ItemFacts

    Holes = Literal["random", "ended", "franchises"]

MIN_HIDDEN = 5
"""Where a few entries are told, at least so many are left to be found."""

_FEW = (3, 5, 10, 20)
# A list hides these shares of its entries, or of its franchises, or something between the two.
_ENDING = (0.05, 0.45)
_FRANCHISES = (0.06, 0.4)
# Ids were given out in the order of entry: so many of them make up a year, and less.
_IDS_PER_YEAR = 100_000
# What somebody catches up on late is out of order by up to so many years.
_LATE = 1.5


@dataclass(frozen=True, slots=True)
class Cut:
    """Some people's lists, cut in one way.

    Attributes:
        fold: what is told and what is hidden.
        holes: which of `HOLES` that makes.
        rated: whether what is hidden teaches how it would be rated. That hardly depends on how a
            list is cut, and the first cuts hide enough.
    """

    fold: Fold
    holes: Holes = "random"
    rated: bool = True


def cuts(lists: Interactions, facts: ItemFacts, seed: int) -> Iterator[Cut]:
    """Each list five times: 80 % told twice, a few entries, the start, and some franchises.

    Args:
        lists: of the people who teach, on the anime of the facts.
        facts: say when an anime was broadcast, and of which franchise it is.
        seed: decides what is hidden.
    """
    yield Cut(fold_in(lists, seed=seed + 2))
    yield Cut(fold_in(lists, seed=seed + 3))
    group = (uniform_hash(seed + 4, lists.user_ids) * len(_FEW)).astype(int)
    for number, known in enumerate(_FEW):
        those = (group == number) & (lists.lengths >= known + MIN_HIDDEN)
        yield Cut(fold_in(lists.of_users(those), seed=seed + 4, known=known))
    yield Cut(after_a_date(lists, facts, seed + 7), "ended", rated=False)
    yield Cut(whole_franchises(lists, facts, seed + 9), "franchises", rated=False)


def after_a_date(lists: Interactions, facts: ItemFacts, seed: int) -> Fold:
    """Hides what was first broadcast last, a share of each list that the seed decides.

    No list ends as neatly as another: within a year one third of the lists goes by the order in
    which the catalog entered its anime, one by nothing in particular, and with the last third a
    year is more or less.
    """
    share = _between(_ENDING, uniform_hash(seed, lists.user_ids))
    ids = lists.anime_ids[lists.items].astype(np.int64)
    chance = uniform_hash(seed + 1, lists.user_ids[lists.users], ids)
    way = (uniform_hash(seed + 2, lists.user_ids) * 3).astype(int)[lists.users]
    within = np.choose(way, [ids / _IDS_PER_YEAR, np.zeros(len(ids)), _LATE * chance])
    timeline = Timeline.by(lists, facts.year[lists.items] + within)
    return parted(lists, timeline.ages < np.ceil(lists.lengths * share)[lists.users])


def whole_franchises(lists: Interactions, facts: ItemFacts, seed: int) -> Fold:
    """Hides all that a person has of some franchises, chosen by the seed."""
    share = _between(_FRANCHISES, uniform_hash(seed + 1, lists.user_ids))
    franchise = facts.franchise[lists.items].astype(np.int64)
    place = uniform_hash(seed, lists.user_ids[lists.users], franchise)
    return parted(lists, place < share[lists.users])


def parted(lists: Interactions, hidden: NDArray[np.bool_]) -> Fold:
    """The two halves of a mask [entries], of the people who have at least one entry in each."""
    known, rest = lists.where(~hidden), lists.where(hidden)
    usable = (known.lengths > 0) & (rest.lengths > 0)
    return Fold(known.of_users(usable), rest.of_users(usable))


def _between(ends: tuple[float, float], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers between two, at places in [0, 1)."""
    least, most = ends
    return least + (most - least) * place
