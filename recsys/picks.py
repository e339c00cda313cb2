"""The recommender's words for what it returns: picks, reasons, and the filters they passed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys.catalog import Anime


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of the profile and what it added to a pick's score.

    Attributes:
        anime_id: the profile's entry.
        contribution: its exact share of the score, in the score's own units; may be negative.
        score: what the person gave it, 1 to 10, or None.
    """

    anime_id: int
    contribution: float
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """An anime with its score, its predicted rating and its reasons.

    Attributes:
        anime: the catalog's entry.
        score: the ranking score; comparable only within one list.
        predicted: the rating this person would give, 1 to 10, or None where it is not known.
        reasons: largest contribution first.
        shared: genres and tags it shares with the query, for picks made from content.
        is_new: picked by its content alone, for want of ratings ("new" or "rare").
        against: what the person disliked that speaks against it, most telling first; each
            contribution is below zero, in points of `predicted`.
        low: lower end of the range that `predicted` comes with, 1 to 10; four of five ratings
            fall within it (`recsys.ranking.confidence`). None where no range was measured.
        high: its upper end.
        hinted: the wishes for more or less like something that moved it, strongest first; each
            contribution is what was added to the score.
        unseen: what the person was asked about, has not seen, and that moved it, strongest first;
            each contribution is what was added to the score. Only `Recommender.explain` looks.
    """

    anime: Anime
    score: float
    predicted: float | None = None
    reasons: tuple[Reason, ...] = ()
    shared: tuple[str, ...] = ()
    is_new: bool = False
    against: tuple[Reason, ...] = ()
    low: float | None = None
    high: float | None = None
    hinted: tuple[Reason, ...] = ()
    unseen: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a pick must be. Every part that is set must hold; `recsys.ranking.facts` applies them.

    Attributes:
        types: allowed types ("TV", "Movie", "OVA", "ONA", "Special", "Music"); empty allows all.
        genres: genres or tags that must all be present, in any case.
        without: genres or tags of which none may be present.
        year_from: earliest year, inclusive. An anime of unknown year fails.
        year_to: latest year, inclusive. An anime of unknown year fails.
        max_episodes: most episodes, inclusive. An unknown count fails.
        adult: whether adult titles may appear.
        any_genres: genres or tags of which at least one must be present; empty allows all.
        studios: of which at least one must have made it, in any case; empty allows all.
        min_episodes: fewest episodes, inclusive. An unknown count fails.
        min_members: fewest people who have it on their list, as the catalog counts; where it
            does not say, estimated from the lists that the model learnt. Unknown fails.
        finished: only what has surely ended: its episodes are counted, and it began before the
            newest year of the catalog. The catalog does not know more of the end of a broadcast.
    """

    types: frozenset[str] = frozenset()
    genres: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    year_from: int | None = None
    year_to: int | None = None
    max_episodes: int | None = None
    adult: bool = False
    any_genres: frozenset[str] = frozenset()
    studios: frozenset[str] = frozenset()
    min_episodes: int | None = None
    min_members: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The one part of some filters whose removal brings most.

    Attributes:
        part: the attribute of `Filters`.
        label: which of its genres or tags, for `genres` and `without`; None for the others.
        franchises: how many franchises would then have something to show.
    """

    part: str
    label: str | None
    franchises: int


@dataclass(frozen=True, slots=True)
class Dials:
    """Wishes about the ranking, each −1 to 1; 0 leaves it as it is.

    Attributes:
        niche: −1 safe, what most people of this taste have anyway; 1 niche, what this person
            should have by their taste and is seldom had by others.
        varied: −1 familiar, a list whose genres come in the proportions of what they like; 1
            varied, a list of anime unlike each other.
        loved: −1 watched, what they would watch; 1 loved, what they would rate high.

    Raises:
        ValueError: a dial is outside −1 to 1, or not a number.
    """

    niche: float = 0.0
    varied: float = 0.0
    loved: float = 0.0

    def __post_init__(self) -> None:
        """Refuses what no dial can show."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not -1 <= value <= 1:
                raise ValueError(f"The dial {field.name} goes from -1 to 1; {value} is outside.")


NEUTRAL = Dials()
