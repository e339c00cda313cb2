"""What is known of every system so far, in the order of the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.beyond import Calibration, calibration, coverage, novelty
from recsys.evaluation.league.field import ALL
from recsys.evaluation.league.measuring import RATED, TOP
from recsys.evaluation.metrics import rmse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.evaluation.league.field import Field
    from recsys.evaluation.league.roster import Group


@dataclass(frozen=True, slots=True)
class Row:
    """One system's figures.

    Attributes:
        name: in the league.
        title: in the table.
        group: see `Contender`.
        origin: whose implementation.
        cost: what fitting took; see `recsys.evaluation.league.work`.
        measured: see `recsys.evaluation.league.measuring.measure_all`.
        tuned_on: whom its trials were fitted on, in words; empty where nothing is tuned.
    """

    name: str
    title: str
    group: Group
    origin: str
    cost: dict[str, Any]
    measured: dict[str, NDArray[Any]]
    tuned_on: str = ""

    @property
    def ranks(self) -> bool:
        """Whether it can rank for people it has never seen."""
        return f"{ALL}.ndcg100" in self.measured

    @property
    def rates(self) -> bool:
        """Whether it predicts ratings."""
        return RATED in self.measured

    def each(self, metric: str, fold: str = ALL) -> NDArray[np.float64]:
        """[people] one metric of one fold."""
        return self.measured[f"{fold}.{metric}"]

    def mean(self, metric: str, fold: str = ALL) -> float:
        """Over the people of a fold; NaN where it has none."""
        values = self.measured.get(f"{fold}.{metric}", np.empty(0))
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


class Standing:
    """All rows of one field, and what they are compared by."""

    def __init__(self, field: Field, rows: list[Row]) -> None:
        """Takes the rows in the order of the table."""
        self.field = field
        self.rows = rows

    @cached_property
    def rankers(self) -> list[Row]:
        """The rows that rank, best NDCG@100 first."""
        return sorted((r for r in self.rows if r.ranks), key=lambda r: -r.mean("ndcg100"))

    @cached_property
    def raters(self) -> list[Row]:
        """The rows that predict ratings, least error first."""
        return sorted((r for r in self.rows if r.rates), key=self.rmse)

    def row(self, name: str) -> Row | None:
        """By its name in the league; None where it is not measured yet."""
        return next((row for row in self.rows if row.name == name), None)

    def best_peer(self, metric: str = "ndcg100", fold: str = ALL) -> Row | None:
        """The published system, or seed, that does best on the test people themselves.

        Chosen on the people of the table and not on validation people, it is the harder one.
        """
        peers = [r for r in self.rankers if r.group in {"peer", "seed"}]
        return max(peers, key=lambda r: r.mean(metric, fold), default=None)

    @cached_property
    def fold(self):  # noqa: ANN201 -- Fold, cached
        """The fold ALL."""
        return self.field.fold()

    @cached_property
    def _hidden(self) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Hidden ratings and their people."""
        hidden = self.fold.hidden.where(self.fold.hidden.scores > 0)
        return hidden.scores.astype(np.float64), hidden.users

    @property
    def hidden_ratings(self) -> int:
        """How many ratings are foretold."""
        return len(self._hidden[0])

    def rmse(self, row: Row) -> float:
        """Over the hidden ratings that a system has a prediction for."""
        predicted = row.measured[RATED].astype(np.float64)
        known = np.isfinite(predicted)
        return rmse(predicted[known], self._hidden[0][known])

    def rated_share(self, row: Row) -> float:
        """Share of the hidden ratings that a system has a prediction for."""
        return float(np.isfinite(row.measured[RATED]).mean())

    def squared_errors(
        self, one: Row, other: Row
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[people] sums of both, over the hidden ratings that both have a prediction for."""
        actual, users = self._hidden
        predicted = [row.measured[RATED].astype(np.float64) for row in (one, other)]
        both = np.isfinite(predicted[0]) & np.isfinite(predicted[1])
        people = self.fold.known.n_users
        first, second = (
            np.bincount(users[both], (p[both] - actual[both]) ** 2, people).astype(np.float64)
            for p in predicted
        )
        return first, second

    def rated_by_both(
        self, one: Row, other: Row
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The hidden ratings that both have a prediction for [entries], and these [2, entries]."""
        predicted = np.stack([row.measured[RATED].astype(np.float64) for row in (one, other)])
        both = np.isfinite(predicted).all(axis=0)
        return self._hidden[0][both], predicted[:, both]

    def calibration(self, row: Row) -> Calibration:
        """Of the hidden ratings."""
        return calibration(row.measured[RATED], self._hidden[0])

    def coverage(self, row: Row) -> float:
        """Share of all anime that are in somebody's first 20."""
        return coverage(row.measured[TOP], len(self.field.anime_ids))

    def novelty(self, row: Row) -> float:
        """Self-information of the first 20, in bits."""
        return novelty(row.measured[TOP], self._shares)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        lists = self.field.rest
        counts = np.bincount(lists.items, minlength=lists.n_items)
        return np.maximum(counts, 1) / max(int((lists.lengths > 0).sum()), 1)
