import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.catalog import Anime
from recsys.picks import Filters
from recsys.ranking.diversity import mmr
from recsys.ranking.facts import Facts
from recsys.ranking.franchise import entry_point


def anime(id_, **facts):
    return Anime(id_, f"Title {id_}", **({"type": "TV", "members": 1000} | facts))


SHELF = [
    anime(1, year=1998, episodes=26, genres=("Action", "Sci-Fi")),
    anime(2, year=2011, episodes=24, genres=("Sci-Fi", "Drama"), tags=("Time Travel",)),
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
    ],
)
def test_a_filter_keeps_just_the_anime_for_which_every_part_holds(filters, ids):
    facts = Facts(SHELF)
    assert set(facts.ids[facts.mask(filters)].tolist()) == ids


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
