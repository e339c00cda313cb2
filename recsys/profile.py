"""What one person rated, watched, dropped and plans: the recommender's input."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """Where an anime stands on a list; the numbers are MyAnimeList's own."""

    UNKNOWN = -1
    WATCHING = 1
    COMPLETED = 2
    ON_HOLD = 3
    DROPPED = 4
    PLANNED = 6
    # Ours, outside MyAnimeList's range: the person asked never to be shown it again.
    NOT_INTERESTED = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a person's list.

    Attributes:
        anime_id: MyAnimeList id.
        score: 1 to 10, or None when the person did not rate it.
        status: where it stands on the list.
    """

    anime_id: int
    score: int | None = None
    status: Status = Status.COMPLETED

    @property
    def is_seen(self) -> bool:
        """Whether the entry is evidence of watching: rated, or neither planned nor refused."""
        return self.score is not None or self.status not in (
            Status.PLANNED,
            Status.NOT_INTERESTED,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything the recommender knows of one person, newest entry last."""

    entries: tuple[Entry, ...] = ()

    @property
    def anime_ids(self) -> frozenset[int]:
        """Ids of every entry, whatever its status: none of them is ever picked."""
        return frozenset(entry.anime_id for entry in self.entries)

    @property
    def rated(self) -> tuple[Entry, ...]:
        """The entries with a score."""
        return tuple(entry for entry in self.entries if entry.score is not None)

    def without(self, anime_ids: frozenset[int]) -> Profile:
        """The same profile less some anime, as when a reason is switched off."""
        return Profile(tuple(e for e in self.entries if e.anime_id not in anime_ids))


@dataclass(frozen=True, slots=True)
class Hints:
    """What a person said about picks, beside their list.

    Attributes:
        more: MyAnimeList ids of which more like it is wanted, the newest last.
        less: of which less like it is wanted, the newest last.
        muted: anime of the profile that are no evidence of taste, as when a reason is switched
            off. They stay on the list: seen, and never picked.
        asked: MyAnimeList ids that they were asked about and answered, the newest last. What of
            it is not on their list they have not seen.
    """

    more: tuple[int, ...] = ()
    less: tuple[int, ...] = ()
    muted: frozenset[int] = frozenset()
    asked: tuple[int, ...] = ()
