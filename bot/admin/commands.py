"""The slash commands as Discord has them: compare, send, take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.admin.opening import settings_of
from bot.admin.portal import invite_link, portal
from bot.admin.tool import NOT_DONE, CannotError, as_facts, table
from bot.commands.sync import differences

if TYPE_CHECKING:
    import argparse

    from bot.admin.tool import Speaker


async def manage_commands(options: argparse.Namespace, out: Speaker) -> int | None:
    """``diff``, ``sync`` or ``clear``, in one server or everywhere.

    Returns:
        1 where ``diff`` finds a difference, so that a script can ask.

    Raises:
        CannotError: Discord does not let the bot, or cannot be reached.
    """
    settings = settings_of(options)
    async with portal(settings) as client:
        guild_id = options.guild or settings.test_guild_id
        guild_id = None if options.everywhere else guild_id
        where = f"in the server {guild_id}" if guild_id else "everywhere"
        await client.load_commands_for(guild_id)
        guild = discord.Object(guild_id) if guild_id else None
        if options.command == "clear":
            client.tree.clear_commands(guild=guild)
        try:
            found = await differences(client.tree, guild)
            out.say(where=where, differences=as_facts(found))
            if options.command == "diff":
                _say(out, found, where)
                return NOT_DONE if found else None
            if not found:
                out.say(f"Nothing to do {where}.", changed=False)
                return None
            _say(out, found, where)
            if options.dry_run:
                out.say("Nothing was changed, as you asked.", changed=False)
                return None
            await client.tree.sync(guild=guild)
        except discord.Forbidden:
            message = (
                f"Discord does not let the bot have commands {where}. Invite it there with: "
                f"{invite_link(client.application_id or 0)}"
            )
            raise CannotError(message) from None
        out.say(f"Done {where}. Discord apps show it after a restart (Ctrl-R).", changed=True)
    return None


def _say(out: Speaker, found: dict[str, str], where: str) -> None:
    if found:
        out.say(table([(state, name) for name, state in found.items()]))
    else:
        out.say(f"Discord has today's commands {where}.")
