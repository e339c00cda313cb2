from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.catalog import Anime
from recsys.picks import Filters, Relaxation
from recsys.profile import Profile
from recsys.ranking.diversity import mmr
from recsys.ranking.facts import Facts
from recsys.ranking.franchise import continuations, entry_point
from recsys.ranking.listed import Listed
from recsys.ranking.selection import Selection, relax


def anime(id_, **facts):
    return Anime(id_, f"Title {id_}", **({"type": "TV", "members": 1000, "mean": 7.0} | facts))


SHELF = [
    anime(1, year=1998, episodes=26, genres=("Action", "Sci-Fi")),
    anime(
        2,
        year=2011,
        episodes=24,
        genres=("Sci-Fi", "Drama"),
        tags=("Time Travel",),
        studios=("White Fox",),
        members=0,
    ),
    anime(3, type="Movie", year=2016, episodes=1, genres=("Romance", "Drama")),
    anime(4, genres=("Hentai",), adult=True, year=2005, episodes=2),
    anime(5),
]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), {1, 2, 3, 5}),
        (Filters(adult=True), {1, 2, 3, 4, 5}),
        (Filters(types=frozenset({"Movie"})), {3}),
        (Filters(genres=frozenset({"sci-fi"})), {1, 2}),
        (Filters(genres=frozenset({"Sci-Fi", "Time Travel"})), {2}),
        (Filters(without=frozenset({"Drama"})), {1, 5}),
        (Filters(year_from=2011), {2, 3}),
        (Filters(year_to=2011), {1, 2}),
        (Filters(max_episodes=24), {2, 3}),
        (Filters(genres=frozenset({"No such genre"})), set()),
        (Filters(any_genres=frozenset({"romance", "Action"})), {1, 3}),
        (Filters(any_genres=frozenset({"Drama"}), without=frozenset({"romance"})), {2}),
        (Filters(studios=frozenset({"white fox", "Bones"})), {2}),
        (Filters(min_episodes=2), {1, 2}),
        (Filters(min_episodes=0), {1, 2, 3}),  # an unknown count is no count
        (Filters(min_members=1000), {1, 3, 5}),
        (Filters(finished=True), {1, 2}),  # 2016 is the shelf's newest year
    ],
)
def test_a_filter_keeps_just_the_anime_for_which_every_part_holds(filters, ids):
    facts = Facts(SHELF)
    assert set(facts.ids[facts.mask(filters)].tolist()) == ids


def test_members_that_the_source_does_not_say_are_estimated_from_the_lists():
    facts = Facts(SHELF)
    facts.estimate_members(np.array([0, 1, 2]), np.array([10, 4, 10], np.float32))
    assert facts.known_by.tolist() == [1000, 400, 1000, 1000, 1000]
    assert facts.members[1] == 0
    assert set(facts.ids[facts.mask(Filters(min_members=300))].tolist()) == {1, 2, 3, 5}


def relaxed(filters, k=1, profile=Profile()):  # noqa: B008 -- a frozen dataclass
    facts = Facts(SHELF)
    return relax(facts, Selection.of(facts, Listed.of(facts, profile), filters), filters, k)


def test_of_filters_that_leave_nothing_the_part_that_costs_most_is_named():
    stern = Filters(types=frozenset({"TV"}), genres=frozenset({"Sci-Fi", "Drama"}), year_from=2012)
    assert relaxed(stern) == Relaxation("year_from", None, 1)
    one_of_two = Filters(genres=frozenset({"Drama", "Mecha"}), year_to=2020)
    assert relaxed(one_of_two) == Relaxation("genres", "Mecha", 2)


def test_nothing_is_to_be_relaxed_where_enough_is_left_or_one_part_is_not_enough():
    assert relaxed(Filters(types=frozenset({"Movie"}))) is None
    assert relaxed(Filters(types=frozenset({"Movie"})), k=2) == Relaxation("types", None, 4)
    assert relaxed(Filters(year_from=2090, max_episodes=0)) is None
    assert relaxed(Filters()) is None


def test_adult_titles_are_never_what_is_to_be_let_in():
    assert relaxed(Filters(genres=frozenset({"Hentai"}))) == Relaxation("genres", "Hentai", 4)


