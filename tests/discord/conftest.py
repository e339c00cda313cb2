"""The real bot, on the weights that ship, inside a simulated Discord."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from simcord import Env

from bot.client import build_client
from bot.commands.attachments import from_memory
from bot.services.container import Engine, load_engine
from bot.settings import Settings
from recsys.bundle import PRETRAINED
from tests.discord.limits import check_request
from tests.discord.world import World, open_services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# asyncpg drops the connection over which it cancelled a statement, and asyncio says so whenever
# that is collected: in a test of ours after one of the database's.
ASYNCPG = "unexpected connection_lost() call"


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The shipped catalog and weights, loaded once for the whole run."""
    return load_engine(Settings(bundle_path=PRETRAINED))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        discord_token=None,
        database_url=f"sqlite:///{(tmp_path / 'osusume.sqlite3').as_posix()}",
    )


@pytest_asyncio.fixture
async def env(settings: Settings, engine: Engine) -> AsyncIterator[Env]:
    client = build_client(settings, await open_services(settings, engine))
    client.read_attachment = from_memory  # a simulated Discord has no servers to fetch from
    env = Env(client, shard_count=1, check_errors=False)
    await env.start()
    yield env
    await env.shutdown()
    await env.bot.services.close()


@pytest.fixture
def world(env: Env, engine: Engine, caplog: pytest.LogCaptureFixture) -> World:
    """The server. Afterwards every payload that was sent is checked against Discord's limits."""
    world = World(env, env.bot, engine)
    with caplog.at_level(logging.INFO):
        yield world
    for request in env.http_requests:
        check_request(request.method, request.path, request.json)
    errors = [
        record
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.ERROR and ASYNCPG not in record.getMessage()
    ]
    assert len(errors) == world.expected_errors, [record.getMessage() for record in errors]
