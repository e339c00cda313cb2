"""The one door to the recommender: similar anime and personal picks, with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.content import Content, extend, shared_labels
from recsys.models.linear import LinearModel
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
# `similar` leans this much towards anime that people know: of two equally alike, the one that was
# watched more is the likelier find. Small, or it would recommend the same hits for everything.
_KNOWN = 0.02
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
        self, catalog: Catalog, model: LinearModel, *, name: str = "", version: str = ""
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
            LinearModel.load(bundle),
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
        content = self._content.similarity(query, np.full(len(query), 1 / len(query), np.float32))
        items = self._item_of_row[query]
        items = items[items >= 0]
        if len(items):
            direction = self._model.embeddings[items].sum(axis=0)
            direction /= np.linalg.norm(direction) or 1.0
            cosine = self._model.embeddings[self._item] @ direction
            scores = extend(cosine + _KNOWN * self._log_known, self._known, content)
        else:
            scores = content
        themes = [self._facts.anime[row] for row in query]
        return [
            Pick(
                anime=self._facts.anime[row],
                score=float(score),
                shared=shared_labels(self._facts.anime[row], themes),
                is_new=self._item_of_row[row] < 0,
            )
            for row, score in self._one_a_franchise(scores, k, filters, query, started=False)
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
        seen = [e for e in profile.entries if e.is_seen and self._facts.row(e.anime_id) is not None]
        if not seen:
            return self._starting_points(k, filters, mine)
        scores = self._personal_scores(seen)
        rows = list(self._one_a_franchise(scores, k, filters, mine, started=started))
        predicted = self._predicted_ratings(seen)
        return [
            Pick(
                anime=self._facts.anime[row],
                score=float(score),
                predicted=float(predicted[row]),
                reasons=self._reasons(seen, row),
                shared=self._shared_with_liked(seen, row),
                is_new=self._item_of_row[row] < 0,
            )
            for row, score in rows
        ]

    def scores(self, profile: Profile) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The plain ranking scores of all anime for one person, before any rule of the product.

        Returns:
            MyAnimeList ids int64 [n] and scores float32 [n], aligned; higher is better. An empty
            profile scores by popularity.
        """
        seen = [e for e in profile.entries if e.is_seen and self._facts.row(e.anime_id) is not None]
        if not seen:
            return self._facts.ids, np.log1p(self._facts.members)
        return self._facts.ids, self._personal_scores(seen)

    def predict(self, profile: Profile, anime_id: int) -> float | None:
        """The rating, 1 to 10, that this person would give; None for an anime nobody rated.

        Raises:
            KeyError: the id is not in the catalog.
        """
        row = self._row(anime_id)
        seen = [e for e in profile.entries if e.is_seen and self._facts.row(e.anime_id) is not None]
        if self._item_of_row[row] < 0 and not seen:
            return self._facts.anime[row].mean
        return float(self._predicted_ratings(seen)[row])

    # --- scores ---------------------------------------------------------------------------------

    def _personal_scores(self, seen: Sequence[Entry]) -> NDArray[np.float32]:
        """Ranking scores of all anime, float32 [n]."""
        items, entries = self._model_items(seen)
        if not len(items):
            return self._content.similarity(self._rows(seen), self._tastes(seen))
        ratings = np.array([e.score or np.nan for e in entries], dtype=np.float32)
        known = self._model.rank_scores(items, ratings)[self._item]
        content = self._content.similarity(self._rows(seen), self._tastes(seen))
        return extend(known, self._known, content)

    def _predicted_ratings(self, seen: Sequence[Entry]) -> NDArray[np.float32]:
        """Predicted ratings of all anime, float32 [n], 1 to 10."""
        rated = [e for e in seen if e.score is not None]
        items, entries = self._model_items(rated)
        ratings = np.array([e.score for e in entries], dtype=np.float32)
        known = self._model.ratings(items, ratings)[self._item]
        content = self._content.similarity(self._rows(rated), self._tastes(rated))
        return np.clip(extend(known, self._known, content), 1, 10)

    @staticmethod
    def _tastes(entries: Sequence[Entry]) -> NDArray[np.float32]:
        """How much each entry speaks for anime like it: about 1 if liked, below 0 if not."""
        scores = np.array([e.score or np.nan for e in entries], dtype=np.float32)
        rated = ~np.isnan(scores)
        if not rated.any():
            return np.ones(len(entries), dtype=np.float32)
        # Centred on the person, and on the usual 7.5 while there are few of their ratings.
        centre = (scores[rated].sum() + 3 * 7.5) / (rated.sum() + 3)
        return np.where(rated, 1 + (scores - centre) / 2, 0.5).astype(np.float32)

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

    def _reasons(self, seen: Sequence[Entry], row: int) -> tuple[Reason, ...]:
        """The entries that brought a pick up, most telling first: x_i · B_ij, exact."""
        target = int(self._item_of_row[row])
        if target >= 0:
            items, entries = self._model_items(seen)
            parts = self._model.contributions(items, target)
        else:
            entries = seen
            parts = self._content.cosines(self._rows(seen), row) * self._tastes(seen)
        order = np.argsort(-parts, kind="stable")
        up = [
            Reason(entries[i].anime_id, float(parts[i]), entries[i].score)
            for i in order
            if parts[i] > 0
        ]
        liked = [reason for reason in up if reason.score is None or reason.score >= _LIKED]
        return tuple((liked or up)[:_REASONS])

    def _shared_with_liked(self, seen: Sequence[Entry], row: int) -> tuple[str, ...]:
        liked = [
            self._facts.anime[r]
            for e, r in zip(seen, self._rows(seen), strict=True)
            if e.score is None or e.score >= _LIKED
        ]
        return shared_labels(self._facts.anime[row], liked)

    # --- rows and items -------------------------------------------------------------------------

    def _row(self, anime_id: int) -> int:
        row = self._facts.row(anime_id)
        if row is None:
            raise KeyError(anime_id)
        return row

    def _rows(self, entries: Sequence[Entry]) -> list[int]:
        return [self._row(e.anime_id) for e in entries]

    def _model_items(self, entries: Sequence[Entry]) -> tuple[NDArray[np.intp], list[Entry]]:
        """The entries that the model knows, as its items."""
        items = self._item_of_row[self._rows(entries)] if entries else np.empty(0, np.intp)
        kept = [e for e, item in zip(entries, items, strict=True) if item >= 0]
        return items[items >= 0], kept


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
