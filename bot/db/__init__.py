"""The only place with SQL: tables, engine, repositories.

`Database` is the door; a transaction gives the repositories, and both speak plain Python.
"""

from bot.db.database import Database, Transaction
from bot.db.errors import DatabaseError, Fault

__all__ = ["Database", "DatabaseError", "Fault", "Transaction"]
