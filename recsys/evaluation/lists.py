"""The lists that people are shown, measured: what a dial costs, and what it buys.

The ranking metrics of `recsys.evaluation.protocol` are about scores. Here the whole product
answers, franchises, filters and dials included, and its list is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.protocol import tastes
from recsys.profile import Entry, Profile, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recsys.catalog import Anime
    from recsys.data.interactions import Interactions
    from recsys.evaluation.splits import Fold
    from recsys.picks import Dials, Pick
    from recsys.recommender import Recommender

_MIXED_IN = 0.01


@dataclass(frozen=True, slots=True)
class ListFigures:
    """Means over some people's lists.

    Attributes:
        hits: hidden entries on the list.
        liked: of these, liked ones.
        disliked: of these, disliked ones.
        members: how many people have a pick on their list, geometric mean.
        alike: share of genres, tags and studios that two picks of a list have in common, 0 to 1.
        divergence: of the list's genres from those of what the person liked, in nats.
    """

    hits: float
    liked: float
    disliked: float
    members: float
    alike: float
    divergence: float


def profile_of(lists: Interactions, user: int) -> Profile:
    """One person of a table as the recommender takes them.

    Args:
        lists: the table.
        user: position, 0 to n_users − 1.
    """
    part = slice(lists.indptr[user], lists.indptr[user + 1])
    columns = (lists.anime_ids[lists.items[part]], lists.scores[part], lists.statuses[part])
    return Profile(
        tuple(
            Entry(int(anime_id), int(score) or None, Status(int(status)))
            for anime_id, score, status in zip(*columns, strict=True)
        )
    )


def list_figures(recommender: Recommender, fold: Fold, dials: Dials, k: int = 20) -> ListFigures:
    """What the people of a fold are shown with the dials so turned.

    Args:
        recommender: answers for the half of their lists that is told.
        fold: the people.
        dials: for everybody alike.
        k: length of a list.
    """
    liked, disliked = tastes(fold)
    rows: list[tuple[float, ...]] = []
    for user in range(fold.known.n_users):
        profile = profile_of(fold.known, user)
        part = slice(fold.hidden.indptr[user], fold.hidden.indptr[user + 1])
        hidden = fold.hidden.anime_ids[fold.hidden.items[part]].tolist()
        good = {a for a, is_liked in zip(hidden, liked[part], strict=True) if is_liked}
        bad = {a for a, is_disliked in zip(hidden, disliked[part], strict=True) if is_disliked}
        picks = recommender.recommend(profile, k, started=True, dials=dials)
        shown = {pick.anime.id for pick in picks}
        if not picks:
            continue
        mine = [
            recommender.catalog[e.anime_id]
            for e in profile.entries
            if e.anime_id in recommender.catalog and (e.score is None or e.score >= _usual(profile))
        ]
        rows.append(
            (
                len(shown & set(hidden)),
                len(shown & good),
                len(shown & bad),
                float(np.mean([np.log(max(pick.anime.members, 1)) for pick in picks])),
                _alike(picks),
                _divergence(_genres(mine), _genres([pick.anime for pick in picks])),
            )
        )
    means = np.mean(rows, axis=0) if rows else np.full(len(fields(ListFigures)), np.nan)
    means[3] = np.exp(means[3])
    return ListFigures(*means.tolist())


def lines(
    recommender: Recommender, fold: Fold, settings: Sequence[tuple[str, Dials]]
) -> Iterator[str]:
    """The table that `python -m recsys dials` prints, line by line."""
    names = [field.name for field in fields(ListFigures)]
    yield f"{'dials':<16}" + "".join(f"{name:>12}" for name in names)
    for name, dials in settings:
        result = list_figures(recommender, fold, dials)
        cells = [getattr(result, field) for field in names]
        yield f"{name:<16}" + "".join(
            f"{cell:>12,.0f}" if cell > 100 else f"{cell:>12.3f}" for cell in cells
        )


def _usual(profile: Profile) -> float:
    scores = [entry.score for entry in profile.rated if entry.score is not None]
    return sum(scores) / len(scores) if scores else 0.0


def _alike(picks: Sequence[Pick]) -> float:
    """Mean Jaccard index of the pairs."""
    labels = [{*p.anime.genres, *p.anime.tags, *p.anime.studios} for p in picks]
    shares = [len(a & b) / max(len(a | b), 1) for a, b in combinations(labels, 2)]
    return sum(shares) / max(len(shares), 1)


def _genres(anime: Sequence[Anime]) -> dict[str, float]:
    """Shares of the genres, summing to 1."""
    counts: dict[str, float] = {}
    for one in anime:
        for genre in one.genres:
            counts[genre] = counts.get(genre, 0.0) + 1 / len(one.genres)
    total = sum(counts.values()) or 1.0
    return {genre: count / total for genre, count in counts.items()}


def _divergence(wanted: dict[str, float], shown: dict[str, float]) -> float:
    """Kullback-Leibler divergence of Steck 2018, section 3.2, in nats."""
    return sum(
        p * float(np.log(p / ((1 - _MIXED_IN) * shown.get(genre, 0.0) + _MIXED_IN * p)))
        for genre, p in wanted.items()
    )
