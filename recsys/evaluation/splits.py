"""Who is tested, and what the model is told of them.

A person's place depends on their id and the seed alone, and an entry's on the two ids and the
seed. So a split does not move when a file is sorted otherwise or grows, and what a bundle was
trained on can be checked later from its manifest.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

# The samples whose lists are whole and whose scores are real. The others are capped, cut to
# popular titles, or rebuilt: a hidden entry of theirs would measure the sampling.
TESTED_SOURCES = ("mal-2016-a", "mal-2020-b", "mal-2022", "mal-2023", "mal-2024")
TESTED_ALONE = ("bangumi-2018",)

_TRAIN, _VALIDATION, _TEST = range(3)


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How people are divided.

    Attributes:
        seed: changes who is held out.
        test: share of the eligible people held out for the figures that are published.
        validation: share held out for tuning. The shipped bundle is trained on them too.
        min_entries: people with fewer entries are never tested, always trained on.
    """

    seed: int = 20
    test: float = 0.12
    validation: float = 0.12
    min_entries: int = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Masks [users] over one `Interactions`, disjoint, together everybody."""

    settings: SplitSettings
    train: NDArray[np.bool_]
    validation: NDArray[np.bool_]
    test: NDArray[np.bool_]
    test_fingerprint: str

    def describe(self) -> dict[str, object]:
        """What a manifest keeps, so that an evaluation can tell whom the bundle has not seen."""
        return {**asdict(self.settings), "test_fingerprint": self.test_fingerprint}


def split_users(lists: Interactions, settings: SplitSettings | None = None) -> Split:
    """Divides people into training, validation and test by a hash of their id.

    Args:
        lists: what was seen (`Interactions.seen`). Where no source has a name (a file without
            that column), everybody is eligible.
        settings: shares and seed.

    Returns:
        Masks over the people of `lists`.
    """
    settings = settings or SplitSettings()
    eligible = lists.lengths >= settings.min_entries
    tested = [i for i, s in enumerate(lists.sources) if s in TESTED_SOURCES + TESTED_ALONE]
    if tested:
        eligible &= np.isin(lists.source_of, tested)
    place = uniform_hash(settings.seed, lists.user_ids)
    test = eligible & (place < settings.test)
    validation = eligible & ~test & (place < settings.test + settings.validation)
    digest = hashlib.sha256(lists.user_ids[test].astype("<i8").tobytes())
    return Split(
        settings=settings,
        train=~(test | validation),
        validation=validation,
        test=test,
        test_fingerprint=digest.hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class Fold:
    """Some people's lists in two: what the model is told, and what it must find.

    Attributes:
        known: entries folded in.
        hidden: entries to be found. The same people, in the same order.
    """

    known: Interactions
    hidden: Interactions


def fold_in(
    lists: Interactions, *, seed: int, share: float = 0.8, known: int | None = None
) -> Fold:
    """Hides part of each list (Liang et al. 2018, section 4.2).

    Args:
        lists: the people to test, on the anime that the model knows.
        seed: changes which entries are hidden.
        share: of each list that is told, rounded up; the rest is hidden.
        known: tell exactly so many entries instead, and hide all the others.

    Returns:
        The two halves, of the people who have at least one entry in each.
    """
    users = lists.users
    order = uniform_hash(seed, lists.user_ids[users], lists.anime_ids[lists.items].astype(np.int64))
    by_user = np.lexsort((order, users))
    rank = np.empty(len(lists), np.int64)
    rank[by_user] = np.arange(len(lists)) - lists.indptr[users[by_user]]
    told = np.ceil(lists.lengths * share) if known is None else np.full(lists.n_users, known)
    is_known = rank < told[users]
    usable = (told >= 1) & (lists.lengths > told)
    return Fold(
        known=lists.where(is_known).of_users(usable),
        hidden=lists.where(~is_known).of_users(usable),
    )


def uniform_hash(seed: int, *ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers in [0, 1) that depend on the ids and the seed alone (SplitMix64's finaliser)."""
    state = np.full(len(ids[0]), seed, np.uint64)
    for part in ids:
        state = (state ^ part.astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) / 2**53
