"""How good "anime like this one" is, on people whom the model has not seen.

Nobody has written down which anime are alike, so two things are measured that likeness should
bring about, of the ten that are shown for an anime, none of them of its franchise:

- *Liked by the same people*: of those who like the anime, what share likes a pick, less the share
  of everybody who does. Something everybody likes scores nothing by it, and neither does
  something so obscure that hardly anybody could like both.
- *Of the same kind*: how many genres and tags a pick shares with the anime, each weighted by its
  rarity (a weighted Jaccard index).

Either alone is easily had, by co-occurrence or by labels. What is wanted is much of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.gram import matrix
from recsys.picks import Filters
from recsys.ranking.listed import Listed
from recsys.ranking.scoring import Likeness
from recsys.ranking.selection import Selection, best

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from recsys.catalog import Anime
    from recsys.data.interactions import Interactions
    from recsys.ranking.scoring import Scorer

SHOWN = 10
_LEAST_LIKERS = 20

VIEWS = (
    ("what ships", Likeness()),
    ("embedding alone", Likeness(1, 0, 0, 0)),
    ("what goes with it alone", Likeness(0, 1, 0, 0)),
    ("content alone", Likeness(0, 0, 1, 0)),
    ("without embedding", Likeness(embedding=0)),
    ("without what goes with it", Likeness(goes_with=0)),
    ("without content", Likeness(content=0)),
    ("without the lean to the known", Likeness(known=0)),
)


@dataclass(frozen=True, slots=True)
class Similarity:
    """Means over the anime that were asked for.

    Attributes:
        asked: how many.
        liked: extra share of those who like the anime that likes a pick.
        kind: weighted Jaccard index of genres and tags, 0 to 1.
        members: geometric mean of how many people have a pick on their list.
    """

    asked: int
    liked: float
    kind: float
    members: float


class SimilarityTest:
    """Some people's likes, to try several ways of likeness on."""

    def __init__(self, scorer: Scorer, people: Interactions) -> None:
        """Takes the anime, and people whom the model has not seen."""
        self._scorer = scorer
        self._facts = facts = scorer.facts
        likes = matrix(people.where(_are_liked(people))).tocsc()
        rows = [facts.row(int(anime_id)) for anime_id in people.anime_ids]
        column_of = np.full(len(facts), -1)
        column_of[[row for row in rows if row is not None]] = [
            column for column, row in enumerate(rows) if row is not None
        ]
        self._column_of = column_of
        likers = np.diff(likes.indptr)
        self._share = likers / max(people.n_users, 1)
        together = (likes.T @ likes).tocsr()
        self._given = together.multiply(1 / np.maximum(likers, 1)[:, None]).tocsr()
        self._rarity = _rarity(facts.anime)
        shown = Selection.of(facts, Listed.of(facts), Filters()).open
        self.queries = [
            row
            for row in np.flatnonzero(shown & facts.main).tolist()
            if column_of[row] >= 0 and likers[column_of[row]] >= _LEAST_LIKERS
        ]

    def measure(self, weights: Likeness) -> Similarity:
        """Asks for what is like each anime that enough of the people like."""
        facts = self._facts
        everything = Selection.of(facts, Listed.of(facts), Filters())
        liked: list[float] = []
        kind: list[float] = []
        members: list[float] = []
        for row in self.queries:
            selection = Selection.beside(facts, [row], everything)
            scores = self._scorer.likeness([row], weights)
            picks = [pick for pick, _ in best(facts, scores, selection, Filters(), SHOWN)]
            given = self._given[[self._column_of[row]]].toarray()[0]
            columns = self._column_of[picks]
            extra = np.where(columns >= 0, given[columns] - self._share[columns], 0.0)
            liked.append(float(extra.mean()))
            own = facts.anime[row]
            kind.append(float(np.mean([self._alike(own, facts.anime[pick]) for pick in picks])))
            members.append(float(np.log(np.maximum(facts.known_by[picks], 1)).mean()))
        if not liked:
            return Similarity(0, np.nan, np.nan, np.nan)
        return Similarity(
            len(liked), float(np.mean(liked)), float(np.mean(kind)), float(np.exp(np.mean(members)))
        )

    def _alike(self, one: Anime, other: Anime) -> float:
        mine, its = {*one.genres, *one.tags}, {*other.genres, *other.tags}
        every = sum(self._rarity[label] for label in mine | its)
        return sum(self._rarity[label] for label in mine & its) / every if every else 0.0


def lines(test: SimilarityTest, views: Iterable[tuple[str, Likeness]] = VIEWS) -> Iterator[str]:
    """The table that `python -m recsys alike` prints, line by line."""
    yield f"{'':<34}{'liked by the same':>20}{'of the same kind':>20}{'members':>12}"
    for name, weights in views:
        found = test.measure(weights)
        yield f"{name:<34}{found.liked:>20.4f}{found.kind:>20.3f}{found.members:>12,.0f}"


def _are_liked(people: Interactions) -> NDArray[np.bool_]:
    """Which entries were liked: a score of at least 8 and at least the person's median."""
    least = np.full(people.n_users, 8.0)
    for user, (start, stop) in enumerate(zip(people.indptr[:-1], people.indptr[1:], strict=True)):
        scores = people.scores[start:stop]
        rated = scores[scores > 0]
        if len(rated):
            least[user] = max(8.0, float(np.median(rated)))
    return people.scores >= least[people.users]


def _rarity(anime: Sequence[Anime]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for one in anime:
        for label in {*one.genres, *one.tags}:
            counts[label] = counts.get(label, 0) + 1
    return {label: float(np.log((1 + len(anime)) / count)) for label, count in counts.items()}
