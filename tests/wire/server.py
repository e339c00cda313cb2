"""A small Discord over HTTP and WebSocket: enough for real processes with real shards.

It keeps what Discord keeps: sessions that can be resumed, events that a dropped connection missed,
and which interaction was answered. An interaction is sent to the one session that has its server's
shard, as Discord does, and may be answered once.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from aiohttp import WSMsgType, web

from tests.admin.fake_discord import APPLICATION, TOKEN, FakeDiscord, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

HEARTBEAT = 41_250  # milliseconds, Discord's own
DISPATCH, BEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, BEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass(eq=False)
class Session:
    """One shard of one process."""

    number: str
    shard: int
    socket: web.WebSocketResponse | None
    sent: list[dict[str, Any]] = field(default_factory=list)
    identified: int = 1

    async def dispatch(self, kind: str, data: Any) -> None:
        """Send an event, or keep it for a session that is away."""
        event = {"op": DISPATCH, "t": kind, "d": data, "s": len(self.sent) + 1}
        self.sent.append(event)
        if self.socket is not None and not self.socket.closed:
            await self.socket.send_str(json.dumps(event))


@dataclass
class Interaction:
    """One interaction, and what was answered."""

    payload: dict[str, Any]
    answers: list[dict[str, Any]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    refused: int = 0  # answers after the first


class WireDiscord(FakeDiscord):
    """Discord for whole processes.

    Args:
        guilds: the ids of the servers that the bot is in.
        shards: how many shards all processes have together.
    """

    def __init__(self, guilds: Iterable[int] = (), shards: int = 1) -> None:
        super().__init__(guilds=list(guilds))
        self.shards = shards
        self.sessions: dict[str, Session] = {}
        self.interactions: dict[int, Interaction] = {}
        self.resumed: Counter[int] = Counter()
        self.identified: Counter[int] = Counter()
        self.ready: dict[int, asyncio.Event] = {n: asyncio.Event() for n in range(shards)}
        self.failing: list[int] = []  # HTTP statuses with which the next callbacks are refused
        self._numbers = itertools.count(5 * 10**17)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = self.app()
        app.add_routes(
            [
                web.get("/gateway/bot", self._gateway_bot),
                web.get("/ws", self._socket),
                web.get("/ws/", self._socket),
                web.post("/interactions/{id}/{token}/callback", self._callback),
                web.route("*", "/webhooks/{app}/{token}", self._followup),
                web.route("*", "/webhooks/{app}/{token}/messages/{message}", self._followup),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    # ------------------------------------------------------------------ what a test does

    def session_of(self, guild: int) -> Session | None:
        """The session that has a server's shard; the newest where a process was replaced."""
        shard = (guild >> 22) % self.shards
        mine = [session for session in self.sessions.values() if session.shard == shard]
        return mine[-1] if mine else None

    async def interact(self, guild: int, person: int, name: str, **options: Any) -> Interaction:
        """Somebody runs a command; Discord sends it to the process that has the server."""
        number = next(self._numbers)
        payload = command_payload(number, guild, person, name, options)
        interaction = Interaction(payload)
        self.interactions[number] = interaction
        session = self.session_of(guild)
        if session is not None:
            await session.dispatch("INTERACTION_CREATE", payload)
        return interaction

    async def drop(self, shard: int, code: int = 4000) -> None:
        """Cut a shard's connection, as networks do."""
        for session in list(self.sessions.values()):
            if session.shard == shard and session.socket is not None:
                await session.socket.close(code=code)
                session.socket = None

    async def say(self, shard: int, op: int, data: Any = None) -> None:
        """Send a shard a word of the gateway's own, such as RECONNECT or INVALID."""
        for session in self.sessions.values():
            if session.shard == shard and session.socket is not None:
                await session.socket.send_str(json.dumps({"op": op, "d": data}))

    def forget(self, shard: int) -> None:
        """Lose a shard's sessions, so that they cannot be resumed."""
        for number in [n for n, s in self.sessions.items() if s.shard == shard]:
            del self.sessions[number]

    # ------------------------------------------------------------------ the gateway

    async def _gateway_bot(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 16}
        url = f"{self.url.replace('http', 'ws', 1)}/ws"
        return as_json({"url": url, "shards": self.shards, "session_start_limit": limit})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await socket.send_str(json.dumps({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT}}))
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if said["op"] == BEAT:
                await socket.send_str(json.dumps({"op": BEAT_ACK}))
            elif said["op"] == IDENTIFY:
                session = await self._identify(socket, said["d"])
            elif said["op"] == RESUME:
                session = await self._resume(socket, said["d"]) or session
        if session is not None and session.socket is socket:
            session.socket = None
        return socket

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session:
        assert data["token"] == TOKEN
        shard = data.get("shard", [0, 1])[0]
        session = Session(f"session-{next(self._numbers)}", shard, socket)
        self.sessions[session.number] = session
        self.identified[shard] += 1
        mine = [guild for guild in self.guilds if (guild >> 22) % self.shards == shard]
        me = {"id": str(APPLICATION), "username": "Osusume", "discriminator": "0", "bot": True}
        ready = {
            "v": 10,
            "user": {**me, "avatar": None, "global_name": None},
            "guilds": [{"id": str(guild), "unavailable": True} for guild in mine],
            "session_id": session.number,
            "resume_gateway_url": f"{self.url.replace('http', 'ws', 1)}/ws",
            "shard": [shard, self.shards],
            "application": {"id": str(APPLICATION), "flags": 0},
        }
        await session.dispatch("READY", ready)
        for guild in mine:
            await session.dispatch("GUILD_CREATE", guild_payload(guild))
        self.ready[shard].set()
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await socket.send_str(json.dumps({"op": INVALID, "d": False}))
            return None
        session.socket = socket
        self.resumed[session.shard] += 1
        for event in session.sent[data["seq"] :]:
            await socket.send_str(json.dumps(event))
        await session.dispatch("RESUMED", {})
        return session

    # ------------------------------------------------------------------ answers

    async def _callback(self, request: web.Request) -> web.Response:
        if self.failing:
            status = self.failing.pop(0)
            if status == 429:
                body = {"message": "You are being rate limited.", "retry_after": 0.05}
                answer = as_json({**body, "global": False}, status=429)
                answer.headers["Retry-After"] = "0.05"
                answer.headers["Via"] = (
                    "1.1 google"  # Discord itself, and not what stands before it
                )
                return answer
            return as_json({"message": "Internal Server Error", "code": 0}, status=status)
        interaction = self.interactions[int(request.match_info["id"])]
        if interaction.answers:
            interaction.refused += 1
            said = {"message": "Interaction has already been acknowledged.", "code": 40060}
            return as_json(said, status=400)
        answer = await _body(request)
        interaction.answers.append(answer)
        interaction.answered.set()
        about = {"id": request.match_info["id"], "type": 2, "response_message_id": "1"}
        message = message_payload(answer.get("data") or {})
        resource = {"type": answer["type"], "message": message}
        return as_json({"interaction": about, "resource": resource})

    async def _followup(self, request: web.Request) -> web.Response:
        return as_json(message_payload(await _body(request) if request.can_read_body else {}))


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return await request.json()
    form = await request.post()
    return json.loads(str(form["payload_json"]))


