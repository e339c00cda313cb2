"""What was shown to people, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, insert, or_, select, update

from bot.db.models import ShownList, ShownPick
from bot.db.prepared import Prepared
from bot.db.upsert import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class PickRow:
    """One line of a shown list; the fields are those of `bot.db.models.ShownPick`."""

    anime_id: int
    score: float
    predicted: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outcome: str | None = None
    undo: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """A shown list with its picks in order; the fields are those of `bot.db.models.ShownList`."""

    id: int
    user_id: int
    guild_id: int | None
    kind: str
    model: str
    query: Mapping[str, Any]
    created_at: datetime
    shown: int
    score: int | None
    picks: tuple[PickRow, ...]


class ListState(NamedTuple):
    """What changes about a shown list, with one of the picks that something came of.

    Attributes:
        shown: as in `ListRow`; likewise `score`.
        anime_id: the pick, or None where nothing came of any; likewise the others.
    """

    shown: int
    score: int | None
    anime_id: int | None
    outcome: str | None
    undo: Sequence[Any] | None


_LIST = rows_of(ShownList).c
_PICK = rows_of(ShownPick).c
_ADD = Prepared(insert(rows_of(ShownList)).returning(_LIST.id))
_ADD_PICKS = Prepared(insert(rows_of(ShownPick)))
_GET = Prepared(
    select(
        _LIST.id,
        _LIST.user_id,
        _LIST.guild_id,
        _LIST.kind,
        _LIST.model,
        _LIST.query,
        _LIST.created_at,
        _LIST.shown,
        _LIST.score,
    ).where(_LIST.id == bindparam("list"))
)
_STATE = Prepared(
    select(_LIST.shown, _LIST.score, _PICK.anime_id, _PICK.outcome, _PICK.undo)
    .join_from(
        rows_of(ShownList),
        rows_of(ShownPick),
        and_(
            _PICK.list_id == _LIST.id,
            or_(_PICK.outcome.is_not(None), _PICK.undo.is_not(None)),
        ),
        isouter=True,
    )
    .where(_LIST.id == bindparam("list"))
)
_OWNER = Prepared(select(_LIST.user_id).where(_LIST.id == bindparam("list")))
_GET_PICKS = Prepared(
    select(_PICK.anime_id, _PICK.score, _PICK.predicted, _PICK.detail, _PICK.outcome, _PICK.undo)
    .where(_PICK.list_id == bindparam("list"))
    .order_by(_PICK.position)
)
_LATEST_LIST = (
    select(_LIST.id)
    .join(rows_of(ShownPick), _PICK.list_id == _LIST.id)
    .where(
        _LIST.user_id == bindparam("user"),
        _LIST.created_at >= bindparam("since"),
        _PICK.anime_id == bindparam("anime"),
        _PICK.position < _LIST.shown,
    )
    .order_by(_LIST.created_at.desc(), _LIST.id.desc())
    .limit(1)
)
_LATEST = Prepared(_LATEST_LIST)
_LATEST_ACTED = Prepared(_LATEST_LIST.where(_PICK.outcome.is_not(None)))
_SCORES = Prepared(
    select(_LIST.score)
    .where(_LIST.user_id == bindparam("user"), _LIST.score.is_not(None))
    .order_by(_LIST.scored_at.desc(), _LIST.id.desc())
    .limit(bindparam("most"))
)
_SAW = Prepared(
    update(rows_of(ShownList))
    .where(
        _LIST.id == bindparam("list"),
        _LIST.user_id == bindparam("user"),
        _LIST.shown < bindparam("count"),
    )
    .values(shown=bindparam("count"))
)
_UNDO = Prepared(
    select(_PICK.undo)
    .join(rows_of(ShownList), _PICK.list_id == _LIST.id)
    .where(
        _LIST.id == bindparam("list"),
        _LIST.user_id == bindparam("user"),
        _PICK.anime_id == bindparam("anime"),
    )
)
_SET_OUTCOME = Prepared(
    update(rows_of(ShownPick))
    .where(
        _PICK.list_id.in_(
            select(_LIST.id).where(
                _LIST.id == bindparam("list"), _LIST.user_id == bindparam("user")
            )
        ),
        _PICK.anime_id == bindparam("anime"),
    )
    .values(
        outcome=bindparam("came"), outcome_at=bindparam("came_at"), undo=bindparam("taken_back")
    )
)


class ShownRepository:
    """Rows of `shown_list` and `shown_pick`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        user_id: int,
        guild_id: int | None,
        kind: str,
        model: str,
        query: Mapping[str, Any],
        picks: Sequence[PickRow],
        shown: int,
        now: datetime,
    ) -> int:
        """Store a list of which the first so many picks are about to be shown.

        The person's row must exist.

        Returns:
            The list's id.
        """
        list_id: int = await _ADD.value(
            self._connection,
            {
                "user_id": user_id,
                "guild_id": guild_id,
                "kind": kind,
                "model": model,
                "query": dict(query),
                "created_at": now,
                "shown": min(shown, len(picks)),
            },
        )
        await _ADD_PICKS.run_many(
            self._connection,
            [
                {
                    "list_id": list_id,
                    "position": position,
                    "anime_id": pick.anime_id,
                    "score": pick.score,
                    "predicted": pick.predicted,
                    "detail": dict(pick.detail),
                }
                for position, pick in enumerate(picks)
            ],
        )
        return list_id

    async def get(self, list_id: int) -> ListRow | None:
        """A list with its picks, or None."""
        found = await _GET.row(self._connection, {"list": list_id})
        if found is None:
            return None
        picks = await _GET_PICKS.rows(self._connection, {"list": list_id})
        return ListRow(*found, picks=tuple([PickRow(*row) for row in picks]))

    async def state(self, list_id: int) -> Sequence[ListState]:
        """What may have changed about a list since it was made.

        Returns:
            One for each pick that something came of; one without a pick where there is none such;
            nothing where the list is gone.
        """
        rows = await _STATE.rows(self._connection, {"list": list_id})
        return [ListState(*row) for row in rows]

    async def owner(self, list_id: int) -> int | None:
        """Whose list it is; None where there is no such list."""
        return await _OWNER.value(self._connection, {"list": list_id})

    async def saw(self, user_id: int, list_id: int, count: int) -> None:
        """Note that the first so many picks of a person's own list were shown, if not more."""
        await _SAW.run(self._connection, {"list": list_id, "user": user_id, "count": count})

    async def set_score(self, user_id: int, list_id: int, score: int | None, now: datetime) -> bool:
        """Store what a person gave their own list as a whole, or that they take it back.

        Returns:
            Whether there is such a list of theirs.
        """
        result = await self._connection.execute(
            update(ShownList)
            .where(ShownList.id == list_id, ShownList.user_id == user_id)
            .values(score=score, scored_at=None if score is None else now)
            .returning(ShownList.id)
        )
        return result.scalar_one_or_none() is not None

    async def scores(self, user_id: int, most: int) -> tuple[int, ...]:
        """What a person gave their lists, the last score first."""
        rows = await _SCORES.rows(self._connection, {"user": user_id, "most": most})
        return tuple([score for (score,) in rows if score is not None])

    async def undo_of(self, user_id: int, list_id: int, anime_id: int) -> Sequence[Any] | None:
        """How to take back what was done about a pick of a person's own list; None if nothing."""
        return await _UNDO.value(
            self._connection, {"list": list_id, "user": user_id, "anime": anime_id}
        )

    async def latest_with(
        self, user_id: int, anime_id: int, since: datetime, *, acted: bool = False
    ) -> int | None:
        """The newest list since a moment in which a person was shown an anime.

        Args:
            user_id: who.
            anime_id: MyAnimeList id.
            since: the moment.
            acted: whether something must have come of it.
        """
        return await (_LATEST_ACTED if acted else _LATEST).value(
            self._connection, {"user": user_id, "anime": anime_id, "since": since}
        )

    async def set_outcome(
        self,
        *,
        user_id: int,
        list_id: int,
        anime_id: int,
        outcome: str | None,
        now: datetime,
        undo: Sequence[Any] | None = None,
    ) -> bool:
        """Record what came of one pick of a person's own list; somebody else's is left alone.

        Args:
            user_id: whose.
            list_id: the list.
            anime_id: the pick.
            outcome: what came of it; None takes it back.
            now: when.
            undo: the entry before and after, for the card.

        Returns:
            Whether there was such a pick.
        """
        changed = await _SET_OUTCOME.run(
            self._connection,
            {
                "list": list_id,
                "user": user_id,
                "anime": anime_id,
                "came": outcome,
                "came_at": None if outcome is None else now,
                "taken_back": None if undo is None else list(undo),
            },
        )
        return changed > 0
