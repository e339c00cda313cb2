"""Lists that people bring: the work at hand, its lines, and what it changed.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the three tables; nothing that is there changes."""
    op.create_table(
        "import_job",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cursor", sa.String(64), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.Column("guessed_scale", sa.SmallInteger(), nullable=True),
        sa.Column("note", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "state IN ('fetching', 'matching', 'ready', 'applied', 'undone', 'failed')",
            name=op.f("ck_import_job_state"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_import_job_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_job"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_job_user_id_created_at", "import_job", ["user_id", "created_at"])
    op.create_table(
        "import_line",
        sa.Column("job_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("anime_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("guesses", JSON, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'sure', 'asked', 'unknown', 'skipped')",
            name=op.f("ck_import_line_state"),
        ),
        sa.CheckConstraint("score BETWEEN 1 AND 10", name=op.f("ck_import_line_score")),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["import_job.id"],
            name="fk_import_line_job_id_import_job",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_import_line"),
    )
    op.create_index("ix_import_line_job_id_state", "import_line", ["job_id", "state"])
    op.create_table(
        "import_change",
        sa.Column("job_id", BIG_ID, nullable=False),
        sa.Column("anime_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("was_listed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("source", sa.String(32), nullable=True),
        sa.Column("old_revision", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["import_job.id"],
            name="fk_import_change_job_id_import_job",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "anime_id", name="pk_import_change"),
    )


def downgrade() -> None:
    """Drop the three tables, and with them the way back from what was imported."""
    op.drop_table("import_change")
    op.drop_index("ix_import_line_job_id_state", "import_line")
    op.drop_table("import_line")
    op.drop_index("ix_import_job_user_id_created_at", "import_job")
    op.drop_table("import_job")
