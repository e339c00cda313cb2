"""What a newcomer was asked about and has not seen moves what the others score.

The model's scores come from what somebody has, and take no notice of questions. `Copresence`
guesses from both kinds of answers. Of five answers and twenty "haven't seen it" the two know
different things, so their standardised scores are added up. Entries that nobody asked for end
that: what people name of themselves says far more than what they say when asked, and the model
knows how to read it, while the guess takes it for one more answer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.linear import LinearModel

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from recsys.ranking.scoring import Scorer, Seen

# Of the guess beside the model's score, both standardised. It falls e-fold with an entry that
# nobody asked for, or with two where there were forty answers, and ends at four times as many.
# Chosen on validation people, who named up to eight entries after one card or five.
_WEIGHT = 2.0
_ANSWERS = 40
_LAST = 4


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
    model = scorer.model
    copresence = model.copresence if isinstance(model, LinearModel) else None
    if copresence is None or not asked or not weight(len(seen.items) - len(asked), len(asked)):
        return scores
    rows = [row for one in asked if (row := scorer.facts.row(one)) is not None]
    items = scorer.item_of_row[np.array(rows, np.intp)]
    mine = seen.items[seen.items >= 0]
    unseen = np.setdiff1d(items[items >= 0], mine)
    answered = int(np.isin(seen.items, items[items >= 0]).sum())
    share = weight(len(seen.items) - answered, len(asked))
    if not len(unseen) or not share:
        return scores
    guess = copresence.share.copy()
    guess[copresence.targets] = copresence.guess(mine, unseen).presence
    known = guess[scorer.item]
    unit = share * float(scores[scorer.known].std()) / (float(known.std()) or 1.0)
    moved = scores.copy()
    moved[scorer.known] += np.float32(unit) * (known - known.mean())
    return moved
