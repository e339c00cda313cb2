"""The one door to the recommender: similar anime and personal picks, with their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.content import Content, count_labels, extend, shared_labels
from recsys.models import registry
from recsys.picks import Filters, Pick, Reason
from recsys.ranking.diversity import mmr
from recsys.ranking.facts import Facts
from recsys.ranking.franchise import entry_point

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from recsys.profile import Entry, Profile

EVERYTHING = Filters()

_REASONS = 3
# A score under the middle of the scale is no reason to like anything.
_LIKED = 6
_USUAL_RATING = 7.5
# Weights of the views that `similar` joins, beside 1 for the embedding; see `_likeness`. A partial
# correlation is a small number, seldom above 0.1. The last is per unit of log popularity, and
# small, or the same hits would be similar to everything.
_GOES_WITH = 20.0
_IS_LIKE = 0.5
_IS_KNOWN = 0.02
# Starting points for a newcomer: the mean score counts as if these many people more had given the
# average (Bayesian mean), and the list trades this much of its score for variety.
_PRIOR_PEOPLE = 20_000
_STARTERS = 200
_STARTER_TRADE_OFF = 0.6


class Recommender:
    """A catalog and a bundle of weights, ready to answer. Read-only: share it between threads.

    Attributes:
        catalog: the facts about every anime.
        model_name: which model answers.
        model_version: short hash of the bundle, to store beside what was shown.
    """

    def __init__(
        self, catalog: Catalog, model: registry.Model, *, name: str = "", version: str = ""
    ) -> None:
        self.catalog = catalog
        self.model_name = name
        self.model_version = version
        self._model = model
        self._facts = Facts(catalog)
        self._content = Content(self._facts.anime)
        rows = [(i, self._facts.row(int(a))) for i, a in enumerate(model.item_ids)]
        # The model may know anime that the catalog does not; they help to score, never to show.
        self._item = np.array([i for i, row in rows if row is not None], dtype=np.intp)
        self._known = np.array([row for _, row in rows if row is not None], dtype=np.intp)
        self._item_of_row = np.full(len(self._facts), -1, dtype=np.intp)
        self._item_of_row[self._known] = self._item
        # Centred, for what all anime have in common says nothing of which are alike (Mu and
        # Viswanath 2018, "All-but-the-Top").
        centred = model.embeddings - model.embeddings.mean(axis=0)
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        self._embeddings = (centred / np.maximum(norms, 1e-9)).astype(np.float32)
        self._log_known = np.log1p(model.popularity[self._item]).astype(np.float32)

    @classmethod
    def load(cls, path: Path | None = None, catalog: Catalog | None = None) -> Recommender:
        """Load a bundle, by default the one that ships, and verify it.

        Raises:
            BundleError: the bundle is damaged, foreign or too new.
            CatalogError: the catalog is.
        """
        bundle = Bundle.load(path)
        return cls(
            catalog if catalog is not None else Catalog.load(),
            registry.load(bundle),
            name=bundle.model,
            version=bundle.version,
        )

    def similar(
        self, anime_ids: Sequence[int], k: int = 10, filters: Filters = EVERYTHING
    ) -> list[Pick]:
        """Anime like the given ones: one a franchise, none of theirs.

        Args:
            anime_ids: one or more MyAnimeList ids of the catalog.
            k: at most how many.
            filters: what a pick must be.

        Raises:
            KeyError: an id is not in the catalog.
        """
        query = [self._row(anime_id) for anime_id in dict.fromkeys(anime_ids)]
        if not query or k < 1:
            return []
        likeness = self._likeness(query)
        shelf = [self._facts.anime[row] for row in query]
        labels = count_labels(shelf)
        return [
            Pick(
                anime=self._facts.anime[row],
                score=float(score),
                shared=shared_labels(self._facts.anime[row], labels),
                is_new=bool(self._item_of_row[row] < 0),
            )
            for row, score in self._one_a_franchise(likeness, k, filters, query, started=False)
        ]

    def recommend(
        self,
        profile: Profile,
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        started: bool = False,
    ) -> list[Pick]:
        """Personal picks: nothing that the profile has, one a franchise, with exact reasons.

        Args:
            profile: what the person rated, watched, dropped and plans. Nothing seen gives
                starting points: well-loved anime that differ from each other.
            k: at most how many.
            filters: what a pick must be.
            started: whether franchises that the profile has something of may come up, at the
                next unseen entry. Off by default: a sequel is not a find.
        """
        if k < 1:
            return []
        mine = [row for e in profile.entries if (row := self._facts.row(e.anime_id)) is not None]
        seen = self._seen(profile)
        if not seen.entries:
            return self._starting_points(k, filters, mine)
        scores = self._personal_scores(seen)
        rows = list(self._one_a_franchise(scores, k, filters, mine, started=started))
        predicted = self._predicted_ratings(seen)
        labels = count_labels(
            self._facts.anime[row]
            for row, taste in zip(seen.rows.tolist(), seen.tastes.tolist(), strict=True)
            if taste > 0
        )
        return [
            Pick(
                anime=self._facts.anime[row],
                score=score,
                predicted=None if predicted is None else float(predicted[row]),
                reasons=self._reasons(seen, row),
                shared=shared_labels(self._facts.anime[row], labels),
                is_new=bool(self._item_of_row[row] < 0),
            )
            for row, score in rows
        ]

    def scores(self, profile: Profile) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The plain ranking scores of all anime for one person, before any rule of the product.

        Returns:
            MyAnimeList ids int64 [n] and scores float32 [n], aligned; higher is better. An empty
            profile scores by popularity.
        """
        seen = self._seen(profile)
        if not seen.entries:
            return self._facts.ids, np.log1p(self._facts.members)
        return self._facts.ids, self._personal_scores(seen)

    def predict(self, profile: Profile, anime_id: int) -> float | None:
        """The rating, 1 to 10, that this person would give; None for an anime nobody rated.

        Raises:
            KeyError: the id is not in the catalog.
        """
        row = self._row(anime_id)
        seen = self._seen(profile)
        if self._item_of_row[row] < 0 and not seen.entries:
            return self._facts.anime[row].mean
        predicted = self._predicted_ratings(seen)
        return None if predicted is None else float(predicted[row])

    # --- scores ---------------------------------------------------------------------------------

    def _seen(self, profile: Profile) -> _Seen:
        """What the profile says of taste, as arrays."""
        row_of = self._facts.row
        pairs = [
            (e, r) for e in profile.entries if e.is_seen and (r := row_of(e.anime_id)) is not None
        ]
        rows = np.array([row for _, row in pairs], dtype=np.intp)
        scores = np.array([e.score or np.nan for e, _ in pairs], dtype=np.float32)
        tastes = _tastes(scores)
        return _Seen(
            entries=tuple(e for e, _ in pairs),
            rows=rows,
            items=self._item_of_row[rows],
            scores=scores,
            tastes=tastes,
            content=self._content.similarity(rows, tastes),
        )

    def _likeness(self, query: Sequence[int]) -> NDArray[np.float32]:
        """How alike all anime are to the mean of some, float32 [n].

        Four views, each blind where another sees: neighbours in the embedding (who watches the
        same kind of thing), partial correlations (what goes with just these), content (what they
        are), and a lean towards what people know.
        """
        content = self._content.similarity(
            query, np.full(len(query), 1 / len(query), dtype=np.float32)
        )
        items = self._item_of_row[query]
        items = items[items >= 0]
        if not len(items):
            return content
        direction = self._embeddings[items].mean(axis=0)
        direction /= np.linalg.norm(direction) or 1.0
        likeness = (self._embeddings @ direction + _GOES_WITH * self._model.associations(items))[
            self._item
        ]
        likeness += _IS_LIKE * content[self._known] + _IS_KNOWN * self._log_known
        return extend(likeness, self._known, content)

    def _personal_scores(self, seen: _Seen) -> NDArray[np.float32]:
        """Ranking scores of all anime, float32 [n]."""
        in_model = seen.items >= 0
        if not in_model.any():
            return seen.content
        known = self._model.rank_scores(seen.items[in_model], seen.scores[in_model])
        return extend(known[self._item], self._known, seen.content)

    def _predicted_ratings(self, seen: _Seen) -> NDArray[np.float32] | None:
        """Predicted ratings of all anime, float32 [n], 1 to 10; None where the model has none."""
        usable = (seen.items >= 0) & np.isfinite(seen.scores)
        known = self._model.ratings(seen.items[usable], seen.scores[usable])
        if known is None:
            return None
        return np.clip(extend(known[self._item], self._known, seen.content), 1, 10)

    # --- what is shown --------------------------------------------------------------------------

    def _one_a_franchise(
        self,
        scores: NDArray[np.float32],
        k: int,
        filters: Filters,
        mine: Collection[int],
        *,
        started: bool,
    ) -> Iterator[tuple[int, float]]:
        """Rows and scores of the best k franchises, best first, each at its entry point."""
        allowed = self._facts.mask(filters)
        owned = frozenset(mine)
        allowed[list(owned)] = False
        franchise = self._facts.franchise
        closed = set() if started else {int(franchise[row]) for row in owned}
        found = 0
        for row in _descending(np.where(allowed, scores, -np.inf), at_least=16 * k):
            number = int(franchise[row])
            if number in closed:
                continue
            entry = entry_point(self._facts, row, allowed, owned)
            if entry is None:
                continue
            closed.add(number)
            yield entry, float(scores[row])
            found += 1
            if found == k:
                return

    def _starting_points(self, k: int, filters: Filters, mine: Collection[int]) -> list[Pick]:
        means = np.array([a.mean or 0 for a in self._facts.anime], dtype=np.float32)
        members = self._facts.members * (means > 0)
        average = float((means * members).sum() / max(float(members.sum()), 1.0))
        loved = (means * members + average * _PRIOR_PEOPLE) / (members + _PRIOR_PEOPLE)
        pool = list(self._one_a_franchise(loved, max(_STARTERS, k), filters, mine, started=False))
        if not pool:
            return []
        rows = [row for row, _ in pool]
        scores = np.array([score for _, score in pool], dtype=np.float32)
        vectors = self._content.vectors[rows].toarray()
        return [
            Pick(anime=self._facts.anime[rows[i]], score=float(scores[i]))
            for i in mmr(scores, vectors, k, _STARTER_TRADE_OFF)
        ]

    def _reasons(self, seen: _Seen, row: int) -> tuple[Reason, ...]:
        """The liked entries that brought a pick up, most telling first: x_i · B_ij, exact."""
        target = int(self._item_of_row[row])
        if target >= 0:
            places = np.flatnonzero(seen.items >= 0)
            parts = self._model.contributions(seen.items[places], target)
        else:
            places = np.arange(len(seen.entries))
            parts = self._content.cosines(seen.rows, row) * seen.tastes
        reasons: list[Reason] = []
        for i in np.argsort(-parts, kind="stable").tolist():
            if parts[i] <= 0 or len(reasons) == _REASONS:
                break
            entry = seen.entries[places[i]]
            # What the person did not like may add to a score; it is no reason to give them.
            if entry.score is None or entry.score >= _LIKED:
                reasons.append(Reason(entry.anime_id, float(parts[i]), entry.score))
        return tuple(reasons)

    def _row(self, anime_id: int) -> int:
        row = self._facts.row(anime_id)
        if row is None:
            raise KeyError(anime_id)
        return row


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a person has seen of the catalog; m entries.

    Attributes:
        entries: as in the profile.
        rows: intp [m], in the catalog.
        items: intp [m], in the model; -1 where it knows no such anime.
        scores: float32 [m], NaN where not rated.
        tastes: float32 [m], how much each speaks for anime like it.
        content: float32 [n], content similarity of all anime to them, weighted by taste.
    """

    entries: tuple[Entry, ...]
    rows: NDArray[np.intp]
    items: NDArray[np.intp]
    scores: NDArray[np.float32]
    tastes: NDArray[np.float32]
    content: NDArray[np.float32]


def _tastes(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each entry speaks for anime like it: about 1 if liked, below 0 if not."""
    rated = np.isfinite(scores)
    # Centred on the person, and on the usual rating while there are few of theirs.
    centre = (scores[rated].sum() + 3 * _USUAL_RATING) / (rated.sum() + 3)
    return np.where(rated, 1 + (scores - centre) / 2, 0.5).astype(np.float32)


def _descending(scores: NDArray[np.float32], *, at_least: int) -> Iterator[int]:
    """Row numbers by falling score, ties by row, less those of minus infinity.

    A list of 20,000 seldom needs more than its top, so the top alone is sorted first.
    """
    n = len(scores)
    top = np.argpartition(-scores, at_least)[:at_least] if at_least < n else np.arange(n)
    given: set[int] = set()
    for rows in (top, np.arange(n)):
        if len(given) == n:
            return
        for row in rows[np.lexsort((rows, -scores[rows]))].tolist():
            if scores[row] == -np.inf:
                return
            if row not in given:
                given.add(row)
                yield row
