"""What an anime is, as a vector: how titles without ratings join the others.

The linear model knows only anime that enough people have. An anime that is too new or too rare
is placed by its genres, tags, studios, type, source and year. `extend` carries any score of the
known anime over to the unknown ones by regressing it on the similarity of content: what the score
is expected to be given how alike the content is. That is the least-squares form of the content
mapping in Gantner et al. 2010, "Learning Attribute-to-Feature Mappings for Cold-Start
Recommendations", section IV, fitted a query instead of once.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recsys.csr import ShortRows, SparseRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from recsys.catalog import Anime

# How much a shared feature of each kind says, beside its rarity. A shared studio says less about
# what an anime is like than a shared genre, and nearly everything is a TV series of some decade.
_WEIGHTS = {"genre": 1.0, "tag": 1.0, "studio": 0.6, "type": 0.35, "year": 0.35}
_YEARS_PER_BUCKET = 4
# One known anime in so many is enough to see how scores depend on content.
_SAMPLED = 4


class Content:
    """Unit content vectors of n anime, float32 [n, features]."""

    def __init__(self, anime: Sequence[Anime]) -> None:
        vocabulary: dict[tuple[str, str], int] = {}
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for row, entry in enumerate(anime):
            for kind, name, amount in _features(entry):
                rows.append(row)
                columns.append(vocabulary.setdefault((kind, name), len(vocabulary)))
                values.append(amount * _WEIGHTS[kind])
        shape = (len(anime), max(len(vocabulary), 1))
        matrix = SparseRows.from_entries(
            np.array(rows, np.intp), np.array(columns, np.intp), np.array(values, np.float32), shape
        )
        of_row = matrix.of_entry
        frequency = np.bincount(matrix.indices, minlength=shape[1])
        rarity = np.log((1 + len(anime)) / (1 + frequency))
        data = matrix.data * rarity[matrix.indices]
        norms = np.sqrt(np.bincount(of_row, data**2, minlength=shape[0]))
        norms[norms == 0] = 1  # a feature that everything has says nothing
        matrix.data = (data / norms[of_row]).astype(np.float32)
        self.vectors = matrix
        self._short = ShortRows(matrix)
        self._count = len(anime)

    def __len__(self) -> int:
        """How many anime."""
        return self._count

    def similarity(
        self, rows: Sequence[int] | NDArray[np.intp], weights: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Weighted sum of cosines between some anime and all, float32 [n].

        Args:
            rows: the anime compared, one row each; empty gives zeros.
            weights: float32 [len(rows)]; ones when not given.
        """
        if not len(rows):
            return np.zeros(self._count, dtype=np.float32)
        if weights is None:
            weights = np.ones(len(rows), dtype=np.float32)
        direction = self.direction(np.asarray(rows, dtype=np.intp), weights)
        return np.asarray(self.vectors @ direction, dtype=np.float32)

    def direction(
        self, rows: NDArray[np.intp], weights: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Weighted sum of the vectors of some anime, float32 [features]."""
        return self._short.row_sum(rows, weights)

    def cosines(self, rows: NDArray[np.intp], target: int) -> NDArray[np.float32]:
        """Cosine between each of some anime and one, float32 [len(rows)]."""
        direction = self.dense(np.array([target], np.intp))[0]
        return self.dense(rows) @ direction

    def dense(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors of some anime with their zeros, float32 [len(rows), features]."""
        return self._short.dense(rows)


def extend(
    scores: NDArray[np.float32], known: NDArray[np.intp], similarity: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Carry scores of the known anime over to all by regressing them on content similarity.

    Args:
        scores: float32 [len(known)], the scores of the known anime.
        known: intp [len(known)], their rows among all n.
        similarity: float32 [n], content similarity of all n to the query.

    Returns:
        float32 [n]: the known keep their own score, the others get the regression's value. With
        nothing known, the similarity itself.
    """
    if not len(known):
        return similarity
    mean, slope = _line(similarity[known], scores)
    result = (scores.mean() + slope * (similarity - mean)).astype(np.float32)
    result[known] = scores
    return result


class Carrier:
    """`extend` for one set of known anime, in a fraction of the time.

    The regression is fitted on a part of the known anime, and the unknown ones are compared to
    the query only where their scores are asked for.

    Attributes:
        sampled: which of the known anime it is fitted on.
    """

    def __init__(self, content: Content, known: NDArray[np.intp]) -> None:
        """Takes the content of all n anime, and intp [known], which of them have scores."""
        self.sampled = slice(None, None, _SAMPLED)
        self._content = content
        self._known = known
        self._unknown = np.setdiff1d(np.arange(len(content)), known)
        self._sample = content.vectors[known[self.sampled]]
        self._others = content.vectors[self._unknown]

    def query(self, rows: NDArray[np.intp], weights: NDArray[np.float32]) -> Query:
        """How alike some anime are to all others, for the methods below.

        Args:
            rows: intp [m], the anime compared.
            weights: float32 [m], of each.
        """
        return Query(self._content.direction(rows, weights), self._sample, self._others)

    def carry(self, scores: NDArray[np.float32], query: Query) -> NDArray[np.float32]:
        """Scores of all n anime, float32 [n].

        Args:
            scores: float32 [known].
            query: see `query`.
        """
        slope, offset = self._fitted(np.ascontiguousarray(scores[self.sampled]), query)
        result = np.empty(len(self._known) + len(self._unknown), np.float32)
        result[self._known] = scores
        result[self._unknown] = np.float32(slope) * query.of_others + np.float32(offset)
        return result

    def most(self, sampled: NDArray[np.float32], query: Query) -> float:
        """What `carry` gives no unknown anime more than.

        Args:
            sampled: float32, the scores of `sampled`.
            query: see `query`.
        """
        slope, offset = self._fitted(sampled, query)
        # Vectors have length 1, so none is more like the query than the query is long.
        return slope * query.length + offset

    def _fitted(self, sampled: NDArray[np.float32], query: Query) -> tuple[float, float]:
        """Slope and offset of scores on similarity."""
        if not len(sampled):
            return 1.0, 0.0
        mean, slope = _line(query.of_sample, sampled)
        return slope, float(sampled.sum()) / len(sampled) - slope * mean


class Query:
    """Similarities of content to one query, each worked out when it is first asked for."""

    def __init__(
        self, direction: NDArray[np.float32], sample: SparseRows, others: SparseRows
    ) -> None:
        """Takes the query's vector, and those of the anime that it is compared with."""
        self._direction = direction
        self._sample = sample
        self._others = others

    @property
    def length(self) -> float:
        """Of the query's vector."""
        return math.sqrt(float(self._direction @ self._direction))

    @cached_property
    def of_sample(self) -> NDArray[np.float32]:
        """To the known anime that a regression is fitted on."""
        return self._sample @ self._direction

    @cached_property
    def of_others(self) -> NDArray[np.float32]:
        """To the unknown anime."""
        return self._others @ self._direction


def _line(s: NDArray[np.float32], scores: NDArray[np.float32]) -> tuple[float, float]:
    """Mean of the similarities, and the slope of the scores on them."""
    mean = float(s.sum()) / len(s)
    centred = s - np.float32(mean)
    variance = float(centred @ centred)
    # A slope below zero would say that unlike content is better: noise, never evidence.
    return mean, max(float(centred @ scores) / variance, 0.0) if variance > 0 else 0.0


class Labels:
    """Genres, tags and studios of n anime, to tell what some of them share."""

    def __init__(self, anime: Sequence[Anime]) -> None:
        numbers: dict[str, int] = {}
        of_anime = [
            [
                numbers.setdefault(label, len(numbers))
                for label in dict.fromkeys((*entry.genres, *entry.tags, *entry.studios))
            ]
            for entry in anime
        ]
        self._names = tuple(numbers)
        # The number after the last label stands for none.
        most = max(map(len, of_anime), default=0)
        kind = np.uint16 if len(numbers) < 1 << 16 else np.int32
        self._labels = np.full((len(of_anime), most), len(numbers), kind)
        for row, own in zip(self._labels, of_anime, strict=True):
            row[: len(own)] = own

    def counts(self, rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.intp]:
        """How many of some anime have each label, and last a zero: intp [labels + 1]."""
        labels = self._labels.take(np.asarray(rows, dtype=np.intp), axis=0)
        counts = np.bincount(labels.reshape(-1), minlength=len(self._names) + 1)
        counts[-1] = 0
        return counts

    def shared(
        self, rows: NDArray[np.intp], counts: NDArray[np.intp], limit: int = 4
    ) -> list[tuple[str, ...]]:
        """Labels of some anime that those counted have too, of each the most shared first.

        Args:
            rows: intp [m], the anime.
            counts: intp [labels + 1], as `counts` gave them.
            limit: at most how many of each.
        """
        labels = self._labels.take(rows, axis=0)
        found: list[tuple[str, ...]] = []
        for own, times in zip(labels.tolist(), counts.take(labels).tolist(), strict=True):
            order = sorted(range(len(own)), key=times.__getitem__, reverse=True)[:limit]
            found.append(tuple(self._names[own[place]] for place in order if times[place]))
        return found


def _features(anime: Anime) -> Iterator[tuple[str, str, float]]:
    for place, genre in enumerate(anime.genres):
        # The source lists the telling genres first; a late one still counts for most of one.
        yield "genre", genre, 1.0 / math.sqrt(1 + 0.15 * place)
    for tag in anime.tags:
        yield "tag", tag, 1.0
    for studio in anime.studios:
        yield "studio", studio, 1.0
    yield "type", anime.type, 1.0
    if anime.year is not None:
        # Split between two buckets in proportion, so that neighbouring years are always alike.
        place = anime.year / _YEARS_PER_BUCKET
        low = math.floor(place)
        yield "year", str(low), 1 - (place - low)
        if place > low:
            yield "year", str(low + 1), place - low
