"""Neighbours: people close in a space of few dimensions, and what those rated highest.

After "Recommending Anime with Neural Networks" (2020), section "Normie Collaberative Filtering":
the user-item matrix of ratings is reduced by a truncated singular value decomposition, and the
ratings of similar people are aggregated. Defaults are its numbers: the 1000 people with the
longest lists, the 500 most listed anime, two dimensions, as in its picture; for how many
neighbours it gives no number.

The trained model holds the ratings of the people it compares with. Unlike every other model here
it is not weights alone, and its bundle must be kept as private as the lists themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from recsys.data.interactions import DataError
from recsys.models.personal import Items, PersonalModel, item_tensors, items_of
from recsys.models.rows import busiest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.personal import Tensors, Told


@dataclass(frozen=True, slots=True)
class NeighboursSettings:
    """The document's numbers.

    Attributes:
        users: people with the longest lists who are kept; None for all.
        anime: most listed anime that are kept; None for all.
        dimensions: of the space. The document draws two; more find better neighbours.
        neighbours: how many people are asked.
        shrinkage: a predicted rating counts the anime's mean as so many neighbours of cosine 1.
        seed: of the decomposition's first vector.
    """

    users: int | None = 1000
    anime: int | None = 500
    dimensions: int = 2
    neighbours: int = 50
    shrinkage: float = 2.0
    seed: int = 0


class NeighboursModel(PersonalModel[NeighboursSettings]):
    """The space, the people in it, and their ratings."""

    name = "neighbours"
    settings_type = NeighboursSettings

    def __init__(
        self,
        items: Items,
        directions: NDArray[np.float32],
        ratings: sparse.csr_array,
        settings: NeighboursSettings,
    ) -> None:
        """Takes the n directions [n, d] of the space and the ratings, CSR [users, n]."""
        # An anime's place is its direction, so people and anime share one space.
        super().__init__(items, directions, settings)
        self.directions = directions
        self.people = ratings
        places = ratings @ directions
        norms = np.linalg.norm(places, axis=1, keepdims=True)
        self._places = (places / np.where(norms > 0, norms, 1)).astype(np.float32)
        sums = np.bincount(ratings.indices, ratings.data, len(items.ids))
        counts = np.bincount(ratings.indices, minlength=len(items.ids))
        overall = float(ratings.data.mean())
        self._means = ((sums + overall) / (counts + 1)).astype(np.float32)

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: NeighboursSettings, context: FitContext
    ) -> NeighboursModel:
        # The document kept entries that were not rated, as ratings of -1. Here they are left out.
        rated = busiest(lists.where(lists.scores > 0), settings.users, settings.anime)
        dimensions = min(settings.dimensions, min(rated.n_users, rated.n_items) - 1)
        if dimensions < 1:
            raise DataError(
                "There are not two people and two anime with ratings to compare. Pass a file "
                "with more ratings."
            )
        matrix = sparse.csr_array(
            (rated.scores.astype(np.float32), rated.items, rated.indptr),
            shape=(rated.n_users, rated.n_items),
        )
        start = np.random.default_rng(settings.seed).standard_normal(
            min(rated.n_users, rated.n_items)
        )
        _, _, right = svds(matrix, k=dimensions, v0=start.astype(np.float32))
        context.progress(1, 1, f"{rated.n_users:,} people, {rated.n_items:,} anime")
        # The decomposition leaves each direction's sign and their order to chance.
        rows = np.asarray(right, np.float32)[::-1]
        signs = np.where(rows.sum(axis=1, keepdims=True) < 0, -1, 1)
        directions = np.ascontiguousarray((rows * signs).T, dtype=np.float32)
        return cls(Items.of(rated), directions, matrix, settings)

    def neighbours(self, told: Told) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The people most like one, nearest first, with their cosines; nobody for no ratings."""
        rated = told.rated
        place = rated.ratings @ self.directions[rated.items]
        norm = float(np.linalg.norm(place))
        if norm == 0:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        cosines = self._places @ (place / norm)
        nearest = np.argsort(-cosines, kind="stable")[: self.settings.neighbours]
        nearest = nearest[cosines[nearest] > 0]
        return nearest, cosines[nearest].astype(np.float32)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        # The neighbours' ratings added up, each times its cosine: many high ones rank first.
        nearest, cosines = self.neighbours(told)
        if not len(nearest):
            return np.log1p(self.popularity).astype(np.float32)
        return np.asarray(cosines @ self.people[nearest], np.float32)

    def _rate(self, told: Told) -> NDArray[np.float32]:
        # The mean of the neighbours' ratings by cosine, shrunk towards each anime's own mean.
        nearest, cosines = self.neighbours(told)
        if not len(nearest):
            return self._means
        theirs = self.people[nearest]
        weight = cosines @ theirs.astype(bool).astype(np.float32)
        shrinkage = self.settings.shrinkage
        total = cosines @ theirs + shrinkage * self._means
        return np.clip(total / (weight + shrinkage), 1, 10).astype(np.float32)

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`."""
        return {
            **item_tensors(self),
            "directions": self.directions,
            "ratings.indptr": self.people.indptr.astype(np.int64),
            "ratings.items": self.people.indices.astype(np.int32),
            "ratings.scores": self.people.data.astype(np.int8),
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[Any]], settings: NeighboursSettings
    ) -> NeighboursModel:
        """See `PersonalModel.from_tensors`."""
        items = items_of(tensors)
        indptr = np.asarray(tensors["ratings.indptr"], np.int64)
        ratings = sparse.csr_array(
            (
                np.asarray(tensors["ratings.scores"], np.float32),
                np.asarray(tensors["ratings.items"], np.int32),
                indptr,
            ),
            shape=(len(indptr) - 1, len(items.ids)),
        )
        directions = np.asarray(tensors["directions"], np.float32)
        return cls(items, directions, ratings, settings)
