"""From what a person has seen to a score for every anime of the catalog.

The model scores the anime that enough people have; `recsys.content.extend` carries each of its
scores over to the others. Nothing here knows of filters, franchises or picks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.content import Carrier, Content, extend
from recsys.models.linear import LinearModel
from recsys.profile import Status
from recsys.ranking.answer import Answer
from recsys.ranking.dials import Surprise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.models.copresence import Copresence
    from recsys.models.registry import Model
    from recsys.profile import Entry
    from recsys.ranking.facts import Facts
    from recsys.ranking.listed import Listed

_USUAL_RATING = 7.5
_PRIOR_PEOPLE = 20_000
# What was given up without a score speaks neither for nor against as loudly as a score would.
_DROPPED = -0.5
# A score under the middle of the scale is no reason to like anything.
_LIKED = 6


@dataclass(frozen=True, slots=True)
class Likeness:
    """Weights of the views that `Scorer.likeness` joins.

    `python -m recsys alike` measures what each brings.

    Attributes:
        embedding: of the cosine in the embedding, at most 1.
        goes_with: of the partial correlation, a small number, seldom above 0.1.
        content: of the cosine of content, at most 1.
        known: of the logarithm of popularity. Small, or the same hits would be similar to
            everything.
    """

    embedding: float = 1.0
    goes_with: float = 10.0
    content: float = 0.5
    known: float = 0.04


SHIPPED_LIKENESS = Likeness()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person has seen of the catalog; m entries.

    Attributes:
        entries: as in the profile.
        rows: intp [m], in the catalog.
        items: intp [m], in the model; -1 where it knows no such anime.
        scores: float32 [m], NaN where not rated.
        tastes: float32 [m], how much each speaks for anime like it.
        is_disliked: bool [m], which were dropped, or scored under the middle of the scale.
    """

    entries: tuple[Entry, ...]
    rows: NDArray[np.intp]
    items: NDArray[np.intp]
    scores: NDArray[np.float32]
    tastes: NDArray[np.float32]
    is_disliked: NDArray[np.bool_]


