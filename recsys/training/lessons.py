"""The lessons of the second stage on disk, so that a training that was killed goes on.

Each group of people costs a fit of the first stage, which is most of a long training. What a group
taught is kept as a bundle in a folder of its own, and then the number of groups is, in the way of
`recsys.models.checkpoint`.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle, BundleError, save_bundle
from recsys.models.checkpoint import KIND, damaged, epochs_kept, half_finished
from recsys.training.second_stage import Examples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PART = "lessons"


class KeptLessons:
    """A work folder that belongs to one training.

    Attributes:
        groups: how many have taught.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        """Looks how far a training was.

        Args:
            folder: nothing else is kept in it; made when the first group has taught.
            identity: what the training is of, as in `Checkpoints`.

        Raises:
            DataError: what is kept is damaged, or belongs to another training.
        """
        self._folder = folder
        self._identity = json.loads(json.dumps(dict(identity)))
        half_finished(folder, self._identity)
        self.groups = epochs_kept(folder)

    def load(self, group: int) -> Examples:
        """What a group taught, counted from 0.

        Raises:
            DataError: it is damaged.
        """
        try:
            tensors = Bundle.load(self._of(group)).tensors(_PART)
            return Examples(**{field.name: tensors[field.name] for field in fields(Examples)})
        except (BundleError, KeyError) as error:
            raise damaged(self._folder) from error

    def save(self, group: int, lessons: Examples) -> None:
        """Keeps what a group taught; those before it are kept already."""
        tensors = {field.name: getattr(lessons, field.name) for field in fields(Examples)}
        save_bundle(self._of(group), {_PART: tensors}, {"model": _PART})
        self.groups = group + 1
        save_bundle(
            self._folder,
            {"groups": {"finished": np.arange(self.groups)}},
            {"model": KIND, "of": self._identity, "epoch": self.groups},
        )

    def _of(self, group: int) -> Path:
        return self._folder / f"group-{group + 1}"
