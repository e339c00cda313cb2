"""The few HTTP routes of Discord that the admin scripts ask, answered from memory."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION = 112233445566778899
# Of the shape of a token, and of nobody's bot.
TOKEN = "MTEyMjMzNDQ1NTY2Nzc4ODk5.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB"

# What the gateway and whoever holds an interaction's key may ask without the token.
_OPEN = ("/gateway", "/ws", "/interactions/", "/webhooks/")


def as_json(value: Any, status: int = 200) -> web.Response:
    """JSON as Discord sends it: discord.py parses no body whose type names a charset."""
    body = json.dumps(value).encode()
    return web.Response(body=body, status=status, content_type="application/json")


@dataclass
class FakeDiscord:
    """What Discord knows, and what it was asked."""

    commands: dict[int | None, list[dict[str, Any]]] = field(default_factory=dict)
    guilds: list[int] = field(default_factory=list)
    forbidden: set[int] = field(default_factory=set)
    clock: timedelta = timedelta()
    down: bool = False
    syncs: int = 0
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        base = "/applications/{app}"
        app.add_routes(
            [
                web.get("/users/@me", self._me),
                web.get("/oauth2/applications/@me", self._application),
                web.get("/users/@me/guilds", self._guilds),
                web.get("/gateway", self._gateway),
                web.get(f"{base}/commands", self._get),
                web.put(f"{base}/commands", self._put),
                web.get(f"{base}/guilds/{{guild}}/commands", self._get),
                web.put(f"{base}/guilds/{{guild}}/commands", self._put),
            ]
        )
        return app

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.down:
            return as_json({"message": "no"}, status=500)
        token = request.headers.get("Authorization")
        if not request.path.startswith(_OPEN) and token != f"Bot {TOKEN}":
            return as_json({"message": "401: Unauthorized", "code": 0}, status=401)
        if request.path not in ("/ws", "/ws/") and self._place(request) in self.forbidden:
            return as_json({"message": "Missing Access", "code": 50001}, status=403)
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.clock, usegmt=True)
        return answer

    async def _me(self, _request: web.Request) -> web.Response:
        me = {"id": str(APPLICATION), "username": "Osusume", "discriminator": "0", "bot": True}
        return as_json({**me, "avatar": None, "global_name": None})

    async def _application(self, _request: web.Request) -> web.Response:
        owner = {"id": "1", "username": "aki", "discriminator": "0", "avatar": None}
        about = {"id": str(APPLICATION), "name": "Osusume", "description": "", "icon": None}
        flags = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "0" * 64}
        return as_json({**about, **flags, "owner": owner, "flags": 0})

    async def _guilds(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", 0))
        page = [
            {"id": str(n), "name": f"Server {n}", "icon": None, "owner": False, "features": []}
            for n in self.guilds
            if n > after
        ]
        return as_json(page)

    async def _gateway(self, _request: web.Request) -> web.Response:
        return as_json({"url": "wss://gateway.invalid"})

    def _place(self, request: web.Request) -> int | None:
        guild = request.match_info.get("guild")
        return None if guild is None else int(guild)

    async def _get(self, request: web.Request) -> web.Response:
        return as_json(self.commands.get(self._place(request), []))

    async def _put(self, request: web.Request) -> web.Response:
        place = self._place(request)
        sent = await request.json()
        self.syncs += 1
        extra = {"application_id": str(APPLICATION), "version": "1", "type": 1, "description": ""}
        if place is not None:
            extra["guild_id"] = str(place)
        self.commands[place] = [{**extra, "id": str(n), **c} for n, c in enumerate(sent, 1)]
        return as_json(self.commands[place])


@contextmanager
def running() -> Iterator[FakeDiscord]:
    """Serve in a thread of its own, for the scripts run loops of theirs."""
    fake = FakeDiscord()
    loop = asyncio.new_event_loop()
    started = threading.Event()
    runner: web.AppRunner | None = None

    async def start() -> None:
        nonlocal runner
        runner = web.AppRunner(fake.app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield fake
    finally:
        assert runner is not None
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
