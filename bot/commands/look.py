"""Whose eyes a card is made for, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.locales import strings
from bot.services.errors import UserError
from bot.services.naming import Naming
from bot.ui.cards import Look

if TYPE_CHECKING:
    from bot.client import Interaction
    from recsys.catalog import Anime


async def look_of(interaction: Interaction) -> Look:
    """How cards look to the person who acts: in the language of their Discord, titles as chosen."""
    services = interaction.client.services
    locale = interaction.locale.value
    try:
        titles = (await services.preferences.get(interaction.user.id)).titles
    except UserError:
        # The log has it. What they asked for may be done by now, and the card is to say so.
        titles = None
    return Look(
        strings=strings(locale),
        posters=services.settings.poster_host,
        catalog=services.catalog,
        naming=Naming.of(titles, locale),
    )


def is_public(interaction: Interaction) -> bool:
    """Whether the message whose button was tapped stands where others see it."""
    return interaction.message is not None and not interaction.message.flags.ephemeral


def check_age(interaction: Interaction, anime: Anime) -> None:
    """Keep adult titles where Discord wants them: in age-restricted channels.

    Raises:
        UserError: it is an adult title, and here is another channel.
    """
    # A direct message, and a channel that the bot does not see, are not age-restricted.
    is_restricted = getattr(interaction.channel, "is_nsfw", bool)
    if anime.adult and not is_restricted():
        raise UserError("adult_title")
