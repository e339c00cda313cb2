"""How the lists that teach are cut into what is told and what is hidden.

A second stage learns to expect the kind of hole that its lessons have. Cut at random alone, it
takes a list that simply ends for one whose owner wanted nothing newer, and ranks what came later
*below* where the first stage had it. So most lists are cut as people are tested, some after a
date, as the future cuts everybody's, and some franchise by franchise. The latter two count for
less, which is the prior that a list is of their kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.timeline import Timeline
from recsys.evaluation.splits import Fold, fold_in, uniform_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.item_facts import ItemFacts

MIN_HIDDEN = 5
"""Where a few entries are told, at least so many are left to be found."""

_FEW = (3, 5, 10, 20)
# Of the people, the share whose lists are also cut so, and the weight of these lists.
_ENDING, _ENDING_WEIGHT = 0.4, 0.25
_WHOLE, _WHOLE_WEIGHT = 0.2, 0.25
# A list that ends hides this share of its entries, or more, up to the second number.
_LEAST_ENDING, _MOST_ENDING = 0.05, 0.45
_HIDDEN_FRANCHISES = 0.2


@dataclass(frozen=True, slots=True)
class Cut:
    """Some people's lists, cut in one way.

    Attributes:
        fold: what is told and what is hidden.
        weight: how much each of the lists counts in ranking.
        rated: whether what is hidden teaches how it would be rated. That hardly depends on how a
            list is cut, and the first cuts hide enough.
    """

    fold: Fold
    weight: float = 1.0
    rated: bool = True


def cuts(lists: Interactions, facts: ItemFacts, seed: int) -> Iterator[Cut]:
    """Each list three times and more: 80 % told twice, a few entries once, and of some the start.

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
    ending = lists.of_users(uniform_hash(seed + 6, lists.user_ids) < _ENDING)
    yield Cut(after_a_date(ending, facts, seed + 7), _ENDING_WEIGHT, rated=False)
    some = lists.of_users(uniform_hash(seed + 8, lists.user_ids) < _WHOLE)
    yield Cut(whole_franchises(some, facts, seed + 9), _WHOLE_WEIGHT, rated=False)


def after_a_date(lists: Interactions, facts: ItemFacts, seed: int) -> Fold:
    """Hides what was first broadcast last, a share of each list that the seed decides."""
    share = uniform_hash(seed, lists.user_ids) * (_MOST_ENDING - _LEAST_ENDING) + _LEAST_ENDING
    timeline = Timeline.by(lists, facts.year[lists.items])
    return parted(lists, timeline.ages < np.ceil(lists.lengths * share)[lists.users])


def whole_franchises(lists: Interactions, facts: ItemFacts, seed: int) -> Fold:
    """Hides all that a person has of some franchises, chosen by the seed."""
    franchise = facts.franchise[lists.items].astype(np.int64)
    place = uniform_hash(seed, lists.user_ids[lists.users], franchise)
    return parted(lists, place < _HIDDEN_FRANCHISES)


def parted(lists: Interactions, hidden: NDArray[np.bool_]) -> Fold:
    """The two halves of a mask [entries], of the people who have at least one entry in each."""
    known, rest = lists.where(~hidden), lists.where(hidden)
    usable = (known.lengths > 0) & (rest.lengths > 0)
    return Fold(known.of_users(usable), rest.of_users(usable))
