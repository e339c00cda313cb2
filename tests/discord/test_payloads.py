"""Every message the bot can send stays within Discord's limits, whatever an anime is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.locales import strings
from bot.services.naming import Naming, TitleLanguage
from bot.services.ratings import RatingsPage
from bot.services.shown import StoredList
from bot.ui.buttons import Choose, Undo
from bot.ui.cards import Look, label, labels
from bot.ui.lists import picks_view, ratings_view
from bot.ui.views import (
    anime_view,
    did_you_mean,
    help_view,
    receipt,
    score_question,
    settings_view,
)
from recsys.catalog import Anime, Catalog
from recsys.picks import Filters, Pick, Reason
from recsys.profile import Entry, Status
from tests.discord.limits import (
    COMPONENTS_V2,
    TEXT,
    check_choices,
    check_message,
    live_mentions,
    walk,
    width,
)

HUGE = 2**63 - 1
HOSTS = st.sampled_from(["anilist", "source", "off"])

# What titles are made of where somebody means harm, and where nobody does.
_BITS = st.sampled_from(
    [
        "*" * 60,
        "||" * 40,
        "@everyone",
        "<@1234567890>",
        "https://example.org/",
        "\u202e",
        "\u200b",
        "\u2068",
        "😀" * 40,
        "👩‍👩‍👧‍👦",
        "دراغون بول",
        "進撃の巨人",
        "Z" + "\u0335" * 40,
        "\n# ",
        "```",
        "{title}",
        "%s",
        "\\",
        "Kimi no Na wa.",
        "x" * 600,
    ]
)
_STRINGS = st.lists(_BITS, max_size=8).map(" ".join) | st.text(max_size=60)
_LABELS = st.sampled_from(
    [
        (),
        ("Drama",),
        tuple(f"**genre** @everyone {number} " * 5 for number in range(40)),
        ("\u202eemordnylap", "\u200b", "😀" * 60),
    ]
)

_ANIME = st.builds(
    Anime,
    id=st.integers(1, 999_999_999),
    title=_STRINGS,
    english=st.none() | _STRINGS,
    japanese=st.none() | _STRINGS,
    type=st.sampled_from(["TV", "Movie", "OVA", "ONA", "Special", "Music", "Unknown"]),
    episodes=st.none() | st.integers(0, 10**6),
    year=st.none() | st.integers(1900, 2100),
    season=st.none() | st.sampled_from(["winter", "spring", "summer", "fall"]),
    genres=_LABELS,
    tags=_LABELS,
    studios=_LABELS,
    members=st.integers(0, 10**9),
    mean=st.none() | st.floats(1, 10),
    adult=st.booleans(),
    anilist_id=st.none() | st.integers(1, 999_999_999),
    poster=st.none() | st.sampled_from(["pic/cover/l/a.jpg", "/pic/b.jpg", ""]),
    franchise=st.just(1),
    order=st.integers(0, 99),
)
_CATALOGS = st.lists(_ANIME, min_size=1, max_size=6, unique_by=lambda anime: anime.id)
_QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


_NAMINGS = st.builds(Naming, st.sampled_from(TitleLanguage), st.booleans())


def look_at(anime: list[Anime], host: Any, naming: Naming | None = None) -> Look:
    return Look(strings("en"), host, Catalog(anime), naming or Naming())


def check(view: Any) -> None:
    """The payload is within the limits and pings, links and hides nothing."""
    components = view.to_components()
    check_message({"components": components, "flags": COMPONENTS_V2})
    for component in walk(components):
        if component["type"] == TEXT:
            # The owner of a list is mentioned where their name has nothing visible.
            assert set(live_mentions(component["content"])) <= {f"<@{HUGE}>"}
            assert "https://example.org" not in component["content"]


def person(name: str) -> Any:
    return SimpleNamespace(id=HUGE, display_name=name)


def picks_of(anime: list[Anime], draw: st.DataObject) -> tuple[Pick, ...]:
    ids = st.sampled_from([one.id for one in anime])
    reasons = st.lists(
        st.builds(Reason, ids, st.floats(-1, 1), st.none() | st.integers(1, 10)),
        max_size=3,
    ).map(tuple)
    return tuple(
        Pick(
            one,
            score=1.0,
            predicted=draw.draw(st.none() | st.floats(1, 10)),
            reasons=draw.draw(reasons),
            shared=draw.draw(_LABELS),
            is_new=draw.draw(st.booleans()),
        )
        for one in anime
    )


@_QUICK
@given(_CATALOGS, HOSTS, _NAMINGS)
async def test_the_page_of_any_anime(anime: list[Anime], host: str, naming: Naming) -> None:
    look = look_at(anime, host, naming)
    check(anime_view(anime[0], look))
    check(settings_view(naming.language, anime[0], look))


@_QUICK
@given(_CATALOGS, HOSTS, st.data())
async def test_any_page_of_any_picks(anime: list[Anime], host: str, data: st.DataObject) -> None:
    found = StoredList(
        list_id=HUGE,
        user_id=HUGE,
        guild_id=None,
        kind=data.draw(st.sampled_from(["similar", "recommend"])),
        model="0",
        seeds=tuple(one.id for one in anime[:3]),
        filters=Filters(),
        picks=picks_of(anime, data),
        outcomes={},
        created_at=datetime.now(UTC),
    )
    look = look_at(anime, host)
    for page in (-1, 0, 1, 99):
        for public in (True, False):
            check(picks_view(found, page, look, owner=person(anime[0].title), public=public))


@_QUICK
@given(_CATALOGS, st.data())
async def test_any_page_of_any_list(anime: list[Anime], data: st.DataObject) -> None:
    lines = tuple(
        (
            one,
            Entry(
                one.id,
                data.draw(st.none() | st.integers(1, 10)),
                data.draw(st.sampled_from(Status)),
            ),
        )
        for one in anime
    )
    found = RatingsPage(lines, page=2, pages=3, total=10**6, mean=data.draw(st.none() | st.just(7)))
    for public in (True, False):
        view = ratings_view(
            found, look_at(anime, "off"), owner=person(anime[0].title), public=public
        )
        check(view)


@_QUICK
@given(_CATALOGS, _STRINGS)
async def test_any_question_and_any_receipt(anime: list[Anime], typed: str) -> None:
    look = look_at(anime, "off")
    options = [
        (one, Choose(owner_id=HUGE, question=4, argument=10, anime_id=one.id)) for one in anime
    ]
    check(did_you_mean(typed, options, look))
    check(score_question(anime[0], look, list_id=HUGE, current=10))
    before, now = Entry(anime[0].id, 10), Entry(anime[0].id, None, Status.NOT_INTERESTED)
    check(receipt("Done.", look, Undo.of(HUGE, 999_999_999, now=now, before=before)))
    check(help_view(look))


@_QUICK
@given(_CATALOGS, _NAMINGS)
async def test_any_anime_can_be_suggested(anime: list[Anime], naming: Naming) -> None:
    look = look_at(anime, "off", naming)
    # Twice over with other ids, so that what reads the same has to be told apart.
    twice = [*anime, *(replace(one, id=10**9 + one.id) for one in anime)]
    names = labels(twice, look, 100)
    check_choices([{"name": name, "value": "id:1"} for name in names[:25]])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(width(line) <= 80 for line in labels(twice, look))


def test_a_poster_comes_from_the_host_that_the_admin_chose() -> None:
    from bot.ui.posters import poster_url

    anime = Anime(1, "A", anilist_id=7, poster="pic/a.jpg")
    assert poster_url(anime, "anilist") == "https://img.anili.st/media/7"
    assert poster_url(anime, "source") == "https://lain.bgm.tv/pic/a.jpg"
    assert poster_url(anime, "off") is None
    assert poster_url(Anime(1, "A"), "anilist") is None
    assert poster_url(Anime(1, "A"), "source") is None


async def test_a_card_without_a_poster_still_says_everything() -> None:
    anime = Anime(1, "A", english="B", year=2011)
    view = anime_view(anime, look_at([anime], "anilist"))
    texts = [c["content"] for c in walk(view.to_components()) if c["type"] == TEXT]
    assert texts[0].startswith("**B**\n-# A\n")


async def test_an_anime_without_a_visible_title_has_a_name_all_the_same() -> None:
    anime = Anime(77, "\u200b")
    check(anime_view(anime, look_at([anime], "off")))
    assert label(anime, look_at([anime], "off")).startswith("Untitled anime 77")
