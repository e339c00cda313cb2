"""A fresh database for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db import Database
from bot.db.models import Base
from bot.services import Services
from bot.settings import Settings
from tests.bot import postgres
from tests.bot.builders import engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running server's URL; skips where there is none, unless every test is required."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
        except postgres.UnavailableError as reason:
            if os.environ.get("OSUSUME_REQUIRE_ALL") == "1":
                pytest.fail(f"PostgreSQL is required and missing: {reason}")
            pytest.skip(f"PostgreSQL: {reason}")
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'osusume.sqlite3'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database, dropped afterwards."""
    with _postgres_database(postgres_server) as url:
        yield url


@contextmanager
def _postgres_database(server: str) -> Iterator[str]:
    name = f"osusume_{uuid.uuid4().hex}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name} TEMPLATE template0"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without tables, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> Iterator[str]:
    """One PostgreSQL database for all the tests that only fill its tables: making one is slow."""
    with _postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with nothing in its tables, which may not be made yet."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    url = request.getfixturevalue("postgres_with_tables")
    asyncio.run(_empty(url))
    return url


async def _empty(url: str) -> None:
    database = await Database.open(url)
    async with database.engine.begin() as connection:
        tables = ", ".join(f'"{name}"' for name in Base.metadata.tables)
        await connection.execute(text(f"TRUNCATE {tables}"))
    await database.close()


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with its tables, and nothing in them."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def services(database: Database, database_url: str) -> Services:
    """The use cases over a small catalog, on SQLite and on PostgreSQL."""
    return Services(Settings(database_url=database_url), engine(), database)
