"""A bundle as the league asks it: the whole of it, or the linear model's stages alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.bundle import Bundle
from recsys.evaluation.report import FirstStageAlone, PresenceHead, people_for
from recsys.models import registry
from recsys.models.personal import PersonalModel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.base import Ranker
    from recsys.models.linear import LinearModel

PRESENCE = "Osusume, presence only"
FIRST = "Osusume, first stage"
WHOLE = "Osusume"


class Ours:
    """Answers on the anime that it is asked about; those that the bundle lacks come last."""

    def __init__(self, model: LinearModel, ranker: Ranker | None = None) -> None:
        """Takes the linear model, and which part of it ranks; left out, all of it."""
        self._model = model
        self._ranker = ranker or model
        self._rates = ranker is None

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """See `recsys.models.base.Ranker`; the columns are the anime of `known`."""
        mine = known.on_anime(self._model.item_ids)
        own = self._ranker.score(mine)
        if np.array_equal(self._model.item_ids, known.anime_ids):
            return own
        columns, has = self._columns(known)
        scores = np.repeat(own.min(axis=1, keepdims=True) - 1, known.n_items, axis=1)
        scores[:, has] = own[:, columns[has]]
        return scores

    def foretell(self, known: Interactions, hidden: Interactions) -> NDArray[np.float32] | None:
        """Predicted ratings of some entries; those of all anime would take far longer.

        Args:
            known: what the people told.
            hidden: the entries, of the same people in the same order.

        Returns:
            [entries of hidden], NaN for what the bundle lacks; None of a stage that rates nothing.
        """
        if not self._rates:
            return None
        columns, has = self._columns(known)
        mine = known.on_anime(self._model.item_ids)
        scores = np.where(mine.scores > 0, mine.scores, np.nan).astype(np.float32)
        predicted = np.full(len(hidden), np.nan, np.float32)
        for user in range(known.n_users):
            told = slice(mine.indptr[user], mine.indptr[user + 1])
            asked = slice(hidden.indptr[user], hidden.indptr[user + 1])
            wanted = hidden.items[asked]
            answer = self._model.answer(mine.items[told].astype(np.intp), scores[told])
            own = answer.ratings_of(columns[wanted].astype(np.intp))
            predicted[asked] = np.where(has[wanted], own, np.nan)
        return predicted

    def _columns(self, known: Interactions) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        ids = self._model.item_ids
        columns = np.searchsorted(ids, known.anime_ids).clip(max=len(ids) - 1)
        return columns, ids[columns] == known.anime_ids


def systems_of(path: Path, lists: Interactions) -> tuple[Bundle, dict[str, Any]]:
    """What a bundle enters the league with, by the name in the table.

    Args:
        path: of the bundle.
        lists: the ratings; the bundle must not have seen the test people.

    Raises:
        BundleError: the bundle cannot be used, or may have seen the people it is tested on.
    """
    bundle = Bundle.load(path)
    model = registry.load(bundle)
    people_for(bundle.manifest, lists, model)  # refuses a bundle that may have seen them
    if isinstance(model, PersonalModel):
        return bundle, {WHOLE: model}
    found: dict[str, Any] = {PRESENCE: Ours(model, PresenceHead(model))}
    if model.second_stage is not None:
        found[FIRST] = Ours(model, FirstStageAlone(model))
    return bundle, {**found, WHOLE: Ours(model)}


def bytes_of(bundle: Bundle) -> int:
    """Size of a bundle's files."""
    return sum(entry["bytes"] for entry in bundle.manifest["files"].values())
