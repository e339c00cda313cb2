"""Picks on their way into the database and back, so that a card survives a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.db.shown import PickRow
from recsys.picks import NEUTRAL, Dials, Filters, Pick, Reason
from recsys.profile import Entry, Hints, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.db.shown import ListRow
    from recsys.catalog import Catalog


_LABELS = ("types", "genres", "without", "any_genres", "studios")  # the filters that are sets

EVERYTHING = Filters()
NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Query:
    """What a list was asked for, whole enough to ask again.

    Attributes:
        k: at most how many picks.
        filters: what a pick must be.
        seeds: the anime that were named, for the kinds that name some.
        unwanted: the anime that a blend is to have less of.
        dials: how the ranking was turned.
        planned: whether what the person plans to watch may be picked.
        hints: what they had said about picks by then.
    """

    k: int = 5
    filters: Filters = EVERYTHING
    seeds: tuple[int, ...] = ()
    unwanted: tuple[int, ...] = ()
    dials: Dials = NEUTRAL
    planned: bool = False
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list that was shown, whole enough to be shown again.

    Attributes:
        list_id: its id.
        user_id: who asked for it.
        guild_id: in which server, or None in a direct message.
        kind: "recommend", "similar", "next", "opposite" or "blend".
        model: version of the bundle that made it.
        query: what was asked for.
        picks: in order. One that has left the catalog since is left out.
        outcomes: what came of them so far, by anime id.
        undo: by anime id, the person's entry before and after what they did about a pick here.
        created_at: when it was shown.
        shown: how many picks were shown, counted as stored.
        score: what the person gave the list as a whole, or None.
    """

    list_id: int
    user_id: int
    guild_id: int | None
    kind: str
    model: str
    query: Query
    picks: tuple[Pick, ...]
    outcomes: Mapping[int, str]
    created_at: datetime
    undo: Mapping[int, tuple[Entry | None, Entry | None]] = field(default_factory=dict[Any, Any])
    shown: int = 0
    score: int | None = None

    @property
    def anime_ids(self) -> tuple[int, ...]:
        """The picks' anime, in order."""
        return tuple(pick.anime.id for pick in self.picks)

    def place(self, anime_id: int) -> int:
        """Where an anime stands, 0 for the first; 0 too for one that is not there."""
        ids = self.anime_ids
        return ids.index(anime_id) if anime_id in ids else 0


def query_to_json(query: Query) -> dict[str, Any]:
    """What was asked for, as stored: only what was set."""
    hints = query.hints
    said = {"more": list(hints.more), "less": list(hints.less), "muted": sorted(hints.muted)}
    parts: dict[str, Any] = {
        "filters": filters_to_json(query.filters),
        "seeds": list(query.seeds),
        "unwanted": list(query.unwanted),
        "dials": dials_to_json(query.dials),
        "planned": query.planned,
        "hints": {name: ids for name, ids in said.items() if ids},
    }
    return {"k": query.k} | {name: value for name, value in parts.items() if value}


def query_from_json(stored: Mapping[str, Any]) -> Query:
    """The inverse of `query_to_json`, for what any version stored."""
    said = stored.get("hints", {})
    return Query(
        k=stored.get("k", 5),
        filters=filters_from_json(stored.get("filters", {})),
        seeds=tuple(stored.get("seeds", ())),
        unwanted=tuple(stored.get("unwanted", ())),
        dials=dials_from_json(stored.get("dials", {})),
        planned=stored.get("planned", False),
        hints=Hints(
            more=tuple(said.get("more", ())),
            less=tuple(said.get("less", ())),
            muted=frozenset(said.get("muted", ())),
        ),
    )


def filters_to_json(filters: Filters) -> dict[str, Any]:
    """Filters as stored: only the parts that are set."""
    wanted = {name: getattr(filters, name) for name in Filters.__slots__}
    wanted |= {name: sorted(wanted[name]) for name in _LABELS}
    return {name: value for name, value in wanted.items() if value not in ([], None, False)}


def filters_from_json(stored: Mapping[str, Any]) -> Filters:
    """Filters as they were; a part that this version does not know is left out."""
    labels = {name: frozenset(stored.get(name, ())) for name in _LABELS}
    known = set(Filters.__slots__) - set(_LABELS)
    return Filters(**labels, **{name: value for name, value in stored.items() if name in known})


def dials_to_json(dials: Dials) -> dict[str, float]:
    """Dials as stored: only those that are turned."""
    return {name: value for name in Dials.__slots__ if (value := getattr(dials, name))}


def dials_from_json(stored: Mapping[str, Any]) -> Dials:
    """Dials as they were.

    Raises:
        ValueError: a dial stands where none can.
    """
    return Dials(**{name: float(stored[name]) for name in Dials.__slots__ if name in stored})


def pick_to_row(pick: Pick) -> PickRow:
    """A pick as stored. NumPy's numbers become Python's, which JSON and the drivers know."""
    detail: dict[str, Any] = {}
    for name in ("reasons", "against", "hinted"):
        if reasons := getattr(pick, name):
            detail[name] = _reasons_to_json(reasons)
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


def undo_to_json(before: Entry | None, after: Entry | None) -> list[Any]:
    """Two states of an entry, as stored with the pick that led from one to the other."""
    return [None if e is None else [e.score, int(e.status)] for e in (before, after)]


def undo_from_json(
    anime_id: int, stored: Sequence[Any] | None
) -> tuple[Entry | None, Entry | None] | None:
    """The two states, or None where nothing was done."""
    if stored is None:
        return None
    before, after = (
        None if state is None else Entry(anime_id, state[0], Status(state[1])) for state in stored
    )
    return before, after


def list_from_row(row: ListRow, catalog: Catalog) -> StoredList:
    """A list as it was shown."""
    undo = ((line.anime_id, undo_from_json(line.anime_id, line.undo)) for line in row.picks)
    return StoredList(
        list_id=row.id,
        user_id=row.user_id,
        guild_id=row.guild_id,
        kind=row.kind,
        model=row.model,
        query=query_from_json(row.query),
        picks=tuple(pick for line in row.picks if (pick := _pick(line, catalog)) is not None),
        outcomes={line.anime_id: line.outcome for line in row.picks if line.outcome is not None},
        undo={anime_id: states for anime_id, states in undo if states is not None},
        created_at=row.created_at,
        shown=row.shown,
        score=row.score,
    )


def _pick(row: PickRow, catalog: Catalog) -> Pick | None:
    anime = catalog.get(row.anime_id)
    if anime is None:
        return None
    low, high = row.detail.get("range", (None, None))
    reasons, against, hinted = (
        tuple(Reason(*reason) for reason in row.detail.get(name, ()))
        for name in ("reasons", "against", "hinted")
    )
    return Pick(
        anime=anime,
        score=row.score,
        predicted=row.predicted,
        reasons=reasons,
        shared=tuple(row.detail.get("shared", ())),
        is_new=row.detail.get("new", False),
        against=against,
        low=low,
        high=high,
        hinted=hinted,
    )
