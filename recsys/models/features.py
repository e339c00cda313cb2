"""What the second stage is told of a candidate: computed here alone, for training and serving.

Everything comes from the first stage's own numbers, from the list itself, from `ItemFacts`, and
from two small models trained on the same people. Five kinds: what the first stage says and where it
ranks the candidate; which entries speak for it and how they were rated (`recsys.models.evidence`);
how far it lies from the person's usual in fame, year, type, labels and studio
(`recsys.models.usual`); what of its franchise they have (`recsys.models.mates`); and what a
factorisation and other crowds say (`recsys.models.views`). The last three are what a linear model
of co-occurrence cannot express.

Three hundred candidates of a person have to be described in half a millisecond, so there is one
array, a feature a row, and each kind writes its own rows of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.evidence import (
    OF_NEIGHBOURS,
    OF_PARTS,
    squash,
    write_neighbours,
    write_parts,
)
from recsys.models.item_facts import TYPES
from recsys.models.mates import BEFORE, LOGS, OF_FRANCHISE, SIZE, Mates
from recsys.models.person import Person
from recsys.models.usual import OF_MAKERS, OF_USUAL, Habits, Usual
from recsys.models.views import OF_VIEWS
from recsys.ordering import descending

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts
    from recsys.models.linear import LinearModel
    from recsys.models.linear_answer import FirstStage
    from recsys.models.views import Views

_IDS_PER_BIN = 1000
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
OF_FIRST_STAGE = (
    "order", "order below the best", "presence", "rating", "rank", "sharp", "sharp rank", "smooth",
    "smooth rank", "predicted", "predicted rank", "predicted over mean", "level of biases",
    "popularity over mean", "popularity over least",
)  # fmt: skip
_KINDS = (
    OF_ANIME, OF_PERSON, OF_FIRST_STAGE, OF_PARTS, OF_NEIGHBOURS, OF_USUAL, OF_FRANCHISE,
    OF_MAKERS, OF_VIEWS,
)  # fmt: skip
NAMES = tuple(name for kind in _KINDS for name in kind)
"""All features, in the order of the columns."""

_OF_LISTS = {
    "order below the best", "rank", "sharp rank", "smooth rank", "predicted rank", "top order",
    "order of a page", "last order", "mates", "rank of best mate", "is best mate",
    "order below best mate", "earlier mates", "factors rank",
}  # fmt: skip
OF_RATINGS = np.array([i for i, name in enumerate(NAMES) if name not in _OF_LISTS])
"""Columns that do not depend on which other candidates there are: a rating must not either."""

_ENDS = [0, *accumulate(len(kind) for kind in _KINDS)]
_OF_HABITS = np.array([OF_ANIME.index(name) for name in ("log popularity", "year", "id")])
_BIAS, _ADULT = OF_ANIME.index("rating bias"), OF_ANIME.index("is adult")


@dataclass(frozen=True, slots=True)
class CandidateFeatures:
    """Features of any candidate, with what does not depend on the person worked out beforehand.

    Attributes:
        facts: of the n anime of a model.
        anime: float32 [n, OF_ANIME].
        usual: compares with what a person usually has.
        mates: compares with what they have of the franchise.
        views: what other models say.
    """

    facts: ItemFacts
    anime: NDArray[np.float32]
    usual: Usual
    mates: Mates
    views: Views

    @classmethod
    def of(cls, model: LinearModel, facts: ItemFacts, views: Views) -> CandidateFeatures:
        """Prepares the features of a model's anime.

        Args:
            model: the first stage.
            facts: of its anime.
            views: of the same anime.

        Raises:
            ValueError: the facts are about another number of anime.
        """
        if len(facts.type) != len(model.item_ids):
            raise ValueError("the facts are about other anime than the model")
        log_popularity = np.log1p(model.popularity).astype(np.float32)
        ids = (model.item_ids / _IDS_PER_BIN).astype(np.float32)
        mates = Mates.of(facts)
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
            np.log(mates.columns[:, SIZE]),
            np.log1p(np.maximum(facts.order, 0)),
            facts.order == 0,
            facts.adult,
            *(facts.type == code for code in range(len(TYPES))),
            np.log1p(mates.columns[:, BEFORE]),
        )
        return cls(
            facts=facts,
            anime=np.stack([np.asarray(column, np.float32) for column in columns], axis=1),
            usual=Usual.of(facts, ids),
            mates=mates,
            views=views,
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
        # OpenBLAS multiplies small matrices in registers that it does not fill: what is in the
        # rest of them is no part of a product, but NumPy is told if it was no number.
        with np.errstate(invalid="ignore"):
            return self._table(model, first, items, scores_or_nan, candidates).T

    def _table(
        self,
        model: LinearModel,
        first: FirstStage,
        items: NDArray[np.intp],
        scores_or_nan: NDArray[np.float32],
        candidates: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """A feature a row: [NAMES, k]; see `__call__`."""
        person = Person.of(first, scores_or_nan)
        table = np.empty((len(NAMES), len(candidates)), np.float32)
        anime, of_person, of_first, of_parts, of_neighbours, of_usual, *others = (
            table[start:stop] for start, stop in pairwise(_ENDS)
        )
        of_mates, of_makers, of_views = others
        entries = np.ascontiguousarray(self.anime.take(items, axis=0).T)
        anime[:] = self.anime.take(candidates, axis=0).T
        habits = Habits.of(entries[_OF_HABITS])
        order = first.order.take(candidates)
        numbers = _of_person(person, habits, order, entries)
        of_person[:] = np.array(numbers, np.float32)[:, None]
        self._write_first_stage(model, first, person, candidates, order, of_first)
        fame, year, identity = anime[_OF_HABITS]
        np.subtract(fame, np.float32(habits.fame), out=of_first[13])
        np.subtract(fame, np.float32(habits.least_fame), out=of_first[14])
        write_parts(model, first.rows, items, person, candidates, of_parts)
        write_neighbours(model, items, person, candidates, of_neighbours)
        self.usual.write(items, person, candidates, of_usual, of_makers)
        np.subtract(year, np.float32(habits.year), out=of_usual[2])
        np.subtract(year, np.float32(habits.late_year), out=of_usual[3])
        of_usual[3] *= 2
        np.subtract(identity, np.float32(habits.late_id), out=of_usual[5])
        np.subtract(identity, np.float32(habits.last_id), out=of_usual[6])
        self.mates.write(items, person, candidates, order, of_mates)
        share_adult = float(entries[_ADULT].sum()) / len(items)
        np.multiply(anime[_ADULT], np.float32(share_adult), out=of_makers[1])
        self.views.write(items, candidates, of_views)
        _write_log_ranks(of_views[:1], of_views[1:2])
        return table

    def _write_first_stage(
        self,
        model: LinearModel,
        first: FirstStage,
        person: Person,
        candidates: NDArray[np.intp],
        order: NDArray[np.float32],
        out: NDArray[np.float32],
    ) -> None:
        out[0] = order
        np.subtract(order, order[0], out=out[1])
        np.log1p(np.maximum(first.presence.take(candidates), 0), out=out[2])
        first.rating.take(candidates, out=out[3], mode="clip")
        out[4] = LOGS[: len(candidates)]
        first.sharp.take(candidates, out=out[5], mode="clip")
        out[7] = model.smooth_weights.at(first.place, candidates)
        first.ratings.take(candidates, out=out[9], mode="clip")
        _write_log_ranks(out[5:10:2], out[6:11:2])
        squash(out[5:8:2])
        np.subtract(out[9], np.float32(person.mean), out=out[11])
        out[11] /= np.float32(person.deviation)
        level = np.float32(model.biases.mean + first.bias)
        np.add(model.biases.anime.take(candidates), level, out=out[12])


def _of_person(
    person: Person, habits: Habits, order: NDArray[np.float32], entries: NDArray[np.float32]
) -> tuple[float, ...]:
    m, k = entries.shape[1], len(order)
    return (
        person.mean,
        person.deviation,
        person.share_rated,
        person.share_liked,
        math.log(m),
        float(order[0]),
        float(order[min(_PAGE, k) - 1]),
        float(order[-1]),
        float(entries[_BIAS].sum()) / m,
        habits.fame,
        habits.fame_deviation,
        2 * habits.late_year - 2,
        2 * habits.year_deviation,
        habits.late_id,
        habits.last_id,
    )


def _write_log_ranks(values: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """log(1 + rank) in each row [r, k], the largest first."""
    for row, places in zip(out, descending(values), strict=True):
        row[places] = LOGS[: len(places)]
