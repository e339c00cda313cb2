"""What a newcomer was asked about and has not seen moves what the others score.

The model's scores come from what somebody has, and take no notice of questions. `Copresence`
guesses from both kinds of answers. Of five answers and twenty "haven't seen it" the two know
different things, so their standardised scores are added up. Entries that nobody asked for end
that: what people name of themselves says far more than what they say when asked, and the model
knows how to read it, while the guess takes it for one more answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.linear import LinearModel
from recsys.picks import Reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from recsys.models.copresence import Copresence
    from recsys.ranking.scoring import Scorer, Seen

# Of the guess beside the model's score, both standardised. It falls e-fold with an entry that
# nobody asked for, or with two where there were forty answers, and ends at four times as many.
# Chosen on validation people, who named up to eight entries after one card or five.
_WEIGHT = 2.0
_ANSWERS = 40
_LAST = 4

REASONS = 2
"""How many of what was not seen are named for a pick, and how many against it."""
# Of the standard deviation of all scores; what moves a score by less is not worth a sentence.
_TELLING = 0.1


def weight(unasked: int, answers: int) -> float:
    """How much answers to questions count beside entries that nobody asked for.

    Args:
        unasked: how many such entries there are.
        answers: how many questions were answered, "haven't seen it" among them.
    """
    falls = max(unasked, 0) / (1 + answers / _ANSWERS)
    return _WEIGHT * math.exp(-falls) if falls < _LAST else 0.0


def with_answers(
    scores: NDArray[np.float32], scorer: Scorer, seen: Seen, asked: Collection[int]
) -> NDArray[np.float32]:
    """Scores moved by what the person said when asked, float32 [n].

    Args:
        scores: float32 [n], as the model ranks.
        scorer: whose catalog and model they are of.
        seen: what the person has seen.
        asked: MyAnimeList ids that they were asked about. What of it they have not seen counts;
            an anime that they have not seen is not moved by its own answer.
    """
    answers = _Answers.of(scorer, seen, asked)
    if answers is None:
        return scores
    known, unit = answers.guessed(scores, scorer)
    moved = scores.copy()
    moved[scorer.known] += np.float32(unit) * (known - known.mean())
    return moved


def unseen_reasons(
    scores: NDArray[np.float32], scorer: Scorer, seen: Seen, asked: Collection[int], row: int
) -> tuple[Reason, ...]:
    """What was not seen and moves one anime's score, the strongest first.

    Args:
        scores: as for `with_answers`, like the next three.
        scorer: whose catalog and model they are of.
        seen: what the person has seen.
        asked: MyAnimeList ids.
        row: of the anime, in the catalog.

    Returns:
        A few of each direction; a contribution is the exact term of what `with_answers` adds.
    """
    answers = _Answers.of(scorer, seen, asked)
    item = int(scorer.item_of_row[row])
    if answers is None or item < 0:
        return ()
    copresence = answers.copresence
    place = int(np.searchsorted(copresence.targets, item))
    if place == len(copresence.targets) or copresence.targets[place] != item:
        return ()
    _, unit = answers.guessed(scores, scorer)
    # Nor is an anime moved by its own answer here.
    guess = copresence.guess(answers.mine, answers.unseen[answers.unseen != item])
    items = copresence.asked[guess.asked]
    parts = np.where(
        np.isin(items, answers.unseen), unit * guess.weights * guess.rows[:, place], 0.0
    )
    least = _TELLING * float(scores[scorer.known].std())
    ids = np.asarray(scorer.model.item_ids)[items]
    found: list[Reason] = []
    for sign in (1, -1):
        strongest = np.argsort(-sign * parts, kind="stable")[:REASONS]
        told = ((int(ids[i]), float(parts[i])) for i in strongest if sign * parts[i] >= least)
        found += [Reason(anime_id, part) for anime_id, part in told]
    return tuple(sorted(found, key=lambda reason: -abs(reason.contribution)))


@dataclass(frozen=True, slots=True)
class _Answers:
    """What somebody said when asked, where it counts.

    Attributes:
        copresence: guesses from it.
        mine: intp [a], items of the model that they have seen, asked about or not.
        unseen: intp [b], items that they were asked about and have not.
        share: weight of the guess.
    """

    copresence: Copresence
    mine: NDArray[np.intp]
    unseen: NDArray[np.intp]
    share: float

    @classmethod
    def of(cls, scorer: Scorer, seen: Seen, asked: Collection[int]) -> _Answers | None:
        model = scorer.model
        copresence = model.copresence if isinstance(model, LinearModel) else None
        if copresence is None or not asked or not weight(len(seen.items) - len(asked), len(asked)):
            return None
        rows = [row for one in asked if (row := scorer.facts.row(one)) is not None]
        items = scorer.item_of_row[np.array(rows, np.intp)]
        items = items[items >= 0]
        mine = seen.items[seen.items >= 0]
        unseen = np.setdiff1d(items, mine)
        answered = int(np.isin(seen.items, items).sum())
        share = weight(len(seen.items) - answered, len(asked))
        return cls(copresence, mine, unseen, share) if len(unseen) and share else None

    def guessed(
        self, scores: NDArray[np.float32], scorer: Scorer
    ) -> tuple[NDArray[np.float32], float]:
        """Guesses for the known anime, float32 [known], and what a unit of them adds to a score."""
        copresence = self.copresence
        guess = copresence.share.copy()
        guess[copresence.targets] = copresence.guess(self.mine, self.unseen).presence
        known = guess[scorer.item]
        deviation = float(scores[scorer.known].std())
        return known, self.share * deviation / (float(known.std()) or 1.0)
