"""The same number of trials for everybody, each remembered the moment it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.interactions import DataError
from recsys.evaluation.league.measuring import foretold, ndcg_of
from recsys.evaluation.league.spaces import LASTING, SPACES, start
from recsys.evaluation.metrics import rmse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import optuna

    from recsys.evaluation.league.roster import Contender, Fit
    from recsys.evaluation.league.store import Store
    from recsys.evaluation.splits import Fold

# Trials drawn evenly before the estimator takes over; with optuna's ten, few budgets would see it.
_EVEN_TRIALS = 4


def best(contender: Contender, store: Store, trials: int) -> dict[str, Any]:
    """The settings of the best of the first so many trials, or where its space starts.

    With what `LASTING` says of the system. Later trials, of a run with a larger budget, do not
    count: everybody has the same.
    """
    done = [trial for trial in store.trials()[:trials] if trial["value"] is not None]
    lasting = LASTING.get(contender.name, {})
    if not done:
        return {**start(contender.name), **lasting}
    choose = max if contender.goal == "ndcg" else min
    return {**choose(done, key=lambda trial: trial["value"])["settings"], **lasting}


def wanted(contender: Contender, trials: int) -> int:
    """How many trials a system gets: none where there is nothing to tune."""
    return trials if SPACES[contender.name] else 0


def tune(
    contender: Contender,
    store: Store,
    trials: int,
    fit: Callable[[], Fit],
    fold: Fold,
    after_each: Callable[[Mapping[str, Any]], None],
) -> None:
    """Makes trials until there are so many; those of earlier runs count.

    Args:
        contender: whose space is searched.
        store: where trials are read from and added.
        trials: how many in all.
        fit: gives what fits settings; called once, and only where a trial is left to make.
        fold: validation people.
        after_each: told of each trial; may raise to stop.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {key: one.distribution() for key, one in SPACES[contender.name].items()}
    past = store.trials()
    if len(past) >= wanted(contender, trials):
        return
    # A sampler that starts anew draws anew: seeded by what is done, or it would repeat itself.
    sampler = optuna.samplers.TPESampler(
        seed=len(past), n_startup_trials=_EVEN_TRIALS, multivariate=True
    )
    study = optuna.create_study(
        direction="maximize" if contender.goal == "ndcg" else "minimize", sampler=sampler
    )
    for trial in past:
        study.add_trial(_frozen(trial, space))
    if not past:
        study.enqueue_trial(start(contender.name))
    fitter = fit()
    for number in range(len(past), wanted(contender, trials)):
        asked = study.ask(space)
        started = time.perf_counter()
        value = _value(contender, fitter, asked.params, fold)
        record = {
            "number": number,
            "settings": dict(asked.params),
            "value": value,
            "seconds": round(time.perf_counter() - started, 1),
        }
        store.add_trial(record)
        if value is None:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(asked, value)
        after_each(record)


def _value(contender: Contender, fit: Fit, settings: Mapping[str, Any], fold: Fold) -> float | None:
    """What the settings reach on the fold; None where nothing could be fitted with them."""
    try:
        system = fit(settings)
    except (ValueError, DataError, np.linalg.LinAlgError):
        return None
    if contender.goal == "ndcg":
        return ndcg_of(system, fold)
    return rmse_of(foretold(system, fold), fold)


def rmse_of(predicted: np.ndarray | None, fold: Fold) -> float | None:
    """Root of the mean squared error; what a system does not know counts as the told mean.

    Otherwise a system that knows popular anime alone would win by saying less.
    """
    if predicted is None:
        return None
    told = fold.known.scores[fold.known.scores > 0]
    actual = fold.hidden.scores[fold.hidden.scores > 0].astype(np.float64)
    filled = np.where(np.isfinite(predicted), predicted, told.mean())
    return rmse(filled.astype(np.float64), actual)


def _frozen(trial: Mapping[str, Any], space: dict[str, Any]) -> optuna.trial.FrozenTrial:
    from optuna.trial import TrialState, create_trial

    failed = trial["value"] is None
    return create_trial(
        params=dict(trial["settings"]),
        distributions=space,
        value=None if failed else trial["value"],
        state=TrialState.FAIL if failed else TrialState.COMPLETE,
    )
