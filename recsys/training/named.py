"""Training a model of the registry by its name, on the people that the shipped bundle learns from.

The split is the one of `recsys.training.pipeline`, so any two bundles trained with one seed are
measured on the same people, none of whom either has seen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from recsys.data.interactions import DataError
from recsys.evaluation.metrics import rmse
from recsys.evaluation.protocol import measure, tested_alone
from recsys.evaluation.splits import SplitSettings, fold_in, split_users, uniform_hash
from recsys.models import registry
from recsys.models.checkpoint import Checkpoints
from recsys.training.enough import common_anime, refuse_too_little

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Split
    from recsys.models.personal import PersonalModel
    from recsys.models.progress import Progress

# Of the validation people, so many say when a model is to stop; the others are trained on.
_WATCHED = 500
# Whole numbers that count nothing, or nothing that must be there.
_MAY_BE_ZERO = {"seed", "held_out", "fewest", "sampled"}
_SHARES = {"dropout", "held_out", "least", "most"}


@dataclass(frozen=True, slots=True)
class Named:
    """A trained model, and whom it has not seen.

    Attributes:
        model: trained.
        split: of everybody.
        lists: what everybody has seen.
        part: what the model was given: the training people, on common anime.
        fingerprint: of the ratings as they were read.
    """

    model: PersonalModel[Any]
    split: Split
    lists: Interactions
    part: Interactions
    fingerprint: str

    def manifest(self, metrics: dict[str, float]) -> dict[str, Any]:
        """What `save_bundle` takes beside the tensors."""
        return {
            **registry.parts(self.model)[1],
            "data": {
                "fingerprint": self.fingerprint,
                "people": int((self.part.lengths > 0).sum()),
                "entries": len(self.part),
                "anime": self.part.n_items,
                "sources": list(self.part.sources),
            },
            "split": self.split.describe(),
            "metrics": metrics,
        }

    def summary(self) -> dict[str, float]:
        """The figures that a manifest keeps, on the test people with 80 % folded in.

        All common anime are ranked, those that the model does not know last. The error of ratings
        is over those that it does know, and `rating_coverage` is their share.
        """
        people = self.lists.of_users(self.split.test & ~tested_alone(self.lists))
        fold = fold_in(people.on_anime(self.part.anime_ids), seed=self.split.settings.seed)
        if not fold.known.n_users:
            return {}
        result = measure(self.model, fold)
        figures = {
            "people": float(fold.known.n_users),
            "recall@20": float(result.recall20.mean()),
            "recall@50": float(result.recall50.mean()),
            "ndcg@100": float(result.ndcg100.mean()),
            "disliked@20": float(result.disliked20.mean()),
        }
        if np.isfinite(result.liked100).any():
            figures["liked_ndcg@100"] = float(np.nanmean(result.liked100))
        predicted = self.model.predict(fold.known)
        hidden = fold.hidden.where(fold.hidden.scores > 0)
        if predicted is not None and len(hidden):
            mine = predicted[hidden.users, hidden.items].astype(np.float64)
            known = np.isfinite(mine)
            figures["rating_coverage"] = float(known.mean())
            if known.any():
                figures["rating_rmse"] = rmse(mine[known], hidden.scores[known].astype(np.float64))
        return {name: round(value, 4) for name, value in figures.items()}


def train_named(
    name: str,
    lists: Interactions,
    *,
    changes: Sequence[str],
    seed: int,
    min_lists: int,
    catalog: Catalog | None,
    progress: Progress,
    work: Path | None = None,
) -> Named:
    """Fits a model on everybody but the test people.

    Args:
        name: one of `recsys.models.registry.NAMES`.
        lists: as a reader gave them.
        changes: settings that differ from the defaults, each "name=value".
        seed: of the split.
        min_lists: an anime on fewer lists is not learnt.
        catalog: facts for the models that use them.
        progress: told as it goes.
        work: folder that keeps the last finished epoch, and from which a training that was
            stopped goes on; None keeps nothing.

    Raises:
        DataError: too little to learn from, a setting that the model does not have, or `work` holds
            another training.
    """
    kind = registry.model_class(name)
    settings = changed(kind.settings_type, changes)
    seen = lists.seen()
    refuse_too_little(seen)
    split = split_users(seen, SplitSettings(seed=seed))
    watched = _watched(seen, split) if kind.stops_early else np.zeros(seen.n_users, bool)
    part = common_anime(seen.of_users(~(split.test | watched)), min_lists)
    validation = seen.of_users(watched).on_anime(part.anime_ids) if watched.any() else None
    identity = {
        "model": name,
        "settings": asdict(settings),
        "ratings": [part.fingerprint, validation.fingerprint if validation else None],
    }
    model = kind.fit(
        part,
        settings,
        catalog=catalog,
        validation=validation,
        progress=progress,
        checkpoints=Checkpoints(work, identity) if work else None,
    )
    return Named(model, split, seen, part, lists.fingerprint)


def _watched(seen: Interactions, split: Split) -> NDArray[np.bool_]:
    """Mask [users] of the validation people that a training is stopped by."""
    place = np.where(split.validation, uniform_hash(split.settings.seed, seen.user_ids), np.inf)
    watched = np.zeros(seen.n_users, bool)
    watched[np.argsort(place, kind="stable")[:_WATCHED]] = True
    return watched & split.validation & ~tested_alone(seen)


def changed(settings_type: type[Any], changes: Sequence[str]) -> Any:  # noqa: ANN401 -- of that type
    """Settings with some values read from "name=value"; "none" leaves out what may be left out.

    Raises:
        DataError: no such name, or a value of another kind.
    """
    kinds = get_type_hints(settings_type)
    values: dict[str, object] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or name not in kinds:
            raise DataError(
                f"“{change}” is no setting of this model. Write NAME=VALUE, where NAME is one of "
                f"{', '.join(kinds)}."
            )
        try:
            values[name] = _in_range(name, _value(text, kinds[name]))
        except ValueError as error:
            raise DataError(f"“{text}” cannot be the setting {name}: {error}.") from None
    return settings_type(**values)


def _in_range(name: str, value: object) -> object:
    """The value, where a setting of this name can have it.

    Raises:
        ValueError: a number that is none, below 0, or 0 where something is counted; or the whole
            where a share is meant.
    """
    numbers = value if isinstance(value, tuple) else (value,)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if not np.isfinite(number):
            raise ValueError("it is a finite number")
        counts = isinstance(number, int) and name not in _MAY_BE_ZERO
        if number < 0 or (number == 0 and counts):
            raise ValueError("it is 1 or more" if counts else "it is 0 or more")
        if name in _SHARES and isinstance(number, float) and number >= 1:
            raise ValueError("it is a share, from 0 to below 1")
    return value


def _value(text: str, kind: Any) -> object:  # noqa: ANN401 -- whatever a type hint is
    """A value of the kind that a type hint names."""
    choices = get_args(kind)
    if type(None) in choices:
        return None if text.lower() == "none" else _value(text, choices[0])
    if get_origin(kind) is Literal:
        if text not in choices:
            raise ValueError(f"it is one of {', '.join(choices)}")
        return text
    if get_origin(kind) is tuple:
        return tuple(
            _number(part, int, "it is whole numbers joined by commas") for part in text.split(",")
        )
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError("it is true or false")
        return text.lower() == "true"
    return _number(text, kind, "it is a whole number" if kind is int else "it is a number")


def _number(text: str, kind: type[int | float], otherwise: str) -> int | float:
    """A number, or the reason why a text is none.

    Raises:
        ValueError: with `otherwise`.
    """
    try:
        return kind(text)
    except ValueError:
        raise ValueError(otherwise) from None
