"""The work of the league, step by step: tune, fit, measure. What is stored is not done again.

`recsys.evaluation.league.apart` runs a step. A killed run leaves at most one trial or one fit
undone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any

from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.data.interactions import DataError
from recsys.data.readers import read_ratings
from recsys.evaluation.league.field import Field, FieldSettings
from recsys.evaluation.league.measuring import measure_all, milliseconds_a_user
from recsys.evaluation.league.ours import FIRST, WHOLE, bytes_of, systems_of
from recsys.evaluation.league.roster import BY_NAME, Contender, Task
from recsys.evaluation.league.store import Store
from recsys.evaluation.league.tuning import best, tune, wanted
from recsys.training.memory import peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from recsys.data.interactions import Interactions


@dataclass(frozen=True, slots=True)
class League:
    """One league on a disk.

    Attributes:
        ratings: the file or folder of ratings.
        cache: where finished work is kept.
        settings: of the field.
        trials: how many settings of each system are tried.
        bundle: the folder of ours.
        isolated: whether each step gets a process of its own.
    """

    ratings: Path
    cache: Path
    bundle: Path
    settings: FieldSettings = attribute(default_factory=FieldSettings)
    trials: int = 6
    isolated: bool = True

    def open(self) -> Opened:
        """Reads the ratings and divides them.

        Raises:
            DataError: the ratings cannot be used.
        """
        lists, _ = read_ratings(self.ratings)
        catalog = Catalog.load()
        return Opened(lists, catalog, Field.of(lists, catalog, self.settings))

    def store(self, field: Field, name: str, version: str = "") -> Store:
        """Where one system's work is kept; `version` tells bundles of one name apart."""
        folder = name.lower().replace(" ", "-").replace(",", "").replace("+", "p")
        return Store(self.cache / field.key / (f"{folder}-{version}" if version else folder))


@dataclass(frozen=True, slots=True)
class Opened:
    """What a league is about, in memory."""

    lists: Interactions
    catalog: Catalog
    field: Field


def left(league: League, field: Field, contender: Contender) -> tuple[str, ...]:
    """Which steps of a system are not done yet."""
    store = league.store(field, contender.name)
    undone: list[str] = []
    if len(store.trials()) < wanted(contender, league.trials):
        undone.append("tune")
    cost = store.cost
    # More trials may have found other settings: then what was fitted is of no use.
    if undone or cost is None or cost["settings"] != best(contender, store, league.trials):
        undone.append("fit")
    if undone or not store.is_measured:
        undone.append("measure")
    return tuple(undone)


def _tune(league: League, opened: Opened, name: str, tell: Callable[[str], object]) -> None:
    """Makes the trials that are left."""
    contender = BY_NAME[name]
    tuning = opened.field.tuning(sample=contender.sample)
    store = league.store(opened.field, contender.name)

    def after_each(trial: Mapping[str, Any]) -> None:
        value = "failed" if trial["value"] is None else f"{trial['value']:.4f}"
        tell(f"trial {trial['number'] + 1} of {league.trials}: {value}, {trial['seconds']:.0f} s")

    def fit() -> Any:  # noqa: ANN401 -- what fits settings
        task = Task(tuning.lists, tuning.fold, opened.catalog, _progress(tell))
        return contender.prepare(task)

    tune(contender, store, league.trials, fit, tuning.fold, after_each)


def _fit(league: League, opened: Opened, name: str, tell: Callable[[str], object]) -> None:
    """Fits with the best settings on everybody but the test people."""
    contender, field = BY_NAME[name], opened.field
    store = league.store(field, contender.name)
    settings = best(contender, store, league.trials)
    store.forget_fit()
    tell("fitting")
    say, epochs_run = _progress(tell), 0

    def progress(done: int, total: int, note: str) -> None:
        nonlocal epochs_run
        epochs_run = done
        say(done, total, note)

    started, processor = time.perf_counter(), time.process_time()
    task = Task(field.rest, field.fold(), opened.catalog, progress)
    system = contender.prepare(task)(settings)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    peak = peak_memory()
    tensors = system.tensors()
    size = int(tensors.get("parameters", sum(part.nbytes for part in tensors.values())))
    store.save_fit(
        tensors,
        {
            "settings": settings,
            "seconds": round(seconds, 2),
            "processor_seconds": round(processor, 2),
            "peak_bytes": peak if league.isolated else 0,
            "bytes": size,
            "trials": min(len(store.trials()), league.trials),
            "epochs_run": epochs_run,
        },
    )


