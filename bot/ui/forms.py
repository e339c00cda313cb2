"""The forms: filters that need more room than options, the name of a set, a title to rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.ui.form import Form
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.locales import Strings
    from recsys.picks import Filters

_TITLE = 45  # characters, by Discord's rules; a label's too
_DESCRIPTION = 100
_TYPED = 400  # more than anyone means
SET_NAME = 50


class FiltersForm(Form, verb="filters"):
    """Narrow a list by what takes more than one word.

    Attributes:
        list_id: the list that is asked for anew, 0 for picks that are asked for first.
    """

    list_id: int

    def ask(self, filters: Filters, types: Sequence[str], s: Strings) -> Self:
        """Fill the form with the filters as they are.

        Args:
            filters: as they are.
            types: all types that can be chosen.
            s: the language of who reads it.
        """
        self.title = plain(s("forms.filters.title"), _TITLE)
        options = [
            discord.SelectOption(
                label=s(f"commands.recommend.kind.choices.{kind}"),
                value=kind,
                default=kind in filters.types,
            )
            for kind in types
        ]
        menu = ui.Select[Any](
            custom_id="types",
            options=options,
            min_values=0,
            max_values=len(options),
            required=False,
        )
        self.add_item(_labelled("types", menu, s))
        for name in ("genres", "any_genres", "without", "studios"):
            held = ", ".join(sorted(getattr(filters, name)))
            self.add_item(_labelled(name, _line(name, held), s))
        return self


class SaveForm(Form, verb="saveset"):
    """Give a list's filters a name to use them by again."""

    list_id: int

    def ask(self, s: Strings) -> Self:
        """Fill the form."""
        self.title = plain(s("forms.save.title"), _TITLE)
        line = ui.TextInput[Any](custom_id="name", max_length=SET_NAME, min_length=1)
        label = plain(s("forms.save.name"), _TITLE)
        self.add_item(ui.Label[Any](text=label, component=line))
        return self


class RateForm(Form, verb="rateform"):
    """Say which anime a message is about, where it does not say."""

    def ask(self, s: Strings) -> Self:
        """Fill the form."""
        self.title = plain(s("forms.rate.title"), _TITLE)
        line = ui.TextInput[Any](custom_id="title", max_length=200, min_length=1)
        self.add_item(
            ui.Label[Any](
                text=plain(s("forms.rate.name"), _TITLE),
                description=plain(s("forms.rate.why"), _DESCRIPTION),
                component=line,
            )
        )
        return self


def _line(name: str, held: str) -> ui.TextInput[Any]:
    return ui.TextInput[Any](
        custom_id=name, required=False, max_length=_TYPED, default=held[:_TYPED] or None
    )


def _labelled(name: str, component: ui.Item[Any], s: Strings) -> ui.Label[Any]:
    return ui.Label[Any](
        text=plain(s(f"forms.filters.{name}"), _TITLE),
        description=plain(s(f"forms.filters.{name}_note"), _DESCRIPTION),
        component=component,
    )
