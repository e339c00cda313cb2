"""What the second stage is told of a candidate: computed here alone, for training and serving.

Everything comes from the first stage's own numbers, from the list itself, and from `ItemFacts`.
Four kinds: what the first stage says and where it ranks the candidate; which entries speak for it
and how they were rated; how far it lies from the person's usual in fame, year, type, labels and
studio; and what of its franchise they have. The last two are what a linear model of co-occurrence
cannot express.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.item_facts import OTHER_TYPE, TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts
    from recsys.models.linear import FirstStage, LinearModel

# A person's mean and deviation start from a few imagined usual ratings.
_IMAGINED = 3.0
_USUAL_RATING = 7.5
_USUAL_DEVIATION = 1.6
# In units of the person's deviation: above the first an entry was liked, below the second not.
_LIKED = 0.3
_DISLIKED = -0.8
_BAD_SCORE = 5
_FIRST_YEAR, _YEARS = 1950, 90
_USUAL_LATE = 2010
_IDS_PER_BIN, _BINS = 1000, 80
_SMOOTHING = np.array([0.25, 0.5, 0.25], np.float32)
_FLOOR = 0.01  # of a share whose logarithm is taken

OF_ANIME = (
    "log popularity", "rating bias", "share who rate it", "episodes", "catalog mean",
    "catalog members", "catalog members over popularity", "year", "id", "franchise size",
    "place in franchise", "is first", "is adult", *(f"is {name}" for name in TYPES),
)  # fmt: skip
OF_PERSON = (
    "mean score", "score deviation", "share rated", "log entries", "mean log popularity",
    "deviation of log popularity", "latest years", "deviation of years", "latest ids", "last id",
)  # fmt: skip
OF_PAIR = (
    "order", "order below the best", "presence", "rating", "rank", "sharp", "sharp rank", "smooth",
    "smooth rank", "predicted", "predicted rank", "predicted over mean", "popularity over mean",
    "popularity over least",
    "largest part", "second part", "parts for", "parts against", "norm of parts",
    "parts by taste", "parts of liked", "parts of disliked", "taste of largest part",
    "nearest", "nearness", "near cubes", "near cubes by taste", "near liked", "near disliked",
    "share of type", "taste for type", "years over mean", "years over latest", "share of year",
    "ids over latest", "ids over last", "share of ids", "labels", "labels by taste",
    "labels liked", "franchise entries", "franchise share", "franchise taste", "franchise begun",
    "is next", "orders ahead", "share of studio",
    "adult as usual",
)  # fmt: skip
NAMES = (*OF_ANIME, *OF_PERSON, *OF_PAIR)
"""All features, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class CandidateFeatures:
    """Features of any candidate, with what does not depend on the person worked out beforehand.

    Attributes:
        anime: float32 [OF_ANIME, n].
        log_popularity: float32 [n].
        facts: of the n anime.
        labels: float32 [n, l], unit rows weighted by rarity.
        usual_labels: float32 [l], their mean.
        ids: float32 [n], MyAnimeList ids in thousands.
        franchise_size: float32 [n], how many of the n anime share the franchise.
    """

    anime: NDArray[np.float32]
    log_popularity: NDArray[np.float32]
    facts: ItemFacts
    labels: NDArray[np.float32]
    usual_labels: NDArray[np.float32]
    ids: NDArray[np.float32]
    franchise_size: NDArray[np.float32]

    @classmethod
    def of(cls, model: LinearModel, facts: ItemFacts) -> CandidateFeatures:
        """Prepares the features of a model's anime.

        Raises:
            ValueError: the facts are about another number of anime.
        """
        n = len(model.item_ids)
        if len(facts.type) != n:
            raise ValueError("the facts are about other anime than the model")
        log_popularity = np.log1p(model.popularity).astype(np.float32)
        ids = (model.item_ids / _IDS_PER_BIN).astype(np.float32)
        size = np.bincount(facts.franchise)[facts.franchise].astype(np.float32)
        labels = np.unpackbits(facts.labels, axis=1).astype(np.float32)
        labels *= np.log(n / (1 + labels.sum(axis=0))).astype(np.float32)
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
            np.log(size),
            np.log1p(np.maximum(facts.order, 0)),
            facts.order == 0,
            facts.adult,
            *(facts.type == code for code in range(len(TYPES))),
        )
        return cls(
            anime=np.stack([np.asarray(column, np.float32) for column in columns]),
            log_popularity=log_popularity,
            facts=facts,
            labels=labels,
            usual_labels=labels.mean(axis=0),
            ids=ids,
            franchise_size=size,
        )

    def __call__(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
        candidates: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """Features of some candidates for one person.

        Args:
            model: the first stage.
            first: what it said of this list.
            items: [m] positions of what they have, each once; at least one.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
            candidates: [k] positions, best first by the first stage, none of them in items.

        Returns:
            [k, NAMES].
        """
        person = _Person.of(scores_or_nan)
        of_person = [person.mean, person.deviation, person.share_rated, np.log(len(items))]
        parts = [
            *self._first_stage(first, person, candidates),
            *self._fame(items, candidates, of_person),
            *_contributions(model, items, person, candidates),
            *_nearness(model, items, person, candidates),
            *self._usual(items, person, candidates, of_person),
            *self._franchise(items, person, candidates),
        ]
        rows = np.empty((len(NAMES), len(candidates)), np.float32)
        n, m = len(OF_ANIME), len(OF_ANIME) + len(OF_PERSON)
        rows[:n] = self.anime[:, candidates]
        rows[n:m] = np.array(of_person, np.float32)[:, None]
        for row, part in zip(rows[m:], parts, strict=True):
            row[:] = part
        return rows.T

    def _first_stage(
        self, first: FirstStage, person: _Person, candidates: NDArray[np.intp]
    ) -> tuple[NDArray[np.floating], ...]:
        order = first.order[candidates]
        sharp, smooth = first.sharp[candidates], first.smooth[candidates]
        predicted = first.ratings[candidates]
        return (
            order,
            order - order[0],
            np.log1p(np.maximum(first.presence[candidates], 0)),
            first.rating[candidates],
            np.log1p(np.arange(len(candidates))),
            _squashed(sharp),
            _log_rank(sharp),
            _squashed(smooth),
            _log_rank(smooth),
            predicted,
            _log_rank(predicted),
            (predicted - person.mean) / person.deviation,
        )

    def _fame(
        self, items: NDArray[np.intp], candidates: NDArray[np.intp], of_person: list[float]
    ) -> tuple[NDArray[np.floating], ...]:
        fame = self.log_popularity[items]
        mean = float(fame.mean())
        of_person += [mean, float(fame.std())]
        fame_of_candidates = self.log_popularity[candidates]
        return fame_of_candidates - mean, fame_of_candidates + _late(-fame, 0.9)

    def _usual(
        self,
        items: NDArray[np.intp],
        person: _Person,
        candidates: NDArray[np.intp],
        of_person: list[float],
    ) -> tuple[NDArray[np.floating], ...]:
        """Type, time, labels: how far from the person's usual."""
        m = len(items)
        kinds, kind = self.facts.type[items], self.facts.type[candidates]
        count = np.bincount(kinds, minlength=OTHER_TYPE + 1)
        liking = np.bincount(kinds, person.taste, OTHER_TYPE + 1) / (count + _IMAGINED)

        years, year = self.facts.year[items], self.facts.year[candidates]
        ids, candidate_ids = self.ids[items], self.ids[candidates]
        late_year, late_id, last_id = _late(years), _late(ids), float(ids.max())
        of_person += [
            (late_year - _USUAL_LATE) / 5,
            float(years.std()) / 5,
            late_id / 10,
            last_id / 10,
        ]
        mine = self.labels[items]
        profile = mine.mean(axis=0)
        of_liked = (person.liked @ mine) / max(float(person.liked.sum()), 1.0)
        directions = np.stack(
            [profile - self.usual_labels, (person.taste @ mine) / m**0.5, of_liked - profile]
        )
        return (
            (count / m)[kind],
            liking[kind],
            (year - years.mean()) / 10,
            (year - late_year) / 5,
            _log_share(years - _FIRST_YEAR, year - _FIRST_YEAR, _YEARS),
            (candidate_ids - late_id) / 10,
            (candidate_ids - last_id) / 10,
            _log_share(ids, candidate_ids, _BINS),
            *(directions @ self.labels[candidates].T),
        )

    def _franchise(
        self, items: NDArray[np.intp], person: _Person, candidates: NDArray[np.intp]
    ) -> tuple[NDArray[np.generic], ...]:
        facts = self.facts
        mine, its = facts.franchise[items], facts.franchise[candidates]
        many = int(max(mine.max(), its.max())) + 1
        count = np.bincount(mine, minlength=many)
        taste = np.bincount(mine, person.taste, many)[its]
        latest = np.full(many, -1, np.int16)
        np.maximum.at(latest, mine, facts.order[items])
        entries = count[its]
        begun = entries > 0
        ahead = facts.order[candidates] - latest[its]
        makers, maker = facts.studio[items], facts.studio[candidates]
        share = np.bincount(makers, minlength=int(max(makers.max(), maker.max())) + 1) / len(items)
        share[0] = 0.0  # an unknown studio is shared with nobody
        return (
            np.log1p(entries),
            entries / self.franchise_size[candidates],
            taste / np.maximum(entries, 1),
            begun,
            begun & (ahead == 1),
            np.where(begun, np.clip(ahead, -4, 4), 0),
            share[maker],
            facts.adult[candidates] * facts.adult[items].mean(),
        )


@dataclass(frozen=True, slots=True)
class _Person:
    """How one person rates; m entries.

    Attributes:
        mean: of their scores.
        deviation: likewise.
        share_rated: 0 to 1.
        taste: float32 [m], scores in deviations from their mean; 0 where not rated.
        liked: float32 [m], ones and zeros.
        disliked: float32 [m], ones and zeros.
    """

    mean: float
    deviation: float
    share_rated: float
    taste: NDArray[np.float32]
    liked: NDArray[np.float32]
    disliked: NDArray[np.float32]

    @classmethod
    def of(cls, scores_or_nan: NDArray[np.float32]) -> _Person:
        rated = np.isfinite(scores_or_nan)
        scores = scores_or_nan[rated].astype(np.float64)
        total = len(scores) + _IMAGINED
        mean = float((scores.sum() + _IMAGINED * _USUAL_RATING) / total)
        squares = ((scores - mean) ** 2).sum() + _IMAGINED * _USUAL_DEVIATION**2
        deviation = float(np.sqrt(squares / total))
        taste = np.where(rated, (scores_or_nan - mean) / deviation, 0.0).astype(np.float32)
        disliked = rated & ((taste < _DISLIKED) | (scores_or_nan <= _BAD_SCORE))
        return cls(
            mean=mean,
            deviation=deviation,
            share_rated=float(rated.mean()),
            taste=taste,
            liked=(taste > _LIKED).astype(np.float32),
            disliked=disliked.astype(np.float32),
        )


def _contributions(
    model: LinearModel, items: NDArray[np.intp], person: _Person, candidates: NDArray[np.intp]
) -> tuple[NDArray[np.floating], ...]:
    """Which entries the sharp weights say speak for a candidate, and how those were rated."""
    weights = model.presence_weights
    parts = weights.codes[items[:, None], candidates].astype(np.float32)
    parts *= weights.input_scale[items][:, None]
    parts *= weights.output_scale[candidates]
    columns = np.arange(len(candidates))
    strongest = parts.argmax(axis=0)
    largest = parts[strongest, columns]
    by_taste, liked, disliked, total = (
        np.stack([person.taste, person.liked, person.disliked, np.ones_like(person.taste)]) @ parts
    )
    norm = np.sqrt(np.einsum("ij,ij->j", parts, parts))
    parts_for = np.maximum(parts, 0).sum(axis=0)
    parts[strongest, columns] = -1.0
    return (
        _squashed(largest),
        _squashed(parts.max(axis=0)),
        _squashed(parts_for),
        _squashed(total - parts_for),
        _squashed(norm),
        _squashed(by_taste),
        _squashed(liked),
        _squashed(disliked),
        person.taste[strongest],
    )


def _nearness(
    model: LinearModel, items: NDArray[np.intp], person: _Person, candidates: NDArray[np.intp]
) -> tuple[NDArray[np.floating], ...]:
    """How near the entries lie in the embedding; cubes, so that the nearest count most."""
    cosines = model.embeddings[items] @ model.embeddings[candidates].T
    m = len(items)
    nearest, mean = cosines.max(axis=0), cosines.mean(axis=0)
    cubes = cosines * cosines
    cubes *= cosines
    rows = np.stack(
        [
            np.full(m, 1 / m, np.float32),
            person.taste / m**0.5,
            person.liked / max(float(person.liked.sum()), 1.0),
            person.disliked / max(float(person.disliked.sum()), 1.0),
        ]
    ).astype(np.float32)
    usual, by_taste, liked, disliked = rows @ cubes
    return nearest, mean, np.cbrt(usual), by_taste, liked, disliked


def _squashed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithmic in size, sign kept: weights span three orders of magnitude."""
    return np.copysign(np.log1p(20 * np.abs(values)), values)


def _log_rank(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """log(1 + rank), the largest first."""
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return np.log1p(ranks)


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
