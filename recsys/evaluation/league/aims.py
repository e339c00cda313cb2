"""The project's aims against the table: each holds or does not, with its figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.evaluation.league.ours import PRESENCE, WHOLE
from recsys.evaluation.paired import Ratio, ratio_of_means, ratio_of_rmse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recsys.evaluation.league.standing import Row, Standing


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim.

    Attributes:
        text: what is aimed at.
        against: which system decides.
        ratio: ours over theirs.
        bound: what the ratio must reach.
        at_least: whether more is better.
    """

    text: str
    against: str
    ratio: Ratio
    bound: float
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the measured ratio reaches the bound."""
        value = self.ratio.value
        return value >= self.bound if self.at_least else value <= self.bound

    @property
    def verdict(self) -> str:
        """In words, with what the interval leaves open."""
        inside = self.ratio.low <= self.bound <= self.ratio.high
        said = "holds" if self.holds else "does not hold"
        return f"{said}, the bound is within the interval" if inside else said


def aims(standing: Standing) -> Iterator[Aim]:
    """Those that can be judged from what has been measured."""
    ours = standing.row(WHOLE)
    if ours is None:
        return
    for metric, what in (("ndcg100", "NDCG@100"), ("liked100", "NDCG@100 of liked anime")):
        peer = standing.best_peer(metric)
        if peer is not None:
            ratio = ratio_of_means(ours.each(metric), peer.each(metric))
            text = f"{what} at least 1.05 × the best tuned peer"
            yield Aim(text, peer.title, ratio, 1.05, at_least=True)
    presence = standing.row(PRESENCE)
    if presence is not None:
        ratio = ratio_of_means(ours.each("disliked20"), presence.each("disliked20"))
        text = "disliked anime in the top 20 at most half of the presence-only model's"
        yield Aim(text, presence.title, ratio, 0.5, at_least=False)
    rater = _best_rater(standing, ours)
    if rater is not None:
        ratio = ratio_of_rmse(*standing.squared_errors(ours, rater))
        text = "RMSE of ratings at most .95 × the best of the seeds and of Surprise"
        yield Aim(text, rater.title, ratio, 0.95, at_least=False)
    ease = standing.row("EASE")
    if ease is not None:
        ratio = ratio_of_means(ours.each("ndcg100", "5"), ease.each("ndcg100", "5"))
        text = "with five known anime NDCG@100 at least 1.25 × EASE"
        yield Aim(text, ease.title, ratio, 1.25, at_least=True)


def _best_rater(standing: Standing, ours: Row) -> Row | None:
    """Whose error, on what both predict, is hardest to undercut."""
    if not ours.rates:
        return None
    others = [r for r in standing.raters if r.group in {"seed", "rating"}]

    def ratio(row: Row) -> float:
        mine, theirs = standing.squared_errors(ours, row)
        return float(mine.sum() / theirs.sum())

    return max(others, key=ratio, default=None)
