"""The real client fed with gateway payloads, and Discord's answers given from memory.

Everything between is the bot's own and discord.py's: parsing, the command tree, the views, the
services, the database, the cards, their JSON. What is left out is the network, which is not ours.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from discord import ClientUser, utils
from discord.webhook import async_ as webhooks

from bot.admin.portal import Described

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from bot.services import Services
    from bot.settings import Settings

APPLICATION = 1000
COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
STRING, INTEGER = 3, 4
_BUTTON = 2
_MESSAGE, _DEFERRED_MESSAGE, _DEFERRED_UPDATE, _UPDATE, _CHOICES = 4, 5, 6, 7, 8


@dataclass(slots=True)
class Answer:
    """What came of one interaction.

    Attributes:
        first: seconds from the gateway to the first answer.
        last: seconds to the end; the same where there was no deferral.
        kind: Discord's number of the first answer's type.
        body: of the message or the choices, as Discord would get them.
        done: resolves when something is there to be read.
    """

    started: float
    first: float = 0.0
    last: float = 0.0
    kind: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def buttons(self) -> list[str]:
        """The custom_ids of the buttons of the message."""
        return list(_buttons(self.body.get("components", [])))


def _buttons(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        usable = component.get("type") == _BUTTON and not component.get("disabled")
        if usable and "custom_id" in component:
            yield component["custom_id"]
        yield from _buttons(component.get("components", []))


class Gateway:
    """A bot that thinks it is connected.

    Args:
        settings: of the bot; no token is needed.
        services: opened and closed by the caller.
        client: what answers; by default the real one.
    """

    def __init__(self, settings: Settings, services: Services, client: Any = None) -> None:
        self.client = client or _client(settings, services)
        self._ids = itertools.count(10**6)
        self._open: dict[int, Answer] = {}
        self._token = None

    async def __aenter__(self) -> Self:
        state = self.client._connection
        state.application_id = APPLICATION
        state.user = ClientUser(state=state, data=_user(APPLICATION))
        await self.client._async_setup_hook()
        await self.client.setup_hook()
        if isinstance(self.client, Described):
            await self.client.load_commands()
        self._token = webhooks.async_context.set(_Memory(self))
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            webhooks.async_context.reset(self._token)
        await self.client.close()

    async def command(self, person: int, guild: int, name: str, **options: Any) -> Answer:
        """Run a slash command and wait for what it says."""
        return await self._send(person, guild, COMMAND, _command(name, options))

    async def type(self, person: int, guild: int, name: str, option: str, text: str) -> Answer:
        """One keystroke in an option."""
        data = _command(name, {option: text})
        data["options"][-1]["focused"] = True
        return await self._send(person, guild, AUTOCOMPLETE, data)

    async def tap(self, person: int, guild: int, message: Answer, custom_id: str) -> Answer:
        """Tap a button of a message."""
        data = {"custom_id": custom_id, "component_type": _BUTTON}
        return await self._send(person, guild, COMPONENT, data, message)

    async def _send(
        self, person: int, guild: int, kind: int, data: dict[str, Any], on: Answer | None = None
    ) -> Answer:
        self._join(guild)
        number = next(self._ids)
        payload = _payload(number, person, guild, kind, data)
        if on is not None:
            payload["message"] = _message(number, on.body)
        # As it comes over the wire: the parsed JSON is nobody else's.
        payload = utils._from_json(utils._to_json(payload))
        answer = Answer(time.perf_counter())
        self._open[number] = answer
        self.client._connection.parse_interaction_create(payload)
        try:
            async with asyncio.timeout(30):
                await answer.done
        finally:
            del self._open[number]
        return answer

    def _join(self, guild: int) -> None:
        """Let the client know a server, as Discord does for each that the bot is in."""
        state = self.client._connection
        if state._get_guild(guild) is None:
            state._add_guild_from_data(_guild(guild))

    def answered(self, number: int, kind: int, body: dict[str, Any]) -> None:
        """Discord was told something about an interaction."""
        answer = self._open.get(number)
        if answer is None:
            return
        now = time.perf_counter() - answer.started
        if not answer.first:
            answer.first, answer.kind = now, kind
        answer.last = now
        if body:
            answer.body = body
        waits = kind in (_DEFERRED_MESSAGE, _DEFERRED_UPDATE)
        if not waits and not answer.done.done():
            answer.done.set_result(None)


class _Memory(webhooks.AsyncWebhookAdapter):
    """Discord's HTTP side of interactions: takes everything, and answers at once."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway

    async def request(self, route: Any, session: Any, **given: Any) -> Any:  # noqa: ARG002 - as in discord.py
        payload = given.get("payload")
        if payload is None:
            parts = given.get("multipart") or []
            payload = next(
                (utils._from_json(p["value"]) for p in parts if p["name"] == "payload_json"), {}
            )
        # The work of making the body is part of the answer, with what discord.py makes it with.
        body = utils._from_json(utils._to_json(payload))
        number = int(route.webhook_token.removeprefix("token-"))
        if "/callback" in route.path:
            self._gateway.answered(number, body["type"], body.get("data") or {})
            if body["type"] not in (_MESSAGE, _DEFERRED_MESSAGE, _UPDATE, _DEFERRED_UPDATE):
                return {"interaction": {"id": str(number), "type": COMMAND}}
            about = {"id": str(number), "type": COMMAND, "response_message_id": str(number)}
            resource = {"type": body["type"], "message": _message(number, body.get("data") or {})}
            return {"interaction": about, "resource": resource}
        self._gateway.answered(number, 0, body)
        return _message(number, body)


def _client(settings: Settings, services: Services) -> Any:
    client = Described(settings)
    client.services = services
    return client


def _command(name: str, options: dict[str, Any]) -> dict[str, Any]:
    given = [
        {"name": key, "type": INTEGER if isinstance(value, int) else STRING, "value": value}
        for key, value in options.items()
    ]
    return {"id": "1", "name": name, "type": 1, "options": given}


def _user(person: int) -> dict[str, Any]:
    name = {"username": f"person{person}", "discriminator": "0", "global_name": None}
    return {"id": str(person), "avatar": None, **name}


def _channel(guild: int) -> dict[str, Any]:
    return {"id": str(guild + 1), "type": 0, "name": "anime", "position": 0}


def _guild(guild: int) -> dict[str, Any]:
    everyone = {"id": str(guild), "name": "@everyone", "permissions": "0", "position": 0}
    looks = {"color": 0, "hoist": False, "managed": False, "mentionable": False}
    return {
        "id": str(guild),
        "name": "a server",
        "owner_id": "1",
        "roles": [everyone | looks],
        "channels": [_channel(guild)],
        "members": [],
        "emojis": [],
        "features": [],
    }


def _payload(
    number: int, person: int, guild: int, kind: int, data: dict[str, Any]
) -> dict[str, Any]:
    allowed = "2147483648"
    member = {
        "user": _user(person),
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": allowed,
    }
    return {
        "id": str(number),
        "application_id": str(APPLICATION),
        "type": kind,
        "data": data,
        "guild_id": str(guild),
        "channel_id": str(guild + 1),
        "channel": _channel(guild) | {"permissions": allowed},
        "member": member,
        "token": f"token-{number}",
        "version": 1,
        "locale": "en-US",
        "guild_locale": "en-US",
        "app_permissions": allowed,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild)},
        "context": 0,
        "attachment_size_limit": 10_485_760,
    }


def _message(number: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(number),
        "channel_id": "1",
        "author": _user(APPLICATION),
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
