"""Whether one system beats another, metric by metric, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.league.field import ALL
from recsys.evaluation.metrics import paired_bootstrap, rmse
from recsys.evaluation.paired import p_value, ratio_of_rmse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from recsys.evaluation.league.standing import Row, Standing

LEVEL = 0.05
TEST = "paired randomisation test, two-sided, 10,000 draws"

_NAMES = {
    "recall20": "Recall@20",
    "recall50": "Recall@50",
    "ndcg100": "NDCG@100",
    "liked100": "NDCG@100 of liked anime",
    "disliked20": "disliked anime in the top 20",
}
_LESS_IS_BETTER = {"disliked20"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """B against A in one metric.

    Attributes:
        metric: its name.
        people: who were compared.
        a: A's mean.
        b: B's mean.
        low: lower end of the 95 % interval of the mean of B − A; for RMSE, of the quotient less 1.
        high: its upper end.
        p: of the test.
        less_is_better: whether a smaller figure is the better one.
        relative: whether the interval is of a share of A's figure.
    """

    metric: str
    people: int
    a: float
    b: float
    low: float
    high: float
    p: float
    less_is_better: bool = False
    relative: bool = False

    @property
    def winner(self) -> str:
        """One of "A" and "B"; empty where the difference may be chance."""
        if self.p >= LEVEL or self.a == self.b:
            return ""
        return "B" if (self.b < self.a) == self.less_is_better else "A"

    def sentence(self, a: str, b: str) -> str:
        """What was found, with the names of the two."""
        gap = (self.b / self.a - 1) if self.relative else self.b - self.a
        unit = " of it" if self.relative else ""

        def number(value: float) -> str:
            return f"{value:+.1%}" if self.relative else f"{value:+.4f}"

        said = {
            "B": f"{b} beats {a}",
            "A": f"{a} beats {b}",
            "": f"{b} and {a} cannot be told apart",
        }[self.winner]
        chance = "p < 0.0001" if self.p < 1e-4 else f"p = {self.p:.4f}"
        return (
            f"{self.metric}: {said}: {self.b:.4f} against {self.a:.4f}, {number(gap)}{unit} "
            f"[{number(self.low)}, {number(self.high)}], {chance} ({self.people:,} people)."
        )


def verdicts(standing: Standing, a: Row, b: Row, fold: str = ALL) -> Iterator[Verdict]:
    """One for each metric that both have.

    Args:
        standing: the field that both were measured in.
        a: the one to beat.
        b: the challenger.
        fold: whose lists, and how much of them is told; see `Field.folds`.
    """
    if a.ranks and b.ranks:
        for metric, name in _NAMES.items():
            mine, theirs = b.each(metric, fold), a.each(metric, fold)
            both = np.isfinite(mine) & np.isfinite(theirs)
            if both.any():
                yield _of_means(name, theirs[both], mine[both], metric in _LESS_IS_BETTER)
    if a.rates and b.rates and fold == ALL:
        mine, theirs = standing.squared_errors(b, a)
        if theirs.any():
            yield _of_errors(standing, a, b, mine, theirs)


def _of_means(
    name: str, a: NDArray[np.float64], b: NDArray[np.float64], less_is_better: bool
) -> Verdict:
    gap = paired_bootstrap(b, a)
    return Verdict(
        name, len(a), float(a.mean()), float(b.mean()), gap.low, gap.high, p_value(b, a),
        less_is_better,
    )  # fmt: skip


def _of_errors(
    standing: Standing,
    a: Row,
    b: Row,
    mine: NDArray[np.float64],
    theirs: NDArray[np.float64],
) -> Verdict:
    ratio = ratio_of_rmse(mine, theirs)
    actual, predicted = standing.rated_by_both(a, b)
    return Verdict(
        metric=f"RMSE of {len(actual):,} ratings",
        people=int(((mine > 0) | (theirs > 0)).sum()),
        a=rmse(predicted[0], actual),
        b=rmse(predicted[1], actual),
        low=ratio.low - 1,
        high=ratio.high - 1,
        p=p_value(mine, theirs),
        less_is_better=True,
        relative=True,
    )
