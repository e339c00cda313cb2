"""Messages about a person's own choices and plans stay within Discord's limits too."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import languages, strings
from bot.services.guilds import Elsewhere, GuildSettings
from bot.services.links import LinkSite
from bot.services.naming import Naming, TitleLanguage
from bot.services.preferences import Preferences
from bot.services.start import CARDS, Round, Title
from bot.services.ticks import Feeling
from bot.services.watchlist import Order, Planned, WatchlistPage
from bot.ui.cards import Look
from bot.ui.help import Described, help_view
from bot.ui.settings import server_view, settings_view
from bot.ui.start import card_view
from bot.ui.watchlist import PutBack, Watched, score_view, shared_watchlist_view, watchlist_view
from recsys.catalog import Anime, Catalog
from recsys.picks import Dials
from recsys.profile import Entry, Status
from recsys.ranking.asking import TITLES
from tests.discord.drawn import ANIME, HUGE, QUICK, check, person
from tests.discord.limits import TEXT, walk, width

LOCALES = ("en-US", "ja", "es-419", "fr")
_FIVE = st.lists(ANIME, min_size=1, max_size=5, unique_by=lambda anime: anime.id)


def looks(anime: list[Anime]) -> list[Look]:
    naming = Naming(TitleLanguage.BOTH)
    return [
        Look(strings(locale), "anilist", Catalog(anime), naming, LinkSite.BOTH)
        for locale in LOCALES
    ]


@QUICK
@given(_FIVE, st.integers(1, 10**6), st.data())
async def test_any_page_of_any_watchlist(
    anime: list[Anime], pages: int, data: st.DataObject
) -> None:
    lines = tuple(
        Planned(
            one,
            Entry(one.id, data.draw(st.none() | st.just(10)), Status.PLANNED),
            data.draw(st.none() | st.floats(1, 10)),
        )
        for one in anime
    )
    found = WatchlistPage(lines, data.draw(st.integers(1, pages)), pages, 5 * pages, Order.BEST)
    before, now = Entry(anime[0].id, 10, Status.PLANNED), Entry(anime[0].id, 10)
    undo = PutBack.of(999_999_999, HUGE, 1, now=now, before=before)
    for look in looks(anime):
        title = look.strings("watchlist.taken_off", title="**" * 90)
        check(watchlist_view(found, look, note=title, undo=undo))
        check(watchlist_view(WatchlistPage((), 1, 1, 0, Order.NEWEST), look, note=title))
        check(score_view(anime[0], Watched(anime_id=HUGE, page=HUGE, order=1), look))
        shared = WatchlistPage(lines * 4, 1, pages, 20 * pages, Order.NEWEST)
        check(shared_watchlist_view(shared, look, owner=person(anime[0].title)))


@QUICK
@given(
    st.lists(ANIME, min_size=1, max_size=TITLES, unique_by=lambda anime: anime.id),
    st.lists(st.none() | st.sampled_from(Feeling), min_size=TITLES, max_size=TITLES),
)
async def test_any_card_of_the_first_minute(
    anime: list[Anime], feelings: list[Feeling | None]
) -> None:
    titles = tuple(map(Title, anime, feelings))
    seen = sum(title.feeling is not None for title in titles)
    for look, card in product(looks(anime), (0, CARDS - 1)):
        found = Round(HUGE, card, titles, seen, is_over=False)
        check(card_view(found, look))


@QUICK
@given(
    _FIVE,
    st.builds(
        Preferences,
        titles=st.none() | st.sampled_from(TitleLanguage),
        links=st.sampled_from(LinkSite),
        locale=st.none() | st.sampled_from(languages()),
        adult=st.booleans(),
        planned=st.booleans(),
        dials=st.builds(Dials, *(st.floats(-1, 1) for _ in range(3))),
    ),
    st.lists(st.integers(1, HUGE), max_size=25, unique=True),
)
async def test_any_settings(anime: list[Anime], chosen: Preferences, channels: list[int]) -> None:
    for look, elsewhere in product(looks(anime), Elsewhere):
        check(settings_view(chosen, anime[0], look))
        check(settings_view(chosen, None, look))
        server = GuildSettings(chosen.locale, chosen.adult, tuple(channels), elsewhere)
        check(server_view(server, look))


@pytest.mark.parametrize("locale", LOCALES)
async def test_help_names_every_command_and_fits(world: Any, locale: str) -> None:
    from bot.commands.help import described_commands

    look = next(look for look in looks([]) if look.strings is strings(locale))
    commands = described_commands(world.client.tree)
    # Room for as many again, so that a new command does not break it.
    view = help_view([*commands, *(Described(one.key, one.parts) for one in commands[:8])], look)
    check(view)
    said = "\n".join(c["content"] for c in walk(view.to_components()) if c["type"] == TEXT)
    for command in world.client.tree.get_commands():
        if hasattr(command, "description"):
            assert f"`/{await _name(world, command, locale)}`" in said
    assert width(said) <= 4000


async def _name(world: Any, command: Any, locale: str) -> str:
    payload = await command.get_translated_payload(world.client.tree, world.client.tree.translator)
    return (payload.get("name_localizations") or {}).get(locale, payload["name"])
