"""Where finished work lies, so that nothing is done twice: trials, fitted models, measurements.

A folder a system. Every file is written beside its place and moved there, so a file that is there
is whole. Trials are a line each, appended; a line that a kill cut short is not read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_TRIALS = "trials.jsonl"
_COST = "cost.json"
_TENSORS = "model.npz"
_MEASURED = "measured.npz"


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of one system in one field."""

    folder: Path

    def trials(self) -> list[dict[str, Any]]:
        """The finished trials, in order."""
        try:
            text = (self.folder / _TRIALS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        # Every whole line ends in a newline; what follows the last is of a run that was killed.
        return [json.loads(line) for line in text.split("\n")[:-1] if line]

    def add_trial(self, trial: Mapping[str, Any]) -> None:
        """Appends one."""
        done = [*self.trials(), dict(trial)]
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in done)
        self._write(_TRIALS, lambda path: path.write_text(text, encoding="utf-8"))

    @property
    def cost(self) -> dict[str, Any] | None:
        """What fitting took, and with which settings; None where it is not fitted."""
        try:
            return json.loads((self.folder / _COST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def save_fit(self, tensors: Mapping[str, NDArray[Any]], cost: Mapping[str, Any]) -> None:
        """Keeps a fitted model. The cost is written last: where it is, the tensors are."""
        self._write(_TENSORS, lambda path: _save(path, tensors))
        self.save_cost(cost)

    def save_cost(self, cost: Mapping[str, Any]) -> None:
        """Keeps what fitting took."""
        text = json.dumps(dict(cost), ensure_ascii=False, indent=2) + "\n"
        self._write(_COST, lambda path: path.write_text(text, encoding="utf-8"))

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The fitted model.

        Raises:
            FileNotFoundError: none is kept.
        """
        return _load(self.folder / _TENSORS)

    def forget_fit(self) -> None:
        """Drops a fitted model and what was measured of it; its trials stay."""
        for name in (_MEASURED, _COST, _TENSORS):
            (self.folder / name).unlink(missing_ok=True)

    @property
    def measured(self) -> dict[str, NDArray[Any]] | None:
        """What `recsys.evaluation.league.measuring.measure_all` gave; None where not measured."""
        try:
            return _load(self.folder / _MEASURED)
        except FileNotFoundError:
            return None

    @property
    def is_measured(self) -> bool:
        """Whether `measured` is there, without reading it."""
        return (self.folder / _MEASURED).is_file()

    def save_measured(self, measured: Mapping[str, NDArray[Any]]) -> None:
        """Keeps it."""
        self._write(_MEASURED, lambda path: _save(path, measured))

    def _write(self, name: str, write: Any) -> None:  # noqa: ANN401 -- takes a path
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f".{os.getpid()}.{name}"
        try:
            write(partial)
            partial.replace(self.folder / name)
        finally:
            partial.unlink(missing_ok=True)


def _save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{k: np.asarray(v) for k, v in arrays.items()})


def _load(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
