"""What runs on the split: each model from the training part to scores of all items for all people.

Settings of the others are chosen by Recall@20 on the validation part, as the papers do. Ours were
chosen on the training part alone (`inner`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.public.protocol import Found, measure
from recsys.models.directed import DirectedEase, DirectedSettings
from recsys.models.ease import Ease
from recsys.models.gram import gram
from recsys.models.mf_bpr import MfBpr, MfBprSettings
from recsys.models.mult_vae import MultVaeModel, MultVaeSettings
from recsys.models.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from recsys.data.fixed_split import FixedSplit
    from recsys.data.interactions import Interactions
    from recsys.data.timeline import Timeline

    Scores: TypeAlias = NDArray[np.float32]
    Fit = Callable[[FixedSplit], "Scores"]

OURS = "EASE and directed (ours)"
EASE_L2 = (100.0, 200.0, 500.0, 1000.0, 2000.0)
# Of a list of the training part so much is told in `inner`, so that the rest is to it as the test
# part is to the whole: 1 to 7.
INNER_SHARE = 0.875


@dataclass(frozen=True, slots=True)
class OursSettings:
    """Ours, as it was tuned with `inner`.

    Attributes:
        directed: of the directed weights.
        ease_l2: λ of EASE.
        share: of EASE beside them.
    """

    directed: DirectedSettings
    ease_l2: float
    share: float


# Nothing stands between the training part and the test part, so there is no gap.
TUNED = OursSettings(
    DirectedSettings(
        cuts=(0.4, 0.48, 0.57, 0.65, 0.73, 0.82, 0.9),
        gap=0.0,
        recency=0.68,
        l2=46.0,
        dropout=0.42,
        person_power=0.46,
    ),
    ease_l2=300.0,
    share=0.25,
)


def valid_recall(split: FixedSplit) -> Callable[[Scores], float]:
    """Recall@20 of scores on the validation part, for settings and for when to stop."""

    def check(scores: Scores) -> float:
        return measure(scores, [split.train], split.valid).means[1]

    return check


def popularity(split: FixedSplit) -> Scores:
    """Counts of the training part."""
    return Popularity.fit(split.train).score(split.train)


def ease(split: FixedSplit) -> Scores:
    """EASE with the λ of `EASE_L2` that is best on the validation part."""
    G = gram(split.train)
    check = valid_recall(split)
    best, found = np.zeros((0, 0), np.float32), -np.inf
    for l2 in EASE_L2:
        scores = Ease.from_gram(G, l2).score(split.train)
        value = check(scores)
        if value > found:
            best, found = scores, value
    return best


def mf_bpr(split: FixedSplit, settings: MfBprSettings | None = None) -> Scores:
    """MF-BPR, stopped by the validation part."""
    return MfBpr.fit(split.train, valid_recall(split), settings).score(split.train)


def mult_vae(split: FixedSplit, settings: MultVaeSettings | None = None) -> Scores:
    """Mult-VAE on everybody's training list, stopped by the validation part."""
    return StoppedMultVae.scores_of(split.train, valid_recall(split), settings)


def ours(split: FixedSplit, settings: OursSettings = TUNED) -> Scores:
    """EASE and the directed weights, fitted on the training part and told the training part."""
    return _ours(split.in_order, settings)


FIELD: dict[str, Fit] = {
    "popularity": popularity,
    "MF-BPR": mf_bpr,
    "Mult-VAE": mult_vae,
    "EASE": ease,
    OURS: ours,
}
# What each is a rerun of, and so should agree with.
RERUNS = {"MF-BPR": "MF", "Mult-VAE": "MultiVAE"}


