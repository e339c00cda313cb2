"""A made-up ratings file of any size, with the shape of the big public sets and a taste to learn.

The 2020 set has 310,000 people, 17,000 anime and 57,633,278 ratings. What makes such a file hard is
not its length alone: a few anime are on most lists, a few lists hold thousands, and the cost of
co-occurrence grows with the *square* of a list. So the popularity of anime falls by a power law,
list lengths are log-normal, and whom an anime is for is decided by a few latent directions. Nobody
in it exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FULL_USERS, FULL_ANIME, FULL_ROWS = 310_000, 17_000, 57_633_278
_USERS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """What a made-up file looks like. The defaults are those of the 2020 set.

    Attributes:
        rows: about how many ratings.
        users: people.
        anime: anime; all have an id, few are on few lists.
        spread: standard deviation of the logarithm of a list's length.
        fame: exponent of popularity: the r-th most popular anime weighs (r + 20)^−fame.
        directions: of taste.
        sharpness: how much taste decides beside fame; 0 makes everybody alike.
        seed: of everything.
    """

    rows: int = FULL_ROWS
    users: int = FULL_USERS
    anime: int = FULL_ANIME
    spread: float = 1.2
    fame: float = 1.1
    directions: int = 12
    sharpness: float = 1.2
    seed: int = 20

    @classmethod
    def of_rows(cls, rows: int) -> Shape:
        """The shape of the 2020 set with fewer people: the same anime, and lists as long."""
        return cls(rows=rows, users=max(round(FULL_USERS * rows / FULL_ROWS), 1))


def blocks(
    shape: Shape,
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]]:
    """Columns of some people at a time: user ids from 0, anime ids from 1, scores 1 to 10.

    Each person draws without replacement from all anime, with odds fame · exp(taste), by the
    exponential race of Efraimidis and Spirakis 2006 ("Weighted random sampling with a
    reservoir"): the k smallest of Exp(1) / odds.
    """
    random = np.random.default_rng(shape.seed)
    anime = shape.anime
    fame = -shape.fame * np.log(np.arange(anime) + 20.0)
    places = random.standard_normal((shape.directions, anime)).astype(np.float32)
    quality = random.normal(0.0, 0.5, anime).astype(np.float32)
    # Ids in no order of fame, as on any site.
    ids = random.permutation(anime).astype(np.int32) + 1
    for start in range(0, shape.users, _USERS_AT_ONCE):
        count = min(_USERS_AT_ONCE, shape.users - start)
        lengths = _lengths(random, shape, count)
        tastes = random.standard_normal((count, shape.directions), dtype=np.float32)
        fit = tastes @ places
        fit /= np.float32(np.sqrt(shape.directions))
        races = random.standard_exponential((count, anime), dtype=np.float32)
        races *= np.exp(-shape.sharpness * fit - fame[None, :].astype(np.float32))
        own = random.normal(7.4, 0.9, count)
        users, chosen, scores = [], [], []
        for row, length in enumerate(lengths.tolist()):
            those = np.argpartition(races[row], length - 1)[:length]
            liking = own[row] + quality[those] + 0.5 * fit[row, those]
            rated = np.rint(liking + random.normal(0.0, 0.9, length))
            users.append(np.full(length, start + row, np.int32))
            chosen.append(ids[those])
            scores.append(np.clip(rated, 1, 10).astype(np.int8))
        yield np.concatenate(users), np.concatenate(chosen), np.concatenate(scores)


def write_ratings(path: Path, shape: Shape, progress: Callable[[int], object] | None = None) -> int:
    """Writes a file in the form of the 2020 set's rating_complete.csv, block by block.

    Args:
        path: of the file, which is written over.
        shape: of what is made up.
        progress: called with the number of people just written.

    Returns:
        How many ratings were written.
    """
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    schema = pa.schema([("user_id", pa.int32()), ("anime_id", pa.int32()), ("rating", pa.int8())])
    rows = 0
    with arrow_csv.CSVWriter(path, schema) as file:
        for users, anime, scores in blocks(shape):
            file.write_batch(pa.record_batch([users, anime, scores], schema=schema))
            rows += len(users)
            if progress is not None:
                progress(min(_USERS_AT_ONCE, shape.users))
    return rows


def _lengths(random: np.random.Generator, shape: Shape, count: int) -> NDArray[np.int64]:
    """Log-normal list lengths of the wanted mean, none longer than half of all anime."""
    mean = shape.rows / shape.users
    drawn = random.lognormal(np.log(mean) - shape.spread**2 / 2, shape.spread, count)
    return np.clip(np.rint(drawn), 1, max(shape.anime // 2, 1)).astype(np.int64)
