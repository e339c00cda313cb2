"""Which part of everybody's lists the rating models train on, as parallel columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import DataError, Interactions
from recsys.profile import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A score up to this is a bad end, whatever the status.
BAD_SCORE = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Rated entries, parted into those trained on and those held out.

    Attributes:
        lists: the entries, on the anime and people that are left; every one is rated.
        users: int64 [entries].
        items: int64 [entries].
        scores: float32 [entries], 1 to 10.
        labels: float32 [entries], 1 for completed and liked, 0 for dropped or a score up to 5.
        held_out: bool [entries], kept from training to measure the error.
    """

    lists: Interactions
    users: NDArray[np.int64]
    items: NDArray[np.int64]
    scores: NDArray[np.float32]
    labels: NDArray[np.float32]
    held_out: NDArray[np.bool_]

    @classmethod
    def rated(cls, lists: Interactions, *, held_out: float, seed: int) -> Rows:
        """The rated entries.

        Args:
            lists: everybody's lists.
            held_out: share of the rows kept from training; at least one row stays in each part.
            seed: decides which.

        Raises:
            DataError: fewer than two ratings.
        """
        left = lists.where(lists.scores > 0)
        left = left.of_users(left.lengths > 0).common(1)
        count = len(left)
        if count < 2:
            raise DataError(
                "There are fewer than two rated entries to learn from. This model needs scores "
                "from 1 to 10: pass a file with some, or pick a model that needs none."
            )
        aside = min(max(round(count * held_out), 1), count - 1)
        mask = np.zeros(count, bool)
        mask[np.random.default_rng(seed).choice(count, aside, replace=False)] = True
        return cls(
            lists=left,
            users=left.users.astype(np.int64),
            items=left.items.astype(np.int64),
            scores=left.scores.astype(np.float32),
            labels=interaction_labels(left.scores, left.statuses),
            held_out=mask,
        )


def interaction_labels(
    scores: NDArray[np.integer], statuses: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Good ends, bad ends and neither, as the fourth seed labels them.

    A score up to 5 is a bad end whatever the status; otherwise completed is a good one and
    dropped a bad one. Watching, on hold and planned are neither. Most public files leave the
    status out and list what was finished: a rated entry of unknown status counts as completed.

    Args:
        scores: [entries], 0 where not rated.
        statuses: [entries], numbers of `recsys.profile.Status`.

    Returns:
        float32 [entries]: 1, 0, or NaN for neither.
    """
    rated = scores > 0
    completed = (statuses == Status.COMPLETED) | (rated & (statuses == Status.UNKNOWN))
    ended = completed | (statuses == Status.DROPPED)
    good = completed & ~(rated & (scores <= BAD_SCORE))
    return np.where(ended, good, np.nan).astype(np.float32)


def busiest(lists: Interactions, users: int | None, anime: int | None) -> Interactions:
    """The entries of the people with the longest lists on the most listed anime.

    Both are ranked on the whole table, ties by position, as the second seed does.

    Args:
        lists: everybody's lists.
        users: how many people; None for all.
        anime: how many anime; None for all.
    """
    popularity = np.bincount(lists.items, minlength=lists.n_items)
    kept_users = _largest(lists.lengths, users)
    kept_anime = _largest(popularity, anime)
    part = lists.of_users(kept_users).on_anime(lists.anime_ids[kept_anime])
    return part.of_users(part.lengths > 0)


def _largest(counts: NDArray[np.integer], most: int | None) -> NDArray[np.bool_]:
    """Mask of the `most` largest, ties by position."""
    kept = np.zeros(len(counts), bool)
    kept[np.argsort(-counts, kind="stable")[:most]] = True
    return kept