class StoppedMultVae(MultVaeModel):
    """Mult-VAE as the papers on this split train it: on everybody, stopped by the same people."""

    @classmethod
    def scores_of(
        cls,
        lists: Interactions,
        check: Callable[[Scores], float],
        settings: MultVaeSettings | None = None,
        *,
        every: int = 5,
        checks_without_gain: int = 4,
    ) -> Scores:
        """Trains until the check gets no better, and scores everybody with the best.

        Args:
            lists: of everybody, each with an entry.
            check: says of scores [users, items] how good they are; more is better, and above 0.
            settings: of the network.
            every: epochs between two checks.
            checks_without_gain: after which it stops.
        """
        import torch

        from recsys.models.context import FitContext
        from recsys.models.descent import Check, Draws, minimise
        from recsys.models.device import best_device
        from recsys.models.entries import Store

        settings = settings or replace(MultVaeSettings(), epochs=200)
        device = best_device()
        context = FitContext()
        parameters = {
            name: tensor.to(device).requires_grad_(tensor.is_floating_point())
            for name, tensor in cls._start(lists, settings, context).items()
        }
        draws, people = Draws(settings.seed, device), Store(lists, device)

        def scores() -> Scores:
            everybody = torch.arange(lists.n_users, device=device)
            with torch.no_grad():
                parts = [
                    cls._scores(parameters, people.of(batch), settings).float().cpu()
                    for batch in everybody.split(settings.batch_size)
                ]
            return torch.cat(parts).numpy()

        minimise(
            parameters,
            cls._phases(parameters, people, settings, draws),
            rows=lists.n_users,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            draws=draws,
            context=context,
            check=Check(
                # Between two checks nothing is gained.
                lambda: 0.0 if draws.epoch % every else check(scores()),
                "Recall@20",
                rising=True,
                patience=every * checks_without_gain,
            ),
        )
        return scores()


@dataclass(frozen=True, slots=True)
class Inner:
    """The training part alone as a split by time: its lists but the end, and the end.

    Attributes:
        told: the first `INNER_SHARE` of each list.
        later: the rest of it.
    """

    told: Timeline
    later: Interactions

    @classmethod
    def of(cls, timeline: Timeline) -> Inner:
        """Cuts every list that has two entries or more."""
        lengths = timeline.lists.lengths
        ends = np.clip(np.floor(lengths * INNER_SHARE), 1, np.maximum(lengths - 1, 1))
        return cls(timeline.before(ends), timeline.since(ends.astype(np.int64)))

    def found(self, settings: OursSettings) -> Found:
        """How ours does with some settings."""
        scores = _ours(self.told, settings)
        return measure(scores, [self.told.lists], self.later)


def tuning(split: FixedSplit, trials: int, seed: int = 0) -> list[tuple[float, OursSettings]]:
    """Random search (Bergstra & Bengio 2012) for ours on the training part alone, best first.

    Args:
        split: of which validation and test part are not looked at.
        trials: how many settings, beside those that are in use.
        seed: of the search.

    Returns:
        Pairs of the mean of the four metrics and settings.
    """
    random = np.random.default_rng(seed)
    inner = Inner.of(split.in_order)
    drawn = [TUNED, *(_draw(random) for _ in range(trials))]
    results = [(float(np.mean(inner.found(settings).means)), settings) for settings in drawn]
    return sorted(results, key=lambda pair: -pair[0])


def _draw(random: np.random.Generator) -> OursSettings:
    first, last = random.uniform(0.1, 0.4), random.uniform(0.8, 0.95)
    cuts = np.linspace(first, last, int(random.integers(4, 9))).round(2)
    return OursSettings(
        DirectedSettings(
            cuts=tuple(cuts.tolist()),
            gap=0.0,
            recency=round(random.uniform(0.5, 1.2), 2),
            l2=round(float(np.exp(random.uniform(np.log(8), np.log(100)))), 1),
            dropout=round(random.uniform(0, 0.8), 2),
            person_power=round(random.uniform(0.3, 0.8), 2),
        ),
        ease_l2=float(random.choice(EASE_L2)),
        share=round(random.uniform(0.1, 0.6), 2),
    )


def _ours(lists: Timeline, settings: OursSettings) -> Scores:
    """Fitted on the lists and told them."""
    model = DirectedEase.fit(
        lists, settings.directed, ease_l2=settings.ease_l2, share=settings.share
    )
    return model.score(lists)