@given(
    st.builds(
        Filters,
        types=st.frozensets(st.sampled_from(["TV", "Movie"])),
        genres=st.frozensets(st.sampled_from(["Drama", "Sci-Fi", "Action", "Nonsense"])),
        without=st.frozensets(st.sampled_from(["Drama", "Romance"])),
        year_from=st.one_of(st.none(), st.integers(1990, 2030)),
        max_episodes=st.one_of(st.none(), st.integers(0, 30)),
        min_members=st.one_of(st.none(), st.integers(0, 2000)),
        finished=st.booleans(),
    ),
    st.integers(1, 6),
)
def test_giving_the_named_part_up_leaves_as_many_as_were_promised(filters, k):
    facts = Facts(SHELF)
    found = relaxed(filters, k)
    before = int(facts.mask(filters).sum())
    if found is None:
        return
    assert before < k
    assert found.franchises > before
    empty = Filters()
    if found.label is None:
        less = replace(filters, **{found.part: getattr(empty, found.part)})
    else:
        less = replace(filters, **{found.part: getattr(filters, found.part) - {found.label}})
    assert int(facts.mask(less).sum()) == found.franchises


def attack():
    """A series with a recap, an OVA, a film few know, a second season and one to come."""
    return Facts(
        [
            anime(10, franchise=10, order=0, members=9000),
            anime(11, franchise=10, order=1, members=300, type="Special"),
            anime(12, franchise=10, order=2, members=1000, type="OVA"),
            anime(13, franchise=10, order=3, members=300, type="Movie"),
            anime(14, franchise=10, order=4, members=5000),
            anime(15, franchise=10, order=5, members=4000, type="Movie"),
            Anime(16, "Attack: Soushuuhen", type="Movie", franchise=10, order=6, members=9000),
            anime(17, franchise=10, order=7, members=0),
        ]
    )


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        ([], []),
        ([10], [14, 15, 17, 11, 12, 13, 16]),  # the story first, then what lies beside it
        ([10, 14], [15, 17, 16]),
        ([14], [15, 17, 16]),
        ([11], [10, 14, 15, 17, 12, 13, 16]),  # who saw a special alone begins at the start
        ([10, 14, 15, 17], []),
    ],
)
def test_a_started_franchise_goes_on_with_its_story_before_its_specials(seen, left):
    facts = attack()
    rows = {facts.row(i) for i in seen}
    found = continuations(facts, facts.rows_of_franchise[0], rows)
    assert [int(facts.ids[row]) for row in found] == left


def test_nothing_is_shown_past_an_entry_that_may_not_be():
    facts = attack()
    allowed = ~np.isin(facts.ids, [14])
    seen = {facts.row(10)}
    assert entry_point(facts, facts.row(17), allowed, seen) is None
    assert entry_point(facts, facts.row(15), allowed, seen) == facts.row(15)  # a film alone


def franchise_of_four():
    """A short before the series proper, the series, its sequel, and a stranger."""
    return Facts(
        [
            anime(10, franchise=10, order=0, members=50),
            anime(11, franchise=10, order=1, members=9000),
            anime(12, franchise=10, order=2, members=5000),
            anime(20, franchise=20),
        ]
    )


@pytest.mark.parametrize(
    ("candidate", "seen", "forbidden", "entry"),
    [
        (12, [], [], 11),  # a newcomer begins at the first well-known entry
        (10, [], [], 11),  # and not at the short before it
        (12, [11], [], 12),  # a viewer goes on after the last seen
        (12, [10, 11], [], 12),
        (11, [12], [], 11),  # nothing after it: the candidate itself
        (12, [], [11], 12),  # the start may not be shown
        (12, [12], [10, 11], None),  # nothing left
        (20, [], [], 20),
        (20, [20], [], None),
    ],
)
def test_the_entry_point_of_a_franchise(candidate, seen, forbidden, entry):
    facts = franchise_of_four()
    allowed = ~np.isin(facts.ids, forbidden)
    rows = {facts.row(i) for i in seen}
    found = entry_point(facts, facts.row(candidate), allowed, rows)
    assert (None if found is None else int(facts.ids[found])) == entry


@given(st.lists(st.integers(-5, 5), max_size=20), st.integers(0, 25), st.floats(0.01, 1))
def test_mmr_chooses_distinct_positions_and_begins_with_the_best(scores, k, trade_off):
    vectors = np.eye(max(len(scores), 1), dtype=np.float32)[: len(scores)]
    chosen = mmr(np.array(scores, np.float32), vectors, k, trade_off)
    assert len(chosen) == min(k, len(scores)) == len(set(chosen))
    if chosen:
        assert scores[chosen[0]] == max(scores)


def test_mmr_passes_over_a_near_copy_for_something_else():
    scores = np.array([1.0, 0.99, 0.8], np.float32)
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert mmr(scores, vectors, 2, 0.5) == [0, 2]
    assert mmr(scores, vectors, 2, 1.0) == [0, 1]
