"""Reads ratings of three columns: the 2016 set, and the completed ratings of the 2020 set.

- Kaggle `CooperUnion/anime-recommendations-database`, `rating.csv`: 7.8 million rows of 73,516
  people; -1 says "watched, not rated".
- Kaggle `hernan4444/anime-recommendation-database-2020`, `rating_complete.csv` (57 million rows of
  310,059 people, whose numbers begin at 0), and its copy `user-filtered.csv` in the 2023 set.

Both hold only what people completed, so that is the status of every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.delimited import blocks
from recsys.data.rows import Rows
from recsys.profile import Status

if TYPE_CHECKING:
    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

COLUMNS = ("user_id", "anime_id", "rating")


def read_completed(header: Header) -> tuple[Interactions, Cleaning]:
    """Reads `user_id, anime_id, rating`, block by block.

    Raises:
        DataError: a line is wrong or the file is cut short; the message names the line.
    """
    rows = Rows()
    for batch in blocks(header, COLUMNS):
        users, anime, scores = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        rows.add(users, anime, scores, Status.COMPLETED)
    return rows.table((header.path.stem,))
