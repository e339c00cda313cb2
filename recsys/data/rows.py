"""Collects the rows of a big file and sorts them into lists, in a bounded amount of memory.

A reader hands over one block of rows at a time; what is kept of a row is ten bytes. The sort packs
person, anime and place in the file into one 64-bit word a row and sorts those in place, which is
stable (of two equal pairs the later row counts) and needs no index array beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from recsys.data.interactions import Cleaning, Interactions
from recsys.profile import Status

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_Number = TypeVar("_Number", bound=np.number)

_BIGGEST_ID = np.iinfo(np.int32).max
_BLOCK = 1 << 20
_WORD_BITS = 63
# Ids up to here are looked up in a table (64 MB at most), beyond by bisection.
_TABLE = (1 << 24) - 1
# Those of a public list; "not interested" is said to this project's bot alone.
_STATUSES = np.array([int(status) for status in Status if status is not Status.NOT_INTERESTED])


class Rows:
    """Rows as they come: cleaned, narrowed, and at the end made into one table."""

    def __init__(self, *, first_user: int = 0, first_anime: int = 1) -> None:
        """Starts with no rows.

        Args:
            first_user: the smallest number of a person; some public sets count from 0.
            first_anime: the smallest id of an anime; MyAnimeList's begin at 1.
        """
        self._first_user = first_user
        self._first_anime = first_anime
        self._users: list[NDArray[np.int32]] = []
        self._anime: list[NDArray[np.int32]] = []
        self._scores: list[NDArray[np.int8]] = []
        self._statuses: list[NDArray[np.int8]] = []
        self._sources: list[NDArray[np.int8]] = []
        self._cleaning = Cleaning()

    def __len__(self) -> int:
        """How many rows were kept so far."""
        return sum(len(part) for part in self._users)

    def add(
        self,
        user_ids: ArrayLike,
        anime_ids: ArrayLike,
        scores: ArrayLike | None = None,
        statuses: ArrayLike | Status | None = None,
        source_codes: ArrayLike | None = None,
    ) -> None:
        """Cleans one block of rows and keeps it.

        Args:
            user_ids: [rows] whole numbers, or NaN.
            anime_ids: [rows] MyAnimeList ids, or NaN.
            scores: [rows] 1 to 10; 0, -1 and NaN say "not rated". Left out, nothing is rated.
            statuses: [rows] MyAnimeList's numbers, or one for all rows. Left out, none is known.
            source_codes: [rows] positions in the sources given to `table`: with every block, or
                with none.
        """
        users, anime = np.asarray(user_ids), np.asarray(anime_ids)
        kept = _is_id(users, self._first_user) & _is_id(anime, self._first_anime)
        score = np.zeros(len(users)) if scores is None else np.asarray(scores)
        rated = (score >= 1) & (score <= 10) & (score == np.floor(score))
        unrated = (score == 0) | (score == -1) | np.isnan(score)
        if statuses is None or isinstance(statuses, Status):
            status = np.full(len(users), Status.UNKNOWN if statuses is None else statuses)
        else:
            status = np.asarray(statuses)
        known = np.isin(status, _STATUSES)
        self._users.append(users[kept].astype(np.int32))
        self._anime.append(anime[kept].astype(np.int32))
        self._scores.append(np.where(rated, score, 0)[kept].astype(np.int8))
        self._statuses.append(np.where(known, status, Status.UNKNOWN)[kept].astype(np.int8))
        if source_codes is not None:
            self._sources.append(np.asarray(source_codes)[kept].astype(np.int8))
        self._cleaning += Cleaning(
            rows=len(users),
            without_ids=int(len(users) - kept.sum()),
            bad_scores=int(len(users) - (rated | unrated).sum()),
            bad_statuses=int(len(users) - (known | np.isnan(status)).sum()),
        )

    def table(
        self,
        sources: tuple[str, ...] = ("",),
        *,
        user_ids: NDArray[np.int64] | None = None,
        anime_ids: NDArray[np.int32] | None = None,
    ) -> tuple[Interactions, Cleaning]:
        """Sorts the rows into lists; they are used up by it.

        At its peak it holds 22 bytes a row: ten of the columns, eight of the order, and four of a
        column being put into it.

        Args:
            sources: names of the samples; a person belongs to that of their first entry.
            user_ids: [users] ascending; people to have, with or without rows. Left out, those
                with rows.
            anime_ids: [anime] ascending; the same for anime.

        Returns:
            The table, and what was cleaned.

        Raises:
            ValueError: a row is of a person or an anime that is not among those given.
        """
        if user_ids is None:
            user_ids = _distinct(self._users).astype(np.int64)
        if anime_ids is None:
            anime_ids = _distinct(self._anime)
        # One column after the other, each let go as soon as its successor is there.
        users = _places(user_ids, _joined(self._users, np.int32))
        anime = _places(anime_ids, _joined(self._anime, np.int32))
        order = _order(users, anime, len(user_ids), len(anime_ids))
        users = users[order]
        anime = anime[order]
        scores = _joined(self._scores, np.int8)[order]
        statuses = _joined(self._statuses, np.int8)[order]
        source = _joined(self._sources, np.int8)[order] if self._sources else None
        del order
        last = np.ones(len(users), bool)
        np.not_equal(users[1:], users[:-1], out=last[:-1])
        last[:-1] |= anime[1:] != anime[:-1]
        repeated = len(last) - int(last.sum())
        if repeated:
            users = users[last]
            anime = anime[last]
            scores = scores[last]
            statuses = statuses[last]
            source = None if source is None else source[last]
        # bincount would copy all rows to 64 bits.
        indptr = np.searchsorted(users, np.arange(len(user_ids) + 1, dtype=np.int32))
        source_of = np.zeros(len(user_ids), np.int8)
        if source is not None:
            listed = np.diff(indptr) > 0
            source_of[listed] = source[indptr[:-1][listed]]
        table = Interactions(
            user_ids=user_ids,
            anime_ids=anime_ids,
            indptr=indptr,
            items=anime,
            scores=scores,
            statuses=statuses,
            source_of=source_of,
            sources=sources,
        )
        return table, self._cleaning + Cleaning(duplicates=repeated)


def _is_id(values: NDArray[np.number], first: int) -> NDArray[np.bool_]:
    """Where there is a whole number from `first` that 32 bits hold."""
    inside = (values >= first) & (values <= _BIGGEST_ID)
    if values.dtype.kind == "f":
        inside &= values == np.floor(values)
    return inside


def _joined(parts: list[NDArray[_Number]], dtype: type[_Number]) -> NDArray[_Number]:
    """One array of all parts, which are let go one by one as they are copied."""
    joined = np.empty(sum(len(part) for part in parts), dtype)
    end = len(joined)
    while parts:
        part = parts.pop()
        joined[end - len(part) : end] = part
        end -= len(part)
    return joined


def _distinct(parts: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """The ids that occur, ascending."""
    biggest = max((int(part.max()) for part in parts if len(part)), default=-1)
    if biggest > _TABLE:
        return np.unique(np.concatenate([np.unique(part) for part in parts]))
    seen = np.zeros(biggest + 1, bool)
    for part in parts:
        seen[part] = True
    return np.flatnonzero(seen).astype(np.int32)


def _places(ids: NDArray[np.integer], values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Replaces values by their positions in ids (ascending), in place.

    Raises:
        ValueError: a value is not among the ids.
    """
    narrow = ids.astype(np.int32)
    table = None
    if len(narrow) and narrow[-1] <= _TABLE:
        table = np.zeros(narrow[-1] + 1, np.int32)
        table[narrow] = np.arange(len(narrow), dtype=np.int32)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        place = np.searchsorted(narrow, block) if table is None else table.take(block, mode="clip")
        place = np.minimum(place, len(narrow) - 1)
        if not len(narrow) or (narrow[place] != block).any():
            raise ValueError(f"a row has an id that is not among the {len(narrow):,} given")
        values[start : start + _BLOCK] = place
    return values


def _order(
    users: NDArray[np.int32], anime: NDArray[np.int32], n_users: int, n_anime: int
) -> NDArray[np.int64]:
    """[rows] the order by person, then anime, then place in the file."""
    count = len(users)
    row_bits, anime_bits = count.bit_length(), n_anime.bit_length()
    if row_bits + anime_bits + n_users.bit_length() > _WORD_BITS:
        # Billions of rows, or ids without end: the words would not fit.
        return np.lexsort((anime, users))
    words = users.astype(np.int64)
    words <<= anime_bits
    words |= anime
    words <<= row_bits
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        words[start:end] |= np.arange(start, end)
    words.sort()
    words &= (1 << row_bits) - 1
    # Left at 64 bits: numpy would widen narrower positions again at every use.
    return words
