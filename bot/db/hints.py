"""What people said about picks beside their list: more like this, less like this, no reason."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    bindparam,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.personal import personal
from bot.db.prepared import Prepared, upsert
from bot.db.types import BigId
from bot.db.upsert import rows_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@personal("hints", owner="user_id")
class Hint(Base):
    """One thing that one person said about one anime, beside their list.

    Attributes:
        user_id: whose.
        anime_id: MyAnimeList id.
        kind: 1 more like it, −1 less like it, 0 it is no evidence of their taste.
        before: the kind that stood there before, for undo; null where there was none.
        revision: the person's revision when it was said: its place in the order.
        created_at: when it was said.
    """

    __tablename__ = "hint"
    __table_args__ = (
        CheckConstraint("kind IN (-1, 0, 1)", name="kind"),
        CheckConstraint("before IN (-1, 0, 1)", name="before"),
        Index(None, "user_id", "revision"),
    )

    user_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    anime_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger)
    before: Mapped[int | None] = mapped_column(SmallInteger)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]


_ROW = rows_of(Hint).c
_HINTS = select(_ROW.anime_id, _ROW.kind, _ROW.before).where(_ROW.user_id == bindparam("user"))
_ALL = Prepared(_HINTS.order_by(_ROW.revision))
_GET = Prepared(_HINTS.where(_ROW.anime_id == bindparam("anime")))
_SAID = ("kind", "before", "revision", "created_at")
_PUT = upsert(
    rows_of(Hint),
    lambda statement: statement.on_conflict_do_update(
        index_elements=["user_id", "anime_id"],
        set_={name: statement.excluded[name] for name in _SAID},
    ),
)
_REMOVE = Prepared(
    delete(rows_of(Hint)).where(
        _ROW.user_id == bindparam("user"), _ROW.anime_id == bindparam("anime")
    )
)


class HintRow(NamedTuple):
    """One hint; the fields are those of `Hint`."""

    anime_id: int
    kind: int
    before: int | None


class HintRepository:
    """Rows of `hint`, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: int, anime_id: int) -> HintRow | None:
        """What a person said about one anime, or None."""
        row = await _GET.row(self._connection, {"user": user_id, "anime": anime_id})
        return None if row is None else HintRow(*row)

    async def all(self, user_id: int) -> tuple[HintRow, ...]:
        """Everything a person said, the newest last."""
        rows = await _ALL.rows(self._connection, {"user": user_id})
        return tuple([HintRow(*row) for row in rows])

    async def put(self, user_id: int, hint: HintRow, *, revision: int, now: datetime) -> None:
        """Write a hint, new or changed, as the person's newest.

        `UserRepository.advance` must be called first in the same transaction; it gives the
        revision.
        """
        await _PUT.run(
            self._connection,
            {
                "user_id": user_id,
                "anime_id": hint.anime_id,
                "kind": hint.kind,
                "before": hint.before,
                "revision": revision,
                "created_at": now,
            },
        )

    async def remove(self, user_id: int, anime_id: int) -> None:
        """Take a hint back; one that is not there is no error."""
        await _REMOVE.run(self._connection, {"user": user_id, "anime": anime_id})
