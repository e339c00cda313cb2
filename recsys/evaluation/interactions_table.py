"""The two tables of the fourth seed: how well its models rate, and how well they foretell the end.

As in the project's README (`recsys.models.hybrid`): rows are held out at random, so everybody in
the tables has been seen in training, with other anime. That flatters every model beside the
league table, whose people nobody has seen; only the order within a table means something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.hybrid import (
    HybridModel,
    HybridSettings,
    MatrixFactorizationModel,
    NeuralNetworkModel,
)
from recsys.models.progress import silent
from recsys.models.user_vectors import INTERACTION, RATING

if TYPE_CHECKING:
    from recsys.data.interactions import Interactions
    from recsys.models.pairs import HeldOut
    from recsys.models.progress import Progress
    from recsys.models.user_vectors import RatingHead


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One model's ratings of the rows held out.

    Attributes:
        model: its name in the project's table.
        loss: mean squared error.
        rmse: its root, in points of the scale from 1 to 10.
    """

    model: str
    loss: float
    rmse: float


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """One model's answers whether each anime held out was finished and liked.

    Attributes:
        model: its name in the project's table.
        loss: mean cross-entropy, in nats.
        accuracy: share of right answers, where a chance of one half and more is a yes.
        precision: share of yeses that were right; NaN without a yes.
        recall: share of the liked that got a yes; NaN where nothing was liked.
    """

    model: str
    loss: float
    accuracy: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Tables:
    """Both tables, and how many rows were held out."""

    rows: int
    ratings: tuple[RatingRow, ...]
    interactions: tuple[InteractionRow, ...]

    def markdown(self) -> str:
        """Both tables as the project prints them."""
        lines = ["| Model | val_loss | RMSE |", "|---|---|---|"]
        lines += [f"| {r.model} | {r.loss:.4f} | {r.rmse:.4f} |" for r in self.ratings]
        lines += ["", "| Model | val_loss | Acc | Precision | Recall |", "|---|---|---|---|---|"]
        lines += [
            f"| {i.model} | {i.loss:.4f} | {i.accuracy:.4f} | {i.precision:.4f} | {i.recall:.4f} |"
            for i in self.interactions
        ]
        return "\n".join(lines) + "\n"


def tables(
    lists: Interactions, settings: HybridSettings | None = None, progress: Progress = silent
) -> Tables:
    """Trains the five models and measures each on the same rows.

    Args:
        lists: everybody's lists, with statuses where known.
        settings: shared by all; `target` is set as each table needs.
        progress: told as each model trains.

    Raises:
        DataError: too little to learn from.
    """
    settings = settings or HybridSettings()
    rating, ending = replace(settings, target="rating"), replace(settings, target="interaction")
    hybrid = HybridModel.fit(lists, settings, progress=progress)
    kinds = (
        ("Neural Network", NeuralNetworkModel),
        ("Matrix Factorization", MatrixFactorizationModel),
    )
    raters = [("Hybrid NN", hybrid)]
    raters += [(name, kind.fit(lists, rating, progress=progress)) for name, kind in kinds]
    tellers = [("Hybrid NN", hybrid)]
    tellers += [(name, kind.fit(lists, ending, progress=progress)) for name, kind in kinds]
    return Tables(
        rows=len(_held_out(hybrid).scores),
        ratings=tuple(rating_row(name, _held_out(model), _head(model)) for name, model in raters),
        interactions=tuple(interaction_row(name, _held_out(model)) for name, model in tellers),
    )


def rating_row(name: str, held_out: HeldOut, head: RatingHead) -> RatingRow:
    """The error of one model's ratings."""
    off = head.rating(held_out.outputs[RATING]) - held_out.scores
    loss = float((off.astype(np.float64) ** 2).mean())
    return RatingRow(name, loss, loss**0.5)


def interaction_row(name: str, held_out: HeldOut) -> InteractionRow:
    """How right one model's answers are, over the rows that have a label."""
    known = ~np.isnan(held_out.labels)
    liked = held_out.labels[known] > 0
    z = held_out.outputs[INTERACTION][known].astype(np.float64)
    yes = z >= 0
    right = int((yes & liked).sum())

    def share(of: int) -> float:
        return right / of if of else float("nan")

    return InteractionRow(
        model=name,
        loss=float((np.logaddexp(0, z) - liked * z).mean()),
        accuracy=float((yes == liked).mean()),
        precision=share(int(yes.sum())),
        recall=share(int(liked.sum())),
    )


def _held_out(model: HybridModel | NeuralNetworkModel | MatrixFactorizationModel) -> HeldOut:
    assert model.held_out is not None  # noqa: S101 -- it was trained here, not loaded
    return model.held_out


def _head(model: HybridModel | NeuralNetworkModel | MatrixFactorizationModel) -> RatingHead:
    assert model.reader.rating is not None  # noqa: S101 -- its target is the rating
    return model.reader.rating
