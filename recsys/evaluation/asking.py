"""The first minute, simulated: what a recommender knows after five answers to its questions.

People whom the model has not seen answer from their own lists: their score, or "haven't seen it".
Beside them, the same people tell five random anime of their list, which nobody asked for and
which takes remembering; and answer about the most popular anime, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.lists import profile_of
from recsys.evaluation.metrics import ndcg, top_k
from recsys.profile import Entry, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recsys.data.interactions import Interactions
    from recsys.recommender import Recommender

ANSWERS = 5
MOST_CARDS = 40
_MIN_LIST = 15
_SEED = 20


@dataclass(frozen=True, slots=True)
class FirstMinute:
    """Means over some people.

    Attributes:
        ndcg100: NDCG@100 of the rest of their list, after their answers.
        answers: how many anime they had seen of those asked about.
        cards: how many they were asked about.
    """

    ndcg100: float
    answers: float
    cards: float


def simulate(
    recommender: Recommender,
    people: Interactions,
    choose: Callable[[Profile, list[int], Profile], int | None],
) -> FirstMinute:
    """Asks everybody until they have answered five times, or seen 40 cards.

    Args:
        recommender: ranks what they have not told.
        people: whole lists.
        choose: what to ask, given what was told, what was not seen, and the whole list, which
            only somebody who tells unasked may look into; None to stop.
    """
    rows: list[tuple[float, int, int]] = []
    for user in range(people.n_users):
        whole = profile_of(people, user)
        entries = {e.anime_id: e for e in whole.entries if e.anime_id in recommender.catalog}
        if len(entries) < _MIN_LIST:
            continue
        told: list[Entry] = []
        unseen: list[int] = []
        while len(told) < ANSWERS and len(told) + len(unseen) < MOST_CARDS:
            asked = choose(Profile(tuple(told)), unseen, whole)
            if asked is None:
                break
            if asked in entries:
                told.append(entries[asked])
            else:
                unseen.append(asked)
        profile = Profile(tuple(told))
        ids, scores = recommender.scores(profile)
        known = np.isin(ids, list(profile.anime_ids))
        ranked = top_k(np.where(known, -np.inf, scores)[None], 100)
        relevant = np.isin(ids, list(entries)) & ~known
        gain = float(ndcg(ranked, relevant[None], 100)[0])
        rows.append((gain, len(told), len(told) + len(unseen)))
    return FirstMinute(*np.mean(rows, axis=0).tolist()) if rows else FirstMinute(0.0, 0.0, 0.0)


def lines(recommender: Recommender, people: Interactions) -> Iterator[str]:
    """The table that `python -m recsys ask` prints, line by line."""
    rng = np.random.default_rng(_SEED)
    popular = sorted(recommender.catalog, key=lambda one: (-one.members, one.id))

    def adaptive(told: Profile, unseen: list[int], _whole: Profile) -> int | None:
        asked = recommender.ask(told, unseen)
        return asked[0].id if asked else None

    def most_popular(told: Profile, unseen: list[int], _whole: Profile) -> int | None:
        place = len(told.entries) + len(unseen)
        return popular[place].id if place < len(popular) else None

    def random_known(told: Profile, _unseen: list[int], whole: Profile) -> int | None:
        left = [i for i in whole.anime_ids - told.anime_ids if i in recommender.catalog]
        return int(rng.choice(sorted(left))) if left else None

    ways = {
        "five random of their list": random_known,
        "asked about the most popular": most_popular,
        "asked by `Recommender.ask`": adaptive,
    }
    yield f"{'':<32}{'NDCG@100':>10}{'answers':>10}{'cards':>10}"
    for name, choose in ways.items():
        found = simulate(recommender, people, choose)
        yield f"{name:<32}{found.ndcg100:>10.4f}{found.answers:>10.1f}{found.cards:>10.1f}"
