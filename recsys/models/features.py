"""What the second stage is told of a candidate: computed here alone, for training and serving.

Everything comes from the first stage's own numbers, from the list itself, and from `ItemFacts`.
Four kinds: what the first stage says and where it ranks the candidate; which entries speak for it
and how they were rated; how far it lies from the person's usual in fame, year, type, labels and
studio; and what of its franchise they have. The last two are what a linear model of co-occurrence
cannot express.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.evidence import OF_NEIGHBOURS, OF_PARTS, neighbours, parts, squashed
from recsys.models.item_facts import OTHER_TYPE, TYPES, Franchises
from recsys.models.person import IMAGINED, Person

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts
    from recsys.models.linear import FirstStage, LinearModel

_FIRST_YEAR, _YEARS = 1950, 90
_USUAL_LATE = 2010
_IDS_PER_BIN, _BINS = 1000, 80
_SMOOTHING = np.array([0.25, 0.5, 0.25], np.float32)
_FLOOR = 0.01  # of a share whose logarithm is taken
_PAGE = 100

OF_ANIME = (
    "log popularity", "rating bias", "share who rate it", "episodes", "catalog mean",
    "catalog members", "catalog members over popularity", "year", "id", "franchise size",
    "place in franchise", "is first", "is adult", *(f"is {name}" for name in TYPES),
    "learnt before it",
)  # fmt: skip
OF_PERSON = (
    "mean score", "score deviation", "share rated", "share liked", "log entries", "top order",
    "order of a page", "last order", "usual bias of entries", "mean log popularity",
    "deviation of log popularity", "latest years", "deviation of years", "latest ids", "last id",
)  # fmt: skip
OF_PAIR = (
    "order", "order below the best", "presence", "rating", "rank", "sharp", "sharp rank", "smooth",
    "smooth rank", "predicted", "predicted rank", "predicted over mean", "level of biases",
    "popularity over mean",
    "popularity over least", *OF_PARTS, *OF_NEIGHBOURS,
    "share of type", "taste for type", "years over mean", "years over latest", "share of year",
    "ids over latest", "ids over last", "share of ids", "labels", "labels by taste",
    "labels liked", "residual of labels", "franchise entries", "franchise share", "franchise taste",
    "franchise residual", "franchise begun", "is next", "orders ahead", "earlier seen",
    "earlier missing", "mates", "rank of best mate", "is best mate", "order below best mate",
    "earlier mates", "share of studio", "adult as usual",
)  # fmt: skip
NAMES = (*OF_ANIME, *OF_PERSON, *OF_PAIR)
"""All features, in the order of the columns."""

_OF_LISTS = {
    "order below the best", "rank", "sharp rank", "smooth rank", "predicted rank", "top order",
    "order of a page", "last order", "mates", "rank of best mate", "is best mate",
    "order below best mate", "earlier mates",
}  # fmt: skip
OF_RATINGS = np.array([i for i, name in enumerate(NAMES) if name not in _OF_LISTS])
"""Columns that do not depend on which other candidates there are: a rating must not either."""


@dataclass(frozen=True, slots=True)
class CandidateFeatures:
    """Features of any candidate, with what does not depend on the person worked out beforehand.

    Attributes:
        anime: float32 [n, OF_ANIME].
        log_popularity: float32 [n].
        facts: of the n anime.
        labels: float32 [n, l], genres and tags, unit rows weighted by rarity.
        usual_labels: float32 [l], their mean.
        franchises: which anime belong together, and in what order.
        ids: float32 [n], MyAnimeList ids in thousands.
    """

    anime: NDArray[np.float32]
    log_popularity: NDArray[np.float32]
    facts: ItemFacts
    labels: NDArray[np.float32]
    usual_labels: NDArray[np.float32]
    franchises: Franchises
    ids: NDArray[np.float32]

    @classmethod
    def of(cls, model: LinearModel, facts: ItemFacts) -> CandidateFeatures:
        """Prepares the features of a model's anime.

        Raises:
            ValueError: the facts are about another number of anime.
        """
        if len(facts.type) != len(model.item_ids):
            raise ValueError("the facts are about other anime than the model")
        log_popularity = np.log1p(model.popularity).astype(np.float32)
        ids = (model.item_ids / _IDS_PER_BIN).astype(np.float32)
        franchises = Franchises.of(facts)
        labels = np.unpackbits(facts.labels, axis=1).astype(np.float32)
        labels *= np.log(len(labels) / (1 + labels.sum(axis=0))).astype(np.float32)
        labels /= np.maximum(np.linalg.norm(labels, axis=1, keepdims=True), 1e-6)
        columns = (
            log_popularity,
            model.biases.anime,
            model.ratings_count / np.maximum(model.popularity, 1),
            facts.episodes,
            facts.mean,
            facts.members,
            facts.members - log_popularity,
            (facts.year - 2000) / 10,
            ids / 10,
            np.log(franchises.size),
            np.log1p(np.maximum(facts.order, 0)),
            facts.order == 0,
            facts.adult,
            *(facts.type == code for code in range(len(TYPES))),
            np.log1p(franchises.before),
        )
        return cls(
            anime=np.stack([np.asarray(column, np.float32) for column in columns], axis=1),
            log_popularity=log_popularity,
            facts=facts,
            labels=labels,
            usual_labels=labels.mean(axis=0),
            franchises=franchises,
            ids=ids,
        )

    def __call__(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
        candidates: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """The features of some candidates of one person.

        Args:
            model: the first stage.
            first: what it said of this list, its entries in this order.
            items: [m] positions of what they have, each once; at least one.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
            candidates: [k] positions, best first by the first stage, none of them in items.

        Returns:
            [k, NAMES].
        """
        person = Person.of(model.biases, items, scores_or_nan)
        order = first.order[candidates]
        of_person = [
            person.mean,
            person.deviation,
            person.share_rated,
            float(person.liked.sum()) / len(items),
            math.log(len(items)),
            float(order[0]),
            float(order[min(_PAGE, len(order)) - 1]),
            float(order[-1]),
            float(model.biases.anime[items].sum()) / len(items),
        ]
        of_pair = [
            *self._first_stage(model, first, order, person, candidates),
            *self._fame(items, candidates, of_person),
            *parts(model, first.rows, items, person, candidates),
            *neighbours(model, items, person, candidates),
            *self._usual(items, person, candidates, of_person),
            *self._franchise(items, person, candidates, order),
        ]
        rows = np.empty((len(NAMES), len(candidates)), np.float32)
        n, m = len(OF_ANIME), len(OF_ANIME) + len(OF_PERSON)
        rows[:n] = self.anime[candidates].T
        rows[n:m] = np.array(of_person, np.float32)[:, None]
        for row, part in zip(rows[m:], of_pair, strict=True):
            row[:] = part
        return rows.T

    def _first_stage(
        self,
        model: LinearModel,
        first: FirstStage,
        order: NDArray[np.float32],
        person: Person,
        candidates: NDArray[np.intp],
    ) -> tuple[NDArray[np.floating], ...]:
        sharp = first.sharp[candidates]
        smooth = model.smooth_weights.at(first.place, candidates)
        predicted = first.ratings[candidates]
        return (
            order,
            order - order[0],
            np.log1p(np.maximum(first.presence[candidates], 0)),
            first.rating[candidates],
            _LOG_RANKS[: len(candidates)],
            squashed(sharp),
            _log_rank(sharp),
            squashed(smooth),
            _log_rank(smooth),
            predicted,
            _log_rank(predicted),
            (predicted - np.float32(person.mean)) / np.float32(person.deviation),
            model.biases.anime[candidates] + np.float32(model.biases.mean + person.bias),
        )

    def _fame(
        self, items: NDArray[np.intp], candidates: NDArray[np.intp], of_person: list[float]
    ) -> tuple[NDArray[np.floating], ...]:
        fame = self.log_popularity[items]
        mean, deviation = _moments(fame)
        of_person += [mean, deviation]
        its = self.log_popularity[candidates]
        return its - np.float32(mean), its + np.float32(_late(-fame, 0.9))

    def _usual(
        self,
        items: NDArray[np.intp],
        person: Person,
        candidates: NDArray[np.intp],
        of_person: list[float],
    ) -> tuple[NDArray[np.floating], ...]:
        """Type, time, labels: how far from the person's usual."""
        m = len(items)
        kinds, kind = self.facts.type[items], self.facts.type[candidates]
        count = np.bincount(kinds, minlength=OTHER_TYPE + 1)
        liking = np.bincount(kinds, person.taste, OTHER_TYPE + 1) / (count + IMAGINED)

        years, year = self.facts.year[items], self.facts.year[candidates]
        ids, candidate_ids = self.ids[items], self.ids[candidates]
        late_year, late_id, last_id = _late(years), _late(ids), float(ids.max())
        mean_year, deviation = _moments(years)
        of_person += [(late_year - _USUAL_LATE) / 5, deviation / 5, late_id / 10, last_id / 10]
        return (
            (count / m)[kind],
            liking[kind],
            (year - np.float32(mean_year)) / 10,
            (year - np.float32(late_year)) / 5,
            _log_share(years - _FIRST_YEAR, year - _FIRST_YEAR, _YEARS),
            (candidate_ids - np.float32(late_id)) / 10,
            (candidate_ids - np.float32(last_id)) / 10,
            _log_share(ids, candidate_ids, _BINS),
            *self._labels(items, person, candidates),
        )

    def _labels(
        self, items: NDArray[np.intp], person: Person, candidates: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], ...]:
        m = len(items)
        weights = np.stack(
            [
                np.full(m, 1 / m, np.float32),
                person.taste / np.float32(m**0.5),
                person.liked / np.float32(max(float(person.liked.sum()), 1.0)),
                person.rated,
                person.residuals,
            ]
        )
        usual, taste, liked, rated, residual = weights @ self.labels[items]
        directions = np.stack([usual - self.usual_labels, taste, liked - usual, rated, residual])
        of_usual, of_taste, of_liked, weight, sums = directions @ self.labels[candidates].T
        return of_usual, of_taste, of_liked, sums / (weight + 1)

    def _franchise(
        self,
        items: NDArray[np.intp],
        person: Person,
        candidates: NDArray[np.intp],
        order: NDArray[np.float32],
    ) -> tuple[NDArray[np.generic], ...]:
        facts, franchises = self.facts, self.franchises
        mine, its = facts.franchise[items], facts.franchise[candidates]
        many, k = len(franchises.sizes), len(candidates)
        count = np.bincount(mine, minlength=many)
        taste = np.bincount(mine, person.taste, many)[its]
        residual = np.bincount(mine, person.residuals, many)[its]
        rated = np.bincount(mine, person.rated, many)[its]
        latest = np.full(many, -1, np.int16)
        np.maximum.at(latest, mine, facts.order[items])
        entries = count[its]
        begun = entries > 0
        ahead = facts.order[candidates] - latest[its]
        seen_before = franchises.count_before(items, candidates)
        mates = np.bincount(its, minlength=many)
        best = np.zeros(many, np.intp)
        best[its[::-1]] = np.arange(k)[::-1]  # of equals the last assignment stands: the best
        best_mate = best[its]
        makers, maker = facts.studio[items], facts.studio[candidates]
        share = np.bincount(makers, minlength=int(max(makers.max(), maker.max())) + 1) / len(items)
        share[0] = 0.0  # an unknown studio is shared with nobody
        return (
            np.log1p(entries),
            entries / franchises.size[candidates],
            taste / np.maximum(entries, 1),
            residual / (rated + 0.3),
            begun,
            begun & (ahead == 1),
            np.where(begun, np.clip(ahead, -4, 4), 0),
            np.log1p(seen_before),
            np.log1p(franchises.before[candidates] - seen_before),
            np.log1p(mates[its]),
            _LOG_RANKS[best_mate],
            best_mate == np.arange(k),
            order - order[best_mate],
            np.log1p(franchises.count_before(candidates, candidates)),
            share[maker],
            facts.adult[candidates] * (float(facts.adult[items].sum()) / len(items)),
        )


_LOG_RANKS = np.log1p(np.arange(20_000)).astype(np.float32)


def _log_rank(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """log(1 + rank), the largest first."""
    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(-values, kind="stable")] = _LOG_RANKS[: len(values)]
    return ranks


def _moments(values: NDArray[np.float32]) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean = float(values.sum()) / len(values)
    away = values - np.float32(mean)
    return mean, math.sqrt(float(away @ away) / len(values))


def _late(values: NDArray[np.float32], share: float = 0.95) -> float:
    """The value that such a share of the others lies below."""
    place = int(share * (len(values) - 1))
    return float(np.partition(values, place)[place])


def _log_share(
    mine: NDArray[np.float32], its: NDArray[np.float32], bins: int
) -> NDArray[np.float64]:
    """Logarithm of the share of the entries in the bin of each candidate and beside it."""
    count = np.bincount(mine.astype(np.intp).clip(0, bins - 1), minlength=bins)
    share = np.convolve(count, _SMOOTHING, "same") / len(mine)
    return np.log(share + _FLOOR)[its.astype(np.intp).clip(0, bins - 1)]
