"""Every message the bot can send stays within Discord's limits, whatever an anime is called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.services.ratings import RatingsPage
from bot.ui.buttons import Choose, Undo
from bot.ui.cards import label, labels
from bot.ui.lists import ratings_view
from bot.ui.views import (
    anime_view,
    did_you_mean,
    receipt,
    score_question,
)
from recsys.catalog import Anime
from recsys.profile import Entry, Status
from tests.discord.drawn import (
    CATALOGS,
    HOSTS,
    HUGE,
    NAMINGS,
    QUICK,
    STRINGS,
    check,
    look_at,
    person,
)
from tests.discord.limits import (
    TEXT,
    check_choices,
    walk,
    width,
)

if TYPE_CHECKING:
    from bot.services.naming import Naming


@QUICK
@given(CATALOGS, HOSTS, NAMINGS)
async def test_the_page_of_any_anime(anime: list[Anime], host: str, naming: Naming) -> None:
    look = look_at(anime, host, naming)
    check(anime_view(anime[0], look))


@QUICK
@given(CATALOGS, st.data())
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


@QUICK
@given(CATALOGS, STRINGS)
async def test_any_question_and_any_receipt(anime: list[Anime], typed: str) -> None:
    look = look_at(anime, "off")
    options = [
        (one, Choose(owner_id=HUGE, question=4, argument=10, anime_id=one.id)) for one in anime
    ]
    check(did_you_mean(typed, options, look))
    check(score_question(anime[0], look, list_id=HUGE, current=10))
    before, now = Entry(anime[0].id, 10), Entry(anime[0].id, None, Status.NOT_INTERESTED)
    check(receipt("Done.", look, Undo.of(HUGE, 999_999_999, now=now, before=before)))


@QUICK
@given(CATALOGS, NAMINGS)
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
