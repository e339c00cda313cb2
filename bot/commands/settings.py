"""/settings: what a person chooses for themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from discord import app_commands
from discord.ext import commands

from bot.commands.command import choices, command
from bot.commands.look import look_of
from bot.locales import languages
from bot.services.errors import UserError
from bot.services.links import LinkSite
from bot.services.naming import TitleLanguage
from bot.ui.menu import selected
from bot.ui.narrowed import DIALS, POSITIONS
from bot.ui.reader import changed, preferences_of
from bot.ui.reply import reply, update
from bot.ui.settings import (
    AUTOMATIC,
    TITLES,
    DialSetting,
    LanguageMenu,
    LinksMenu,
    Switch,
    SwitchSetting,
    TitlesMenu,
    settings_view,
)

if TYPE_CHECKING:
    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.services.preferences import Preferences

LOCALES = (AUTOMATIC, *languages())


class Settings(commands.Cog):
    """What a person chooses for themselves."""

    @command
    @app_commands.choices(
        titles=choices("commands.settings.titles.choices", TITLES),
        links=choices("commands.settings.links.choices", tuple(LinkSite)),
        language=choices("commands.settings.language.choices", LOCALES),
    )
    async def settings(
        self,
        interaction: Interaction,
        titles: str | None = None,
        links: str | None = None,
        language: str | None = None,
        planned: bool | None = None,
        adult: bool | None = None,
    ) -> None:
        """Change what is given, and show all settings."""

        async def work() -> LayoutView:
            given: dict[str, Any] = {}
            if titles is not None:
                given["titles"] = _titles(titles)
            if links is not None:
                given["links"] = _one_of(links, LinkSite)
            if language is not None:
                given["locale"] = read_language(language)
            if planned is not None:
                given["planned"] = planned is True
            if adult is not None:
                given["adult"] = adult is True
            if given:
                await _change(interaction, **given)
            return await _card(interaction)

        await reply(interaction, work(), ephemeral=True)


@TitlesMenu.tapped
async def _set_titles(interaction: Interaction, _tap: TitlesMenu) -> None:
    await update(interaction, _changed(interaction, titles=_titles(_value(interaction))))


@LinksMenu.tapped
async def _set_links(interaction: Interaction, _tap: LinksMenu) -> None:
    await update(interaction, _changed(interaction, links=_one_of(_value(interaction), LinkSite)))


@LanguageMenu.tapped
async def _set_language(interaction: Interaction, _tap: LanguageMenu) -> None:
    await update(interaction, _changed(interaction, locale=read_language(_value(interaction))))


@SwitchSetting.tapped
async def _set_switch(interaction: Interaction, tap: SwitchSetting) -> None:
    names = {Switch.ADULT: "adult", Switch.PLANNED: "planned"}
    if tap.which not in names:
        raise UserError("stale_button")
    await update(interaction, _changed(interaction, **{names[Switch(tap.which)]: tap.on == 1}))


@DialSetting.tapped
async def _set_dial(interaction: Interaction, tap: DialSetting) -> None:
    value = _value(interaction)
    if tap.dial not in range(len(DIALS)) or value not in POSITIONS:
        raise UserError("bad_choice")
    turned = {DIALS[tap.dial]: POSITIONS[value]}

    def save(chosen: Preferences) -> Preferences:
        return replace(chosen, dials=replace(chosen.dials, **turned))

    async def work() -> LayoutView:
        service = interaction.client.services.preferences
        changed(interaction, preferences=await service.update(interaction.user.id, save))
        return await _card(interaction)

    await update(interaction, work())


def read_language(value: str) -> str | None:
    """A language that was chosen; None for the one that chooses itself.

    Raises:
        UserError: it is none of ours.
    """
    if value not in LOCALES:  # Discord offers the choices, and a raw request can hold anything
        raise UserError("bad_choice")
    return None if value == AUTOMATIC else value


def _titles(value: str) -> TitleLanguage | None:
    return None if value == AUTOMATIC else _one_of(value, TitleLanguage)


def _one_of(value: str, kind: type[Any]) -> Any:  # noqa: ANN401 - a member of the enumeration
    try:
        return kind(value)
    except ValueError:
        raise UserError("bad_choice") from None


def _value(interaction: Interaction) -> str:
    return next(iter(selected(interaction)), "")


async def _change(interaction: Interaction, **choices: object) -> None:
    service = interaction.client.services.preferences
    changed(interaction, preferences=await service.change(interaction.user.id, **choices))


async def _changed(interaction: Interaction, **choices: object) -> LayoutView:
    await _change(interaction, **choices)
    return await _card(interaction)


async def _card(interaction: Interaction) -> LayoutView:
    example = interaction.client.services.titles.example()
    return settings_view(await preferences_of(interaction), example, await look_of(interaction))
