"""The first minute, simulated: what a recommender knows after five cards of titles.

People whom the model has not seen answer from their own lists. Of the titles on a card they tick
those on their list, and the others count as not seen. Beside them, the same people tell five anime
of their list unasked, which takes remembering, and all of it that is not looked for.

The rest of the list is what the ranking has to find. What is asked about is what most people have,
so the rest is harder to find than what five random anime leave. A way to ask is therefore set
beside these on the same rest: what either came to know is neither ranked nor looked for in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.lists import profile_of
from recsys.evaluation.metrics import ndcg, top_k
from recsys.profile import Entry, Hints, Profile
from recsys.ranking.asking import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.recommender import Recommender

    # What is asked next: given what was told, what was not seen, the person, for their dice alone,
    # and how many titles a card has.
    Choose = Callable[[Profile, Sequence[int], "Newcomer", int], Sequence[int]]

CARDS = 5
SIZES = (1, 5, 10, TITLES, 15, 25)  # a menu of Discord's has 25 lines
_MIN_LIST = 15
_LEAST_HIDDEN = 5
_WELL_KNOWN = 300
_SEED = 20
# Seconds, assumed and not measured: to see whether one knows a title, and to tap.
_TITLE, _TAP = 0.5, 1.0
_LOVED, _DISLIKED = 8, 5  # scores from and up to which somebody ticks that, and
_AS_LOVED, _AS_DISLIKED = 9, 4  # what it is stored as


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whose list is known to us and not to the recommender.

    Attributes:
        entries: by MyAnimeList id, what of their list the catalog has.
        rng: their own source of chance, the same for whoever asks.
    """

    entries: Mapping[int, Entry]
    rng: np.random.Generator

    def some(self, ids: set[int], count: int) -> list[int]:
        """So many of some ids at random, or all where there are fewer."""
        return self.rng.permutation(sorted(ids))[:count].tolist()


@dataclass(frozen=True, slots=True)
class Known:
    """What came to be known of somebody.

    Attributes:
        told: entries of theirs.
        missed: MyAnimeList ids that they said they had not seen.
        seconds: what it took them; 0 for what they told unasked.
    """

    told: tuple[Entry, ...] = ()
    missed: tuple[int, ...] = ()
    seconds: float = 0.0

    @property
    def ids(self) -> frozenset[int]:
        """All that they were asked about, or told."""
        return frozenset((*(entry.anime_id for entry in self.told), *self.missed))


@dataclass(frozen=True, slots=True)
class FirstMinute:
    """What a way to come to know people is worth; means over them.

    Attributes:
        ndcg100: NDCG@100 of what neither it nor the two ways below came to know.
        random: how many times that of five random anime of their list.
        known: how many times that of five random well-known anime of their list.
        elsewhere: as `random`, of the franchises of which nothing came to be known.
        titles: how many anime they were asked about, or told.
        seen: how many of these they had seen.
        seconds: what it took them.
    """

    ndcg100: float
    random: float
    known: float
    elsewhere: float
    titles: float
    seen: float
    seconds: float


def newcomers(recommender: Recommender, people: Interactions) -> Iterator[Newcomer]:
    """The people who have enough on their lists to hide something."""
    for user in range(people.n_users):
        whole = profile_of(people, user)
        entries = {e.anime_id: e for e in whole.entries if e.anime_id in recommender.catalog}
        if len(entries) >= _MIN_LIST:
            yield Newcomer(entries, np.random.default_rng([_SEED, user]))


def cards(
    person: Newcomer,
    choose: Choose,
    size: int,
    count: int = CARDS,
    *,
    feelings: bool = False,
) -> list[Known]:
    """What is known of a person after each of some cards, on which they tick what they have seen.

    Args:
        person: who answers.
        choose: what to ask.
        size: titles on a card.
        count: how many cards; there are fewer where there is nothing left to ask.
        feelings: whether they also tick what they loved, and what was not for them.
    """
    known = Known()
    after: list[Known] = []
    for _ in range(count):
        asked = choose(Profile(known.told), known.missed, person, size)
        if not asked:
            break
        seen = [_ticked(person.entries[one], feelings) for one in asked if one in person.entries]
        menus = [len(seen), *(sum(e.score == s for e in seen) for s in (_AS_LOVED, _AS_DISLIKED))]
        taps = 1 + sum(ticks + 2 for ticks in menus if ticks)  # a menu opens and closes; "Next"
        known = Known(
            told=(*known.told, *seen),
            missed=(*known.missed, *(one for one in asked if one not in person.entries)),
            seconds=known.seconds + _TITLE * len(asked) + _TAP * taps,
        )
        after.append(known)
    return after


def _ticked(entry: Entry, feelings: bool) -> Entry:
    """What ticks say of an entry: no score, or one of two."""
    if not feelings or entry.score is None or _DISLIKED < entry.score < _LOVED:
        return Entry(entry.anime_id)
    return Entry(entry.anime_id, _AS_LOVED if entry.score >= _LOVED else _AS_DISLIKED)


