"""The strings: none missing, none unused, all filled in."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from discord import Locale, app_commands

import bot
from bot.commands.command import LocaleTranslator, choices
from bot.commands.filters import COUNTRIES, TYPES
from bot.commands.importing import SITES
from bot.commands.privacy import OFF, ON
from bot.db.personal import personal_tables
from bot.importing import Source
from bot.locales import DEFAULT, Strings, languages, strings
from bot.locales.numbers import plural
from bot.services.errors import KEYS
from bot.services.guilds import Elsewhere
from bot.services.labels import slug
from bot.services.links import LinkSite
from bot.services.ticks import Feeling
from bot.services.watchlist import Order
from bot.ui.action import Action
from bot.ui.narrowed import DIALS, PARTS, POSITIONS
from bot.ui.picks import AGAIN, RATE_MORE, SHARE
from bot.ui.settings import TITLES
from recsys.catalog import Catalog
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(bot.__file__).parent
PLURALS = (".one", ".other")
NAME = re.compile(r"^[-_'\w]{1,32}$")
NOT_OURS = {"anime.mappings"}  # what Kitsu is asked for
ELSEWHERE = ("elsewhere", "elsewhere_note")
FIELDS = ("types", "genres", "any_genres", "without", "studios")  # of the form of filters
PERSONAL = ("recommend", "next")
KEY = re.compile(r"^[a-z_]+(\.[a-zA-Z_]+)+$")


def literals() -> Iterator[str]:
    """Every string literal of the bot that looks like a key."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if KEY.match(node.value):
                    yield node.value
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserError":
                for key in node.args:
                    if isinstance(key, ast.Constant):
                        yield f"errors.{key.value}"


def computed() -> Iterator[str]:
    """The keys that the code puts together."""
    yield from (f"errors.{key}" for key in KEYS)
    yield from (f"list.status.{status.name.lower()}" for status in Status)
    yield from (f"anime.seasons.{season}" for season in ("winter", "spring", "summer", "fall"))
    yield from (kind.label for kind in Action.kinds.values() if hasattr(kind, "label"))
    yield from (f"commands.recommend.kind.choices.{kind}" for kind in TYPES)
    yield from (f"commands.recommend.country.choices.{country}" for country in COUNTRIES)
    yield from (f"dials.{dial}.{name}" for dial in DIALS for name in ("name", *POSITIONS))
    yield from (f"standing.{status.name.lower()}" for status in Status)
    yield from (f"filters.parts.{part}" for part in PARTS if part != "types")
    yield from (f"forms.filters.{part}{note}" for part in FIELDS for note in ("", "_note"))
    yield from (f"picks.{kind}_{whose}" for kind in PERSONAL for whose in ("own", "shared"))
    yield from (f"picks.{kind}" for kind in ("similar", "opposite"))
    yield from (f"listmenu.{option}" for option in (SHARE, AGAIN, RATE_MORE))
    so = ("planned_so", "refused_so", "more_so", "less_so", "unknown_genre", "unknown_studio")
    yield from (f"errors.{key}" for key in (*so, "years", "episode_range", "adult_server"))
    yield from ("errors.adult_title", "commands.rate_message.name")
    yield from (f"commands.settings.titles.choices.{titles}" for titles in TITLES)
    yield from (f"commands.settings.links.choices.{site}" for site in LinkSite)
    yield from (f"commands.settings.language.choices.{one}" for one in ("auto", *languages()))
    yield from (f"commands.watchlist.order.choices.{order}" for order in Order)
    yield from (f"watchlist.sort.{order}" for order in Order)
    yield from (f"server.{part}.{one}" for part in ELSEWHERE for one in Elsewhere)
    ticks = [feeling.name.lower() for feeling in Feeling]
    yield from (f"start.menus.{tick}.{part}" for tick in ticks for part in ("name", "hint"))
    yield from (f"start.ticked.{tick}" for tick in ticks)
    catalog = Catalog.load()
    named = {label for anime in catalog for label in (*anime.genres, *anime.tags)}
    kinds = {f"type_{anime.type}" for anime in catalog if anime.type != "Unknown"}
    yield from (f"labels.{slug(label)}" for label in named | kinds)
    yield from (f"help.sections.{name}" for name in ("first", "picks", "list", "more"))
    yield from (f"commands.import_.site.choices.{site}" for site in SITES)
    yield from (f"import.sources.{source}" for source in Source if source is not Source.TABLE)
    yield from (f"commands.privacy.training.allow.choices.{allow}" for allow in (ON, OFF))
    kinds = (one.kind for one in personal_tables())
    yield from (f"privacy.kept.{kind}.{part}" for kind in kinds for part in ("what", "why"))


def of_commands(client: object) -> Iterator[str]:
    """The keys of the names and descriptions that Discord is sent."""
    for command in client.tree.walk_commands():
        if isinstance(command, app_commands.Group):
            yield from (f"commands.{command.name}.{part}" for part in ("name", "description"))
            continue
        group = f"{command.parent.name}." if command.parent else ""
        key = f"commands.{group}{command.callback.__name__}"
        yield from (f"{key}.name", f"{key}.description")
        for parameter in command.parameters:
            yield from (f"{key}.{parameter.name}.{part}" for part in ("name", "description"))


