"""`@command`: a slash command whose every word comes from the locale files."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from discord import Locale, app_commands

from bot.locales import DEFAULT, strings

if TYPE_CHECKING:
    from collections.abc import Callable


def text(key: str) -> app_commands.locale_str:
    """A name or description for Discord: English now, every other language when it is synced."""
    return app_commands.locale_str(strings(DEFAULT)(key), key=key)


def choices(key: str, values: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    """The choices of an option; ``key.value`` names each."""
    return [app_commands.Choice(name=text(f"{key}.{value}"), value=value) for value in values]


def command(callback: Callable[..., Any]) -> app_commands.Command[Any, ..., Any]:
    """Make a method of a cog a slash command, named and described by ``commands.<its name>``.

    An option is named and described by ``commands.<its name>.<the parameter's name>``.
    """
    return _command(callback, f"commands.{callback.__name__}")


def subcommand(
    group: str,
) -> Callable[[Callable[..., Any]], app_commands.Command[Any, ..., Any]]:
    """As `command`, for a method of a cog whose commands stand under a common word.

    Its strings stand under ``commands.<group>.<its name>``.
    """

    def decorate(callback: Callable[..., Any]) -> app_commands.Command[Any, ..., Any]:
        return _command(callback, f"commands.{group}.{callback.__name__}")

    return decorate


def _command(callback: Callable[..., Any], key: str) -> app_commands.Command[Any, ..., Any]:
    options = list(inspect.signature(callback).parameters)[2:]  # after self and the interaction
    described = {option: text(f"{key}.{option}.description") for option in options}
    renamed = {option: text(f"{key}.{option}.name") for option in options}
    if options:
        callback = app_commands.describe(**described)(callback)
        callback = app_commands.rename(**renamed)(callback)
    decorate = app_commands.command(
        name=text(f"{key}.name"), description=text(f"{key}.description")
    )
    return decorate(callback)


class LocaleTranslator(app_commands.Translator):
    """Gives Discord the names and descriptions in every language that has a file."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the key says it all
    ) -> str | None:
        """The string in a locale, or None where Discord should show the English one."""
        key: str = string.extras.get("key", "")
        found = strings(locale.value)
        return found.own(key) if found.language != DEFAULT else None
