from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.fixed_split import read_split
from recsys.data.interactions import DataError, Interactions
from recsys.data.recbole import read_in_order
from recsys.data.timeline import Timeline


def table_of(users, anime):
    return Interactions.from_columns(users, anime, [8] * len(users))[0]


def in_order(timeline):
    """The anime ids of each person, first to last."""
    lists = timeline.lists
    result = {}
    for user, id_ in enumerate(lists.user_ids.tolist()):
        own = slice(lists.indptr[user], lists.indptr[user + 1])
        by_place = np.argsort(timeline.places[own])
        result[id_] = lists.anime_ids[lists.items[own][by_place]].tolist()
    return result


def test_lists_are_ordered_by_what_they_were_read_with():
    users, anime = [2, 1, 2, 1, 2], [5, 7, 3, 4, 9]
    timeline = Timeline.of_rows(
        table_of(users, anime), np.array(users), np.array(anime), np.array([3, 1, 2, 0, 9])
    )
    assert in_order(timeline) == {1: [4, 7], 2: [3, 5, 9]}


def test_of_a_repeated_pair_the_last_row_says_when():
    users, anime = [1, 1, 1], [5, 7, 5]
    timeline = Timeline.of_rows(
        table_of(users, anime), np.array(users), np.array(anime), np.arange(3)
    )
    assert in_order(timeline) == {1: [7, 5]}


def test_rows_that_the_table_left_out_change_nothing():
    users, anime = np.array([1, np.nan, 1.0]), np.array([5, 6, 4.0])
    table, cleaning = Interactions.from_columns(users, anime, [8, 8, 8])
    assert cleaning.without_ids == 1
    timeline = Timeline.of_rows(table, users, anime, np.arange(3))
    assert in_order(timeline) == {1: [5, 4]}


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 30), st.integers(0, 5)), min_size=1, max_size=60
    ),
    share=st.floats(0, 1),
)
def test_what_came_before_and_what_came_since_are_the_whole_list(rows, share):
    users, anime, moments = (np.array(column) for column in zip(*rows, strict=True))
    table = table_of(users, anime)
    timeline = Timeline.of_rows(table, users, anime, moments)
    ends = np.floor(table.lengths * share).astype(np.int64)
    told, later = timeline.before(ends), timeline.since(ends)
    assert np.array_equal(told.lists.lengths, ends)
    assert np.array_equal(told.lists.lengths + later.lengths, table.lengths)
    whole = in_order(timeline)
    for user, beginning in in_order(told).items():
        assert whole[user][: len(beginning)] == beginning
    assert np.array_equal(timeline.places + timeline.ages + 1, table.lengths[table.users])


def test_a_recbole_file_is_ordered_by_its_times(tmp_path):
    path = tmp_path / "small.inter"
    path.write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "7\t1\t5\t300\n7\t2\t3\t100\n8\t3\t4\t50\n7\t4\t4\t200\n",
        encoding="utf-8",
    )
    assert in_order(read_in_order(path)) == {7: [2, 4, 1], 8: [3]}


def test_a_file_without_times_is_named_and_what_it_lacks(tmp_path):
    path = tmp_path / "small.inter"
    path.write_text("user_id:token\titem_id:token\n7\t1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"small.inter: expected .* timestamp:float"):
        read_in_order(path)


def test_a_fixed_split_keeps_the_order_of_its_rows(tmp_path):
    parts = {"train": [(0, 9), (0, 2), (0, 5), (1, 3)], "valid": [(1, 8), (1, 1)], "test": [(0, 7)]}
    for part, pairs in parts.items():
        np.save(tmp_path / f"{part}_list.npy", np.array(pairs))
    split = read_split(tmp_path)
    assert in_order(split.in_order) == {0: [9, 2, 5], 1: [3]}
    assert in_order(split.part_in_order("valid")) == {0: [], 1: [8, 1]}
