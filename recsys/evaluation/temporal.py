"""Is the past a fair test of the future? What is hidden at random beside what came last.

Hiding entries at random tells a model what came after those that it must find: the third season
gives the second away. Hiding the *latest* entries asks what a recommender is asked. Where a set has
times they decide. Ratings of anime come without any; there the latest aired anime of a list stand
for its latest entries, which is a proxy: people also catch up on old ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.timeline import Timeline
from recsys.evaluation.public.protocol import Found
from recsys.evaluation.public.protocol import measure as measure_scores
from recsys.evaluation.splits import Fold, uniform_hash
from recsys.models.directed import DirectedEase, DirectedSettings
from recsys.models.ease import Ease
from recsys.models.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions

    Scores = NDArray[np.float32]

SHARE = 0.8
"""Of a list that is told; the rest is hidden."""

_SEASONS = {"winter": 0.0, "spring": 0.25, "summer": 0.5, "fall": 0.75}
_EASE_L2 = (30.0, 100.0, 300.0, 1000.0)
_DIRECTED_L2 = (3.0, 10.0, 30.0)


def hide_last(timeline: Timeline, share: float = SHARE) -> tuple[Timeline, Interactions]:
    """Tells the first entries of each list, rounded up, and hides the others."""
    ends = np.ceil(timeline.lists.lengths * share).astype(np.int64)
    return timeline.before(ends), timeline.since(ends)


def shuffled(timeline: Timeline, seed: int) -> Timeline:
    """The same lists in an order that says nothing; entries told later keep their ids."""
    lists = timeline.lists
    users = lists.users
    ids = lists.anime_ids[lists.items].astype(np.int64)
    return Timeline.by(lists, uniform_hash(seed, lists.user_ids[users], ids))


def by_airing(lists: Interactions, catalog: Catalog) -> Timeline:
    """Lists in the order in which their anime were first broadcast; unknown years come first."""
    aired = np.zeros(lists.n_items)
    for place, id_ in enumerate(lists.anime_ids.tolist()):
        anime = catalog.get(id_)
        if anime is not None and anime.year is not None:
            aired[place] = anime.year + _SEASONS.get(anime.season or "", 0.0)
    return Timeline.by(lists, aired[lists.items])


def folds(lists: Interactions, catalog: Catalog, seed: int) -> tuple[Fold, Fold]:
    """A fifth of each list hidden: at random, and the latest aired; the same people in both."""
    order = by_airing(lists, catalog)
    both: list[Fold] = []
    for timeline in (shuffled(order, seed), order):
        told, hidden = hide_last(timeline)
        usable = (told.lists.lengths > 0) & (hidden.lengths > 0)
        both.append(Fold(told.lists.of_users(usable), hidden.of_users(usable)))
    return both[0], both[1]


@dataclass(frozen=True, slots=True)
class Compared:
    """One model, with entries hidden in two ways; people as in the set.

    Attributes:
        name: of the model.
        random: found of what was hidden at random.
        latest: found of the latest entries.
    """

    name: str
    random: Found
    latest: Found


def compare(timeline: Timeline, *, seed: int = 20) -> list[Compared]:
    """Popularity, EASE, and EASE with directed weights, on a set that has times.

    People are told part of their own list and nobody is new, as in the public splits. λ is chosen
    within what is told, cut once more in the same way.
    """
    ways = (shuffled(timeline, seed), timeline)
    names: dict[str, Callable[[Timeline], Scores]] = {
        "popularity": lambda told: Popularity.fit(told.lists).score(told.lists),
        "EASE": _ease,
        "EASE and directed": _directed,
    }
    result: list[Compared] = []
    for name, scores_of in names.items():
        found: list[Found] = []
        for way in ways:
            told, hidden = hide_last(way)
            found.append(measure_scores(scores_of(told), [told.lists], hidden))
        result.append(Compared(name, *found))
    return result


def lines(compared: list[Compared]) -> Iterator[str]:
    """The table."""
    head = ("Recall@20", "NDCG@20")
    yield f"{'':20}{'hidden at random':>22}{'the latest hidden':>22}{'latest / random':>22}"
    yield f"{'':20}" + "".join(f"{name:>11}" for name in head * 3)
    for row in compared:
        random, latest = (_two(found) for found in (row.random, row.latest))
        ratios = [b / a for a, b in zip(random, latest, strict=True)]
        yield f"{row.name:20}" + "".join(f"{v:>11.4f}" for v in (*random, *latest, *ratios))


def _two(found: Found) -> tuple[float, float]:
    means = found.means
    return means[1], means[3]


def _ease(told: Timeline) -> Scores:
    return Ease.fit(told.lists, _chosen_ease(told)).score(told.lists)


def _chosen_ease(told: Timeline) -> float:
    first, rest = hide_last(told)
    return max(
        _EASE_L2,
        key=lambda l2: _ndcg(Ease.fit(first.lists, l2).score(first.lists), first, rest),
    )


def _directed(told: Timeline) -> Scores:
    first, rest = hide_last(told)
    ease_l2 = _chosen_ease(told)

    def fit(timeline: Timeline, l2: float) -> Scores:
        settings = DirectedSettings(gap=0.0, l2=l2)
        return DirectedEase.fit(timeline, settings, ease_l2=ease_l2).score(timeline)

    best = max(_DIRECTED_L2, key=lambda l2: _ndcg(fit(first, l2), first, rest))
    return fit(told, best)


def _ndcg(scores: Scores, told: Timeline, hidden: Interactions) -> float:
    return measure_scores(scores, [told.lists], hidden).means[3]
