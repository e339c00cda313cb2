"""The people and the anime that everything in the league table shares.

Everybody is in one of three parts by a hash of their id (`recsys.evaluation.splits`). Settings are
chosen on validation people, with models fitted on training people: all of them for models that fit
in a minute, a fixed sample of them for the rest. What is measured was then fitted on training and
validation people together, and answers for test people alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import DataError
from recsys.evaluation.protocol import tested_alone
from recsys.evaluation.report import FEW, few_known
from recsys.evaluation.splits import Fold, SplitSettings, fold_in, split_users, uniform_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions

ALL = "all"
"""The fold of every test person, with 80 % of the list told."""
ALONE = "alone"
"""The same for people of the samples that are reported on their own."""


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """What decides who and what is in the field.

    Attributes:
        seed: of the split, and of what is hidden.
        min_lists: an anime on fewer lists of training and validation people is left out.
        sample: how many training people costly models are tuned on.
        sample_min_lists: an anime on fewer of their lists is left out of that.
    """

    seed: int = 20
    min_lists: int = 10
    sample: int = 3000
    sample_min_lists: int = 10


@dataclass(frozen=True, slots=True)
class Tuning:
    """What one trial of some settings is fitted and judged on, all on the same anime.

    Attributes:
        lists: of training people.
        fold: validation people.
    """

    lists: Interactions
    fold: Fold


@dataclass(frozen=True, slots=True)
class Field:
    """One division of one ratings file.

    Attributes:
        settings: of the division.
        ratings: fingerprint of the ratings.
        anime_ids: int32 [n], the columns of everything below.
        franchises: int32 [n], the number of each anime's franchise, from 0.
        training: lists of the training people.
        rest: lists of everybody but the test people: what is measured was fitted on these.
        validation: lists of the validation people.
        test: lists of the test people.
        alone: lists of those whose sample is reported on its own.
    """

    settings: FieldSettings
    ratings: str
    anime_ids: NDArray[np.int32]
    franchises: NDArray[np.int32]
    training: Interactions
    rest: Interactions
    validation: Interactions
    test: Interactions
    alone: Interactions

    @classmethod
    def of(
        cls, lists: Interactions, catalog: Catalog, settings: FieldSettings | None = None
    ) -> Field:
        """Divides the ratings.

        Raises:
            DataError: too few people to test or to tune on, or too few anime.
        """
        settings = settings or FieldSettings()
        seen = lists.seen()
        split = split_users(seen, SplitSettings(seed=settings.seed))
        rest = seen.of_users(~split.test).common(settings.min_lists)
        alone = tested_alone(seen)
        if not (split.test & ~alone).any() or not (split.validation & ~alone).any():
            raise DataError(
                "Nobody in these ratings can be held out for testing and for tuning: that takes "
                f"people with {split.settings.min_entries} entries or more; pass a larger file."
            )
        if rest.n_items < 2:
            raise DataError(
                f"Fewer than two anime are on {settings.min_lists} lists or more; pass a larger "
                "ratings file."
            )
        ids = rest.anime_ids
        return cls(
            settings=settings,
            ratings=lists.fingerprint,
            anime_ids=ids,
            franchises=franchises_of(catalog, ids),
            training=seen.of_users(split.train).on_anime(ids),
            rest=rest,
            validation=seen.of_users(split.validation & ~alone).on_anime(ids),
            test=seen.of_users(split.test & ~alone).on_anime(ids),
            alone=seen.of_users(split.test & alone).on_anime(ids),
        )

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits; another division or another file has others."""
        return hashlib.sha256(f"{self.ratings} {self.settings}".encode()).hexdigest()[:12]

    def tuning(self, *, sample: bool) -> Tuning:
        """What trials use.

        Args:
            sample: the fixed sample of training people on its own anime, or else all of them.
        """
        lists = self.training
        if sample:
            lists = self._sample(lists).common(self.settings.sample_min_lists)
        fold = fold_in(self.validation.on_anime(lists.anime_ids), seed=self.settings.seed)
        return Tuning(lists, fold)

    def _sample(self, lists: Interactions) -> Interactions:
        """The lists of a few people, the same whenever they are drawn from the same lists."""
        place = uniform_hash(self.settings.seed + 1, lists.user_ids)
        chosen = np.zeros(lists.n_users, bool)
        chosen[np.argsort(place, kind="stable")[: self.settings.sample]] = True
        return lists.of_users(chosen)

    def folds(self) -> dict[str, Fold]:
        """Every half-told list that is measured, by name: ALL, "3", "5", "10", "20", ALONE."""
        few = {str(known): few_known(self.test, known, self.settings.seed) for known in FEW}
        alone = fold_in(self.alone, seed=self.settings.seed)
        return {ALL: self.fold(), **few, ALONE: alone}

    def fold(self) -> Fold:
        """The fold ALL."""
        return fold_in(self.test, seed=self.settings.seed)


def franchises_of(catalog: Catalog, anime_ids: NDArray[np.integer]) -> NDArray[np.int32]:
    """The number of each anime's franchise, int32 [n] from 0; without one, it is its own."""
    names: list[int] = []
    for anime_id in anime_ids.tolist():
        anime = catalog.get(anime_id)
        names.append(anime.franchise if anime is not None and anime.franchise else anime_id)
    return np.unique(names, return_inverse=True)[1].astype(np.int32)


def together(some: Interactions, others: Interactions) -> Interactions:
    """The lists of both, who share no person and have the same anime, in the order of ids."""
    ids = np.concatenate([some.user_ids, others.user_ids])
    order = np.argsort(ids, kind="stable")
    lengths = np.concatenate([some.lengths, others.lengths])[order]
    owner = np.concatenate([some.users, others.users + some.n_users])
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(len(ids))
    entries = np.argsort(rank[owner], kind="stable")

    def column(name: str) -> NDArray[np.integer]:
        return np.concatenate([getattr(some, name), getattr(others, name)])

    return replace(
        some,
        user_ids=ids[order],
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=column("items")[entries],
        scores=column("scores")[entries],
        statuses=column("statuses")[entries],
        source_of=column("source_of")[order],
    )
