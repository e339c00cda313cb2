"""The options that narrow a list, and the suggestions for them."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from discord import app_commands

from bot.services.errors import UserError
from bot.ui.text import inline
from recsys.picks import Filters

if TYPE_CHECKING:
    from recsys.catalog import Catalog

TYPES = ("TV", "Movie", "OVA", "ONA", "Special")
_SUGGESTIONS = 25
# A label on fewer anime than this narrows a list to nothing.
_WORTH_SUGGESTING = 20


@lru_cache(maxsize=4)
def _labels(catalog: Catalog) -> dict[str, str]:
    """Every genre and tag worth filtering by, most used first: folded spelling to spelling."""
    counts = Counter(label for anime in catalog for label in {*anime.genres, *anime.tags})
    worth = [label for label, count in counts.most_common() if count >= _WORTH_SUGGESTING]
    return {label.casefold(): label for label in worth or counts}


def suggest_genres(catalog: Catalog, typed: str) -> list[app_commands.Choice[str]]:
    """Genres and tags that contain what was typed; those that start with it come first."""
    wanted = typed.strip().casefold()
    found = [folded for folded in _labels(catalog) if wanted in folded]
    found.sort(key=lambda folded: not folded.startswith(wanted))
    labels = [_labels(catalog)[folded] for folded in found[:_SUGGESTIONS]]
    return [app_commands.Choice(name=label[:100], value=label[:100]) for label in labels]


def read_filters(
    catalog: Catalog,
    *,
    kind: str | None,
    genre: str | None,
    year_from: int | None,
    year_to: int | None,
    max_episodes: int | None,
) -> Filters:
    """The filters that a command's options mean.

    Raises:
        UserError: no anime could pass: an unknown genre, or years the wrong way round.
    """
    if year_from is not None and year_to is not None and year_from > year_to:
        raise UserError("years", year_from=year_from, year_to=year_to)
    label = _labels(catalog).get(genre.strip().casefold()) if genre else None
    if genre and genre.strip() and label is None:
        raise UserError("unknown_genre", typed=inline(genre, 80))
    return Filters(
        types=frozenset({kind} if kind else ()),
        genres=frozenset({label} if label else ()),
        year_from=year_from,
        year_to=year_to,
        max_episodes=max_episodes,
    )
