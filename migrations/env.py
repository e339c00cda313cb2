"""Alembic's entry: runs the migrations on the connection that `bot.db.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.db.models import Base

connection = context.config.attributes.get("connection")
if connection is None:
    message = "run migrations with: python -m bot.db"
    raise RuntimeError(message)

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)

# The transaction is the caller's, so that a migration that fails half way leaves nothing.
context.run_migrations()
