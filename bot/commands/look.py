"""Whose eyes a card is made for, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.locales import strings
from bot.services.errors import UserError
from bot.services.naming import Naming
from bot.ui.cards import Look
from bot.ui.reader import locale_of, preferences_of

if TYPE_CHECKING:
    from bot.client import Interaction
    from recsys.catalog import Anime


async def look_of(interaction: Interaction, *, public: bool = False) -> Look:
    """How cards look to the person who acts, or to everybody who sees a public answer.

    Args:
        interaction: what is answered.
        public: whether it is answered where a whole server sees it; `bot.ui.reader.locale_of`
            says what that changes. Titles are as the person chose either way.
    """
    services = interaction.client.services
    chosen = await preferences_of(interaction)
    locale = await locale_of(interaction, public=public)
    return Look(
        strings=strings(locale),
        posters=services.settings.poster_host,
        catalog=services.catalog,
        naming=Naming.of(chosen.titles, locale),
        links=chosen.links,
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
