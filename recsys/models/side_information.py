"""Facts about anime as columns for a network: what stands in for ratings where there are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.genres import principal_components
from recsys.models.item_facts import OTHER_TYPE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.item_facts import ItemFacts

SIDE = "side"
_COMPONENTS = 32


def side_information(facts: ItemFacts | None, n: int) -> NDArray[np.float32]:
    """Columns of mean 0 and standard deviation 1.

    Args:
        facts: of n anime; None where nothing is known.
        n: how many anime.

    Returns:
        float32 [n, columns]: principal components of the genres and tags, the type, year,
        episodes, mean score, members, and the place in the franchise. One column of zeros where
        nothing is known.
    """
    if facts is None:
        return np.zeros((n, 1), np.float32)
    labels = np.unpackbits(facts.labels, axis=1).astype(np.float32)
    # What nearly everything has says little: rarity weighs, as in `recsys.content`.
    rarity = np.log((1 + n) / (1 + labels.sum(axis=0)))
    columns = [
        principal_components(labels * rarity.astype(np.float32), _COMPONENTS),
        np.eye(OTHER_TYPE + 1, dtype=np.float32)[facts.type],
        np.column_stack(
            [
                facts.year,
                facts.episodes,
                facts.mean,
                facts.members,
                np.log1p(facts.order.clip(min=0).astype(np.float32)),
                facts.adult.astype(np.float32),
            ]
        ),
    ]
    wide = np.hstack(columns).astype(np.float64)  # a year has four digits before it differs
    # The first components say most: their spread is kept among themselves.
    spread = wide.std(axis=0)
    spread[: columns[0].shape[1]] = max(float(spread[: columns[0].shape[1]].max()), 1e-6)
    centred = (wide - wide.mean(axis=0)) / np.where(spread > 1e-6, spread, 1)
    return centred.astype(np.float32)
