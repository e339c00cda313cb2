"""The entry "Rate this anime" in the menu of any message."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.commands.asking import Question, answers, by_title
from bot.commands.command import text
from bot.commands.look import check_age, look_of
from bot.services.checks import checked_anime
from bot.ui.action import state_of
from bot.ui.buttons import RateThis
from bot.ui.forms import RateForm
from bot.ui.reply import reply, update
from bot.ui.views import rate_which, score_question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services import Services
    from bot.ui.form import Answers
    from recsys.catalog import Anime

_MOST = 10  # anime of one message; more are no message about anime but a list
_TEXTS = 24  # pieces of a message that are looked up
_LONGEST = 100  # characters of a piece that may be a title
_LINK = re.compile(r"https?://(?:www\.)?(?:myanimelist\.net|anilist\.co)/anime/\d+", re.IGNORECASE)
# What people put around a title: quotation marks of several languages, bold and italics.
_QUOTED = re.compile(
    r"“([^”]+)”|\"([^\"]+)\"|«([^»]+)»|「([^」]+)」|『([^』]+)』|\*\*([^*]+)\*\*|\*([^*]+)\*"
)


def rate_menu() -> app_commands.ContextMenu:
    """The entry, for the client to add."""
    return app_commands.ContextMenu(name=text("commands.rate_message.name"), callback=rate_message)


async def rate_message(interaction: Interaction, message: discord.Message) -> None:
    """Ask for a score for the anime that a message is about."""
    services = interaction.client.services
    # In a thread: a long message takes tens of milliseconds to look through.
    own = message.author == interaction.client.user
    found = await asyncio.to_thread(_anime_in, message, services, own=own)
    look = await look_of(interaction)
    if not found:
        await interaction.response.send_modal(RateForm().ask(look.strings))
        return
    await check_age(interaction, *found)

    async def work() -> LayoutView:
        if len(found) == 1:
            return await _question(interaction, found[0].id)
        return rate_which(found, look)

    await reply(interaction, work(), ephemeral=True)


@RateThis.tapped
async def _rate_this(interaction: Interaction, tap: RateThis) -> None:
    await update(interaction, _question(interaction, tap.anime_id))


@RateForm.sent
async def _rate_typed(interaction: Interaction, _form: RateForm, answers: Answers) -> None:
    typed = " ".join(answers.get("title", ()))
    await reply(interaction, by_title(interaction, Question.SCORE, typed), ephemeral=True)


@answers(Question.SCORE)
async def _score(interaction: Interaction, anime_id: int, _argument: int) -> LayoutView:
    return await _question(interaction, anime_id)


async def _question(interaction: Interaction, anime_id: int) -> LayoutView:
    services = interaction.client.services
    anime = checked_anime(services.catalog, anime_id)
    await check_age(interaction, anime)
    entry = await services.ratings.entry(interaction.user.id, anime.id)
    current = entry.score if entry else None
    return score_question(anime, await look_of(interaction), list_id=0, current=current)


def _anime_in(message: discord.Message, services: Services, *, own: bool) -> list[Anime]:
    """The anime that a message is about: by our own buttons, by links, or by its words."""
    found: dict[int, Anime] = {}
    if own:
        for anime_id in _in_buttons(message.components):
            if (anime := services.catalog.get(anime_id)) is not None:
                found.setdefault(anime.id, anime)
    if not found:
        for piece in _pieces(message):
            if (anime := services.titles.resolve(piece).anime) is not None:
                found.setdefault(anime.id, anime)
    return list(found.values())[:_MOST]


def _in_buttons(components: Iterable[Any]) -> Iterator[int]:
    """The anime that buttons of ours act on."""
    for component in components:
        state = state_of(getattr(component, "custom_id", None) or "")
        if "anime_id" in state:
            yield state["anime_id"]
        yield from _in_buttons(getattr(component, "children", ()))


def _pieces(message: discord.Message) -> list[str]:
    """What in a message may name an anime: links first, then what is quoted, then whole lines."""
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.url or "", embed.title or "", embed.description or ""]
    texts += _texts(message.components)
    whole = "\n".join(texts)
    links = _LINK.findall(whole)
    if links:
        return list(dict.fromkeys(links))[:_TEXTS]
    quoted = ["".join(groups) for groups in _QUOTED.findall(whole)]
    lines = [line.strip("#>-*_ \t") for line in whole.splitlines()]
    pieces = [piece.strip() for piece in (*quoted, *lines)]
    return list(dict.fromkeys(piece for piece in pieces if 0 < len(piece) <= _LONGEST))[:_TEXTS]


def _texts(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts(getattr(component, "children", ()))
