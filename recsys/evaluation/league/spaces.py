"""What is searched of each system, in one table: where it starts, and how far it may go.

The first trial of every system is its start: the numbers of its source where it gives any. The
rest are drawn by optuna's tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for
Hyper-Parameter Optimization"), the same number for everything that has something to tune.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import optuna

Value: TypeAlias = "str | int | float | bool"


@dataclass(frozen=True, slots=True)
class Real:
    """Numbers from low to high; on a logarithmic scale unless `even`."""

    start: float
    low: float
    high: float
    even: bool = False

    def distribution(self) -> optuna.distributions.BaseDistribution:
        """As optuna has it."""
        from optuna.distributions import FloatDistribution

        return FloatDistribution(self.low, self.high, log=not self.even)


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers from low to high; on a logarithmic scale unless `even`."""

    start: int
    low: int
    high: int
    even: bool = False

    def distribution(self) -> optuna.distributions.BaseDistribution:
        """As optuna has it."""
        from optuna.distributions import IntDistribution

        return IntDistribution(self.low, self.high, log=not self.even)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some values."""

    start: Value
    values: tuple[Value, ...]

    def distribution(self) -> optuna.distributions.BaseDistribution:
        """As optuna has it."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.values)


Range: TypeAlias = "Real | Whole | OneOf"
Space: TypeAlias = "dict[str, Range]"

_HYBRID: Space = {
    "dimensions": OneOf(64, (16, 32, 64, 128)),
    "dropout": Real(0.5, 0.1, 0.7, even=True),
    "learning_rate": Real(1e-3, 3e-4, 4e-3),
    "batch_size": OneOf(64, (64, 256)),
}
_NETWORK: Space = {
    "users": OneOf("1000", ("1000", "4000", "none")),
    "anime": OneOf("500", ("500", "2000", "none")),
    "epochs": Whole(10, 4, 20),
    "learning_rate": Real(1e-3, 3e-4, 4e-3),
}

SPACES: dict[str, Space] = {
    "popularity": {},
    "ItemKNN": {
        "top_k": Whole(100, 5, 400),
        "shrinkage": Real(1.0, 0.1, 100.0),
        "power": Real(1.0, 0.5, 4.0),
    },
    "RP3beta": {
        "top_k": Whole(100, 5, 400),
        "beta": Real(0.5, 0.0, 1.0, even=True),
    },
    "PureSVD": {"n_components": Whole(128, 16, 512)},
    "iALS": {
        "n_components": OneOf(128, (64, 128, 256)),
        "alpha0": Real(0.1, 3e-3, 1.0),
        "reg": Real(3e-3, 1e-4, 1e-1),
    },
    "EASE": {"l2": Real(300.0, 50.0, 2000.0)},
    "EDLAE": {"dropout": Real(0.33, 0.1, 0.8, even=True), "l2": Real(200.0, 20.0, 1000.0)},
    "SLIM": {"l1": Real(5.0, 1.5, 20.0), "l2": Real(50.0, 10.0, 500.0)},
    # A step takes half as many people as in the papers, and the divergence rises within fewer
    # epochs: there are fewer people here. Trials are short; see LASTING.
    "mult-vae": {
        "epochs": OneOf(20, (20,)),
        "batch_size": OneOf(250, (250,)),
        "dropout": Real(0.5, 0.2, 0.8, even=True),
        "beta": Real(0.2, 0.02, 1.0),
        "rising": OneOf(10, (10,)),
        "learning_rate": Real(1e-3, 3e-4, 3e-3),
    },
    "rec-vae": {
        "epochs": OneOf(50, (50,)),
        "patience": OneOf(4, (4,)),
        "batch_size": OneOf(250, (250,)),
        "dropout": Real(0.5, 0.1, 0.8, even=True),
        "gamma": Real(0.005, 2e-4, 0.02),
        "learning_rate": Real(5e-4, 3e-4, 4e-3),
    },
    "two-head-dae": {
        "epochs": OneOf(15, (15,)),
        "dropout": Real(0.4, 0.2, 0.6, even=True),
        "rating_share": Real(0.25, 0.0, 1.0, even=True),
        "learning_rate": Real(5e-4, 2e-4, 2e-3),
    },
    # What the seeds say of their own numbers is where each starts.
    "glove": {
        "most": OneOf("20", ("20", "40", "80")),
        "dimensions": OneOf(100, (50, 100)),
        "epochs": Whole(100, 20, 100),
        "x_max": Real(100.0, 5.0, 200.0),
    },
    "neighbours": {
        "users": OneOf("1000", ("1000", "4000", "none")),
        "anime": OneOf("500", ("500", "2000", "none")),
        "dimensions": Whole(2, 2, 64),
        "neighbours": Whole(50, 10, 400),
    },
    "embedding-network": _NETWORK,
    "embedding-network-metadata": _NETWORK,
    "dot-product": {
        "factors": Whole(50, 10, 120),
        "epochs": Whole(12, 4, 16),
        "learning_rate": Real(1e-3, 3e-4, 1e-2),
        "weight_decay": Real(0.01, 0.003, 0.3),
    },
    "rikonet": {
        "layers": OneOf("512,128", ("512,128", "1024,256,128", "256,64")),
        "dropout": Real(0.8, 0.2, 0.9, even=True),
        "learning_rate": Real(3e-4, 1e-4, 2e-3),
    },
    "mf": _HYBRID,
    "nn": _HYBRID,
    "hybrid": _HYBRID,
    "Surprise SVD": {
        "n_factors": Whole(100, 20, 200),
        "n_epochs": Whole(20, 10, 50),
        "lr_all": Real(0.005, 0.002, 0.02),
        "reg_all": Real(0.02, 0.01, 0.2),
    },
    # A step costs the length of the list times the factors: with more of either, one fit on
    # everybody would take an hour of one core.
    "Surprise SVD++": {
        "n_factors": Whole(20, 5, 25),
        "n_epochs": Whole(20, 5, 25),
        "lr_all": Real(0.007, 0.002, 0.02),
        "reg_all": Real(0.02, 0.01, 0.2),
    },
    "Surprise KNNBaseline": {
        "k": Whole(40, 10, 120),
        "name": OneOf("pearson_baseline", ("pearson_baseline", "msd", "cosine")),
        "shrinkage": Whole(100, 10, 500),
    },
    "Surprise BaselineOnly": {
        "n_epochs": Whole(10, 5, 20),
        "reg_u": Real(15.0, 1.0, 40.0),
        "reg_i": Real(10.0, 1.0, 40.0),
    },
}

LASTING: dict[str, dict[str, Value]] = {
    "mult-vae": {"epochs": 50, "patience": 4},
    "two-head-dae": {"epochs": 50, "patience": 4},
}
"""What replaces some settings when a network is fitted for good: there it is trained until people
kept aside gain nothing."""


def start(name: str) -> dict[str, Value]:
    """The settings of a system's first trial."""
    return {key: one.start for key, one in SPACES[name].items()}
