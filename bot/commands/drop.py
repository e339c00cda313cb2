"""/drop: what a person gave up on, and all that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.commands.asking import Question, answers, by_title, suggest_titles
from bot.commands.command import command
from bot.commands.look import look_of
from bot.services.openings import to_drop
from bot.ui.buttons import Undo
from bot.ui.cards import name
from bot.ui.reply import reply
from bot.ui.views import receipt
from recsys.profile import Status

if TYPE_CHECKING:
    from discord import app_commands
    from discord.ui import LayoutView

    from bot.client import Interaction

_NAMED = 3  # of the other entries of a franchise
_TITLE = 40


class Drop(commands.Cog):
    """What a person gave up on. Only they see it."""

    @command
    async def drop(self, interaction: Interaction, title: str) -> None:
        """Mark one anime as dropped, which closes its franchise."""
        await reply(interaction, by_title(interaction, Question.DROP, title), ephemeral=True)

    @drop.autocomplete("title")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_titles(interaction, typed, to_drop)


@answers(Question.DROP)
async def _drop(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    services, user_id = interaction.client.services, interaction.user.id
    done = await services.ratings.set_status(user_id, anime_id, Status.DROPPED)
    look = await look_of(interaction)
    s = look.strings
    sentences = [s("drop.done", title=name(done.anime, look))]
    others = [one for one in services.catalog.franchise(anime_id) if one.id != anime_id]
    if others:
        titles = ", ".join(name(one, look, _TITLE) for one in others[:_NAMED])
        sentences.append(s("drop.franchise", count=len(others), titles=titles))
    else:
        sentences.append(s("drop.alone"))
    if done.previous == done.entry:
        return receipt("\n".join(sentences), look)
    undo = Undo.of(user_id, anime_id, now=done.entry, before=done.previous)
    return receipt("\n".join(sentences), look, undo)
