"""Who is in the league: a line a system, with where it comes from and how it is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from recsys.evaluation.peers import item_weights, latent, surprise_models
from recsys.models import registry
from recsys.models.popularity import Popularity
from recsys.models.progress import silent
from recsys.training.named import changed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Fold
    from recsys.models.progress import Progress

    Settings = Mapping[str, Any]
    Tensors = Mapping[str, NDArray[Any]]
    Fit = Callable[[Settings], Any]

Group = Literal["peer", "seed", "rating", "ours"]


@dataclass(frozen=True, slots=True)
class Task:
    """What a system is fitted on.

    Attributes:
        lists: whose ratings it learns from.
        fold: whom it will be asked about; only a transductive system looks at what they told.
        catalog: facts about the anime.
        progress: told as a long fit goes.
    """

    lists: Interactions
    fold: Fold
    catalog: Catalog
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class Contender:
    """One system.

    Attributes:
        name: in the table, and of its space in `SPACES`.
        group: published rankers, the seeds' systems, published rating predictors, or ours.
        origin: whose implementation it is.
        prepare: takes a task and gives what fits settings; what trials share is computed once.
        restore: a fitted system out of the tensors that it gave.
        goal: what its trials maximise (NDCG@100) or minimise (RMSE of ratings).
        sample: whether it is tuned on the sample of people, for a fit takes minutes.
        transductive: fitted with what the test people told; answers for nobody else.
    """

    name: str
    group: Group
    origin: str
    prepare: Callable[[Task], Fit]
    restore: Callable[[Tensors, Settings], Any]
    goal: Literal["ndcg", "rmse"] = "ndcg"
    sample: bool = False
    transductive: bool = False


class _Restorable(Protocol):
    """A class that is made again from its tensors."""

    def from_tensors(self, tensors: Tensors, /) -> Any: ...  # noqa: ANN401 -- of that class


class _Popular:
    """`recsys.models.popularity`, with what the league asks beside scores."""

    def __init__(self, counts: NDArray[Any]) -> None:
        self._model = Popularity(counts)

    def score(self, known: Interactions) -> NDArray[np.float32]:
        return self._model.score(known)

    def predict(self, known: Interactions) -> None:
        del known

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"counts": self._model.counts}


def _peer(
    name: str,
    origin: str,
    prepare: Callable[[Interactions], Fit],
    kind: _Restorable,
    *,
    sample: bool,
) -> Contender:
    return Contender(
        name, "peer", origin, lambda task: prepare(task.lists),
        lambda tensors, _: kind.from_tensors(tensors), sample=sample,
    )  # fmt: skip


def _surprise(name: str, prepare: Callable[[Interactions, Fold], Fit]) -> Contender:
    return Contender(
        name, "rating", "scikit-surprise", lambda task: prepare(task.lists, task.fold),
        lambda tensors, _: surprise_models.Foretold.from_tensors(tensors),
        goal="rmse", sample=True, transductive=True,
    )  # fmt: skip


def _named(name: str, group: Group, goal: Literal["ndcg", "rmse"]) -> Contender:
    """A model of `recsys.models.registry`."""

    def typed(settings: Settings) -> Any:  # noqa: ANN401 -- settings of one of many models
        kind = registry.model_class(name).settings_type
        return changed(kind, [f"{key}={value}" for key, value in settings.items()])

    def prepare(task: Task) -> Fit:
        kind = registry.model_class(name)
        return lambda settings: kind.fit(
            task.lists, typed(settings), catalog=task.catalog, progress=task.progress
        )

    def restore(tensors: Tensors, settings: Settings) -> Any:  # noqa: ANN401 -- one of many models
        return registry.model_class(name).from_tensors(tensors, typed(settings))

    origin = f"`recsys.models`, --model {name}"
    return Contender(name, group, origin, prepare, restore, goal=goal, sample=True)


def _popularity(task: Task) -> Fit:
    counts = np.bincount(task.lists.items, minlength=task.lists.n_items)
    return lambda _: _Popular(counts)


_SEEDS: tuple[tuple[str, Literal["ndcg", "rmse"]], ...] = (
    ("glove", "ndcg"),
    ("neighbours", "ndcg"),
    ("embedding-network", "rmse"),
    ("embedding-network-metadata", "rmse"),
    ("dot-product", "rmse"),
    ("rikonet", "rmse"),
    ("mf", "rmse"),
    ("nn", "rmse"),
    ("hybrid", "rmse"),
)
TITLES = {
    "mult-vae": "Mult-VAE",
    "rec-vae": "RecVAE",
    "two-head-dae": "two-head denoising autoencoder",
    "glove": "000 GloVe",
    "neighbours": "001 neighbours",
    "embedding-network": "001 embedding network",
    "embedding-network-metadata": "001 embedding network, metadata",
    "dot-product": "002 dot product",
    "rikonet": "003 RikoNet",
    "mf": "004 MF",
    "nn": "004 NN",
    "hybrid": "004 hybrid",
}
"""What the table calls a system whose name is that of a model of ours."""

_PEER_NETWORKS = ("mult-vae", "rec-vae", "two-head-dae")

CONTENDERS: tuple[Contender, ...] = (
    Contender(
        "popularity", "peer", "ours", _popularity,
        lambda tensors, _: _Popular(tensors["counts"]),
    ),
    _peer("ItemKNN", "ours", item_weights.item_knn, item_weights.ItemWeights, sample=True),
    _peer("RP3beta", "ours", item_weights.rp3beta, item_weights.ItemWeights, sample=True),
    _peer("PureSVD", "irspack", latent.pure_svd, latent.Directions, sample=True),
    _peer("iALS", "irspack", latent.ials, latent.Factors, sample=True),
    _peer("EASE", "ours", item_weights.ease, item_weights.ItemWeights, sample=False),
    _peer("EDLAE", "ours", item_weights.edlae, item_weights.ItemWeights, sample=False),
    _peer("SLIM", "ours", item_weights.slim, item_weights.ItemWeights, sample=True),
    *(_named(name, "peer", "ndcg") for name in _PEER_NETWORKS if name in registry.NAMES),
    *(_named(name, "seed", goal) for name, goal in _SEEDS),
    _surprise("Surprise SVD", surprise_models.svd),
    _surprise("Surprise SVD++", surprise_models.svdpp),
    _surprise("Surprise KNNBaseline", surprise_models.knn_baseline),
    _surprise("Surprise BaselineOnly", surprise_models.baseline_only),
)  # fmt: skip
"""Everything but ours, in the order of the work."""

BY_NAME = {contender.name: contender for contender in CONTENDERS}
