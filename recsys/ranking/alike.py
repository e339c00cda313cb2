"""Picks that come up beside some anime, and not for what a person has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.ranking.listed import Listed
from recsys.ranking.selection import Selection, best

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from recsys.picks import Filters, Pick
    from recsys.profile import Hints, Profile
    from recsys.ranking.describing import Describer
    from recsys.ranking.scoring import Scorer


class Alike:
    """Chooses and describes them; one for all people."""

    def __init__(self, scorer: Scorer, describer: Describer) -> None:
        """Takes what scores for a person, and what makes picks of rows."""
        self._facts = scorer.facts
        self._scorer = scorer
        self._describer = describer

    def picks(
        self,
        query: Sequence[int],
        likeness: NDArray[np.float32],
        k: int,
        filters: Filters,
        profile: Profile,
        hints: Hints,
        *,
        beside: Sequence[int] = (),
    ) -> list[Pick]:
        """The k best by a score, one a franchise, none of the query's franchises.

        Args:
            query: rows that they are compared with.
            likeness: float32 [n], the score.
            k: at most how many.
            filters: what a pick must be.
            profile: of the person who asks; what they dropped or refused closes its franchise,
                and what they saw says what they would give each pick.
            hints: which of their anime are no evidence of that.
            beside: rows whose franchises may not come up either.
        """
        facts, scorer = self._facts, self._scorer
        listed = Listed.of(facts, profile)
        everything = Selection.of(facts, listed.where(listed.is_refused), filters, like=query)
        selection = Selection.beside(facts, [*query, *beside], everything)
        rows = list(best(facts, likeness, selection, filters, k))
        seen = scorer.seen(listed.without(hints.muted))
        answer = scorer.answer(seen) if rows and seen.entries else None
        return self._describer.alike(query, seen, rows, answer)
