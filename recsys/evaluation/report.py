"""The comparison that `python -m recsys evaluate` prints: the bundle beside popularity and EASE.

All three know the same people's lists and the same anime. EASE's λ is chosen on validation
people, and EASE is then fitted again with them in, as the bundle was.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import BundleError
from recsys.evaluation.metrics import paired_bootstrap
from recsys.evaluation.protocol import Measured, measure, rating_errors, tested_alone
from recsys.evaluation.splits import Fold, SplitSettings, fold_in, split_users
from recsys.models.ease import Ease
from recsys.models.gram import gram
from recsys.models.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Split
    from recsys.models.base import Ranker
    from recsys.models.linear import LinearModel
    from recsys.models.registry import Model

EASE_L2 = (150.0, 300.0, 600.0)
FEW = (3, 5, 10, 20)
_MIN_HIDDEN = 5


@dataclass(frozen=True, slots=True)
class People:
    """Who is in an evaluation.

    Attributes:
        train: lists that the models may learn from, on the bundle's anime.
        validation: the part of them that chooses EASE's λ: mask [users of train].
        test: lists of people whom the bundle has not seen.
        alone: those of the test people whose sample is reported on its own.
        seed: of the split, and of what is hidden.
    """

    train: Interactions
    validation: NDArray[np.bool_]
    test: Interactions
    alone: Interactions
    seed: int


def people_for(manifest: dict[str, Any], lists: Interactions, model: Model) -> People:
    """The test people of a bundle.

    Args:
        manifest: of the bundle.
        lists: the ratings that were read.
        model: out of the bundle.

    Raises:
        BundleError: the bundle may have seen the people it would be tested on.
    """
    seen = lists.seen()
    split = _checked_split(manifest, lists, seen)
    trained_on = ~split.test
    alone = tested_alone(seen)
    return People(
        train=seen.of_users(trained_on).on_anime(model.item_ids),
        validation=(split.validation & ~alone)[trained_on],
        test=seen.of_users(split.test & ~alone).on_anime(model.item_ids),
        alone=seen.of_users(split.test & alone).on_anime(model.item_ids),
        seed=split.settings.seed,
    )


def _checked_split(manifest: dict[str, Any], lists: Interactions, seen: Interactions) -> Split:
    described = manifest.get("split")
    if not isinstance(described, dict):
        raise BundleError(
            "The manifest of the bundle does not say whom it was not trained on, so it cannot be "
            "tested honestly; train one with `python -m recsys train` and pass it with --bundle."
        )
    try:
        settings = SplitSettings(**{f.name: described[f.name] for f in fields(SplitSettings)})
    except KeyError as error:
        raise BundleError(
            "The manifest of the bundle describes its split only in part; train one with "
            "`python -m recsys train` and pass it with --bundle."
        ) from error
    split = split_users(seen, settings)
    same_data = manifest.get("data", {}).get("fingerprint") == lists.fingerprint
    if not same_data or described.get("test_fingerprint") != split.test_fingerprint:
        raise BundleError(
            "The bundle was trained on other ratings than these, so it may have seen the people "
            "it would be tested on: pass the ratings it was trained on with --ratings, or train on "
            "these with `python -m recsys train --out DIR` and pass --bundle DIR."
        )
    if not split.test.any():
        raise BundleError(
            "Nobody in these ratings is held out for testing: that takes people with "
            f"{split.settings.min_entries} entries or more; pass a larger ratings file."
        )
    return split


def fit_ease(people: People, tell: Callable[[str], object]) -> tuple[Ease, float]:
    """EASE with the λ that ranks best for the validation people; returns it and the λ."""
    tell("EASE: co-occurrence")
    G = gram(people.train.of_users(~people.validation))
    held = fold_in(people.train.of_users(people.validation), seed=people.seed)
    best = EASE_L2[len(EASE_L2) // 2]
    if held.known.n_users:
        figures: dict[float, float] = {}
        for l2 in EASE_L2:
            tell(f"EASE: λ = {l2:.0f} on validation people")
            figures[l2] = float(measure(Ease.from_gram(G, l2), held).ndcg100.mean())
        best = max(figures, key=lambda l2: figures[l2])
    tell(f"EASE: λ = {best:.0f}")
    G += gram(people.train.of_users(people.validation))
    return Ease.from_gram(G, best), best


def lines(people: People, model: LinearModel, tell: Callable[[str], object]) -> Iterator[str]:
    """The report, line by line; see the module."""
    ease, l2 = fit_ease(people, tell)
    ease.name = f"EASE, λ = {l2:.0f}"
    rankers: list[Ranker] = [
        Popularity.fit(people.train),
        ease,
        PresenceHead(model),
        *([] if model.second_stage is None else [FirstStageAlone(model)]),
        model,
    ]
    fold = fold_in(people.test, seed=people.seed)
    yield (
        f"{fold.known.n_users:,} people kept apart, 80 % of each list told, "
        f"{len(fold.hidden):,} entries to find among {len(model.item_ids):,} anime."
    )
    tell("ranking")
    measured = {ranker.name: measure(ranker, fold) for ranker in rankers}
    yield from _ranking_table(measured)
    yield ""
    yield from _against(measured, ease.name)
    yield ""
    if model.second_stage is not None:
        names = (FirstStageAlone.name, model.name)
        yield from _against({name: measured[name] for name in names}, FirstStageAlone.name)
        yield ""
    tell("by source")
    yield from _by_source(fold, measured)
    alone = fold_in(people.alone, seed=people.seed)
    if alone.known.n_users:
        names = sorted({people.alone.sources[code] for code in alone.known.source_of})
        cells = [f"{measure(ranker, alone).ndcg100.mean():.4f}" for ranker in rankers]
        yield _row(f"{', '.join(names)} ({alone.known.n_users}), on its own", cells)
    yield ""
    tell("few known")
    yield _row("NDCG@100 with so many known, all the rest hidden", [r.name for r in rankers])
    for known in FEW:
        few = few_known(people.test, known, people.seed)
        if few.known.n_users:
            cells = [f"{measure(ranker, few).ndcg100.mean():.4f}" for ranker in rankers]
            yield _row(f"{known} known ({few.known.n_users} people)", cells)
    yield ""
    tell("ratings")
    errors = rating_errors(model, fold)
    yield f"RMSE of {errors.entries:,} hidden ratings"
    yield _row("training mean", [f"{errors.mean:.4f}"])
    yield _row("biases of person and anime", [f"{errors.biases:.4f}"])
    yield _row("rating head", [f"{errors.head:.4f}"])
    if model.second_stage is not None:
        yield _row("with the second stage", [f"{errors.model:.4f}"])


class PresenceHead:
    """The presence head of a bundle on its own, without what the rating head adds."""

    name = "bundle, presence only"

    def __init__(self, model: LinearModel) -> None:
        """Takes the model whose head it is."""
        self.model = model

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """`LinearModel.presence` of several people: [users, anime]."""
        bounds = zip(known.indptr[:-1], known.indptr[1:], strict=True)
        return np.stack([self.model.presence(known.items[a:b].astype(np.intp)) for a, b in bounds])


class FirstStageAlone:
    """A bundle's order before its second stage."""

    name = "bundle, first stage"

    def __init__(self, model: LinearModel) -> None:
        """Takes the model whose first stage it is."""
        self._first = replace(model, second_stage=None)

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """`LinearModel.rank_scores` without the second stage, of several people."""
        return self._first.score(known)


