"""The one table that every reader fills and every model is trained on.

Lists are kept person by person (compressed sparse rows), with the narrowest integers that hold
them: four million entries take about 25 MB.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from recsys.profile import Status

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class DataError(Exception):
    """Ratings that cannot be used; the message tells the person what to do."""


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What was wrong with the rows of a file, counted.

    Attributes:
        rows: rows read.
        without_ids: rows left out, for their person or their anime has no positive whole number.
        duplicates: rows left out, for a later row says the same person has the same anime.
        bad_scores: scores read as "not rated": not a whole number from 1 to 10. Zero, minus one
            and an empty field are how public files say "not rated", and are not counted.
        bad_statuses: statuses read as "not known": none of MyAnimeList's.
    """

    rows: int = 0
    without_ids: int = 0
    duplicates: int = 0
    bad_scores: int = 0
    bad_statuses: int = 0

    def __add__(self, other: Cleaning) -> Cleaning:
        """The counts of two parts of one file."""
        return Cleaning(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __str__(self) -> str:
        """One sentence; what did not happen is not mentioned."""
        parts = [
            (self.without_ids, "without a usable person or anime left out"),
            (self.duplicates, "repeated left out (the last one counts)"),
            (self.bad_scores, "with a score outside 1 to 10 read as not rated"),
            (self.bad_statuses, "with an unknown status read as such"),
        ]
        said = [f"{count:,} {what}" for count, what in parts if count]
        return f"{self.rows:,} rows read" + (": " + ", ".join(said) if said else "") + "."


@dataclass(frozen=True, slots=True)
class Interactions:
    """Everybody's lists, people and anime in the order of their ids.

    Attributes:
        user_ids: [users] int64, ascending.
        anime_ids: [anime] int32, MyAnimeList ids, ascending.
        indptr: [users + 1] int64; the list of person u lies at indptr[u]:indptr[u + 1].
        items: [entries] int32, positions in anime_ids, ascending within a list.
        scores: [entries] int8, 1 to 10, or 0 where the person did not rate it.
        statuses: [entries] int8, the numbers of `recsys.profile.Status`.
        source_of: [users] int8, positions in sources.
        sources: names of the samples that were put together.
    """

    user_ids: NDArray[np.int64]
    anime_ids: NDArray[np.int32]
    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.int8]
    statuses: NDArray[np.int8]
    source_of: NDArray[np.int8]
    sources: tuple[str, ...]

    @classmethod
    def from_columns(
        cls,
        user_ids: ArrayLike,
        anime_ids: ArrayLike,
        scores: ArrayLike,
        statuses: ArrayLike | None = None,
        source_codes: ArrayLike | None = None,
        sources: tuple[str, ...] = ("",),
    ) -> tuple[Interactions, Cleaning]:
        """Cleans columns of equal length and sorts them into lists.

        Args:
            user_ids: [rows] whole numbers from 1, or NaN.
            anime_ids: [rows] MyAnimeList ids, or NaN.
            scores: [rows] 1 to 10; 0, -1 and NaN say "not rated".
            statuses: [rows] MyAnimeList's numbers; left out, none is known.
            source_codes: [rows] positions in sources; a person belongs to that of their first row.
            sources: names of the samples.

        Returns:
            The table, and what was cleaned.
        """
        from recsys.data.rows import Rows

        rows = Rows(first_user=1)
        rows.add(user_ids, anime_ids, scores, statuses, source_codes)
        return rows.table(sources)

    def __len__(self) -> int:
        """How many entries."""
        return len(self.items)

    @property
    def n_users(self) -> int:
        """How many people."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """How many anime."""
        return len(self.anime_ids)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """[users] entries of each person."""
        return np.diff(self.indptr)

    @property
    def users(self) -> NDArray[np.int32]:
        """[entries] position of each entry's person."""
        return np.repeat(np.arange(self.n_users, dtype=np.int32), self.lengths)

    @property
    def fingerprint(self) -> str:
        """Sha256 over everything that training can see, as hexadecimal digits."""
        digest = hashlib.sha256()
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, tuple):
                digest.update("\0".join(value).encode())
            else:
                little = value.astype(value.dtype.newbyteorder("<"), copy=False)
                digest.update(np.ascontiguousarray(little).data)
        return digest.hexdigest()

    def where(self, kept: NDArray[np.bool_]) -> Interactions:
        """The entries of a mask [entries]; people and anime keep their positions."""
        counts = np.bincount(self.users[kept], minlength=self.n_users)
        return Interactions(
            user_ids=self.user_ids,
            anime_ids=self.anime_ids,
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            items=self.items[kept],
            scores=self.scores[kept],
            statuses=self.statuses[kept],
            source_of=self.source_of,
            sources=self.sources,
        )

    def seen(self) -> Interactions:
        """Less what is only planned: rated, or with any other status, unknown ones included."""
        return self.where((self.statuses != Status.PLANNED) | (self.scores > 0))

    def of_users(self, kept: NDArray[np.bool_]) -> Interactions:
        """The lists of some people (mask [users]), who move up; anime keep their positions."""
        part = self.where(np.repeat(kept, self.lengths))
        return Interactions(
            user_ids=part.user_ids[kept],
            anime_ids=part.anime_ids,
            indptr=np.concatenate([[0], np.cumsum(part.lengths[kept])]).astype(np.int64),
            items=part.items,
            scores=part.scores,
            statuses=part.statuses,
            source_of=part.source_of[kept],
            sources=part.sources,
        )

    def on_anime(self, anime_ids: NDArray[np.integer]) -> Interactions:
        """The same people on the given anime only (ids, ascending), which become the columns."""
        place = np.searchsorted(anime_ids, self.anime_ids).clip(max=max(len(anime_ids) - 1, 0))
        known = (
            anime_ids[place] == self.anime_ids if len(anime_ids) else np.zeros(self.n_items, bool)
        )
        part = self.where(known[self.items])
        return Interactions(
            user_ids=part.user_ids,
            anime_ids=anime_ids.astype(np.int32),
            indptr=part.indptr,
            items=place[part.items].astype(np.int32),
            scores=part.scores,
            statuses=part.statuses,
            source_of=part.source_of,
            sources=part.sources,
        )

    def common(self, at_least: int) -> Interactions:
        """Only anime on at least so many lists, renumbered."""
        popularity = np.bincount(self.items, minlength=self.n_items)
        return self.on_anime(self.anime_ids[popularity >= at_least])
