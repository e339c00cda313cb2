"""The first minute, simulated: what a recommender knows after five answers to its questions.

People whom the model has not seen answer from their own lists: their score, or "haven't seen it".
Beside them, the same people tell five anime of their list unasked, which takes remembering: at
random, the most popular ones, or those that an oracle picks that has read the whole list and tries
out what each would do for the ranking of the rest. No questioner can know what the oracle knows,
so it shows about how much five entries can be worth to this ranking.

The rest of the list is what the ranking has to find; what was asked about is known by then, and is
left out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.lists import profile_of
from recsys.evaluation.metrics import ndcg, top_k
from recsys.profile import Entry, Hints, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from recsys.data.interactions import Interactions
    from recsys.recommender import Recommender

    Choose = Callable[[Profile, list[int], "Newcomer"], int | None]

ANSWERS = 5
MOST_CARDS = 30
_MIN_LIST = 15
_WELL_KNOWN = 300
# Entries of a list that the oracle chooses from; a sample, or it would take hours.
_ORACLE = 30
_SEED = 20


@dataclass(frozen=True, slots=True)
class FirstMinute:
    """Means over some people.

    Attributes:
        ndcg100: NDCG@100 of the rest of their list, after their answers.
        unheard: the same, had the ranking not heard what they have not seen.
        answers: how many anime they had seen of those asked about.
        cards: how many they were asked about.
    """

    ndcg100: float
    unheard: float
    answers: float
    cards: float


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whose list is known to us and not to the recommender.

    Attributes:
        entries: by MyAnimeList id, what of their list the catalog has.
        rng: their own source of chance, the same whoever asks.
        sample: MyAnimeList ids of the list that the oracle tries.
    """

    entries: dict[int, Entry]
    rng: np.random.Generator
    sample: list[int] = field(default_factory=list[int])

    def gain(
        self,
        recommender: Recommender,
        told: Sequence[Entry],
        missed: Sequence[int] = (),
        *,
        heard: bool = True,
    ) -> float:
        """NDCG@100 of what is neither told nor asked about.

        Args:
            recommender: ranks.
            told: entries of theirs.
            missed: MyAnimeList ids that they said they had not seen.
            heard: whether the recommender knows of these.
        """
        known = [*(entry.anime_id for entry in told), *missed]
        hints = Hints(asked=tuple(known) if missed and heard else ())
        ids, scores = recommender.scores(Profile(tuple(told)), hints)
        answered = np.isin(ids, known)
        ranked = top_k(np.where(answered, -np.inf, scores)[None], 100)
        relevant = np.isin(ids, list(self.entries)) & ~answered
        return float(ndcg(ranked, relevant[None], 100)[0])


def newcomers(recommender: Recommender, people: Interactions) -> Iterator[Newcomer]:
    """The people who have enough on their lists to hide something."""
    for user in range(people.n_users):
        whole = profile_of(people, user)
        entries = {e.anime_id: e for e in whole.entries if e.anime_id in recommender.catalog}
        if len(entries) >= _MIN_LIST:
            yield Newcomer(entries, np.random.default_rng([_SEED, user]))


