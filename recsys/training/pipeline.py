"""From a ratings file to a bundle: clean, split, fit both heads, make them small, write.

With a catalog there is a second stage, which takes more rounds: first stages fitted without some
people teach the second, then the first stage that ships is fitted on everybody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.splits import SplitSettings, split_users
from recsys.models.biases import Biases
from recsys.models.copresence import Copresence
from recsys.models.crowds import largest
from recsys.models.edlae import EdlaeSettings, edlae_precision
from recsys.models.features import NAMES, CandidateFeatures
from recsys.models.gram import gram, symmetric
from recsys.models.item_facts import ItemFacts
from recsys.models.linear import MODEL, Blend, LinearModel
from recsys.models.low_rank import LowRankWeights, Spectrum
from recsys.models.symmetric import DenseWeights, SparseWeights
from recsys.models.views import Views
from recsys.training.enough import common_anime, refuse_too_little
from recsys.training.lessons import KeptLessons
from recsys.training.second_stage import (
    Examples,
    SecondStageSettings,
    examples,
    fit_reranker,
    teachers,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Split

    Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Everything that decides what comes out. The values were tuned on validation people.

    Attributes:
        seed: of the split and of the embeddings.
        min_lists: an anime on fewer lists is not learnt.
        presence: regularisation of the presence head.
        blend: of the presence head; see `Blend`.
        step: of the presence head's quantisation.
        rating: regularisation of the rating head.
        user_shrinkage: of the rating biases, in imagined ratings.
        anime_shrinkage: likewise.
        per_row: weights an anime keeps on average in the rating head.
        residual_scale: see `LinearModel`.
        rating_share: see `LinearModel`.
        dimensions: directions kept of co-occurrence, for the smooth part and the embeddings.
        second_stage: how the second stage is trained; None leaves it out.
    """

    seed: int = 20
    min_lists: int = 10
    presence: EdlaeSettings = field(default_factory=lambda: EdlaeSettings(0.33, 40.0, 0.25))
    blend: Blend = field(default_factory=Blend)
    step: float = 0.0012
    rating: EdlaeSettings = field(default_factory=lambda: EdlaeSettings(0.5, 120.0, 0.25))
    user_shrinkage: float = 1.0
    anime_shrinkage: float = 3.0
    per_row: int = 64
    residual_scale: float = 3.0
    rating_share: float = 0.4
    dimensions: int = 128
    second_stage: SecondStageSettings | None = field(default_factory=SecondStageSettings)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what it was trained on."""

    model: LinearModel
    settings: TrainingSettings
    split: Split
    lists: Interactions
    data: dict[str, object]

    def manifest(self, metrics: dict[str, float] | None = None) -> dict[str, Any]:
        """What `save_bundle` takes beside the tensors."""
        return {
            "model": MODEL,
            "data": self.data,
            "split": self.split.describe(),
            "settings": asdict(self.settings),
            "serving": self.model.serving(),
            "metrics": metrics or {},
        }


def train(
    lists: Interactions,
    settings: TrainingSettings | None = None,
    progress: Progress | None = None,
    catalog: Catalog | None = None,
    work: Path | None = None,
) -> Trained:
    """Fits the two-head linear model, and its second stage, on everybody except the test people.

    Args:
        lists: as a reader gave them.
        settings: left out, those of the bundle that ships.
        progress: called with the name of each step as it begins.
        catalog: the facts that the second stage uses; left out, there is no second stage. Nor is
            there one where too few people could teach it.
        work: folder that keeps what each group of people taught the second stage, and from which
            a training that was stopped goes on; None keeps nothing.

    Returns:
        The model, with the split that says whom it has not seen.

    Raises:
        DataError: too little to learn from, or `work` holds another training.
    """
    settings = settings or TrainingSettings()
    tell = progress or (lambda _: None)
    seen = lists.seen()
    refuse_too_little(seen)
    split = split_users(seen, SplitSettings(seed=settings.seed))
    part = common_anime(seen.of_users(~split.test), settings.min_lists)
    data = {
        "fingerprint": lists.fingerprint,
        "people": int((part.lengths > 0).sum()),
        "entries": len(part),
        "anime": part.n_items,
        "sources": list(part.sources),
    }
    # Not of validation people, so that they can tell one second stage from another.
    lessons_of = seen.of_users(split.train).common(settings.min_lists)
    learn = None
    if catalog is not None and settings.second_stage is not None:
        kept = None
        if work is not None:
            kept = KeptLessons(work, _identity(lists, settings, catalog))
        learn = _lessons(lessons_of, settings, settings.second_stage, catalog, tell, kept)
    model = fit(part, settings, tell)
    facts = None if catalog is None else ItemFacts.of(catalog, model.item_ids)
    franchise = None if facts is None else facts.franchise
    model = replace(model, copresence=Copresence.of(part, franchise))
    if facts is not None and settings.second_stage is not None and learn is not None:
        tell("second stage")
        features = CandidateFeatures.of(
            model, facts, Views.fit(part, largest(lessons_of), settings.seed)
        )
        second = fit_reranker(learn, features, settings.second_stage, settings.seed)
        model = replace(model, second_stage=second)
    return Trained(model, settings, split, seen, data)


def _identity(
    lists: Interactions, settings: TrainingSettings, catalog: Catalog
) -> dict[str, object]:
    """What decides the lessons."""
    return {
        "model": MODEL,
        "settings": asdict(settings),
        "ratings": lists.fingerprint,
        "catalog": catalog.fingerprint,
        "features": NAMES,
    }


def _lessons(
    part: Interactions,
    settings: TrainingSettings,
    second: SecondStageSettings,
    catalog: Catalog,
    tell: Progress,
    kept: KeptLessons | None,
) -> Examples | None:
    """What people teach the second stage, each by a first stage that has not seen them."""
    group = teachers(part, second, settings.seed)
    several: list[Examples] = []
    for number in range(int(group.max()) + 1):
        without = f"without group {number + 1}"
        if kept is not None and number < kept.groups:
            several.append(kept.load(number))
            for _ in range(STEPS + 1):
                tell(f"{without}: done before")
            continue
        # Of what only this group has nothing is known.
        others = part.of_users(group != number).common(1)
        first = fit(others, settings, lambda step, name=without: tell(f"{name}: {step}"))
        tell(f"{without}: lessons")
        facts = ItemFacts.of(catalog, first.item_ids)
        features = CandidateFeatures.of(
            first, facts, Views.fit(others, largest(part), settings.seed)
        )
        people = part.of_users(group == number).on_anime(first.item_ids)
        several.append(examples(first, features, people, second, settings.seed))
        if kept is not None:
            kept.save(number, several[-1])
    return Examples.joined(several) if several else None


def steps(settings: TrainingSettings, catalog: Catalog | None) -> int:
    """How often `train` calls `progress`, for a progress bar."""
    if catalog is None or settings.second_stage is None:
        return STEPS
    return STEPS + settings.second_stage.groups * (STEPS + 1) + 1


def fit(part: Interactions, settings: TrainingSettings, tell: Progress) -> LinearModel:
    """Fits both heads on the lists given, all of them."""
    popularity = np.bincount(part.items, minlength=part.n_items)
    tell("co-occurrence")
    weights = settings.presence.user_weights(part.lengths)
    G = gram(part, user_weights=weights)
    tell("leading directions")
    spectrum = Spectrum.of(symmetric(G), settings.dimensions, settings.seed)
    smooth = LowRankWeights.from_spectrum(spectrum)
    tell("presence head")
    P = edlae_precision(G, settings.presence)
    tell("presence head, made small")
    presence = DenseWeights.from_precision(P, settings.step)
    del G, P

    tell("ratings")
    rated = part.where(part.scores > 0)
    biases = Biases.fit(rated, settings.user_shrinkage, settings.anime_shrinkage)
    weights = settings.rating.user_weights(rated.lengths)
    G = gram(rated, biases.residuals(rated), weights)
    tell("rating head")
    P = edlae_precision(G, settings.rating)
    tell("rating head, made small")
    rating = SparseWeights.from_precision(P, settings.per_row)
    del G, P

    count = np.bincount(rated.items, minlength=part.n_items).astype(np.int32)
    total = np.bincount(rated.items, rated.scores, part.n_items)
    return LinearModel(
        item_ids=part.anime_ids.astype(np.int64),
        popularity=popularity.astype(np.float32),
        ratings_count=count,
        ratings_mean=_quotient(total, count),
        embeddings=spectrum.embeddings(),
        presence_weights=presence,
        smooth_weights=smooth,
        blend=settings.blend,
        rating_weights=rating,
        biases=biases,
        residual_scale=settings.residual_scale,
        rating_share=settings.rating_share,
    )


STEPS = 7  # calls of `tell` in `fit`


def _quotient(total: NDArray[Any], count: NDArray[np.integer]) -> NDArray[np.float32]:
    """Means, NaN of nothing."""
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
