"""Discord's limits for what a bot sends, checked on the payload itself.

simcord checks many of these when it takes a message; here they are written down once more from
Discord's documentation (Message Components reference; Application Commands, naming and limits),
stricter where Discord's clients count in UTF-16, so that a test can check any payload by itself.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15

ACTION_ROW, BUTTON, TEXT, SECTION, THUMBNAIL, CONTAINER = 1, 2, 10, 9, 11, 17
LINK_BUTTON = 5

_MESSAGE_COMPONENTS = 40
_MESSAGE_TEXT = 4000
_CONTENT = 2000
_ROW_BUTTONS = 5
_SECTION_TEXTS = 3
_BUTTON_LABEL = 80
_CUSTOM_ID = 100
_URL = 512
_ALT_TEXT = 256
_CHOICES = 25
_CHOICE = 100
_COMMAND_NAME = re.compile(r"^[-_'\w]{1,32}$")
_COMMAND_DESCRIPTION = 100
_COMMAND_OPTIONS = 25
_COMMAND_TOTAL = 8000
_COMMANDS = 100

_MENTION = re.compile(r"(?<!\\)<(@[!&]?|#|/|a?:\w+:|t:|id:)[^>]*>|@everyone|@here", re.IGNORECASE)


def width(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def walk(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield from walk([component["accessory"]])


def check_message(payload: dict[str, Any]) -> None:
    """Fail if Discord would refuse a message, or cut it."""
    components = payload.get("components") or []
    content = payload.get("content") or ""
    assert width(content) <= _CONTENT
    found = list(walk(components))
    if components:
        assert payload.get("flags", 0) & COMPONENTS_V2
        assert not content
        assert not payload.get("embeds")
    assert len(found) <= _MESSAGE_COMPONENTS
    texts = [component["content"] for component in found if component["type"] == TEXT]
    assert sum(map(width, texts)) <= _MESSAGE_TEXT
    custom_ids = [component["custom_id"] for component in found if "custom_id" in component]
    assert len(custom_ids) == len(set(custom_ids))
    for component in found:
        _check_component(component)


def _check_component(component: dict[str, Any]) -> None:
    match component["type"]:
        case 1:
            assert 1 <= len(component["components"]) <= _ROW_BUTTONS
        case 2:
            assert component.get("label", "").strip() or component.get("emoji")
            assert width(component.get("label") or "") <= _BUTTON_LABEL
            if component["style"] == LINK_BUTTON:
                assert width(component["url"]) <= _URL
            else:
                assert 1 <= width(component["custom_id"]) <= _CUSTOM_ID
        case 9:
            assert 1 <= len(component["components"]) <= _SECTION_TEXTS
            assert all(child["type"] == TEXT for child in component["components"])
            assert component["accessory"]["type"] in {BUTTON, THUMBNAIL}
        case 10:
            assert component["content"].strip()
        case 11:
            assert component["media"]["url"].startswith("https://")
            assert component["description"].strip(), "a picture needs alt text"
            assert width(component["description"]) <= _ALT_TEXT
        case 14:
            pass
        case 17:
            assert component["components"]
        case other:
            msg = f"component type {other} has no check here"
            raise AssertionError(msg)


def check_choices(choices: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the suggestions of an autocomplete."""
    assert len(choices) <= _CHOICES
    for choice in choices:
        assert 1 <= width(choice["name"]) <= _CHOICE
        assert 1 <= width(choice["value"]) <= _CHOICE


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the commands."""
    assert len(commands) <= _COMMANDS
    for command in commands:
        total = 0
        options = command.get("options", [])
        assert len(options) <= _COMMAND_OPTIONS
        for part in (command, *options):
            assert _COMMAND_NAME.match(part["name"])
            assert part["name"] == part["name"].lower()
            assert 1 <= width(part["description"]) <= _COMMAND_DESCRIPTION
            total += width(part["name"]) + width(part["description"])
            choices = part.get("choices", [])
            check_choices(choices)
            total += sum(width(c["name"]) + width(c["value"]) for c in choices)
        assert total <= _COMMAND_TOTAL
        assert command["integration_types"] == [0, 1]
        assert command["contexts"] == [0, 1, 2]
        assert not command.get("nsfw")


def check_request(method: str, path: str, payload: Any) -> None:
    """Check whatever the bot sent to Discord, by the route it took."""
    if not isinstance(payload, dict | list):
        return
    json.dumps(payload)
    if isinstance(payload, list):
        assert (method, path.rsplit("/", 1)[-1]) == ("PUT", "commands")
        check_commands(payload)
    elif path.endswith("/callback"):
        data = payload.get("data") or {}
        check_choices(data.get("choices", []))
        check_message(data)
    elif method in {"POST", "PATCH"}:
        check_message(payload)


def live_mentions(text: str) -> list[str]:
    """The mentions in a text that Discord would draw as such."""
    return [match.group() for match in _MENTION.finditer(text)]