def guild_payload(guild: int) -> dict[str, Any]:
    """A server with one channel, as GUILD_CREATE brings it."""
    return {
        "id": str(guild),
        "name": f"Server {guild}",
        "owner_id": "1",
        "roles": [],
        "emojis": [],
        "stickers": [],
        "features": [],
        "channels": [],
        "members": [],
        "threads": [],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "member_count": 2,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "system_channel_flags": 0,
        "afk_timeout": 0,
        "joined_at": "2026-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
    }


def command_payload(
    number: int, guild: int, person: int, name: str, options: dict[str, Any]
) -> dict[str, Any]:
    """A slash command, as INTERACTION_CREATE brings it."""
    given = [
        {"name": key, "type": 4 if isinstance(value, int) else 3, "value": value}
        for key, value in options.items()
    ]
    user = {"id": str(person), "username": f"p{person}", "discriminator": "0", "avatar": None}
    channel = {"id": str(guild + 1), "type": 0, "name": "anime", "position": 0, "permissions": "0"}
    return {
        "id": str(number),
        "application_id": str(APPLICATION),
        "type": 2,
        "data": {"id": "1", "name": name, "type": 1, "options": given},
        "guild_id": str(guild),
        "channel_id": str(guild + 1),
        "channel": channel,
        "member": {
            "user": {**user, "global_name": None},
            "roles": [],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": "0",
        },
        "token": f"aW50ZXJhY3Rpb246{number}",
        "version": 1,
        "locale": "en-US",
        "guild_locale": "en-US",
        "app_permissions": "0",
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild)},
        "context": 0,
        "attachment_size_limit": 10_485_760,
    }


def message_payload(body: dict[str, Any]) -> dict[str, Any]:
    """A message, as Discord echoes it."""
    author = {"id": str(APPLICATION), "username": "Osusume", "discriminator": "0", "avatar": None}
    return {
        "id": "1",
        "channel_id": "1",
        "author": {**author, "global_name": None},
        "type": 0,
        "content": body.get("content") or "",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": body.get("flags", 0),
        "components": body.get("components") or [],
    }
