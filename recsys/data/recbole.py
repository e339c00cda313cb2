"""Reads RecBole's atomic files (`*.inter`), in which public benchmark sets are handed around.

Tab-separated; the first line names and types the fields: `user_id:token`, `item_id:token`,
`rating:float`, `timestamp:float` (https://recbole.io/docs/user_guide/data/atomic_files.html).
Users and items must be whole numbers, as in MovieLens; times are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.delimited import blocks
from recsys.data.interactions import DataError
from recsys.data.rows import Rows

if TYPE_CHECKING:
    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

_USER, _ITEM, _RATING = "user_id:token", "item_id:token", "rating:float"


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
