"""RikoNet's hybrid filter: two lists for who has rated, tops of genres for who has not.

*Similar Anime* come from the clusters of the last three anime rated, the opposite cluster where
the rating was below 6; *Anime You May Like* from everywhere else. Both are in the order of the
predicted ratings. The numbers are those of the notebook (`recsys.models.rikonet`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recsys.catalog import Anime, Catalog
    from recsys.models.rikonet import RikoNetModel
    from recsys.profile import Profile


@dataclass(frozen=True, slots=True)
class ListSettings:
    """The notebook's numbers.

    Attributes:
        last: how many of the newest ratings choose the clusters.
        disliked_below: a rating below this chooses the opposite cluster.
        candidates: the two lists are cut from so many anime of the highest predicted rating.
        length: of either list.
        start_genres: whose tops a person without ratings is shown.
        start_length: of each top.
    """

    last: int = 3
    disliked_below: int = 6
    candidates: int = 1000
    length: int = 10
    start_genres: tuple[str, ...] = ("Shounen", "Supernatural", "Romance", "Slice of Life")
    start_length: int = 5


@dataclass(frozen=True, slots=True)
class TwoLists:
    """MyAnimeList ids, best first.

    Attributes:
        similar: *Similar Anime*.
        may_like: *Anime You May Like*.
    """

    similar: tuple[int, ...] = ()
    may_like: tuple[int, ...] = ()


def two_lists(
    model: RikoNetModel, profile: Profile, settings: ListSettings | None = None
) -> TwoLists:
    """Both lists for one person; both are empty where the model knows nothing that they rated.

    Args:
        model: trained.
        profile: newest entry last. What it holds is on neither list.
        settings: the notebook's by default.
    """
    settings = settings or ListSettings()
    place = {int(anime_id): item for item, anime_id in enumerate(model.item_ids)}
    rated = [(place[e.anime_id], e.score) for e in profile.rated if e.anime_id in place]
    if not rated:
        return TwoLists()
    near = np.zeros(len(model.item_ids), bool)
    for item, score in rated[: -settings.last - 1 : -1]:
        cluster = int(model.clusters.of[item])
        if score is not None and score < settings.disliked_below:
            cluster = int(model.clusters.opposite[cluster])
        near |= model.clusters.of == cluster

    predicted = model.rank_scores(
        np.array([item for item, _ in rated], np.intp),
        np.array([score for _, score in rated], np.float32),
    )
    best = np.argsort(-predicted, kind="stable")[: settings.candidates]
    owned = np.isin(model.item_ids[best], list(profile.anime_ids))
    best = best[~owned]

    def first(items: np.ndarray) -> tuple[int, ...]:
        return tuple(model.item_ids[items[: settings.length]].tolist())

    return TwoLists(similar=first(best[near[best]]), may_like=first(best[~near[best]]))


def genre_tops(
    catalog: Catalog, settings: ListSettings | None = None
) -> dict[str, tuple[Anime, ...]]:
    """The anime of the highest mean score in each start genre, best first.

    A genre may be a tag of the catalog, as demographics are. Adult titles are left out.
    """
    settings = settings or ListSettings()
    scored = sorted(
        (anime for anime in catalog if anime.mean is not None and not anime.adult),
        key=lambda anime: (-(anime.mean or 0), anime.id),
    )
    return {
        genre: tuple(a for a in scored if genre in a.genres or genre in a.tags)[
            : settings.start_length
        ]
        for genre in settings.start_genres
    }


@dataclass(slots=True)
class Session:
    """The notebook's loop: rate, see a table, score the table, again.

    Attributes:
        model: trained.
        catalog: for the tops of genres.
        ratings: MyAnimeList id to score, oldest first; rating an anime again makes it newest.
        table_scores: what the person gave each table shown, 1 to 10, in order.
        settings: the notebook's by default.
        shown: how many tables were shown.
    """

    model: RikoNetModel
    catalog: Catalog
    ratings: dict[int, int] = field(default_factory=dict)
    table_scores: list[int] = field(default_factory=list)
    settings: ListSettings = field(default_factory=ListSettings)
    shown: int = 0

    def rate(self, anime_id: int, score: int) -> None:
        """Keeps a rating.

        Raises:
            ValueError: the score is not a whole number from 1 to 10.
        """
        checked = _checked(score)
        self.ratings.pop(anime_id, None)
        self.ratings[anime_id] = checked

    def table(self) -> TwoLists | dict[str, tuple[Anime, ...]]:
        """The two lists, or the tops of genres where nothing rated is known to the model."""
        from recsys.profile import Entry, Profile

        self.shown += 1
        entries = tuple(Entry(anime_id, score) for anime_id, score in self.ratings.items())
        lists = two_lists(self.model, Profile(entries), self.settings)
        if lists.similar or lists.may_like:
            return lists
        return genre_tops(self.catalog, self.settings)

    def score_table(self, score: int) -> None:
        """Keeps what the person thinks of the table just shown.

        Raises:
            ValueError: the score is not a whole number from 1 to 10.
        """
        self.table_scores.append(_checked(score))


def _checked(score: int) -> int:
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 10:
        raise ValueError(f"A score is a whole number from 1 to 10, and {score!r} is not.")
    return score