def _measure(league: League, opened: Opened, name: str, tell: Callable[[str], object]) -> None:
    """Answers for the test people."""
    contender, field = BY_NAME[name], opened.field
    store = league.store(field, contender.name)
    cost = store.cost
    if cost is None:
        raise DataError(f"{contender.name} is not fitted.")
    system = contender.restore(store.tensors(), cost["settings"])
    tell("answering for test people")
    if contender.transductive:
        store.save_measured({"rated": system.ratings})
        return
    milliseconds = milliseconds_a_user(system, field.fold())
    measured = measure_all(system, field)
    store.save_cost({**cost, "ms_a_user": round(milliseconds, 3)})
    store.save_measured(measured)


def _train(league: League, opened: Opened, name: str, tell: Callable[[str], object]) -> None:
    """Trains what ships once more, to see what that takes; the bundle itself stays as it is."""
    from recsys.training.pipeline import TrainingSettings, train

    version = Bundle.load(league.bundle).version
    store = league.store(opened.field, name, version)
    settings = replace(TrainingSettings(), seed=league.settings.seed)
    started, processor = time.perf_counter(), time.process_time()
    train(opened.lists, settings, tell, opened.catalog)
    cost = {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
        "peak_bytes": peak_memory() if league.isolated else 0,
    }
    store.save_cost({"settings": {}, "trials": 0, **(store.cost or {}), **cost})


def is_timed(league: League, field: Field) -> bool:
    """Whether it is known what training the bundle takes."""
    version = Bundle.load(league.bundle).version
    return "seconds" in (league.store(field, WHOLE, version).cost or {})


def measure_bundle(
    league: League,
    opened: Opened,
    path: Path,
    tell: Callable[[str], object],
    only: str | None = None,
) -> dict[str, Store]:
    """Measures what a bundle holds where it has not been; returns where each name's figures are.

    Args:
        league: the league.
        opened: what it is about.
        path: of the bundle.
        tell: told what is being measured.
        only: one of the names of `recsys.evaluation.league.ours`, to leave out the others.

    Raises:
        BundleError: it cannot be used, or may have seen the test people.
    """
    bundle, systems = systems_of(path, opened.lists)
    field = opened.field
    stores: dict[str, Store] = {}
    for name, system in systems.items():
        if only is not None and name != only:
            continue
        store = league.store(field, name, bundle.version)
        stores[name] = store
        if store.is_measured:
            continue
        tell(f"{name}: answering for test people")
        measured = measure_all(system, field)
        cost: dict[str, Any] = {"settings": {}, "trials": 0}
        if name in {FIRST, WHOLE}:
            cost["ms_a_user"] = round(milliseconds_a_user(system, field.fold()), 3)
        if name == WHOLE:
            cost["bytes"] = bytes_of(bundle)
        store.save_cost({**(store.cost or {}), **cost})
        store.save_measured(measured)
    return stores


def _progress(tell: Callable[[str], object]) -> Callable[[int, int, str], None]:
    """A fit's progress as words; a step that is an epoch of many says so."""

    def progress(done: int, total: int, note: str) -> None:
        tell(f"{done} of {total} {note}")

    return progress


STEPS: dict[str, Callable[[League, Opened, str, Callable[[str], object]], None]] = {
    "tune": _tune,
    "fit": _fit,
    "measure": _measure,
    "train": _train,
}
"""By name, what does a step of the work on a system: of a contender, or “train” of ours."""
