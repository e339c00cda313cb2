"""The last finished epoch of a training on disk, so that one which was killed goes on.

It is kept in the format of a bundle: tensors and a manifest of hashes, switched in one step, no
pickle. A process that dies while it writes leaves the epoch before.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.bundle import MANIFEST, Bundle, BundleError, save_bundle
from recsys.data.interactions import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

KIND = "checkpoint"


@dataclass(slots=True)
class Progressed:
    """How far a descent is.

    Attributes:
        epoch: how many are finished.
        history: what each was worth (`descent.minimise`).
        best: the least of them so far.
        since_best: epochs without gain.
        best_values: the parameters of the best epoch by name; None where nothing looks for it.
    """

    epoch: int = 0
    history: list[float] = field(default_factory=list)
    best: float = float("inf")
    since_best: int = 0
    best_values: dict[str, torch.Tensor] | None = None


class Checkpoints:
    """A work folder that belongs to one training: one model, its settings, its ratings.

    Attributes:
        folder: made when the first epoch is finished.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        """Names the training.

        Args:
            folder: nothing else is kept in it.
            identity: what the training is of, as JSON can say it; the keys are words that a
                person understands ("ratings", "settings").
        """
        self.folder = folder
        self._identity = json.loads(json.dumps(dict(identity)))

    def save(
        self,
        parameters: Mapping[str, torch.Tensor],
        optimizers: Sequence[torch.optim.Optimizer],
        schedule: torch.optim.lr_scheduler.LRScheduler | None,
        so_far: Progressed,
    ) -> None:
        """Replaces what is kept."""
        parts: dict[str, dict[str, NDArray[Any]]] = {"parameters": _arrays(parameters)}
        if so_far.since_best and so_far.best_values is not None:
            parts["best"] = _arrays(so_far.best_values)
        states = [optimizer.state_dict() for optimizer in optimizers]
        moments = {
            f"{place}.{row}.{name}": value
            for place, state in enumerate(states)
            for row, values in state["state"].items()
            for name, value in values.items()
        }
        if moments:
            parts["optimizer"] = _arrays(moments)
        save_bundle(
            self.folder,
            parts,
            {
                "model": KIND,
                "of": self._identity,
                "epoch": so_far.epoch,
                "history": so_far.history,
                # JSON has no infinity: before the first gain there is no best.
                "best": so_far.best if np.isfinite(so_far.best) else None,
                "since_best": so_far.since_best,
                "groups": [state["param_groups"] for state in states],
                "schedule": None if schedule is None else schedule.state_dict(),
            },
        )

    def restore(
        self,
        parameters: Mapping[str, torch.Tensor],
        optimizers: Sequence[torch.optim.Optimizer],
        schedule: torch.optim.lr_scheduler.LRScheduler | None,
    ) -> Progressed:
        """Puts everything back as it was after the last finished epoch.

        Args:
            parameters: take the values that were kept.
            optimizers: likewise.
            schedule: likewise.

        Returns:
            How far it was; a beginning where nothing is kept.

        Raises:
            DataError: what is kept is damaged, or belongs to another training.
        """
        kept = half_finished(self.folder, self._identity)
        if kept is None:
            return Progressed()
        try:
            manifest = kept.manifest
            _copy(kept.tensors("parameters"), parameters)
            parts = manifest["files"]
            moments = kept.tensors("optimizer") if "optimizer" in parts else {}
            for place, optimizer in enumerate(optimizers):
                groups = manifest["groups"][place]
                optimizer.load_state_dict(_state(moments, place, groups, optimizer))
            if schedule is not None:
                schedule.load_state_dict(manifest["schedule"])
            best, best_values = manifest["best"], None
            if best is not None:
                best_values = {name: tensor.detach().clone() for name, tensor in parameters.items()}
            if best_values and "best" in parts:
                _copy(kept.tensors("best"), best_values)
            return Progressed(
                epoch=int(manifest["epoch"]),
                history=list(manifest["history"]),
                best=float("inf") if best is None else best,
                since_best=int(manifest["since_best"]),
                best_values=best_values,
            )
        except (BundleError, KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            raise damaged(self.folder) from error


def half_finished(folder: Path, identity: Mapping[str, object]) -> Bundle | None:
    """What a work folder holds of a training; None where that is nothing.

    Args:
        folder: the work folder.
        identity: of the training, as `json.loads` gives it.

    Raises:
        DataError: it is damaged, or belongs to another training.
    """
    if not (folder / MANIFEST).exists():
        return None
    try:
        kept = Bundle.load(folder)
    except BundleError as error:
        raise damaged(folder) from error
    theirs = kept.manifest.get("of")
    if kept.model != KIND or not isinstance(theirs, dict):
        raise DataError(
            f"{folder} holds something else than a half-finished training: choose another --out."
        )
    names = sorted(identity.keys() | theirs.keys())
    other = [name for name in names if identity.get(name) != theirs.get(name)]
    if other:
        raise DataError(
            f"The half-finished training in {folder} is of other {' and '.join(other)}: train as "
            "before to go on with it, pass --fresh to begin anew, or choose another --out."
        )
    return kept


def damaged(folder: Path) -> DataError:
    """The error that says that a half-finished training cannot be gone on with."""
    return DataError(
        f"The half-finished training in {folder} is damaged: pass --fresh to begin anew, or delete "
        "that folder."
    )


def epochs_kept(folder: Path) -> int:
    """How many epochs a half-finished training in a folder has; 0 where there is none to read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        return int(manifest["epoch"]) if manifest["model"] == KIND else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def forget(folder: Path) -> None:
    """Removes a work folder, if it is one."""
    if epochs_kept(folder):
        shutil.rmtree(folder)


def _arrays(tensors: Mapping[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}


def _copy(arrays: Mapping[str, NDArray[Any]], tensors: Mapping[str, torch.Tensor]) -> None:
    """Into tensors of the same names and shapes."""
    import torch

    if arrays.keys() != tensors.keys():
        raise ValueError("the names differ")
    with torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(torch.from_numpy(np.array(arrays[name])).reshape(tensor.shape))


def _state(
    moments: Mapping[str, NDArray[Any]],
    place: int,
    groups: list[dict[str, Any]],
    optimizer: torch.optim.Optimizer,
) -> dict[str, Any]:
    """The state of one optimizer as `torch.optim.Optimizer.load_state_dict` takes it."""
    import torch

    shapes = [p.shape for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in moments.items():
        where, row, name = key.split(".", 2)
        if int(where) == place:
            # A bundle keeps a single number as a row of one: `step` counts, the rest is shaped
            # like its parameter.
            shape = () if name == "step" else shapes[int(row)]
            state.setdefault(int(row), {})[name] = torch.from_numpy(np.array(value)).reshape(shape)
    # JSON turned pairs (Adam's betas) into lists.
    pairs = [
        {k: tuple(v) if isinstance(v, list) and k != "params" else v for k, v in group.items()}
        for group in groups
    ]
    return {"state": state, "param_groups": pairs}
