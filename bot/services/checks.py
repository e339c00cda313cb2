"""The last guard: a raw request can hold anything, whatever the command's options allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.errors import UserError

if TYPE_CHECKING:
    from recsys.catalog import Anime, Catalog

LOWEST_SCORE = 1
HIGHEST_SCORE = 10


def checked_score(score: object) -> int:
    """The score, if it is one.

    Raises:
        UserError: it is not a whole number from 1 to 10.
    """
    if isinstance(score, int) and LOWEST_SCORE <= score <= HIGHEST_SCORE:
        return int(score)  # True is 1 to Python; to a database column it need not be
    raise UserError("bad_score", low=LOWEST_SCORE, high=HIGHEST_SCORE)


def checked_count(count: int, most: int) -> int:
    """How many were asked for, if there can be so many.

    Raises:
        UserError: fewer than one, or more than `most`.
    """
    if 1 <= count <= most:
        return count
    raise UserError("bad_count", low=1, high=most)


def checked_anime(catalog: Catalog, anime_id: int) -> Anime:
    """The anime with this id.

    Raises:
        UserError: the catalog has none.
    """
    anime = catalog.get(anime_id)
    if anime is None:
        raise UserError("unknown_anime", id=anime_id)
    return anime
