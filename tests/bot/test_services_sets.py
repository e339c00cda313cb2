"""Saved filters, what is typed of genres, and filters through the database and back."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import Services, UserError, filter_sets, labels
from bot.services.narrowing import without_part
from bot.services.shown import Query, query_from_json, query_to_json
from recsys.picks import Dials, Filters, Relaxation
from recsys.profile import Hints
from tests.bot.builders import engine

AKI = 10**18
ROMANCE = Filters(genres=frozenset({"Romance"}), adult=True)

_NAMES = st.frozensets(st.text(max_size=8), max_size=3)
_NUMBERS = st.none() | st.integers(1, 9999)
_IDS = st.lists(st.integers(1, 10**6), max_size=3).map(tuple)
FILTERS = st.builds(
    Filters,
    **dict.fromkeys(("types", "genres", "without", "any_genres", "studios"), _NAMES),
    **dict.fromkeys(
        ("year_from", "year_to", "min_episodes", "max_episodes", "min_members"), _NUMBERS
    ),
    adult=st.booleans(),
    finished=st.booleans(),
)
QUERIES = st.builds(
    Query,
    k=st.integers(1, 25),
    filters=FILTERS,
    seeds=_IDS,
    unwanted=_IDS,
    dials=st.builds(Dials, *(st.floats(-1, 1) for _ in range(3))),
    planned=st.booleans(),
    hints=st.builds(Hints, _IDS, _IDS, st.frozensets(st.integers(1, 10**6), max_size=3)),
)


@given(QUERIES)
def test_any_question_is_stored_and_read_back(query: Query) -> None:
    assert query_from_json(json.loads(json.dumps(query_to_json(query)))) == query


def test_a_question_of_a_newer_version_is_read_as_far_as_it_is_known() -> None:
    stored = {"k": 7, "filters": {"genres": ["Drama"], "smell": "roses"}, "mood": "blue"}
    assert query_from_json(stored) == Query(7, Filters(genres=frozenset({"Drama"})))


async def test_a_set_is_found_by_its_name_however_it_is_written(services: Services) -> None:
    service = services.preferences
    assert await filter_sets.save(service, AKI, "  Cosy   Évenings ", ROMANCE) == "Cosy Évenings"
    chosen = await service.get(AKI)
    assert filter_sets.find(chosen, "cosy ÉVENINGS") == "Cosy Évenings"
    # Adult titles are asked for anew each time: a set may be used in another channel.
    assert chosen.filter_sets == {"Cosy Évenings": Filters(genres=frozenset({"Romance"}))}
    await filter_sets.save(service, AKI, "COSY évenings", Filters(year_from=2020))
    assert (await service.get(AKI)).filter_sets == {"COSY évenings": Filters(year_from=2020)}


async def test_sets_keep_their_order_and_their_number_is_limited(services: Services) -> None:
    service = services.preferences
    for n in range(filter_sets.MOST_SETS):
        await filter_sets.save(service, AKI, f"set {filter_sets.MOST_SETS - n}", ROMANCE)
    names = list((await service.get(AKI)).filter_sets)
    assert names == [f"set {filter_sets.MOST_SETS - n}" for n in range(filter_sets.MOST_SETS)]
    with pytest.raises(UserError, match="too_many_sets"):
        await filter_sets.save(service, AKI, "one more", ROMANCE)
    await filter_sets.save(service, AKI, "SET 5", ROMANCE)
    assert len((await service.get(AKI)).filter_sets) == filter_sets.MOST_SETS


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "\x00", "\u200b", "\u3164", "\u2800"])
async def test_a_name_that_cannot_be_shown_is_refused(services: Services, name: str) -> None:
    with pytest.raises(UserError, match="set_name"):
        await filter_sets.save(services.preferences, AKI, name, ROMANCE)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200fمساء\u200e", "مساء"),
        ("\U0001f469\u200d\U0001f4bb coding", "\U0001f469\U0001f4bb coding"),
        ("a\x00b", "ab"),
    ],
)
async def test_of_a_name_only_what_is_seen_is_kept(
    services: Services, typed: str, kept: str
) -> None:
    assert await filter_sets.save(services.preferences, AKI, typed, ROMANCE) == kept
    assert filter_sets.find(await services.preferences.get(AKI), typed) == kept


async def test_a_deletion_is_undone_once(services: Services) -> None:
    service = services.preferences
    await filter_sets.save(service, AKI, "cosy", ROMANCE)
    await filter_sets.drop(service, AKI, "COSY")
    with pytest.raises(UserError, match="no_set"):
        await filter_sets.drop(service, AKI, "cosy")
    undone = await asyncio.gather(
        *(filter_sets.bring_back(service, AKI) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in undone) == 1
    assert list((await service.get(AKI)).filter_sets) == ["cosy"]


async def test_two_sets_saved_at_once_are_both_kept(services: Services) -> None:
    names = [f"set {n}" for n in range(8)]
    service = services.preferences
    await asyncio.gather(*(filter_sets.save(service, AKI, name, ROMANCE) for name in names))
    assert set((await service.get(AKI)).filter_sets) == set(names)


def test_genres_are_read_with_commas_of_any_script_and_the_nearest_is_offered() -> None:
    genres = labels.genres(engine().catalog)
    read = labels.read(genres, " romance、DRAMA ， Thrillerr;;Sci-Fi")
    assert read.known == {"Romance", "Drama", "Sci-Fi"}
    assert read.unknown == ("Thrillerr",)
    assert labels.nearest(genres, "Thrillerr") == "Thriller"
    assert labels.nearest(genres, "qqqq") is None
    assert labels.read(genres, "") == (frozenset(), ())


@given(FILTERS, st.data())
def test_one_part_is_given_up_and_the_others_stay(filters: Filters, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["types", "genres", "without", "year_from", "finished"]))
    label = None
    if part in {"genres", "without"}:
        label = data.draw(st.sampled_from([*sorted(getattr(filters, part)), "other"]))
    after = without_part(filters, Relaxation(part, label, 1))
    for name in Filters.__slots__:
        if name != part:
            assert getattr(after, name) == getattr(filters, name)
    if label is not None:
        assert getattr(after, part) == getattr(filters, part) - {label}
    else:
        assert not getattr(after, part)
