"""Titles that nothing was found for, and names that an admin adds.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the two tables; nothing that is there changes."""
    op.create_table(
        "alias",
        sa.Column("anime_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("anime_id", "text", name="pk_alias"),
    )
    op.create_table(
        "missed_query",
        sa.Column("text", sa.String(100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("text", name="pk_missed_query"),
    )


def downgrade() -> None:
    """Drop the two tables, and with them the names that were added."""
    op.drop_table("missed_query")
    op.drop_table("alias")
