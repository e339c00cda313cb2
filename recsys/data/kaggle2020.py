"""Reads whole lists: `animelist.csv` of the 2020 set.

Kaggle `hernan4444/anime-recommendation-database-2020`: 109 million rows of 325,772 people, whose
numbers begin at 0. A rating of 0 says "not rated"; watching_status has MyAnimeList's numbers (1, 2,
3, 4 and 6) and, in a few rows, others, which are read as "not known". Its second file,
`rating_complete.csv`, has the columns of the 2016 set: see `recsys.data.kaggle2016`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.delimited import blocks
from recsys.data.rows import Rows

if TYPE_CHECKING:
    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

COLUMNS = ("user_id", "anime_id", "rating", "watching_status")


def read_lists(header: Header) -> tuple[Interactions, Cleaning]:
    """Reads `user_id, anime_id, rating, watching_status`, block by block.

    Raises:
        DataError: a line is wrong or the file is cut short; the message names the line.
    """
    rows = Rows()
    for batch in blocks(header, COLUMNS):
        rows.add(*(column.to_numpy(zero_copy_only=False) for column in batch.columns))
    return rows.table((header.path.stem,))
