"""The tables of lists that people bring: the work at hand, its lines, and the way back."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.personal import personal
from bot.db.types import BigId, Json


@personal("imports", owner="user_id", plain=("note",))
class ImportJob(Base):
    """One list that a person brings.

    Attributes:
        id: never used twice, because buttons in old messages carry it.
        user_id: whose.
        source: where the list came from, a value of `bot.importing.Source`.
        account: the person's name on that site; null for a file.
        state: "fetching", "matching", "ready", "applied", "undone" or "failed".
        cursor: of a site, what was read last; what is read next follows from it.
        total: how many lines the site says that it has, where it says so.
        passed_over: lines that name no anime.
        guessed_scale: the scale that the scores were taken for, where the list does not say.
        note: why it failed, or what applying or undoing it did.
        created_at: when it began.
        updated_at: when it last got on.
    """

    __tablename__ = "import_job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('fetching', 'matching', 'ready', 'applied', 'undone', 'failed')",
            name="state",
        ),
        Index(None, "user_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(16))
    account: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    cursor: Mapped[str | None] = mapped_column(String(64))
    total: Mapped[int | None] = mapped_column(Integer)
    passed_over: Mapped[int] = mapped_column(Integer)
    guessed_scale: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


@personal("import_lines", parent="job_id", plain=("guesses",))
class ImportLine(Base):
    """One line of a list that is not on the person's own list yet.

    Attributes:
        job_id: its list.
        position: its place in the list.
        state: "open" until its title was looked up, then "sure", "asked" or "unknown"; "skipped"
            once the person answered that it is none of the guesses.
        anime_id: MyAnimeList id, once it is sure.
        title: as the list spells it; empty where it has none.
        year: of the first broadcast, where the list has it.
        score: 1 to 10, or null when not rated.
        status: a number of `recsys.profile.Status`, or null where the list does not say.
        guesses: ids of the anime that the title may mean, for the person to choose from.
    """

    __tablename__ = "import_line"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'sure', 'asked', 'unknown', 'skipped')", name="state"),
        CheckConstraint("score BETWEEN 1 AND 10", name="score"),
        Index(None, "job_id", "state"),
    )

    job_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    anime_id: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    guesses: Mapped[list[Any]] = mapped_column(Json)


@personal("import_changes", parent="job_id")
class ImportChange(Base):
    """What an import did to one entry: what it was before, for undo.

    Attributes:
        job_id: the import.
        anime_id: MyAnimeList id.
        revision: of the entry as the import left it. An entry that has another by now was changed
            since, and undo leaves it alone.
        was_listed: whether the entry was there before. The others are null where it was not.
        score: as it was.
        status: as it was.
        source: as it was.
        old_revision: as it was.
        created_at: as it was.
        updated_at: as it was.
    """

    __tablename__ = "import_change"

    job_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True
    )
    anime_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)
    was_listed: Mapped[bool]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    source: Mapped[str | None] = mapped_column(String(32))
    old_revision: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
