"""The tables. `migrations` follows this module, and a test holds the two together."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.personal import impersonal, personal
from bot.db.types import BigId, Json, JsonOrNull, UtcDateTime

# Every constraint has a name, so that a later migration can drop it on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        # None is a null of the table, which a query can ask for, and not one of JSON.
        list[Any]: JsonOrNull,
    }


@personal("person", owner="id", plain=("preferences",))
class User(Base):
    """A person on Discord.

    Attributes:
        id: Discord's id.
        locale: Discord's language tag, where known.
        preferences: what the person chose for themselves.
        revision: grows by one with each change of an entry. It orders the entries even where the
            clock jumps, tells whether a profile read earlier is still current, and, because every
            change updates this row first, makes two changes by one person wait for each other.
        training_since: since when the person allows their list to be learnt from; null is never.
        seen_on: the last day on which they used the bot, by which `bot.services.privacy.retention`
            knows who has left.
        created_at: when the person was first seen.
        updated_at: when the row last changed.
    """

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    locale: Mapped[str | None] = mapped_column(String(16))
    preferences: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(Integer)
    training_since: Mapped[datetime | None]
    seen_on: Mapped[date] = mapped_column(index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


@personal("entries", owner="user_id")
class Entry(Base):
    """One anime on one person's list.

    Attributes:
        user_id: whose.
        anime_id: MyAnimeList id.
        score: 1 to 10, or null when not rated.
        status: a number of `recsys.profile.Status`.
        source: where it came from: "command", "card", an import's name.
        revision: the person's revision when the entry last changed: its place in the order.
        created_at: when the anime came onto the list.
        updated_at: when the entry last changed.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 10", name="score"),
        CheckConstraint("status IN (-1, 1, 2, 3, 4, 6, 10)", name="status"),
        Index(None, "user_id", "revision"),  # a profile, and a page of it, in order
    )

    user_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    anime_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


@impersonal(
    "What the admin of a server chose for the server; who chose is not kept.", plain=("settings",)
)
class Guild(Base):
    """A Discord server and what its admin chose.

    Attributes:
        id: Discord's id.
        settings: only what differs from the defaults.
        created_at: when the row was made.
        updated_at: when it last changed.
    """

    __tablename__ = "guild"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


@personal("shown_lists", owner="user_id", plain=("query",))
class ShownList(Base):
    """A list of picks that was shown to a person.

    Attributes:
        id: never used twice, because buttons in old messages carry it.
        user_id: who asked.
        guild_id: in which server, or null in a direct message. Not a foreign key: a server
            without settings has no row.
        kind: "recommend", "similar", "next", "opposite" or "blend".
        model: version of the bundle that made it.
        query: what was asked for.
        created_at: when.
        shown: how many of its picks were shown, from the first on: those of the pages that were
            turned to.
        score: 1 to 10, what the person gave the list as a whole, if they did.
        scored_at: when they did.
    """

    __tablename__ = "shown_list"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 10", name="score"),
        Index(None, "user_id", "created_at"),  # a person's recent lists
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id", ondelete="CASCADE"))
    guild_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(16))
    model: Mapped[str] = mapped_column(String(64))
    query: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    shown: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    scored_at: Mapped[datetime | None]


@personal("shown_picks", parent="list_id", plain=("detail", "undo"))
class ShownPick(Base):
    """One pick of a shown list and what came of it.

    Attributes:
        list_id: its list.
        position: 0 for the first.
        anime_id: MyAnimeList id.
        score: the ranking score; comparable within its list.
        predicted: the predicted rating, 1 to 10, where known.
        detail: reasons and the like, so that the card can be drawn again after a restart.
        outcome: null, "seen", "rated", "planned" or "refused".
        outcome_at: when the outcome was recorded.
        undo: the person's entry before and after what led to the outcome, each null or score and
            status, so that the card can take it back.
    """

    __tablename__ = "shown_pick"
    __table_args__ = (
        CheckConstraint("outcome IN ('seen', 'rated', 'planned', 'refused')", name="outcome"),
        UniqueConstraint("list_id", "anime_id"),
    )

    list_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("shown_list.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    anime_id: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Double)
    predicted: Mapped[float | None] = mapped_column(Double)
    detail: Mapped[dict[str, Any]]
    outcome: Mapped[str | None] = mapped_column(String(16))
    outcome_at: Mapped[datetime | None]
    undo: Mapped[list[Any] | None]


@impersonal("Names of anime, added by whoever runs the bot; who did is not kept.")
class Alias(Base):
    """A name that an admin added to those that an anime has in the catalog.

    Attributes:
        anime_id: MyAnimeList id. The catalog is no table, so this refers to none; an anime that
            has left the catalog is passed over.
        text: the name.
        created_at: when it was added.
    """

    __tablename__ = "alias"

    anime_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(100), primary_key=True)
    created_at: Mapped[datetime]


@impersonal("Titles and how often they were typed: no id, and of the time only the day.")
class MissedQuery(Base):
    """A title that people asked for and that nothing was found for.

    It holds nothing about who asked: no id, and of the time only the day, with which nobody can
    tell whose command it was.

    Attributes:
        text: what was typed, in small letters.
        count: how often.
        first_seen: the first day.
        last_seen: the last day.
    """

    __tablename__ = "missed_query"

    text: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    first_seen: Mapped[date]
    last_seen: Mapped[date]


@impersonal("Days on which the bot ran, whoever used it.")
class ServiceDay(Base):
    """A day on which the bot ran.

    Time away is counted in these: while the bot is off nobody can use it, and a clock that jumps
    ahead by years adds one day.

    Attributes:
        day: in UTC.
    """

    __tablename__ = "service_day"

    day: Mapped[date] = mapped_column(primary_key=True)
