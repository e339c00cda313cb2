"""Consent to training, the day on which a person was last seen, and the days the bot ran.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; whoever is there was last seen when their row last changed."""
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("training_since", MOMENT))
        table.add_column(sa.Column("seen_on", sa.Date()))
    sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date({})" if sqlite else "({} AT TIME ZONE 'UTC')::date"
    op.execute(f'UPDATE "user" SET seen_on = {day.format("updated_at")}')  # noqa: S608 - our own
    # A row is not touched by a list of picks that is merely looked at.
    newest = day.format("max(created_at)")
    shown = f'(SELECT {newest} FROM shown_list WHERE user_id = "user".id)'  # noqa: S608
    op.execute(f'UPDATE "user" SET seen_on = {shown} WHERE seen_on < {shown}')  # noqa: S608
    with op.batch_alter_table("user") as table:
        table.alter_column("seen_on", existing_type=sa.Date(), nullable=False)
        table.create_index("ix_user_seen_on", ["seen_on"])
    op.create_table(
        "service_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_service_day"),
    )


def downgrade() -> None:
    """Forget who consented: the older version never learns from anybody's list."""
    op.drop_table("service_day")
    with op.batch_alter_table("user") as table:
        table.drop_index("ix_user_seen_on")
        table.drop_column("seen_on")
        table.drop_column("training_since")
