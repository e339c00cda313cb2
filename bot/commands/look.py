"""Whose eyes a card is made for, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.locales import strings
from bot.services.errors import UserError
from bot.services.naming import Naming
from bot.ui.cards import Look
from bot.ui.reader import guild_settings_of, locale_of, preferences_of

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


async def adult_allowed(interaction: Interaction) -> bool:
    """Whether adult titles may be among picks: the person asked for them, and the place allows."""
    return (await preferences_of(interaction)).adult and await _place_allows(interaction)


async def check_age(interaction: Interaction, *several: Anime) -> None:
    """Keep adult titles where Discord and the server want them.

    Raises:
        UserError: one is an adult title, and this is no place for it.
    """
    if any(anime.adult for anime in several) and not await _place_allows(interaction):
        restricted = _is_restricted(interaction)
        raise UserError("adult_server" if restricted else "adult_title")


async def _place_allows(interaction: Interaction) -> bool:
    return _is_restricted(interaction) and (await guild_settings_of(interaction)).adult


def _is_restricted(interaction: Interaction) -> bool:
    # A direct message, and a channel that the bot does not see, are not age-restricted.
    return bool(getattr(interaction.channel, "is_nsfw", bool)())
