"""Reads reviews and favourites: the 2020 set of profiles, anime and reviews.

Kaggle `marlesson/myanimelist-dataset-animes-profiles-reviews`:

- `reviews.csv` (uid, profile, anime_uid, text, score, scores, link): rows are repeated.
  The text is quoted and runs over many lines; `scores` is a dictionary written as text,
  of which `score` is the overall one.
- `profiles.csv` (profile, gender, birthday, favorites_anime, link): repeated rows too; the
  favourites are a list written as text: `['33352', '25013']`.
- `animes.csv`: facts, which come from the catalog here.

A person is known by a name in this set. Names are numbered in the order in which they appear, and
then forgotten; gender, birthday and texts are not read at all. A favourite counts as being on the
list, without a score.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.delimited import blocks
from recsys.data.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from recsys.data.delimited import Header
    from recsys.data.interactions import Cleaning, Interactions

REVIEWS = ("profile", "anime_uid", "score")
PROFILES = ("profile", "favorites_anime")


def read_reviews(
    reviews: Header | None, profiles: Header | None = None
) -> tuple[Interactions, Cleaning]:
    """Reads the scores of reviews, the favourites of profiles, or both together.

    Where somebody reviewed a favourite, the score of the review stands.

    Raises:
        DataError: a line is wrong or a file is cut short; the message names the line.
    """
    rows = Rows(first_user=1)
    numbers: dict[str, int] = {}
    if profiles is not None:
        for batch in blocks(profiles, (), PROFILES, long_texts=True):
            people = _numbered(batch.column(0), numbers)
            favourites = [re.findall(r"\d+", text or "") for text in batch.column(1).to_pylist()]
            rows.add(
                np.repeat(people, [len(ids) for ids in favourites]),
                np.array([float(anime_id) for ids in favourites for anime_id in ids]),
            )
    if reviews is not None:
        for batch in blocks(reviews, REVIEWS[1:], REVIEWS[:1], long_texts=True):
            anime, scores = (batch.column(i).to_numpy(zero_copy_only=False) for i in range(2))
            rows.add(_numbered(batch.column(2), numbers), anime, scores)
    source = reviews or profiles
    return rows.table(("" if source is None else source.path.stem,))


def _numbered(names: pa.Array, numbers: dict[str, int]) -> NDArray[np.int64]:
    """[rows] the number of each name, from 1; 0 where there is none."""
    encoded = names.dictionary_encode()
    local = [
        numbers.setdefault(name, len(numbers) + 1) if name else 0
        for name in encoded.dictionary.to_pylist()
    ]
    codes = encoded.indices.fill_null(len(local)).to_numpy(zero_copy_only=False)
    return np.array([*local, 0], np.int64)[codes]
