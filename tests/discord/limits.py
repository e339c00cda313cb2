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
SELECT, TEXT_INPUT, CHANNEL_SELECT, FILE, SEPARATOR, LABEL = 3, 4, 8, 13, 14, 18
LINK_BUTTON = 5

_MESSAGE_COMPONENTS = 40
_MESSAGE_TEXT = 4000
_CONTENT = 2000
_ROW_BUTTONS = 5
_OPENS_MODAL = 9  # type of the callback
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
_MENUS = 15  # entries in the menu of messages
_MENU_NAME = 32
_MODAL_TITLE = 45
_MODAL_COMPONENTS = 5
_LABEL = 45
_LABEL_DESCRIPTION = 100
_INPUT = 4000
_PLACEHOLDER = 100

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
    check = _CHECKS.get(component["type"])
    assert check is not None, f"component type {component['type']} has no check here"
    check(component)


def _check_row(row: dict[str, Any]) -> None:
    children = row["components"]
    assert 1 <= len(children) <= _ROW_BUTTONS
    # A menu takes the whole row.
    assert len(children) == 1 or all(child["type"] == BUTTON for child in children)


def _check_button(button: dict[str, Any]) -> None:
    assert button.get("label", "").strip() or button.get("emoji")
    assert width(button.get("label") or "") <= _BUTTON_LABEL
    if button["style"] == LINK_BUTTON:
        assert width(button["url"]) <= _URL
    else:
        assert 1 <= width(button["custom_id"]) <= _CUSTOM_ID


def _check_section(section: dict[str, Any]) -> None:
    assert 1 <= len(section["components"]) <= _SECTION_TEXTS
    assert all(child["type"] == TEXT for child in section["components"])
    assert section["accessory"]["type"] in {BUTTON, THUMBNAIL}


def _check_text(display: dict[str, Any]) -> None:
    assert display["content"].strip()


def _check_file(part: dict[str, Any]) -> None:
    # Discord shows only what was sent along, under the name that it was sent with.
    assert part["file"]["url"].startswith("attachment://")


def _check_picture(picture: dict[str, Any]) -> None:
    assert picture["media"]["url"].startswith("https://")
    assert picture["description"].strip(), "a picture needs alt text"
    assert width(picture["description"]) <= _ALT_TEXT


def _check_container(container: dict[str, Any]) -> None:
    assert container["components"]


def check_choices(choices: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the suggestions of an autocomplete."""
    assert len(choices) <= _CHOICES
    for choice in choices:
        assert 1 <= width(choice["name"]) <= _CHOICE
        assert 1 <= width(choice["value"]) <= _CHOICE


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the commands."""
    slash = [command for command in commands if command.get("type", 1) == 1]
    assert len(slash) <= _COMMANDS
    assert len(commands) - len(slash) <= _MENUS
    for command in commands:
        assert command["integration_types"] == [0, 1]
        assert command["contexts"] in ([0, 1, 2], [0])
        assert not command.get("nsfw")
        if command in slash:
            assert _check_option(command) <= _COMMAND_TOTAL
        else:
            for name in _localised(command, "name"):
                assert 1 <= width(name) <= _MENU_NAME
            assert not command.get("description")


def _localised(part: dict[str, Any], what: str) -> list[str]:
    return [part[what], *(part.get(f"{what}_localizations") or {}).values()]


def _check_option(part: dict[str, Any]) -> int:
    """Check a command or an option with all that is in it; gives its length, as Discord counts."""
    names, descriptions = _localised(part, "name"), _localised(part, "description")
    for name in names:
        assert _COMMAND_NAME.match(name), name
        assert name == name.lower()
    assert all(1 <= width(text) <= _COMMAND_DESCRIPTION for text in descriptions), descriptions
    total = max(map(width, names)) + max(map(width, descriptions))
    choices = part.get("choices") or []
    check_choices(choices)
    total += sum(max(map(width, _localised(c, "name"))) + width(str(c["value"])) for c in choices)
    options = part.get("options") or []
    assert len(options) <= _COMMAND_OPTIONS
    return total + sum(map(_check_option, options))


def check_modal(modal: dict[str, Any]) -> None:
    """Fail if Discord would refuse a form."""
    assert 1 <= width(modal["title"]) <= _MODAL_TITLE
    assert 1 <= width(modal["custom_id"]) <= _CUSTOM_ID
    assert 1 <= len(modal["components"]) <= _MODAL_COMPONENTS
    fields = [label["component"] for label in modal["components"]]
    assert len({field["custom_id"] for field in fields}) == len(fields)
    for label, field in zip(modal["components"], fields, strict=True):
        assert label["type"] == LABEL
        assert 1 <= width(label["label"]) <= _LABEL
        assert width(label.get("description") or "x") <= _LABEL_DESCRIPTION
        if field["type"] == TEXT_INPUT:
            assert width(field.get("value") or "") <= (field.get("max_length") or _INPUT)
            assert width(field.get("placeholder") or "") <= _PLACEHOLDER
        else:
            _check_component(field)


def check_select(select: dict[str, Any]) -> None:
    """Fail if Discord would refuse a menu."""
    assert 1 <= width(select["custom_id"]) <= _CUSTOM_ID
    assert width(select.get("placeholder") or "") <= _PLACEHOLDER
    if select["type"] != SELECT:
        return
    options = select["options"]
    assert 1 <= len(options) <= _CHOICES
    assert len({option["value"] for option in options}) == len(options)
    for option in options:
        assert 1 <= width(option["label"]) <= _CHOICE
        assert option["label"].strip()
        assert 1 <= width(option["value"]) <= _CHOICE
        assert width(option.get("description") or "") <= _CHOICE
    chosen = sum(bool(option.get("default")) for option in options)
    assert chosen <= (select.get("max_values") or 1)


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
        if payload.get("type") == _OPENS_MODAL:
            check_modal(data)
            return
        check_choices(data.get("choices", []))
        check_message(data)
    elif method in {"POST", "PATCH"}:
        check_message(payload)


def live_mentions(text: str) -> list[str]:
    """The mentions in a text that Discord would draw as such."""
    return [match.group() for match in _MENTION.finditer(text)]


_CHECKS = {
    ACTION_ROW: _check_row,
    BUTTON: _check_button,
    SELECT: check_select,
    CHANNEL_SELECT: check_select,
    SECTION: _check_section,
    TEXT: _check_text,
    THUMBNAIL: _check_picture,
    FILE: _check_file,
    SEPARATOR: lambda _separator: None,
    CONTAINER: _check_container,
}