def few_known(lists: Interactions, known: int, seed: int) -> Fold:
    """Exactly so many entries told, of people who then still hide five or more."""
    return fold_in(lists.of_users(lists.lengths >= known + _MIN_HIDDEN), seed=seed, known=known)


def _ranking_table(measured: dict[str, Measured]) -> Iterator[str]:
    columns = ["Recall@20", "Recall@50", "NDCG@100", "liked NDCG", "disliked@20"]
    yield _row("model", columns)
    for name, result in measured.items():
        figures = (
            result.recall20,
            result.recall50,
            result.ndcg100,
            result.liked100,
            result.disliked20,
        )
        yield _row(
            name, [f"{np.nanmean(f) if np.isfinite(f).any() else np.nan:.4f}" for f in figures]
        )


def _against(measured: dict[str, Measured], baseline: str) -> Iterator[str]:
    yield f"Against {baseline}: mean difference a person, 95 % interval of a paired bootstrap"
    for name, result in measured.items():
        if name != baseline:
            cells = []
            for ours, theirs in (
                (result.ndcg100, measured[baseline].ndcg100),
                (result.liked100, measured[baseline].liked100),
            ):
                gap = paired_bootstrap(ours, theirs)
                cells.append(f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]")
            yield f"{name:<50}  NDCG@100 {cells[0]}  liked {cells[1]}"


def _by_source(fold: Fold, measured: dict[str, Measured]) -> Iterator[str]:
    yield _row("NDCG@100 by source (people)", list(measured))
    for code, source in enumerate(fold.known.sources):
        those = fold.known.source_of == code
        if those.any():
            cells = [f"{result.ndcg100[those].mean():.4f}" for result in measured.values()]
            yield _row(f"{source or 'all'} ({int(those.sum())})", cells)


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<50}" + "".join(f"{cell:>23}" for cell in cells)
