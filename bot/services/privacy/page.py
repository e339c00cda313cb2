"""The table of what is kept, for PRIVACY.md: the very declarations that export and erase follow."""

from __future__ import annotations

from bot.db.personal import personal_tables
from bot.locales import DEFAULT, strings


def kept_table() -> str:
    """A table in Markdown: what is kept of people, why, and in which table of the database."""
    s = strings(DEFAULT)
    lines = ["| What | Why | Table |", "|---|---|---|"]
    for one in personal_tables():
        what, why = (s(f"privacy.kept.{one.kind}.{part}") for part in ("what", "why"))
        lines.append(f"| {what} | {why} | `{one.table.name}` |")
    return "\n".join([*lines, ""])
