"""Reads `users-score-2023.csv`: scores with the names of people and anime beside their ids.

Kaggle `dbdmobile/myanimelist-dataset`: 24 million rows of some 270,000 people. Titles hold commas
and quotes, which is why the fields are quoted. Neither names nor titles are read. There is no
status: people may have scored what they are still watching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.delimited import blocks
from recsys.data.rows import Rows

if TYPE_CHECKING:
    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

COLUMNS = ("user_id", "Username", "anime_id", "Anime Title", "rating")
_NUMBERS = ("user_id", "anime_id", "rating")


def read_scores(header: Header) -> tuple[Interactions, Cleaning]:
    """Reads `user_id, anime_id, rating` out of the five columns, block by block.

    Raises:
        DataError: a line is wrong or the file is cut short; the message names the line.
    """
    rows = Rows()
    for batch in blocks(header, _NUMBERS, long_texts=True):
        rows.add(*(column.to_numpy(zero_copy_only=False) for column in batch.columns))
    return rows.table((header.path.stem,))
