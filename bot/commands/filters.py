"""The options that narrow a list, the form with more of them, and the suggestions for both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from discord import app_commands

from bot.commands.look import look_of
from bot.commands.pages import asked_again, own_list, page_of
from bot.services import labels
from bot.services.errors import UserError
from bot.ui.forms import FiltersForm
from bot.ui.reply import reply, update
from bot.ui.text import inline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord.ui import LayoutView

    from bot.client import Interaction
    from bot.locales import Strings
    from bot.services.shown import Query
    from bot.ui.form import Answers
    from recsys.catalog import Catalog
    from recsys.picks import Filters

TYPES = ("TV", "Movie", "OVA", "ONA", "Special")
COUNTRIES = ("japan", "china")
_CHINESE = "Chinese Animation"  # the one country of origin that the catalog's tags name
_SUGGESTIONS = 25
_SHOWN = 80  # characters of what was typed, in an answer
_MOST_NAMED = 3


def suggest_genres(catalog: Catalog, typed: str, s: Strings) -> list[app_commands.Choice[str]]:
    """Genres and tags for what was typed after the last comma, what stands before it kept."""
    return _suggest(labels.genres(catalog), typed, s)


def suggest_studios(catalog: Catalog, typed: str) -> list[app_commands.Choice[str]]:
    """As `suggest_genres`, for studios."""
    return _suggest(labels.studios(catalog), typed)


def _suggest(
    names: Mapping[str, str], typed: str, s: Strings | None = None
) -> list[app_commands.Choice[str]]:
    before, comma, last = typed.rpartition(",")
    kept = f"{before.strip()}, " if comma else ""
    found = labels.suggest(names, last, _SUGGESTIONS)
    shown = found if s is None else [labels.name_of(label, s) for label in found]
    choices = [
        app_commands.Choice(name=kept + name, value=kept + label)
        for name, label in zip(shown, found, strict=True)
    ]
    return [one for one in choices if len(str(one.name)) <= 100 and len(one.value) <= 100]


def read_filters(
    catalog: Catalog,
    base: Filters,
    *,
    kind: str | None,
    genre: str | None,
    without: str | None,
    studio: str | None,
    country: str | None,
    year_from: int | None,
    year_to: int | None,
    min_episodes: int | None,
    max_episodes: int | None,
    min_members: int | None,
    finished: bool | None,
) -> Filters:
    """The filters that a command's options mean, on top of a saved set.

    Raises:
        UserError: no anime could pass: an unknown genre, or a range the wrong way round.
    """
    numbers = {
        "year_from": year_from,
        "year_to": year_to,
        "min_episodes": min_episodes,
        "max_episodes": max_episodes,
        "min_members": min_members,
        "finished": finished,
    }
    filters = replace(base, **{name: v for name, v in numbers.items() if v is not None})
    if kind is not None:
        filters = replace(filters, types=frozenset({kind}))
    genres, studios = labels.genres(catalog), labels.studios(catalog)
    if genre:
        filters = replace(filters, genres=_named(genres, genre, "unknown_genre"))
    if without:
        filters = replace(filters, without=_named(genres, without, "unknown_genre"))
    if studio:
        filters = replace(filters, studios=_named(studios, studio, "unknown_studio"))
    if country == "china":
        filters = replace(filters, genres=filters.genres | {_CHINESE})
    elif country == "japan":
        filters = replace(filters, without=filters.without | {_CHINESE})
    return _possible(filters)


def _named(names: Mapping[str, str], typed: str, key: str) -> frozenset[str]:
    known, unknown = labels.read(names, typed)
    if unknown:
        raise UserError(key, typed=inline(unknown[0], _SHOWN))
    return known


def _possible(filters: Filters) -> Filters:
    ranges = (
        ("years", filters.year_from, filters.year_to),
        ("episode_range", filters.min_episodes, filters.max_episodes),
    )
    for key, low, high in ranges:
        if low is not None and high is not None and low > high:
            if key == "years":
                raise UserError(key, year_from=str(low), year_to=str(high))
            raise UserError(key, low=low, high=high)
    return filters


@FiltersForm.sent
async def _narrow(interaction: Interaction, form: FiltersForm, answers: Answers) -> None:
    async def work() -> LayoutView:
        catalog = interaction.client.services.catalog
        found = await own_list(interaction, form.list_id)
        look = await look_of(interaction)
        filters, note = read_form(catalog, found.query.filters, answers, look.strings)

        def change(query: Query) -> Query:
            return replace(query, filters=filters)

        listed = await asked_again(interaction, found, change)
        if note:
            return await page_of(interaction, listed, note=note)
        return await page_of(interaction, listed)

    # A form that a command opened has no message of ours behind it.
    if interaction.message is not None:
        await update(interaction, work())
    else:
        await reply(interaction, work(), ephemeral=True)


def read_form(catalog: Catalog, base: Filters, answers: Answers, s: Strings) -> tuple[Filters, str]:
    """The filters that a form means; what it does not ask about stays as it is.

    Returns:
        The filters, and a line about what was typed and is not known; empty where all is.
    """
    genres, studios = labels.genres(catalog), labels.studios(catalog)
    read = {
        name: labels.read(
            studios if name == "studios" else genres, " , ".join(answers.get(name, ()))
        )
        for name in ("genres", "any_genres", "without", "studios")
    }
    kinds = frozenset(answers.get("types", ())) & frozenset(TYPES)
    filters = replace(base, types=kinds, **{name: named.known for name, named in read.items()})
    notes: list[str] = []
    for name, named in read.items():
        for typed in named.unknown[:_MOST_NAMED]:
            meant = labels.nearest(studios if name == "studios" else genres, typed)
            key = "forms.unknown" if meant is None else "forms.unknown_near"
            notes.append(s(key, typed=inline(typed, _SHOWN), meant=inline(meant or "", _SHOWN)))
    return filters, "\n".join(notes[:_MOST_NAMED])
