"""Telling Discord which commands there are, only when that changed.

Discord keeps an application's commands and allows 200 new ones a day, so they must not be sent at
every start. Nothing needs to be stored to know: Discord itself is asked what it has.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from discord.http import Route

if TYPE_CHECKING:
    from discord import app_commands
    from discord.abc import Snowflake

log = logging.getLogger(__name__)


async def sync_if_changed(
    tree: app_commands.CommandTree[Any], guild: Snowflake | None = None
) -> bool:
    """Send the tree to Discord unless Discord already has it.

    Args:
        tree: the commands, with their translator set.
        guild: the one server to register them in, or None for everywhere.

    Returns:
        Whether it was sent.
    """
    if not await differences(tree, guild):
        return False
    await tree.sync(guild=guild)
    log.info("Sent %d commands to Discord", len(tree.get_commands(guild=guild)))
    return True


async def differences(
    tree: app_commands.CommandTree[Any], guild: Snowflake | None = None
) -> dict[str, str]:
    """How the tree differs from what Discord has.

    Returns:
        The name of each command that does, with "new", "changed" or "gone".
    """
    theirs = _by_name(await _registered(tree, guild))
    ours = _by_name(await _payload(tree, guild))
    found = {name: "gone" for _, name in theirs.keys() - ours.keys()}
    for key, wanted in ours.items():
        if key not in theirs:
            found[key[1]] = "new"
        elif not _holds(theirs[key], wanted):
            found[key[1]] = "changed"
    return dict(sorted(found.items()))


async def _payload(
    tree: app_commands.CommandTree[Any], guild: Snowflake | None
) -> list[dict[str, Any]]:
    found = tree.get_commands(guild=guild)
    if tree.translator is None:
        return [command.to_dict(tree) for command in found]
    return [await command.get_translated_payload(tree, tree.translator) for command in found]


async def _registered(
    tree: app_commands.CommandTree[Any], guild: Snowflake | None
) -> list[dict[str, Any]]:
    application = tree.client.application_id
    path = f"/applications/{application}" + (f"/guilds/{guild.id}" if guild else "") + "/commands"
    # `fetch_commands` leaves the translations out, and they are part of what may have changed.
    route = Route("GET", path)
    found = await tree.client.http.request(  # pyright: ignore[reportUnknownMemberType]
        route, params={"with_localizations": "true"}
    )
    return cast("list[dict[str, Any]]", found)


def _by_name(found: list[dict[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
    """The commands by type and name, which together are what tells one from another."""
    return {(command.get("type", 1), command["name"]): command for command in found}


def _holds(theirs: object, ours: object) -> bool:
    """Whether Discord's echo says all that we say. It adds ids and drops empty values."""
    if isinstance(ours, dict):
        known = cast("dict[str, Any]", theirs if isinstance(theirs, dict) else {})
        return all(_holds(known.get(key), value) for key, value in cast("Any", ours).items())
    if isinstance(ours, list):
        items, known_items = cast("list[Any]", ours), cast("list[Any]", theirs or [])
        if all(isinstance(item, int) for item in items):  # contexts and installs have no order
            return set(items) == set(known_items)
        return len(items) == len(known_items) and all(map(_holds, known_items, items))
    return theirs == ours or (not theirs and not ours)
