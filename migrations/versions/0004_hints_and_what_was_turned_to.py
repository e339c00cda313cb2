"""Hints beside the list, how far a list of picks was turned, its score, and undo on its cards.

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table and columns; of the lists of before, the first page of four was surely seen."""
    op.create_table(
        "hint",
        sa.Column("user_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("anime_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("before", sa.SmallInteger()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN (-1, 0, 1)", name=op.f("ck_hint_kind")),
        sa.CheckConstraint("before IN (-1, 0, 1)", name=op.f("ck_hint_before")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_hint_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "anime_id", name="pk_hint"),
    )
    op.create_index("ix_hint_user_id_revision", "hint", ["user_id", "revision"])
    with op.batch_alter_table("shown_list", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("shown", sa.SmallInteger(), server_default="4", nullable=False))
        table.add_column(sa.Column("score", sa.SmallInteger()))
        table.add_column(sa.Column("scored_at", MOMENT))
        table.create_check_constraint(op.f("ck_shown_list_score"), "score BETWEEN 1 AND 10")
    with op.batch_alter_table("shown_list", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("shown", existing_type=sa.SmallInteger(), server_default=None)
    with op.batch_alter_table("shown_pick") as table:
        table.add_column(sa.Column("undo", JSON))


def downgrade() -> None:
    """Forget what was said in hints, and the scores of lists."""
    with op.batch_alter_table("shown_pick") as table:
        table.drop_column("undo")
    with op.batch_alter_table("shown_list", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint(op.f("ck_shown_list_score"), type_="check")
        table.drop_column("scored_at")
        table.drop_column("score")
        table.drop_column("shown")
    op.drop_table("hint")
