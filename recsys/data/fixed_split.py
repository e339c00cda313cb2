"""Reads a fixed public split: `train_list.npy`, `valid_list.npy` and `test_list.npy`.

The form of Wang et al., *Diffusion Recommender Model* (SIGIR 2023, arXiv 2304.04971), whose clean
split of ML-1M is a common yardstick: each file an integer array [pairs, 2] of user and item, both
counted from 0, with nothing but ratings of 4 and 5 in it. The rows of a person are in the order in
which they rated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recsys.data.interactions import Cleaning, DataError, Interactions
from recsys.data.rows import Rows
from recsys.data.timeline import Timeline

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PARTS = ("train", "valid", "test")


class FixedSplit(NamedTuple):
    """Three tables over the same people and the same items, in the same positions.

    Attributes:
        train: what a model is told.
        valid: what settings are chosen by.
        test: what it must find.
        places: for each of them [entries] int32, the place of each entry in the file among those
            of its person, from 0.
    """

    train: Interactions
    valid: Interactions
    test: Interactions
    places: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]

    @property
    def in_order(self) -> Timeline:
        """The training part in the order of its rows."""
        return self.part_in_order("train")

    def part_in_order(self, name: str) -> Timeline:
        """One of `PARTS` in the order of its rows."""
        return Timeline(getattr(self, name), self.places[PARTS.index(name)])


def read_split(folder: Path) -> FixedSplit:
    """Reads the three files of a folder.

    Raises:
        DataError: a file is missing, cut short, or not pairs of whole numbers.
    """
    pairs = [_read_pairs(folder / f"{part}_list.npy") for part in PARTS]
    users, items = (int(max(part[:, side].max(initial=-1) for part in pairs)) for side in (0, 1))
    shape = (users + 1, items + 1)
    train, valid, test = (
        _table(part, f"{folder.name}-{name}", shape)
        for part, name in zip(pairs, PARTS, strict=True)
    )
    first, second, third = (
        _places(table, part) for table, part in zip((train, valid, test), pairs, strict=True)
    )
    return FixedSplit(train, valid, test, (first, second, third))


def _table(pairs: NDArray[np.integer], name: str, shape: tuple[int, int]) -> Interactions:
    """Pairs over all people and items."""
    rows = Rows(first_anime=0)
    rows.add(pairs[:, 0], pairs[:, 1])
    users, items = shape
    table, _ = rows.table(
        (name,), user_ids=np.arange(users), anime_ids=np.arange(items, dtype=np.int32)
    )
    return table


def _places(table: Interactions, pairs: NDArray[np.integer]) -> NDArray[np.int32]:
    """The places of the entries by the order of the rows; of a repeated pair the last counts."""
    rows = np.arange(len(pairs))
    return Timeline.of_rows(table, pairs[:, 0], pairs[:, 1], rows).places


def read_pairs(path: Path) -> tuple[Interactions, Cleaning]:
    """Reads one of the files by itself; nothing in it is rated.

    Raises:
        DataError: cut short, or not pairs of whole numbers.
    """
    pairs = _read_pairs(path)
    rows = Rows(first_anime=0)
    rows.add(pairs[:, 0], pairs[:, 1])
    return rows.table((path.stem,))


def _read_pairs(path: Path) -> NDArray[np.integer]:
    if not path.is_file():
        raise DataError(
            f"There is no {path.name} in {path.parent}. A split has "
            f"{', '.join(f'{part}_list.npy' for part in PARTS)}."
        )
    try:
        # Never pickle: a file from elsewhere must not run code.
        pairs = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "it ends too early"
        raise DataError(
            f"{path.name} is not a whole numpy file of numbers ({reason}). Fetch it again."
        ) from error
    if not isinstance(pairs, np.ndarray) or pairs.ndim != 2 or pairs.shape[1] != 2:
        shape = getattr(pairs, "shape", "several arrays")
        raise DataError(f"{path.name} holds {shape}; expected [pairs, 2], user and item.")
    if pairs.dtype.kind not in "iu":
        raise DataError(f"{path.name} holds {pairs.dtype}; expected whole numbers.")
    bad = np.flatnonzero((pairs < 0).any(axis=1))
    if len(bad):
        raise DataError(
            f"row {bad[0] + 1:,} of {path.name} is {pairs[bad[0]].tolist()}; expected a user and "
            "an item, both counted from 0."
        )
    return pairs
