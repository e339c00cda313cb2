"""Reads a wide matrix: one row a person, one column an anime, as RikoNet's `inputFormater.csv`.

The column of an anime is named by its MyAnimeList id. The first columns are about the person
(Gender, and Category2 to Category5 or Age_category); they are not read. Zero and an empty field say
"not on the list". People have no numbers in such a file; they are numbered by their rows, from 1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.delimited import blocks
from recsys.data.interactions import Cleaning, DataError
from recsys.data.rows import Rows

if TYPE_CHECKING:
    from recsys.data.delimited import Header
    from recsys.data.interactions import Interactions

_ANIME = re.compile(r"[1-9]\d{0,8}")
# An empty name and "Unnamed: 0" are what pandas calls a row's number.
_PERSON = re.compile(r"Gender|Age|Age_category|Category\d+|user_id|Unnamed: 0|", re.IGNORECASE)

# At 7,000 anime this many rows take 14 MB as float64.
_PEOPLE = 256


def is_wide(header: Header) -> bool:
    """Whether columns are named by numbers: most of them, or all that are not about the person."""
    anime = sum(_ANIME.fullmatch(name) is not None for name in header.names)
    person = sum(_PERSON.fullmatch(name) is not None for name in header.names)
    return anime > 0 and (anime * 2 > len(header.names) or anime + person == len(header.names))


def read_wide(header: Header) -> tuple[Interactions, Cleaning]:
    """Reads a wide matrix, a block of people at a time.

    Raises:
        DataError: a column that is neither an anime nor about the person, or a line is wrong; the
            message names the line.
    """
    names = [name for name in header.names if _ANIME.fullmatch(name)]
    for place, name in enumerate(header.names, 1):
        if not _ANIME.fullmatch(name) and not _PERSON.fullmatch(name):
            raise DataError(
                f"line 1 of {header.path.name}: column {place:,} is named {name!r}; expected the "
                "MyAnimeList id of an anime, or Gender, Category2 to Category5 or Age_category."
            )
    anime_ids = np.array([int(name) for name in names])
    rows = Rows(first_user=1)
    people = 0
    for batch in blocks(header, names, gaps=True):
        for start in range(0, batch.num_rows, _PEOPLE):
            part = batch.slice(start, _PEOPLE)
            matrix = np.column_stack(
                [column.to_numpy(zero_copy_only=False) for column in part.columns]
            )
            person, column = np.nonzero(np.nan_to_num(matrix))
            rows.add(people + person + 1, anime_ids[column], matrix[person, column])
            people += part.num_rows
    return rows.table((header.path.stem,))