class Scorer:
    """The model and the content of n anime, joined by row of the catalog.

    Attributes:
        facts: the catalog's facts.
        content: what the anime are.
        model: whichever answers; it knows some of the anime, its items.
        item: intp [known], the model's items that the catalog has, in its order.
        known: intp [known], their rows, ascending.
        item_of_row: intp [n], -1 where the model knows no such anime.
        row_of_item: intp [items], -1 where the catalog has no such anime.
        embeddings: float32 [items, d], centred unit rows.
        carrier: carries scores of the model's anime over to the others.
        sampled: intp, the items that `carrier` looks at to see how scores depend on content.
        surprise: what scores are expected by popularity.
        loved: float32 [n], mean scores of the catalog, drawn to the average where few gave one.
    """

    def __init__(self, facts: Facts, model: Model) -> None:
        self.facts = facts
        self.content = Content(facts.anime)
        self.model = model
        rows = facts.rows(np.asarray(model.item_ids, np.int64))
        # The model may know anime that the catalog does not; they help to score, never to show.
        self.item = np.flatnonzero(rows >= 0)
        self.item = self.item[np.argsort(rows[self.item], kind="stable")]
        self.known = rows[self.item]
        self._all_known = np.array_equal(self.item, np.arange(len(rows)))
        self.item_of_row = np.full(len(facts), -1, dtype=np.intp)
        self.item_of_row[self.known] = self.item
        self.row_of_item = rows
        self.carrier = Carrier(self.content, self.known)
        self.sampled = self.item[self.carrier.sampled]
        # Centred, for what all anime have in common says nothing of which are alike (Mu and
        # Viswanath 2018, "All-but-the-Top").
        centred = model.embeddings - model.embeddings.mean(axis=0)
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        self.embeddings = (centred / np.maximum(norms, 1e-9)).astype(np.float32)
        self._log_known = np.log1p(model.popularity[self.item]).astype(np.float32)
        popularity = np.zeros(len(facts), dtype=np.float32)
        popularity[self.known] = model.popularity[self.item]
        self.surprise = Surprise(popularity)
        self.loved = _bayesian_means(facts)
        facts.estimate_members(self.known, model.popularity[self.item])
        copresence = model.copresence if isinstance(model, LinearModel) else None
        if copresence is not None:
            _tell_who_began(facts, copresence, rows)

    def seen(self, listed: Listed) -> Seen:
        """What a profile says of taste."""
        listed = listed.where(listed.is_seen)
        dropped = listed.statuses == int(Status.DROPPED)
        return Seen(
            entries=listed.entries,
            rows=listed.rows,
            items=self.item_of_row[listed.rows],
            scores=listed.scores,
            tastes=_tastes(listed.scores, dropped),
            is_disliked=dropped | (listed.scores < _LIKED),
        )

    def of_known(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values of the model's items, float32 [items], of those in the catalog: [known]."""
        return values if self._all_known else values[self.item]

    def answer(self, seen: Seen) -> Answer:
        """What the model says to one person."""
        return Answer(self, seen)

    def vectors(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """What some anime are and who watches them, as one vector each.

        Args:
            rows: intp [m].

        Returns:
            float32 [m, d], of length 1, or less where the model does not know the anime; an
            inner product is the mean of the cosines of the embedding and of the content.
        """
        items = self.item_of_row.take(rows)
        of_model = self.embeddings.take(items, axis=0)
        of_model[items < 0] = 0
        return np.hstack([of_model, self.content.dense(rows)]) * np.float32(math.sqrt(0.5))

    def likeness(
        self, query: Sequence[int], weights: Likeness = SHIPPED_LIKENESS
    ) -> NDArray[np.float32]:
        """How alike all anime are to the mean of some, float32 [n].

        Four views, each blind where another sees: neighbours in the embedding (who watches the
        same kind of thing), partial correlations (what goes with just these), content (what they
        are), and a lean towards what people know.

        Args:
            query: rows of the catalog, at least one.
            weights: of the views.
        """
        content = self.content.similarity(
            query, np.full(len(query), 1 / len(query), dtype=np.float32)
        )
        items = self.item_of_row[query]
        items = items[items >= 0]
        if not len(items):
            return content
        direction = self.embeddings[items].mean(axis=0)
        direction /= np.linalg.norm(direction) or 1.0
        likeness = np.float32(weights.embedding) * (self.embeddings @ direction)
        likeness += np.float32(weights.goes_with) * self.model.associations(items)
        likeness = likeness[self.item]
        likeness += np.float32(weights.content) * content[self.known]
        likeness += np.float32(weights.known) * self._log_known
        return extend(likeness, self.known, content)


def _bayesian_means(facts: Facts) -> NDArray[np.float32]:
    """Mean scores as if `_PRIOR_PEOPLE` more had given the average, float32 [n]."""
    means = np.array([a.mean or 0 for a in facts.anime], dtype=np.float32)
    members = facts.members * (means > 0)
    average = float((means * members).sum() / max(float(members.sum()), 1.0))
    loved = (means * members + average * _PRIOR_PEOPLE) / (members + _PRIOR_PEOPLE)
    return loved.astype(np.float32)


def _tastes(scores: NDArray[np.float32], dropped: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much each entry speaks for anime like it: about 1 if liked, below 0 if not."""
    rated = np.isfinite(scores)
    # Centred on the person, and on the usual rating while there are few of theirs.
    given = np.where(rated, scores, np.float32(0))
    centre = (float(given.sum()) + 3 * _USUAL_RATING) / (int(np.count_nonzero(rated)) + 3)
    tastes = np.where(rated, 1 + (given - np.float32(centre)) / 2, np.float32(0.5))
    tastes[dropped] = np.minimum(tastes[dropped], np.float32(_DROPPED))
    return tastes.astype(np.float32, copy=False)


def _tell_who_began(facts: Facts, copresence: Copresence, rows: NDArray[np.intp]) -> None:
    """Fills `Facts.began` from the counts of pairs, where the start of a franchise is in them.

    Args:
        facts: to fill.
        copresence: the counts.
        rows: intp [items], of the catalog, -1 where it has no such anime.
    """
    targets = rows[copresence.targets]
    place_of = {row: place for place, row in enumerate(targets.tolist()) if row >= 0}
    for place, row in enumerate(rows[copresence.asked].tolist()):
        if row < 0:
            continue
        number = facts.franchise_of[row]
        entries = facts.rows_of_franchise[number]
        found = [other for other in entries if other in place_of and other != row]
        if found and facts.start(number) == row:
            places = np.array([place_of[other] for other in found], np.intp)
            facts.began[found] = copresence.of_those_with(place, places)