def ways(recommender: Recommender, person: Newcomer) -> dict[str, Known]:
    """Everything that is compared, by its name: what each comes to know of one person."""
    popular = sorted(recommender.catalog, key=lambda one: (-one.members, one.id))
    most = [one.id for one in popular]
    known, mine = set(most[:_WELL_KNOWN]), set(person.entries)

    def tell(ids: set[int], count: int) -> Known:
        return Known(tuple(person.entries[one] for one in person.some(ids, count)))

    def asked(told: Profile, missed: Sequence[int], _person: Newcomer, size: int) -> list[int]:
        return [one.id for one in recommender.ask(told, missed, size)]

    def at_random(told: Profile, missed: Sequence[int], whom: Newcomer, size: int) -> list[int]:
        return whom.some(known - told.anime_ids - set(missed), size)

    def by_fame(told: Profile, missed: Sequence[int], _person: Newcomer, size: int) -> list[int]:
        place = len(told.entries) + len(missed)
        return most[place : place + size]

    found = {
        _FIVE: tell(mine, 5),
        _FIVE_KNOWN: tell(mine & known if len(mine & known) >= 5 else mine, 5),
        _TWENTY: tell(mine, 20),
    }
    for size in SIZES:
        found[f"{CARDS} cards of {size}"] = cards(person, asked, size)[-1]
    for number, after in enumerate(cards(person, asked, TITLES)[:-1], start=1):
        found[f"{number} card{'s' * (number > 1)} of {TITLES}"] = after
    found[f"{CARDS} of {TITLES}, loved or not"] = cards(person, asked, TITLES, feelings=True)[-1]
    found[f"{CARDS} of {TITLES}, random well-known"] = cards(person, at_random, TITLES)[-1]
    found[f"{CARDS} of {TITLES}, the most popular"] = cards(person, by_fame, TITLES)[-1]
    return found


_FIVE = "told: five random of their list"
_FIVE_KNOWN = "told: five random well-known"
_TWENTY = "told: twenty random of their list"


def measure(recommender: Recommender, people: Interactions) -> dict[str, FirstMinute]:
    """Each way to come to know somebody, over the people who have enough left to be found.

    Args:
        recommender: asks and ranks.
        people: whole lists of people whom it has not seen.
    """
    franchise = {one.id: one.franchise for one in recommender.catalog}
    rows: dict[str, list[tuple[float, ...]]] = {}
    for person in newcomers(recommender, people):
        found = ways(recommender, person)
        told = found[_FIVE].ids | found[_FIVE_KNOWN].ids
        ranked = {name: _Ranked.of(recommender, person, known) for name, known in found.items()}
        for name, known in found.items():
            settled = known.ids | told
            if len(person.entries.keys() - settled) < _LEAST_HIDDEN:
                continue
            touched = {franchise[one] for one in settled}
            away = {one for one, its in franchise.items() if its in touched}
            gains = [
                ranked[one].gain(some)
                for some in (settled, away)
                for one in (name, _FIVE, _FIVE_KNOWN)
            ]
            figures = (len(known.ids), len(known.told), known.seconds)
            rows.setdefault(name, []).append((*gains, *figures))
    means = {name: _means(np.array(each)) for name, each in rows.items()}
    return {
        name: FirstMinute(m[0], m[0] / m[1], m[0] / m[2], m[3] / m[4], *m[6:].tolist())
        for name, m in means.items()
    }


def _means(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each column, over whom it has a number: of some nothing is left in other franchises."""
    has = np.isfinite(rows)
    nothing = np.full(rows.shape[1], np.nan)
    return np.divide(np.where(has, rows, 0).sum(axis=0), has.sum(axis=0), nothing, where=has.any(0))


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Scores of all anime for somebody of whom something is known, and which are on their list."""

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    is_theirs: NDArray[np.bool_]

    @classmethod
    def of(cls, recommender: Recommender, person: Newcomer, known: Known) -> _Ranked:
        hints = Hints(asked=tuple(known.ids) if known.missed else ())
        ids, scores = recommender.scores(Profile(known.told), hints)
        return cls(ids, scores, np.isin(ids, list(person.entries)))

    def gain(self, without: Collection[int]) -> float:
        """NDCG@100 of their list, less some anime, which are not ranked either."""
        left = ~np.isin(self.ids, list(without))
        ranked = top_k(np.where(left, self.scores, -np.inf)[None], 100)
        return float(ndcg(ranked, (self.is_theirs & left)[None], 100)[0])


def lines(recommender: Recommender, people: Interactions) -> Iterator[str]:
    """The table that `python -m recsys ask` prints, line by line."""
    heads = ("NDCG@100", "x random", "x known", "elsewhere", "titles", "seen", "seconds")
    yield f"{'':<34}" + "".join(f"{head:>10}" for head in heads)
    for name, of in measure(recommender, people).items():
        ratios = "".join(f"{ratio:>10.2f}" for ratio in (of.random, of.known, of.elsewhere))
        numbers = f"{of.titles:>10.1f}{of.seen:>10.1f}{of.seconds:>10.0f}"
        yield f"{name:<34}{of.ndcg100:>10.4f}{ratios}{numbers}"