def stem(key: str) -> str:
    """A key without its plural form."""
    for form in PLURALS:
        key = key.removesuffix(form)
    return key


async def test_every_string_is_used_and_every_key_has_a_string(world) -> None:
    ours = {stem(key) for key in strings(DEFAULT)}
    used = {key for key in literals() if key.split(".")[0] in {k.split(".")[0] for k in ours}}
    used -= NOT_OURS
    used -= {key for key in used if any(one.startswith(f"{key}.") for one in ours)}  # a section
    used |= {*computed(), *of_commands(world.client)}
    assert used - ours == set(), "keys without a string"
    assert ours - used == set(), "strings without a use"


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_keys_and_the_same_places_to_fill(language: str) -> None:
    english, other = strings(DEFAULT), strings(language)
    assert {stem(key) for key in other} == {stem(key) for key in english}
    for key in other:
        if (original := english.own(key)) is not None:
            assert _fields(other.own(key)) == _fields(original)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_plural_is_chosen_by_the_count() -> None:
    s = strings("en-US")
    assert s("anime.episodes", count=1) == "1 episode"
    assert s("anime.episodes", count=24) == "24 episodes"


def test_a_language_without_a_key_speaks_english() -> None:
    s = Strings("xx", {"buttons.rate": "Arvostele"}, strings(DEFAULT))
    assert s("buttons.rate") == "Arvostele"
    assert s("buttons.plan") == "Plan"
    assert "buttons.plan" in s
    with pytest.raises(KeyError):
        s("buttons.launch")


def test_an_unknown_locale_is_english() -> None:
    for locale in ("en-GB", "fi", "", "../en", "zz"):
        assert strings(locale).language == DEFAULT


async def test_discord_is_given_a_name_in_another_language_where_there_is_one(monkeypatch) -> None:
    finnish = Strings("fi", {"commands.rate.name": "arvostele"}, strings(DEFAULT))
    monkeypatch.setattr(
        "bot.commands.command.strings",
        lambda locale: finnish if locale == "fi" else strings(locale),
    )
    name = app_commands.locale_str("rate", key="commands.rate.name")
    translator = LocaleTranslator()
    assert await translator.translate(name, Locale.finnish, None) == "arvostele"
    assert await translator.translate(name, Locale.german, None) is None
    assert await translator.translate(name, Locale.french, None) == "noter"


LANGUAGES = ("en", "ja", "es", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_whole_down_to_its_plural_forms(language: str) -> None:
    assert language in languages()
    forms = {plural(language, count) for count in range(30)}
    for key in strings(DEFAULT):
        if key.endswith(PLURALS):
            own = {
                form for form in ("one", "other") if strings(language).own(f"{stem(key)}.{form}")
            }
            assert own == forms, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_and_options_have_names_that_discord_takes_and_none_twice(language: str) -> None:
    s = strings(language)
    names = [key for key in s if key.startswith("commands.") and key.endswith(".name")]
    for key in names:
        if f"{key.removesuffix('.name')}.description" in s:
            assert NAME.match(s(key)), (key, s(key))
            assert s(key) == s(key).lower(), key
        else:  # the menu of a message, where any characters may stand
            assert 1 <= len(s(key)) <= 32, key
    for key in s:
        if key.startswith("commands.") and ".choices." not in key:
            assert 1 <= len(s(key)) <= 100, key
    by_parent = Counter((key.rsplit(".", 2)[0], s(key)) for key in names)
    assert {twice for twice, count in by_parent.items() if count > 1} == set()


def test_numbers_and_plurals_are_written_as_the_language_does() -> None:
    def members(locale: str, count: int) -> str:
        return strings(locale)("anime.members", count=count)

    assert members("en-US", 12_345) == "12,345 people have it listed"
    assert members("fr", 1_234).startswith("1\N{NARROW NO-BREAK SPACE}234 personnes")
    assert members("fr", 0).startswith("0 personne l")
    assert members("es-ES", 1_234).startswith("1234 personas")
    assert members("es-ES", 12_345).startswith("12.345 personas")
    assert members("es-419", 12_345).startswith("12,345 personas")
    assert members("ja", 1) == "1人がリストに登録"
    assert strings("fr").number(8.25, ".1f") == "8,2"
    assert strings("ja").number(8.25, ".1f") == "8.2"
    assert strings("fr")("done.rated", title="A", score=9) == "Tu as donné **9** à A."


def test_a_text_names_commands_as_the_reader_sees_them() -> None:
    assert "/評価 " in strings("ja")("list.empty")
    assert "/rate " in strings("en-GB")("list.empty")
    with pytest.raises(KeyError):
        Strings("xx", {"list.empty": "{/launch}"}, strings(DEFAULT))("list.empty")


def test_the_choices_of_an_option_are_named_by_the_locale_file() -> None:
    names = [str(c.name) for c in choices("commands.recommend.kind.choices", TYPES)]
    assert names[:2] == ["TV series", "Film"]


@pytest.mark.parametrize("language", languages())
def test_the_help_calls_the_buttons_as_they_are_labelled(language: str) -> None:
    s = strings(language)
    told = s("help.buttons")
    for button in ("more", "less", "why"):
        assert s(f"buttons.{button}") in told
