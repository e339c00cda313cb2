"""Ordered genres as numbers: the weighted one-hot of the embedding network, reduced by PCA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recsys.catalog import Catalog


def weighted_one_hot(genres: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """A column a genre; the first genre of an anime weighs most, each later one 1 less.

    The first weighs as much as the longest list is long, so the last of the longest weighs 1.

    Args:
        genres: of n anime, most telling first.

    Returns:
        float32 [n, genres], the columns in the order of the names.
    """
    names = sorted({name for own in genres for name in own})
    column = {name: place for place, name in enumerate(names)}
    longest = max((len(own) for own in genres), default=0)
    result = np.zeros((len(genres), len(names)), np.float32)
    for row, own in enumerate(genres):
        for place, name in enumerate(own):
            result[row, column[name]] += longest - place
    return result


def principal_components(rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Rows in the coordinates of their largest variance, float32 [n, min(count, n, columns)]."""
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    count = min(count, len(values))
    # The sign of a component is arbitrary: its largest weight is made positive.
    largest = np.abs(right[:count]).argmax(axis=1)
    signs = np.sign(right[np.arange(count), largest])
    return (left[:, :count] * values[:count] * np.where(signs == 0, 1, signs)).astype(np.float32)


def facts(catalog: Catalog, anime_ids: NDArray[np.integer], genres: int) -> NDArray[np.float32]:
    """What the catalog knows of some anime, each column between 0 and 1.

    Args:
        catalog: the facts. An anime that it lacks has no genre and the mean of every number.
        anime_ids: [n] MyAnimeList ids.
        genres: how many principal components of the ordered genres.

    Returns:
        float32 [n, genres + 3]: the components, then episodes, mean score and members. Fewer
        components where there are fewer genres or anime.
    """
    entries = [catalog.get(int(anime_id)) for anime_id in anime_ids]
    hot = weighted_one_hot([entry.genres if entry else () for entry in entries])
    unknown = (None, None, None)
    numbers = np.array(
        [(e.episodes, e.mean, e.members) if e else unknown for e in entries], np.float64
    )
    known = np.isfinite(numbers)
    means = np.where(known, numbers, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    numbers = np.where(known, numbers, means)
    columns = np.hstack([principal_components(hot, genres), numbers])
    low, high = columns.min(axis=0), columns.max(axis=0)
    return ((columns - low) / np.where(high > low, high - low, 1)).astype(np.float32)
