"""Narrowing: a short list of anime to what is typed, and filters that narrowed too far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from rapidfuzz import fuzz, utils

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recsys.catalog import Anime
    from recsys.picks import Filters, Relaxation

# Of 100: "deth" still finds Death Note at 75, and unrelated titles stay below 65.
_ALIKE = 70.0


def narrow(anime: Iterable[Anime], typed: str) -> list[Anime]:
    """The anime of a short list that are called something like what was typed.

    The index of all titles is no help here: it knows the best matches of the whole catalog, and
    those may all be missing from the list.

    Args:
        anime: the list, a few thousand at most.
        typed: what was typed so far; nothing keeps the list as it is.

    Returns:
        The likeliest first; those equally alike keep their order.
    """
    if not typed.strip():
        return list(anime)
    scored = [(_likeness(one, typed), one) for one in anime]
    found = [(score, one) for score, one in scored if score >= _ALIKE]
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])]


def _likeness(anime: Anime, typed: str) -> float:
    names = (anime.title, anime.english, anime.japanese, *anime.aliases)
    return max(
        fuzz.partial_ratio(typed, name, processor=utils.default_process, score_cutoff=_ALIKE)
        for name in names
        if name
    )


def without_part(filters: Filters, relaxation: Relaxation) -> Filters:
    """The filters less the part that a relaxation names."""
    part, label = relaxation.part, relaxation.label
    held = getattr(filters, part)
    if isinstance(held, frozenset):
        labels = cast("frozenset[str]", held)
        kept = frozenset[str]() if label is None else labels - {label}
        return replace(filters, **{part: kept})
    return replace(filters, **{part: False if isinstance(held, bool) else None})