def simulate(recommender: Recommender, people: Interactions, choose: Choose) -> FirstMinute:
    """Asks everybody until they have answered five times, or seen 30 cards.

    Args:
        recommender: ranks what they have not told.
        people: whole lists.
        choose: what to ask, given what was told, what was not seen, and the person, whose list
            only somebody who tells unasked may look into; None to stop.
    """
    rows: list[tuple[float, float, int, int]] = []
    for person in newcomers(recommender, people):
        told: list[Entry] = []
        missed: list[int] = []
        while len(told) < ANSWERS and len(told) + len(missed) < MOST_CARDS:
            asked = choose(Profile(tuple(told)), missed, person)
            if asked is None:
                break
            if asked in person.entries:
                told.append(person.entries[asked])
            else:
                missed.append(asked)
        gain, unheard = (
            person.gain(recommender, told, missed, heard=heard) for heard in (True, False)
        )
        rows.append((gain, unheard, len(told), len(told) + len(missed)))
    return FirstMinute(*np.mean(rows or [(0.0,) * 4], axis=0).tolist())


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways to come to know five anime of somebody.

    Attributes:
        recommender: whose questions and ranking are measured.
        popular: MyAnimeList ids, what most people have first.
    """

    recommender: Recommender
    popular: tuple[int, ...]

    @classmethod
    def of(cls, recommender: Recommender) -> Ways:
        """Sorts the catalog."""
        order = sorted(recommender.catalog, key=lambda one: (-one.members, one.id))
        return cls(recommender, tuple(one.id for one in order))

    def any_of_list(self, told: Profile, _missed: list[int], person: Newcomer) -> int | None:
        """One of their list at random."""
        return _one_of(person.entries.keys() - told.anime_ids, person)

    def known_of_list(self, told: Profile, _missed: list[int], person: Newcomer) -> int | None:
        """One of their list at random that is well known; any where they have no such."""
        left = person.entries.keys() - told.anime_ids
        return _one_of(left & set(self.popular[:_WELL_KNOWN]) or left, person)

    def top_of_list(self, told: Profile, _missed: list[int], person: Newcomer) -> int | None:
        """The one of their list that most people have."""
        left = person.entries.keys() - told.anime_ids
        return next((one for one in self.popular if one in left), None)

    def oracle(self, told: Profile, _missed: list[int], person: Newcomer) -> int | None:
        """The one of a sample of their list after which the rest is ranked best."""
        if not told.entries:  # the sample, drawn once
            person.sample.extend(person.rng.permutation(sorted(person.entries))[:_ORACLE].tolist())
        left = [person.entries[one] for one in person.sample if one not in told.anime_ids]

        def worth(entry: Entry) -> float:
            return person.gain(self.recommender, (*told.entries, entry))

        return max(left, key=worth).anime_id if left else None

    def any_known(self, told: Profile, missed: list[int], person: Newcomer) -> int | None:
        """A well-known anime at random."""
        asked = told.anime_ids | set(missed)
        return _one_of(set(self.popular[:_WELL_KNOWN]) - asked, person)

    def most_popular(self, told: Profile, missed: list[int], _person: Newcomer) -> int | None:
        """What most people have, one after the other."""
        place = len(told.entries) + len(missed)
        return self.popular[place] if place < len(self.popular) else None

    def adaptive(self, told: Profile, missed: list[int], _person: Newcomer) -> int | None:
        """What `Recommender.ask` asks."""
        asked = self.recommender.ask(told, missed)
        return asked[0].id if asked else None


def lines(recommender: Recommender, people: Interactions) -> Iterator[str]:
    """The table that `python -m recsys ask` prints, line by line."""
    ways = Ways.of(recommender)
    rows: tuple[tuple[str, Choose], ...] = (
        ("told: five random of their list", ways.any_of_list),
        ("told: five random well-known", ways.known_of_list),
        ("told: their five most popular", ways.top_of_list),
        ("told: an oracle's five", ways.oracle),
        ("asked at random, well-known", ways.any_known),
        ("asked about the most popular", ways.most_popular),
        ("asked by `Recommender.ask`", ways.adaptive),
    )
    yield f"{'':<34}{'NDCG@100':>10}{'of the first':>14}{'unheard':>10}{'answers':>9}{'cards':>7}"
    first = 0.0
    for name, choose in rows:
        found = simulate(recommender, people, choose)
        first = first or found.ndcg100
        share = found.ndcg100 / first if first else 0.0
        yield (
            f"{name:<34}{found.ndcg100:>10.4f}{share:>13.2f}x{found.unheard:>10.4f}"
            f"{found.answers:>9.1f}{found.cards:>7.1f}"
        )


def _one_of(ids: Iterable[int], person: Newcomer) -> int | None:
    left = sorted(ids)
    return int(person.rng.choice(left)) if left else None
