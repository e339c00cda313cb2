"""Lists of picks, why, filters, dials, forms: within Discord's limits in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.filters import TYPES
from bot.locales import languages, strings
from bot.services.hints import HintKind
from bot.services.pages import ListPage
from bot.services.picks import Explanation
from bot.services.shown import Query, StoredList
from bot.ui.buttons import Switch, Unhint, Which
from bot.ui.dials import dials_view
from bot.ui.forms import FiltersForm, RateForm, SaveForm
from bot.ui.menu import Option
from bot.ui.narrowed import PARTS, describe
from bot.ui.picks import PER_PAGE, picks_view, scored_note, unscore
from bot.ui.sets import sets_view
from bot.ui.start import Back
from bot.ui.views import anime_view, rate_which, receipt, score_question, seen_view
from bot.ui.which import which_titles
from bot.ui.why import changed_picks, why_view
from recsys.picks import Dials, Filters, Pick, Reason, Relaxation
from recsys.profile import Entry, Hints, Status
from tests.discord.drawn import ANIME, HOSTS, HUGE, LABELS, QUICK, STRINGS, check, look_at, person
from tests.discord.limits import BUTTON, TEXT, THUMBNAIL, check_modal, walk, width

if TYPE_CHECKING:
    from bot.ui.cards import Look
    from recsys.catalog import Anime

KINDS = ("recommend", "next", "similar", "opposite", "blend")
LANGUAGES = st.sampled_from(languages())
SHELVES = st.lists(ANIME, min_size=1, max_size=8, unique_by=lambda anime: anime.id)
NAMES = st.frozensets(st.text(min_size=1, max_size=40) | st.just("**@everyone**"), max_size=12)
NUMBERS = st.none() | st.integers(1, 10**7)
FILTERS = st.builds(
    Filters,
    types=st.frozensets(st.sampled_from([*TYPES, "Music", "<@1>"])),
    genres=NAMES,
    any_genres=NAMES,
    without=NAMES,
    studios=NAMES,
    year_from=st.none() | st.integers(1900, 2100),
    year_to=st.none() | st.integers(1900, 2100),
    min_episodes=NUMBERS,
    max_episodes=NUMBERS,
    min_members=NUMBERS,
    finished=st.booleans(),
)
DIALS = st.builds(Dials, *(st.floats(-1, 1) for _ in range(3)))


def look_in(language: str, anime: list[Anime], host: str = "anilist") -> Look:
    return replace(look_at(anime, host), strings=strings(language))


@st.composite
def picks(draw: st.DrawFn, anime: list[Anime]) -> list[Pick]:
    reasons = st.lists(
        st.builds(
            Reason,
            st.sampled_from([one.id for one in anime] + [10**9]),
            st.floats(-1, 1),
            st.none() | st.integers(1, 10),
        ),
        max_size=8,
        unique_by=lambda reason: reason.anime_id,  # of each part of a sum there is one
    ).map(tuple)
    found = []
    for one in anime:
        rating = draw(st.none() | st.floats(1, 10))
        ranged = rating is not None and draw(st.booleans())
        pick = Pick(
            one,
            score=1.0,
            predicted=rating,
            reasons=draw(reasons),
            shared=draw(LABELS),
            is_new=draw(st.booleans()),
            against=(),
            low=1.0 if ranged else None,
            high=10.0 if ranged else None,
            hinted=draw(reasons)[:2],
        )
        found.append(pick)
    return found


@st.composite
def pages(draw: st.DrawFn, anime: list[Anime]) -> ListPage:
    ids = [one.id for one in anime]
    of_list = draw(picks(anime))
    query = Query(
        20,
        draw(FILTERS),
        seeds=tuple(ids[:3]),
        unwanted=tuple(ids[:3]),
        dials=draw(DIALS),
        planned=draw(st.booleans()),
        hints=Hints(),
    )
    done = draw(st.sets(st.sampled_from(ids)))
    entries = {
        i: Entry(i, draw(st.none() | st.integers(1, 10)), draw(st.sampled_from(Status)))
        for i in done
    }
    count = draw(st.integers(0, PER_PAGE))
    found = StoredList(
        list_id=HUGE,
        user_id=HUGE,
        guild_id=None,
        kind=draw(st.sampled_from(KINDS)),
        model="0" * 12,
        query=query,
        picks=tuple(of_list),
        outcomes={},
        created_at=datetime.now(UTC),
        score=draw(st.none() | st.integers(1, 10)),
    )
    part = draw(st.sampled_from(PARTS))
    relaxation = Relaxation(part, None, 10**6) if part in ("types", "finished") else None
    return ListPage(
        found,
        page=draw(st.integers(0, 6)),
        pages=7,
        picks=tuple(of_list[:count]),
        entries=entries,
        undoable=frozenset(draw(st.sets(st.sampled_from(ids)))),
        hints={i: draw(st.sampled_from(HintKind)) for i in draw(st.sets(st.sampled_from(ids)))},
        stale=draw(st.booleans()),
        thin=draw(st.booleans()),
        relaxation=relaxation,
        answered_by=draw(st.none() | st.just("two-head 310ab4deca32")),
        scores=(10, 1, 5),
    )


@QUICK
@given(SHELVES, HOSTS, LANGUAGES, st.data())
async def test_any_page_of_any_list(
    anime: list[Anime], host: str, language: str, data: st.DataObject
) -> None:
    look = look_in(language, anime, host)
    shown = data.draw(pages(anime))
    owner = person(anime[0].title)
    back = Back(list_id=HUGE, card=99).say("Back")
    note = scored_note(shown, look.strings)
    for public in (True, False):
        check(picks_view(shown, look, owner=owner, public=public))
    extra = [unscore(shown, look.strings)]
    check(picks_view(shown, look, owner=owner, public=False, note=note, extra=extra))
    check(picks_view(shown, look, owner=owner, public=False, note=note, extra=[back]))
    check(dials_view(shown.found, look, changes=changed_picks(shown.found, shown.found, look)))


@QUICK
@given(SHELVES, HOSTS, LANGUAGES, st.booleans(), st.data())
async def test_why_any_anime(
    anime: list[Anime], host: str, language: str, owned: bool, data: st.DataObject
) -> None:
    look = look_in(language, anime, host)
    shown = data.draw(pages(anime))
    pick = data.draw(picks(anime))[0]
    # An anime speaks either for a pick or against it, seen or not.
    third = len(pick.reasons) // 3
    pick = replace(
        pick,
        reasons=pick.reasons[:third],
        against=pick.reasons[third : 2 * third],
        unseen=pick.reasons[2 * third :],
    )
    muted = tuple(replace(r, anime_id=one.id) for r, one in zip(pick.hinted, anime, strict=False))
    other = replace(shown.found, picks=shown.found.picks[1:])
    undo = Switch(reason_id=10**9, anime_id=10**9, list_id=HUGE, to=Switch.WISH_LESS)
    view = why_view(
        Explanation(pick, muted[:1], muted[1:]),
        look,
        found=shown.found,
        owned=owned,
        changes=changed_picks(shown.found, other, look),
        undo=undo,
    )
    check(view)
    check(why_view(Explanation(pick, ()), look, found=None, owned=False))


@QUICK
@given(SHELVES, LANGUAGES, STRINGS)
async def test_any_question_about_an_anime(anime: list[Anime], language: str, typed: str) -> None:
    look = look_in(language, anime)
    for public in (True, False):
        check(anime_view(anime[0], look, public=public))
    check(seen_view(anime[0], look, list_id=HUGE, current=10))
    check(score_question(anime[0], look, list_id=HUGE, current=None))
    check(rate_which([replace(one, id=one.id + n) for n in range(3) for one in anime], look))
    unhint = Unhint(anime_id=10**9, kind=-1, list_id=HUGE)
    check(receipt(look.strings("done.more", title="x"), look, unhint))
    options = [Option(str(one.id), one.title or "?") for one in anime]
    menus = [
        Which(owner_id=HUGE, question=6, slot=slot, first=10**9, second=10**9, third=10**9)
        for slot in range(3)
    ]
    if all(option.label.strip() and option.label.isprintable() for option in options):
        question = look.strings("ask.title", typed="x")
        check(which_titles([(question, menu.offer(options)) for menu in menus]))


@QUICK
@given(FILTERS, LANGUAGES, st.dictionaries(st.text("ab c😀", min_size=1, max_size=25), FILTERS))
async def test_any_filters_and_any_sets_of_them(
    filters: Filters, language: str, sets: dict[str, Filters]
) -> None:
    s = strings(language)
    for form in (
        FiltersForm(list_id=HUGE).ask(filters, TYPES, s),
        SaveForm(list_id=HUGE).ask(s),
        RateForm().ask(s),
    ):
        check_modal(form.to_dict())
    assert width(describe(filters, s)) <= 2000
    named = {name.strip() or "a": one for name, one in list(sets.items())[:25]}
    check(sets_view(named, look_in(language, []), note="x", undo=True))
    check(sets_view({}, look_in(language, [])))


@pytest.mark.parametrize("language", languages())
async def test_a_full_first_page_has_a_card_with_six_buttons_for_each_pick_and_a_menu(
    language: str,
) -> None:
    anime = [with_poster(n) for n in range(1, 21)]
    found = StoredList(
        1, 2, None, "recommend", "0", Query(), tuple(Pick(a, 1.0, 8.0) for a in anime), {},
        datetime.now(UTC),
    )  # fmt: skip
    shown = ListPage(found, 0, 7, found.picks[:PER_PAGE])
    view = picks_view(shown, look_in(language, anime), owner=person("Aki"), public=False)
    check(view)
    parts = list(walk(view.to_components()))
    assert sum(part["type"] == BUTTON for part in parts) == PER_PAGE * 6 + 2
    assert sum(part["type"] == THUMBNAIL for part in parts) == PER_PAGE
    assert len([part for part in parts if "options" in part]) == 1
    # Every picture says in words what it shows, and every button what it does.
    assert all(part["description"] for part in parts if part["type"] == THUMBNAIL)
    assert all(part["label"].strip() for part in parts if part["type"] == BUTTON)
    assert sum(len(part["content"]) for part in parts if part["type"] == TEXT) < 4000


@pytest.mark.parametrize("buttons", [0, 1, 2])
async def test_a_full_page_in_the_middle_has_room_for_the_buttons_of_a_note(buttons: int) -> None:
    anime = [with_poster(n) for n in range(1, 21)]
    found = StoredList(
        1, 2, None, "recommend", "0", Query(), tuple(Pick(a, 1.0, 8.0) for a in anime), {},
        datetime.now(UTC), score=9,
    )  # fmt: skip
    look = look_in("en", anime)
    shown = ListPage(found, 2, 7, found.picks[:PER_PAGE], stale=True, thin=True)
    undo = unscore(shown, look.strings)
    extra = [undo, Back(list_id=1, card=2).say("Back")][:buttons]
    view = picks_view(shown, look, owner=person("Aki"), public=False, note="x", extra=extra)
    check(view)
    labelled = [part["label"] for part in walk(view.to_components()) if part["type"] == BUTTON]
    assert {"Next", "Previous", *["Undo", "Back"][:buttons]} <= set(labelled)


def with_poster(n: int) -> Anime:
    from recsys.catalog import Anime

    return Anime(n, f"Anime {n}", anilist_id=n, type="TV", episodes=12, year=2001)
