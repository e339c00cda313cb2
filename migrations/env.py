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
    # Both databases undo CREATE TABLE in a rollback; Alembic assumes that SQLite does not, because
    # of Python's driver, which `bot.db.engine` has told to leave transactions alone.
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()
