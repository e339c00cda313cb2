"""Reads RecBole's atomic files (`*.inter`), in which public benchmark sets are handed around.

Tab-separated; the first line names and types the fields: `user_id:token`, `item_id:token`,
`rating:float`, `timestamp:float` (https://recbole.io/docs/user_guide/data/atomic_files.html).
Users and items must be whole numbers, as in MovieLens. `read_inter` leaves times out, which no
model of anime can use; `read_in_order` orders each list by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.data.delimited import blocks, read_header
from recsys.data.interactions import DataError
from recsys.data.rows import Rows
from recsys.data.timeline import Timeline

if TYPE_CHECKING:
    from pathlib import Path

    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

_USER, _ITEM, _RATING = "user_id:token", "item_id:token", "rating:float"
_TIME = "timestamp:float"


def is_inter(header: Header) -> bool:
    """Whether the fields are typed as RecBole types them."""
    return any(name.endswith((":token", ":float")) for name in header.names)


def read_inter(header: Header) -> tuple[Interactions, Cleaning]:
    """Reads users, items and, where there are any, ratings (1 to 5 stay 1 to 5).

    Raises:
        DataError: a field is missing, or a line is wrong; the message names the line.
    """
    for name in (_USER, _ITEM):
        if name not in header:
            raise DataError(
                f"line 1 of {header.path.name}: expected the fields {_USER} and {_ITEM} but found "
                f"{', '.join(header.names)}. An .inter file says who met what."
            )
    wanted = (_USER, _ITEM, *((_RATING,) if _RATING in header else ()))
    rows = Rows(first_anime=0)
    for batch in blocks(header, wanted):
        rows.add(*(column.to_numpy(zero_copy_only=False) for column in batch.columns))
    return rows.table((header.path.stem,))


def read_in_order(path: Path) -> Timeline:
    """Everybody's list in the order of its times.

    Raises:
        DataError: not such a file, without times, or a line is wrong.
    """
    header = read_header(path)
    if not header.has(_USER, _ITEM, _TIME):
        raise DataError(
            f"line 1 of {path.name}: expected the fields {_USER}, {_ITEM} and {_TIME} but found "
            f"{', '.join(header.names)}. Without times there is no order."
        )
    rows = Rows(first_anime=0)
    parts = []
    for batch in blocks(header, (_USER, _ITEM, _TIME)):
        users, items, times = (c.to_numpy(zero_copy_only=False) for c in batch.columns)
        rows.add(users, items)
        parts.append(np.stack([users, items, times]).astype(np.float64))
    table, _ = rows.table((path.stem,))
    users, items, times = np.concatenate([np.empty((3, 0)), *parts], axis=1)
    return Timeline.of_rows(table, users, items, times)
