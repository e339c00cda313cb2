"""People, their lists, servers, and what was shown.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "user",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("locale", sa.String(16)),
        sa.Column("preferences", JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
    )
    op.create_table(
        "entry",
        sa.Column("user_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("anime_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score", sa.SmallInteger()),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 10", name=op.f("ck_entry_score")),
        sa.CheckConstraint("status IN (-1, 1, 2, 3, 4, 6, 10)", name=op.f("ck_entry_status")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_entry_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "anime_id", name="pk_entry"),
    )
    op.create_index("ix_entry_user_id_revision", "entry", ["user_id", "revision"])
    op.create_table(
        "guild",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guild"),
    )
    op.create_table(
        "shown_list",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("guild_id", BIG_ID),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_shown_list_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shown_list"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shown_list_user_id_created_at", "shown_list", ["user_id", "created_at"])
    op.create_table(
        "shown_pick",
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("anime_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("predicted", sa.Double()),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("outcome_at", MOMENT),
        sa.CheckConstraint(
            "outcome IN ('seen', 'rated', 'planned', 'refused')", name=op.f("ck_shown_pick_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["shown_list.id"],
            name="fk_shown_pick_list_id_shown_list",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name="pk_shown_pick"),
        sa.UniqueConstraint("list_id", "anime_id", name="uq_shown_pick_list_id_anime_id"),
    )


def downgrade() -> None:
    """Drop every table, and with them everything that people entered."""
    op.drop_table("shown_pick")
    op.drop_table("shown_list")
    op.drop_table("guild")
    op.drop_table("entry")
    op.drop_table("user")
