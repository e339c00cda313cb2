"""What every trained model that answers for a person has in common.

A model may know fewer anime than the table it is asked about: `score` puts the rest last. A
model's tensors and settings are all that a bundle keeps of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from recsys.models.context import FitContext
from recsys.models.progress import silent
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.models.checkpoint import Checkpoints
    from recsys.models.progress import Progress

    Tensors = dict[str, NDArray[Any]]

SettingsT = TypeVar("SettingsT")


@dataclass(frozen=True, slots=True)
class Items:
    """The anime that a model knows.

    Attributes:
        ids: int32 [n], MyAnimeList ids, ascending.
        popularity: int32 [n], on how many of the lists trained on each is.
    """

    ids: NDArray[np.int32]
    popularity: NDArray[np.int32]

    @classmethod
    def of(cls, lists: Interactions) -> Items:
        """The anime of a table, with their counts."""
        counts = np.bincount(lists.items, minlength=lists.n_items)
        return cls(lists.anime_ids.astype(np.int32), counts.astype(np.int32))


@dataclass(frozen=True, slots=True)
class Told:
    """One person's list, as far as the model knows its anime.

    Attributes:
        items: intp [m], positions, oldest first.
        ratings: float32 [m], 1 to 10, NaN where not rated.
        statuses: int8 [m], numbers of `recsys.profile.Status`.
    """

    items: NDArray[np.intp]
    ratings: NDArray[np.float32]
    statuses: NDArray[np.int8]

    @classmethod
    def of(
        cls,
        items: NDArray[np.intp],
        ratings: NDArray[np.float32],
        statuses: NDArray[np.int8] | None = None,
    ) -> Told:
        """A list; left out, no status is known."""
        if statuses is None:
            statuses = np.full(len(items), Status.UNKNOWN, np.int8)
        return cls(items, ratings, statuses)

    @property
    def rated(self) -> Told:
        """The entries with a rating."""
        kept = ~np.isnan(self.ratings)
        return Told(self.items[kept], self.ratings[kept], self.statuses[kept])


class PersonalModel(ABC, Generic[SettingsT]):
    """Scores, predicts and compares; positions are those of `item_ids`.

    Attributes:
        name: what `--model` and a bundle call it.
        settings_type: a frozen dataclass; its defaults are the numbers of the model's source.
        stops_early: whether `fit` uses `validation` to stop.
        settings: of this model.
        item_ids: int32 [n], MyAnimeList ids, ascending.
        popularity: int32 [n].
        embeddings: float32 [n, d], rows of length 1, or 0 where there is nothing to say.
    """

    name: str
    settings_type: ClassVar[type[Any]]
    stops_early: ClassVar[bool] = False

    def __init__(self, items: Items, embeddings: NDArray[np.float32], settings: SettingsT) -> None:
        norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
        self.settings = settings
        self.item_ids = items.ids
        self.popularity = items.popularity
        self.embeddings = (embeddings / np.where(norms > 0, norms, 1)).astype(np.float32)

    @classmethod
    def fit(
        cls,
        lists: Interactions,
        settings: SettingsT | None = None,
        *,
        catalog: Catalog | None = None,
        validation: Interactions | None = None,
        progress: Progress = silent,
        checkpoints: Checkpoints | None = None,
    ) -> Self:
        """Trains on everybody's lists.

        Args:
            lists: what was seen.
            settings: an instance of `settings_type`; None for its defaults.
            catalog: see `FitContext`, as of the others.
            validation: lists of people who are not in `lists`.
            progress: told as it goes.
            checkpoints: where a training that is killed goes on from.

        Raises:
            DataError: the lists do not have what the model needs, or the checkpoint is of another
                training.
        """
        context = FitContext(catalog, validation, progress, checkpoints)
        return cls._fit(lists, cls.settings_type() if settings is None else settings, context)

    def rank_scores(
        self,
        items: NDArray[np.intp],
        ratings: NDArray[np.float32],
        statuses: NDArray[np.int8] | None = None,
    ) -> NDArray[np.float32]:
        """Ranking scores of all anime for one person, float32 [n]; larger is better.

        Args:
            items: intp [m], positions of what is on their list, oldest first; may be empty.
            ratings: float32 [m], 1 to 10, NaN where not rated.
            statuses: int8 [m], numbers of `recsys.profile.Status`; None where not known.
        """
        return self._rank(Told.of(items, ratings, statuses))

    def ratings(
        self,
        items: NDArray[np.intp],
        ratings: NDArray[np.float32],
        statuses: NDArray[np.int8] | None = None,
    ) -> NDArray[np.float32] | None:
        """Predicted ratings, float32 [n], 1 to 10; None where the model predicts none.

        Arguments as in `rank_scores`.
        """
        return self._rate(Told.of(items, ratings, statuses))

    @classmethod
    @abstractmethod
    def _fit(cls, lists: Interactions, settings: SettingsT, context: FitContext) -> Self: ...

    @abstractmethod
    def _rank(self, told: Told) -> NDArray[np.float32]: ...

    @abstractmethod
    def _rate(self, told: Told) -> NDArray[np.float32] | None: ...

    @abstractmethod
    def tensors(self) -> Tensors:
        """Everything learnt, by name; with the settings it makes the same model again."""

    @classmethod
    @abstractmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], settings: SettingsT) -> Self:
        """The model that `tensors` stored."""

    def similar(self, item: int) -> NDArray[np.float32]:
        """Cosine between one anime and all, float32 [n]."""
        return self.embeddings @ self.embeddings[item]

    def contributions(self, items: NDArray[np.intp], target: int) -> NDArray[np.float32]:
        """How much each entry of a list speaks for an anime, float32 [m].

        These models are not sums over a list, so it is likeness: the cosine of the two.
        """
        return self.embeddings[items] @ self.embeddings[target]

    def associations(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Partial correlations with some anime, float32 [n]: none here, so zeros."""
        del items
        return np.zeros(len(self.item_ids), np.float32)

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """See `recsys.models.base.Ranker`; the columns are the anime of `known`."""
        return self._for_all(known, self._rank, unknown=None)

    def predict(self, known: Interactions) -> NDArray[np.float32] | None:
        """Predicted ratings for some people, float32 [users, anime]; None as in `ratings`.

        An anime that the model does not know gets NaN.
        """

        def rate(told: Told) -> NDArray[np.float32]:
            rated = self._rate(told)
            return np.empty(0, np.float32) if rated is None else rated

        nothing = Told.of(np.empty(0, np.intp), np.empty(0, np.float32))
        return self._for_all(known, rate, unknown=np.nan) if len(rate(nothing)) else None

    def _for_all(
        self,
        known: Interactions,
        of_one: Callable[[Told], NDArray[np.float32]],
        unknown: float | None,
    ) -> NDArray[np.float32]:
        """One row a person; `unknown` fills foreign columns, None puts them last."""
        mine = known.on_anime(self.item_ids)
        columns = np.searchsorted(self.item_ids, known.anime_ids).clip(max=len(self.item_ids) - 1)
        has = self.item_ids[columns] == known.anime_ids
        result = np.empty((known.n_users, known.n_items), np.float32)
        ratings = np.where(mine.scores > 0, mine.scores, np.nan).astype(np.float32)
        for person in range(known.n_users):
            part = slice(mine.indptr[person], mine.indptr[person + 1])
            items = mine.items[part].astype(np.intp)
            own = of_one(Told(items, ratings[part], mine.statuses[part]))
            result[person] = own.min() - 1 if unknown is None else unknown
            result[person, has] = own[columns[has]]
        return result


def item_tensors(model: PersonalModel[Any]) -> Tensors:
    """What a bundle keeps of the anime that a model knows."""
    return {"item_ids": model.item_ids, "popularity": model.popularity}


def items_of(tensors: Mapping[str, NDArray[Any]]) -> Items:
    """The anime that `item_tensors` stored."""
    return Items(
        np.asarray(tensors["item_ids"], np.int32), np.asarray(tensors["popularity"], np.int32)
    )


def settings_from(settings_type: type[SettingsT], stored: Mapping[str, Any]) -> SettingsT:
    """Settings from a manifest, where JSON made lists of tuples; names it lacks keep defaults."""
    known = {field.name for field in fields(cast("Any", settings_type))}
    return settings_type(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
            if name in known
        }
    )
