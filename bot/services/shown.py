"""Picks on their way into the database and back, so that a card survives a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.db.shown import PickRow
from recsys.picks import Filters, Pick, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.db.shown import ListRow
    from recsys.catalog import Catalog


_LABELS = ("types", "genres", "without", "any_genres", "studios")  # the filters that are sets


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list that was shown, whole enough to be shown again.

    Attributes:
        list_id: its id.
        user_id: who asked for it.
        guild_id: in which server, or None in a direct message.
        kind: "recommend" or "similar".
        model: version of the bundle that made it.
        seeds: the anime that were named, for "similar".
        filters: what the picks had to be.
        picks: in order. One that has left the catalog since is left out.
        outcomes: what came of them so far, by anime id.
        created_at: when it was shown.
    """

    list_id: int
    user_id: int
    guild_id: int | None
    kind: str
    model: str
    seeds: tuple[int, ...]
    filters: Filters
    picks: tuple[Pick, ...]
    outcomes: Mapping[int, str]
    created_at: datetime

    @property
    def anime_ids(self) -> tuple[int, ...]:
        """The picks' anime, in order."""
        return tuple(pick.anime.id for pick in self.picks)


def query_to_json(k: int, filters: Filters, seeds: tuple[int, ...] = ()) -> dict[str, Any]:
    """What was asked for, as stored: only what was set."""
    wanted: dict[str, Any] = {
        "types": sorted(filters.types),
        "genres": sorted(filters.genres),
        "without": sorted(filters.without),
        "year_from": filters.year_from,
        "year_to": filters.year_to,
        "max_episodes": filters.max_episodes,
        "adult": filters.adult,
        "any_genres": sorted(filters.any_genres),
        "studios": sorted(filters.studios),
        "min_episodes": filters.min_episodes,
        "min_members": filters.min_members,
        "finished": filters.finished,
    }
    query: dict[str, Any] = {"k": k}
    if chosen := {name: value for name, value in wanted.items() if value not in ([], None, False)}:
        query["filters"] = chosen
    if seeds:
        query["seeds"] = list(seeds)
    return query


def pick_to_row(pick: Pick) -> PickRow:
    """A pick as stored. NumPy's numbers become Python's, which JSON and the drivers know."""
    detail: dict[str, Any] = {}
    if pick.reasons:
        detail["reasons"] = _reasons_to_json(pick.reasons)
    if pick.against:
        detail["against"] = _reasons_to_json(pick.against)
    if pick.low is not None and pick.high is not None:
        detail["range"] = [float(pick.low), float(pick.high)]
    if pick.shared:
        detail["shared"] = list(pick.shared)
    if pick.is_new:
        detail["new"] = True
    return PickRow(
        anime_id=pick.anime.id,
        score=float(pick.score),
        predicted=None if pick.predicted is None else float(pick.predicted),
        detail=detail,
    )


def _reasons_to_json(reasons: tuple[Reason, ...]) -> list[Any]:
    return [
        [int(r.anime_id), float(r.contribution), None if r.score is None else int(r.score)]
        for r in reasons
    ]


def list_from_row(row: ListRow, catalog: Catalog) -> StoredList:
    """A list as it was shown."""
    return StoredList(
        list_id=row.id,
        user_id=row.user_id,
        guild_id=row.guild_id,
        kind=row.kind,
        model=row.model,
        seeds=tuple(row.query.get("seeds", ())),
        filters=_filters(row.query.get("filters", {})),
        picks=tuple(pick for line in row.picks if (pick := _pick(line, catalog)) is not None),
        outcomes={line.anime_id: line.outcome for line in row.picks if line.outcome is not None},
        created_at=row.created_at,
    )


def _filters(stored: Mapping[str, Any]) -> Filters:
    labels = {name: frozenset(stored.get(name, ())) for name in _LABELS}
    others = {name: value for name, value in stored.items() if name not in labels}
    return Filters(**labels, **others)


def _pick(row: PickRow, catalog: Catalog) -> Pick | None:
    anime = catalog.get(row.anime_id)
    if anime is None:
        return None
    low, high = row.detail.get("range", (None, None))
    return Pick(
        anime=anime,
        score=row.score,
        predicted=row.predicted,
        reasons=tuple(Reason(*reason) for reason in row.detail.get("reasons", ())),
        shared=tuple(row.detail.get("shared", ())),
        is_new=row.detail.get("new", False),
        against=tuple(Reason(*reason) for reason in row.detail.get("against", ())),
        low=low,
        high=high,
    )
