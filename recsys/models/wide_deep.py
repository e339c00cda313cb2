"""Wide and deep: the linear model, and beside it a network trained on what the linear one misses.

After Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems": a sparse full-rank linear
path remembers which anime go together, a deep one generalises. Here the wide path is not learnt
by descent: it is the closed-form model of `recsys.models.linear`, both heads of it. The deep path
reads who has what, ratings on each person's own scale and what was dropped, knows facts about the
anime, and adds to the logits of presence and to the predicted ratings. Its last layer begins at
zero, so training begins where the linear model is.

The network learns from linear models that have not seen its people (`recsys.models.stacking`); the
one that serves is solved on everybody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save as save_tensors

from recsys.bundle import Bundle
from recsys.models.autoencoder import AutoencoderSettings, parted
from recsys.models.item_facts import ItemFacts
from recsys.models.linear import MODEL as LINEAR
from recsys.models.linear import LinearModel
from recsys.models.personal import Items, PersonalModel, item_tensors, items_of
from recsys.models.rating_scale import RatingScale
from recsys.models.reranker import best
from recsys.models.side_information import SIDE, side_information
from recsys.models.stacking import Taught
from recsys.models.two_head_dae import silu
from recsys.models.wide_deep_network import CHANNELS, TABLES, mixed, train_deep
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.personal import Tensors, Told


@dataclass(frozen=True, slots=True)
class WideDeepSettings(AutoencoderSettings):
    """Chosen on validation people.

    Attributes:
        hidden: widths of the deep path's layers.
        dropout: of its last layer, in training.
        weight_decay: of everything but biases, decoupled.
        folds: in how many parts people are told of by a linear model that has not seen them.
        people: at most so many teach the deep path.
        tellings: in how many ways each list is parted into what is told and what is hidden;
            epochs take them in turn. All are kept: two bytes for each person, telling and anime.
        candidates: how many anime that the linear model puts first the deep path may put in
            another order; it is taught on them alone, and the others follow as they were.
        input_dropout: share of what is told that is kept from the deep path in training.
        least: the smallest share of a list that is told.
        most: the largest.
        rating_weight: of the squared error of ratings beside the likelihood of presence.
        rating_share: what a predicted rating, standardised over all anime, counts beside the
            logits of presence in the ranking.
        dimensions: of the linear model's smooth part.
    """

    learning_rate: float = 1e-3
    epochs: int = 24
    batch_size: int = 256
    patience: int | None = 6
    hidden: tuple[int, ...] = (64,)
    dropout: float = 0.5
    weight_decay: float = 0.1
    folds: int = 2
    people: int = 20_000
    tellings: int = 3
    candidates: int = 200
    input_dropout: float = 0.3
    least: float = 0.3
    most: float = 0.9
    rating_weight: float = 0.2
    rating_share: float = 0.2
    dimensions: int = 128


class WideDeepModel(PersonalModel[WideDeepSettings]):
    """The linear model, and what the network adds.

    Attributes:
        wide: the linear model, without a second stage.
        deep: the network, in NumPy, by name.
    """

    name = "wide-deep"
    settings_type = WideDeepSettings
    stops_early = True

    def __init__(
        self,
        items: Items,
        wide: LinearModel,
        deep: Mapping[str, NDArray[np.float32]],
        settings: WideDeepSettings,
    ) -> None:
        super().__init__(items, wide.embeddings, settings)
        self.wide = wide
        self.deep = dict(deep)
        self._tables = {name: self.deep[name] + self._sided(name) for name in TABLES}

    def _sided(self, name: str) -> NDArray[np.float32]:
        return self.deep[SIDE] @ self.deep[f"{name}.{SIDE}"]

    @classmethod
    def _fit(
        cls, lists: Interactions, settings: WideDeepSettings, context: FitContext
    ) -> WideDeepModel:
        learners, validation = parted(lists, settings, context)
        # As it will be stored, which rounds it a little: that is what the network is to help.
        wide = _unpacked(_packed(_solved(learners, settings)))
        taught = Taught.of(learners, settings, lambda lists: _solved(lists, settings))
        facts = None
        if context.catalog is not None:
            facts = ItemFacts.of(context.catalog, learners.anime_ids)
        side = side_information(facts, learners.n_items)
        deep = train_deep(taught, wide, side, learners, validation, settings, context)
        return cls(Items.of(learners), wide, deep, settings)

    def _rank(self, told: Told) -> NDArray[np.float32]:
        first = self.wide.first_stage(told.items, told.ratings)
        hidden = self._hidden(told)
        logits = mixed(first.presence, self.deep["mix"], len(told.items))
        inside = best(first.presence, told.items, self.settings.candidates)
        ours = logits[inside] + self._tables["out"][inside] @ hidden + self.deep["out_bias"][inside]
        if self.settings.rating_share:
            rating = first.ratings + self._tables["rating_out"] @ hidden
            share = self.settings.rating_share / (float(rating.std()) or 1.0)
            ours += share * (rating[inside] - rating.mean())
        # The others stay below, in the linear model's order.
        outside = np.ones(len(logits), bool)
        outside[inside] = False
        if outside.any() and len(inside):
            logits[outside] += min(ours.min() - logits[outside].max(), 0)
        logits[inside] = ours
        return logits

    def _rate(self, told: Told) -> NDArray[np.float32]:
        rated = told.rated
        wide = self.wide.ratings(rated.items, rated.ratings)
        both = wide + self._tables["rating_out"] @ self._hidden(told)
        return np.asarray(np.clip(both, 1, 10), np.float32)

    def _hidden(self, told: Told) -> NDArray[np.float32]:
        d, values = self.deep, self._values(told)
        x = sum(
            value @ self._tables[f"in_{channel}"][told.items]
            for channel, value in zip(CHANNELS, values, strict=True)
        )
        many = max(len(told.items), 1)
        length = np.float32(np.log(many)) * d["in_length"]
        x = silu(np.asarray(x / np.sqrt(many) + d["in_bias"] + length, np.float32))
        for layer in range(len(self.settings.hidden) - 1):
            x = silu(x @ d[f"layer.{layer}.weight"] + d[f"layer.{layer}.bias"])
        return x

    def _values(self, told: Told) -> tuple[NDArray[np.float32], ...]:
        """What each entry of a list is in each channel, float32 [m] each."""
        typical = RatingScale(*self.deep["typical"].tolist())
        ratings = np.nan_to_num(RatingScale.of(told.ratings, typical).values(told.ratings))
        stopped = (told.statuses == Status.DROPPED).astype(np.float32)
        return np.ones(len(told.items), np.float32), ratings, stopped

    def contributions(self, items: NDArray[np.intp], target: int) -> NDArray[np.float32]:
        """See `LinearModel.contributions`: the wide path's, which are exact."""
        return self.wide.contributions(items, target)

    def associations(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """See `LinearModel.associations`."""
        return self.wide.associations(items)

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`; the linear model's parts are bytes of safetensors."""
        content = _packed(self.wide)
        return {
            **item_tensors(self),
            **{f"deep.{name}": array for name, array in self.deep.items()},
            **{f"wide.{part}": np.frombuffer(raw, np.uint8) for part, raw in content.items()},
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[Any]], settings: WideDeepSettings
    ) -> WideDeepModel:
        """See `PersonalModel.from_tensors`."""

        def those(kind: str) -> dict[str, NDArray[Any]]:
            prefix = f"{kind}."
            return {
                name.removeprefix(prefix): array
                for name, array in tensors.items()
                if name.startswith(prefix)
            }

        wide = _unpacked({part: array.tobytes() for part, array in those("wide").items()})
        return cls(items_of(tensors), wide, those("deep"), settings)


def _solved(lists: Interactions, settings: WideDeepSettings) -> LinearModel:
    """The linear model of some lists, without a second stage."""
    # Training is above the models; only this one contains what another's training makes.
    from recsys.training.pipeline import TrainingSettings, fit

    dimensions = max(min(settings.dimensions, lists.n_items // 4), 1)
    return fit(lists, replace(TrainingSettings(), dimensions=dimensions), lambda _: None)


def _packed(wide: LinearModel) -> dict[str, bytes]:
    """The parts of a linear model's bundle, and the numbers of its manifest."""
    parts = {part: save_tensors(dict(sorted(t.items()))) for part, t in wide.tensors().items()}
    return {**parts, "serving": json.dumps(wide.serving(), sort_keys=True).encode()}


def _unpacked(content: Mapping[str, bytes]) -> LinearModel:
    """The inverse of `_packed`."""
    parts = dict(content)
    manifest = {"model": LINEAR, "serving": json.loads(parts.pop("serving"))}
    return LinearModel.load(Bundle(manifest, "", parts))
