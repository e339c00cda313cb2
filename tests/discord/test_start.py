"""``python -m bot``: what it says when it cannot start, and with which exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route

import bot.__main__ as entry
from bot import services
from bot.services.errors import StartupError
from bot.settings import Settings
from tests.discord.world import open_services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.not-a-real-token-of-anybody"
ROOT = Path(__file__).parents[2]


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m bot`` in a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSUSUME_")}
    return subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "status", "said"),
    [
        ({"OSUSUME_DISCORD_TOKEN": "hunter2"}, 2, "OSUSUME_DISCORD_TOKEN is not a bot token"),
        ({"OSUSUME_POSTER_HOST": "moon"}, 2, "OSUSUME_POSTER_HOST should be"),
        (
            {"OSUSUME_DISCORD_TOKEN": TOKEN, "OSUSUME_DATABASE_URL": "sqlite:///no/such/a.sqlite3"},
            1,
            "no/such",
        ),
        (
            {"OSUSUME_DISCORD_TOKEN": TOKEN, "OSUSUME_BUNDLE_PATH": "no-such-folder"},
            1,
            "no-such-folder",
        ),
    ],
)
def test_what_is_wrong_at_start_is_one_sentence(
    tmp_path: Path, environment: dict[str, str], status: int, said: str
) -> None:
    done = start(tmp_path, **environment)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr
    assert "hunter2" not in done.stderr


def as_discord(data: object, status: int = 200) -> web.Response:
    """An answer of Discord's API; discord.py reads JSON under exactly this content type."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


def was_closed(database_url: str) -> bool:
    """Whether every connection was closed: the last one takes SQLite's log with it."""
    file = Path(database_url.partition("///")[2])
    return file.exists() and not file.with_name(f"{file.name}-wal").exists()


@pytest.fixture
async def refusing_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TestServer]:
    """A server that knows no token, in Discord's place."""

    async def unauthorized(_request: web.Request) -> web.Response:
        return as_discord({"message": "401: Unauthorized", "code": 0}, status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", unauthorized)
    server = TestServer(app)
    await server.start_server()
    monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
    yield server
    await server.close()


@pytest.fixture
def token_settings(settings: Settings, engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    async def opened(chosen: Settings) -> services.Services:
        return await open_services(chosen, engine)

    monkeypatch.setattr(services.Services, "open", opened)
    return Settings(discord_token=TOKEN, database_url=settings.database_url)


async def test_a_token_that_discord_refuses_gets_a_sentence(
    refusing_discord: TestServer, token_settings: Settings
) -> None:
    with pytest.raises(StartupError, match="does not accept the token") as caught:
        await entry._connect(token_settings, token_settings.discord_token)
    assert TOKEN not in str(caught.value)


async def test_a_test_server_that_the_bot_is_not_in_gets_a_sentence(
    token_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = {"id": "1", "username": "osusume", "discriminator": "0", "avatar": None, "bot": True}
    application = {
        "id": "1",
        "name": "osusume",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "owner": user,
        "summary": "",
    }

    async def discord(request: web.Request) -> web.Response:
        if request.path.endswith("/users/@me"):
            return as_discord(user)
        if request.path.endswith("/applications/@me"):
            return as_discord(application)
        return as_discord({"message": "Missing Access", "code": 50001}, status=403)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", discord)
    async with TestServer(app) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        settings = token_settings.model_copy(update={"test_guild_id": 4242})
        with pytest.raises(StartupError, match="register its commands in the server 4242"):
            await entry._connect(settings, settings.discord_token)


async def test_discord_out_of_reach_gets_a_sentence(
    refusing_discord: TestServer, token_settings: Settings
) -> None:
    await refusing_discord.close()
    with pytest.raises(StartupError, match="Discord cannot be reached"):
        await entry._connect(token_settings, token_settings.discord_token)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
async def test_a_request_to_terminate_closes_the_database_in_order(
    token_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def silent(_request: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", silent)
    async with TestServer(app, shutdown_timeout=0) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        task = asyncio.create_task(entry._connect(token_settings, token_settings.discord_token))
        await asked.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(asyncio.CancelledError):
            await task
    assert was_closed(token_settings.database_url)


def test_without_a_token_the_local_bot_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import local

    chosen = Settings(discord_token=None)
    monkeypatch.setattr(entry, "load_settings", lambda: chosen)
    monkeypatch.setattr(local, "run", lambda settings: 7 if settings is chosen else 0)
    assert entry.main([]) == 7


def test_a_start_that_fails_is_a_sentence_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot import local

    def broken(_settings: Settings) -> int:
        message = "The weights are damaged."
        raise StartupError(message)

    monkeypatch.setattr(entry, "load_settings", lambda: Settings(discord_token=None))
    monkeypatch.setattr(local, "run", broken)
    assert entry.main([]) == 1
    assert capsys.readouterr().err == "The weights are damaged.\n"


def test_starting_loads_neither_torch_nor_pandas() -> None:
    code = "import bot.client, bot.__main__, sys; print({'torch', 'pandas'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
