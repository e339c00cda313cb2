"""The linear model as it serves: two EDLAE heads from a bundle, in NumPy and SciPy alone.

The presence head says what a person is likely to have on their list, the rating head what they
would give it; `first_stage` joins the two. See `recsys.models.edlae` for the mathematics and
`recsys.models.symmetric` for the storage. Where the bundle has a second stage, `rank_scores` lets
it put the best candidates in a better order (`recsys.models.reranker`).
"""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import BundleError
from recsys.models.biases import Biases
from recsys.models.copresence import Copresence
from recsys.models.linear_answer import FirstStage, LinearAnswer
from recsys.models.low_rank import LowRankWeights, as_bytes
from recsys.models.reranker import Reranker, is_of_this_version
from recsys.models.symmetric import DenseWeights, SparseWeights

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from recsys.bundle import Bundle
    from recsys.data.interactions import Interactions

_LOG = logging.getLogger(__name__)

MODEL = "edlae"


@dataclass(frozen=True, slots=True)
class Blend:
    """What presence scores lean on, by how many entries a person told.

    Of somebody who told three anime little is known: the broad directions of taste, and what many
    people have, are the better guess. A long list says enough through the sharp weights, and a
    popular anime that is not on it was passed over. Both fall with the logarithm of the list.

    Attributes:
        smooth: share of the smooth weights with one entry told, in units of the sharp ones.
        smooth_slope: what it loses with each e-fold of the list, down to 0.
        popularity: γ with one entry told; scores are multiplied by popularityᵞ.
        popularity_slope: what γ loses with each e-fold of the list.
        popularity_least: the γ of the longest lists.
    """

    smooth: float = 2.9
    smooth_slope: float = 0.75
    popularity: float = 0.5
    popularity_slope: float = 0.15
    popularity_least: float = -0.1

    def smooth_share(self, known: int) -> float:
        """How much the smooth weights count for a list of so many entries."""
        return max(self.smooth - self.smooth_slope * math.log(max(known, 1)), 0.0)

    def popularity_power(self, known: int) -> float:
        """The γ of a list of so many entries."""
        fallen = self.popularity - self.popularity_slope * math.log(max(known, 1))
        return max(fallen, self.popularity_least)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A presence head and a rating head over the same anime.

    Attributes:
        item_ids: [n] MyAnimeList ids, ascending.
        popularity: [n] how many of the training people have it.
        ratings_count: [n] how many of them rated it.
        ratings_mean: [n] their mean, 1 to 10; NaN where nobody did.
        embeddings: [n, d] unit rows; their inner products say how similar two anime are.
        presence_weights: the presence head, sharp: EDLAE.
        smooth_weights: the presence head, smooth: leading directions of co-occurrence.
        blend: of the two, and of popularity.
        rating_weights: the rating head, on residuals of the biases.
        biases: of the rating head.
        residual_scale: what the rating head's sum is multiplied by. Training takes a missing
            rating for a residual of zero, which makes the weights too small by about this much.
        rating_share: c in `first_stage`.
        second_stage: ranks the best candidates again; None where the bundle has none.
        copresence: what "haven't seen it" says; None where the bundle is of before it was learnt.
    """

    item_ids: NDArray[np.int64]
    popularity: NDArray[np.float32]
    ratings_count: NDArray[np.int32]
    ratings_mean: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    presence_weights: DenseWeights
    smooth_weights: LowRankWeights
    blend: Blend
    rating_weights: SparseWeights
    biases: Biases
    residual_scale: float
    rating_share: float
    second_stage: Reranker | None = None
    copresence: Copresence | None = None

    name = "bundle"

    def index_of(self, anime_id: int) -> int | None:
        """Position of an anime, or None where the model has not been trained on it."""
        place = int(np.searchsorted(self.item_ids, anime_id))
        if place < len(self.item_ids) and self.item_ids[place] == anime_id:
            return place
        return None

    def presence(
        self, items: NDArray[np.intp], weights: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """How likely each anime is on the list of somebody who has these.

        Args:
            items: [m] positions, each once.
            weights: [m] how much each counts; left out, 1.

        Returns:
            [n]. Zeros for an empty list. What is in the list is scored like anything else.
        """
        values = np.ones(len(items), np.float32) if weights is None else weights
        scores = self.presence_weights.apply(items, values)
        smooth = np.float32(self.blend.smooth_share(len(items)))
        if smooth:
            scores += smooth * self.smooth_weights.apply(items, values)
        return self._tilted(scores, len(items))

    def _tilted(self, scores: NDArray[np.float32], known: int) -> NDArray[np.float32]:
        """Times popularityᵞ, in place."""
        power = np.float32(self.blend.popularity_power(known))
        scores *= np.power(np.maximum(self.popularity, 1), power)  # 0 has no power below 0
        return scores

    def contributions(
        self,
        items: NDArray[np.intp],
        target: int,
        weights: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """[m] what each entry adds to presence()[target]; they add up to it exactly."""
        column = self.contributions_to(items, np.array([target]))[0]
        return column if weights is None else column * weights

    def contributions_to(
        self,
        items: NDArray[np.intp],
        targets: NDArray[np.intp],
        rows: NDArray[np.int8] | None = None,
    ) -> NDArray[np.float32]:
        """`contributions` to several targets: [k, m].

        Args:
            items: [m] positions, each once.
            targets: [k] positions.
            rows: int8 [m, n], `DenseWeights.rows` of the items, where they are at hand.
        """
        columns = self.presence_weights.columns(items, targets, rows)
        share = np.float32(self.blend.smooth_share(len(items)))
        if share:
            columns += share * self.smooth_weights.columns(items, targets)
        power = np.float32(self.blend.popularity_power(len(items)))
        columns *= (np.maximum(self.popularity[targets], 1) ** power)[:, None]
        return columns

    def associations(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """[n] mean partial correlation of each anime with these: their likeness, all else equal.

        Symmetric, unlike the weights of the presence head: B_ij · B_ji is its square.
        """
        weights = self.presence_weights
        scale = np.sqrt(np.abs(weights.input_scale * weights.output_scale))
        total = scale[items] @ weights.codes[items].astype(np.float32)
        return (total * scale / np.float32(-max(len(items), 1))).astype(np.float32)

    def ratings(self, items: NDArray[np.intp], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a person would give each anime, by the first stage.

        `LinearAnswer.ratings_of` is the better guess, for some anime.

        Args:
            items: [m] positions of what they rated, each once; may be empty.
            scores: [m] what they gave, 1 to 10.

        Returns:
            [n], 1 to 10.
        """
        return self._ratings(items, *self.biases.of_list(items, scores))

    def _ratings(
        self, items: NDArray[np.intp], bias: float, residuals: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        level = self.biases.anime + np.float32(self.biases.mean + bias)
        if len(items):
            scaled = residuals * np.float32(self.residual_scale)
            level += self.rating_weights.apply(items, scaled)
        return level.clip(1, 10, out=level)

    def rank_scores(
        self, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The shipped order: the first stage's, its best candidates in that of the second.

        Args:
            items: [m] positions of what they have, each once.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.

        Returns:
            [n].
        """
        return self.answer(items, scores_or_nan).order

    def answer(self, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]) -> LinearAnswer:
        """`rank_scores` and predicted ratings of one person, each when it is asked for.

        Args:
            items: [m] positions of what they have, each once.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
        """
        return LinearAnswer(self, items, scores_or_nan)

    def first_stage(
        self, items: NDArray[np.intp], scores_or_nan: NDArray[np.float32]
    ) -> FirstStage:
        """z(presence) + c · z(rating), each standardised over all anime, and their parts.

        Args:
            items: [m] positions of what they have, each once.
            scores_or_nan: [m] 1 to 10, or NaN where they did not rate it.
        """
        ones = np.ones(len(items), np.float32)
        rows = self.presence_weights.rows(items)
        sharp = self.presence_weights.apply_rows(rows, items, ones)
        place = self.smooth_weights.place(items, ones)
        share = np.float32(self.blend.smooth_share(len(items)))
        presence = sharp.copy()
        if share:
            presence += share * self.smooth_weights.of_place(place)
        presence = _standardised(self._tilted(presence, len(items)))
        rated = np.isfinite(scores_or_nan)
        bias, residuals = self.biases.of_list(items, scores_or_nan)
        ratings = self._ratings(items[rated], bias, residuals[rated])
        rating = _standardised(ratings)
        order = np.float32(self.rating_share) * rating
        order += presence
        return FirstStage(rows, sharp, place, bias, residuals, ratings, presence, rating, order)

    def score(self, known: Interactions) -> NDArray[np.float32]:
        """`rank_scores` of several people, as an evaluation asks: [users, anime]."""
        lists = zip(known.indptr[:-1], known.indptr[1:], strict=True)
        rows = np.empty((known.n_users, len(self.item_ids)), np.float32)
        for row, (start, stop) in enumerate(lists):
            scores = known.scores[start:stop].astype(np.float32)
            scores[scores == 0] = np.nan
            rows[row] = self.rank_scores(known.items[start:stop].astype(np.intp), scores)
        return rows

    def tensors(self) -> dict[str, dict[str, NDArray[Any]]]:
        """The parts of a bundle, of which `load` is the inverse."""
        second, pairs = self.second_stage, self.copresence
        return {
            **({} if second is None else {"second_stage": second.tensors()}),
            **({} if pairs is None else {"copresence": pairs.tensors()}),
            "presence": dict(self.presence_weights.tensors()),
            "smooth": self.smooth_weights.tensors(),
            "rating": {**self.rating_weights.tensors(), "bias": self.biases.anime},
            "anime": {
                "item_ids": self.item_ids.astype(np.int32),
                "popularity": self.popularity.astype(np.int32),
                "ratings_count": self.ratings_count,
                "ratings_mean": self.ratings_mean,
                # Unit rows have a length of their own; their scale is not kept.
                "embeddings": as_bytes(self.embeddings)["codes"],
            },
        }

    def serving(self) -> dict[str, Any]:
        """The numbers that a manifest keeps beside the tensors."""
        return {
            "mean": self.biases.mean,
            "user_shrinkage": self.biases.user_shrinkage,
            "residual_scale": self.residual_scale,
            "rating_share": self.rating_share,
            "blend": asdict(self.blend),
            # A bundle without this line is one of before there was a second stage.
            **({} if self.second_stage is None else {"second_stage": self.second_stage.serving()}),
        }

    @classmethod
    def load(cls, bundle: Bundle) -> LinearModel:
        """Reads the model out of a verified bundle.

        Raises:
            BundleError: the bundle holds another model, or its parts do not fit together.
        """
        if bundle.model != MODEL:
            raise BundleError(
                f"The bundle holds the model {bundle.model}, which cannot serve as {MODEL}: train "
                "one with `python -m recsys train`."
            )
        anime, rating = bundle.tensors("anime"), bundle.tensors("rating")
        try:
            serving = bundle.manifest["serving"]
            embeddings = anime["embeddings"].astype(np.float32)
            embeddings /= np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
            model = cls(
                item_ids=anime["item_ids"].astype(np.int64),
                popularity=anime["popularity"].astype(np.float32),
                ratings_count=anime["ratings_count"],
                ratings_mean=anime["ratings_mean"],
                embeddings=embeddings,
                presence_weights=DenseWeights.from_tensors(bundle.tensors("presence")),
                smooth_weights=LowRankWeights.from_tensors(bundle.tensors("smooth")),
                blend=Blend(**serving["blend"]),
                rating_weights=SparseWeights.from_tensors(rating),
                biases=Biases(serving["mean"], rating["bias"], serving["user_shrinkage"]),
                residual_scale=float(serving["residual_scale"]),
                rating_share=float(serving["rating_share"]),
            )
            model.check_shapes()
            if "copresence" in bundle.manifest.get("files", ()):
                pairs = Copresence.from_tensors(bundle.tensors("copresence"), len(embeddings))
                model = replace(model, copresence=pairs)
            if "second_stage" not in serving:
                return model
            if not is_of_this_version(serving["second_stage"]):
                _LOG.warning(
                    "The second stage of the bundle belongs to another version of Osusume and is "
                    "left out: train the bundle again with `python -m recsys train`."
                )
                return model
            tensors = bundle.tensors("second_stage")
            second = Reranker.load(tensors, serving["second_stage"], model)
            return replace(model, second_stage=second)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                "The parts of the bundle do not fit together: fetch it again, or train it with "
                "`python -m recsys train`."
            ) from error

    def check_shapes(self) -> None:
        """Refuses parts that are about different numbers of anime."""
        n = len(self.item_ids)
        columns = (
            self.popularity,
            self.ratings_count,
            self.ratings_mean,
            self.embeddings,
            self.biases.anime,
            self.presence_weights.input_scale,
            self.smooth_weights.codes,
            self.smooth_weights.scale,
            self.smooth_weights.root,
            self.rating_weights.input_scale,
        )
        if any(len(column) != n for column in columns):
            raise BundleError(
                "The parts of the bundle are about different anime: fetch it again, or train it "
                "with `python -m recsys train`."
            )


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Less its mean, over its standard deviation; zeros where nothing varies."""
    centred = values - np.float32(float(values.sum()) / max(len(values), 1))
    deviation = math.sqrt(float(centred @ centred) / max(len(values), 1))
    if deviation > 0:
        centred /= np.float32(deviation)
    return centred
