"""Rows sorted in blocks give what the plain sort gives, and the last of repeated rows counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data import rows as module
from recsys.data.interactions import Interactions
from recsys.data.rows import Rows
from recsys.profile import Status

_ROW = st.tuples(
    st.sampled_from([1.0, 2.0, 7.0, 300.0, 2.0**31, -1.0, 1.5, np.nan]),
    st.sampled_from([1.0, 5.0, 5114.0, 0.0, np.nan]),
    st.sampled_from([0.0, -1.0, 1.0, 7.0, 10.0, 11.0, 6.5, np.nan, np.inf]),
    st.sampled_from([-1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 33.0, np.nan]),
)


def _assert_same(one: Interactions, other: Interactions) -> None:
    assert one.fingerprint == other.fingerprint
    for part in ("user_ids", "anime_ids", "indptr", "items", "scores", "statuses", "source_of"):
        assert getattr(one, part).dtype == getattr(other, part).dtype


@given(st.lists(_ROW, max_size=40), st.integers(1, 7))
def test_rows_in_blocks_give_the_table_and_the_counts_of_all_rows_at_once(drawn, size):
    columns = np.array(drawn, float).reshape(-1, 4)
    rows = Rows(first_user=1)
    for start in range(0, len(columns), size):
        rows.add(*columns[start : start + size].T)
    table, cleaning = rows.table()
    users, anime, scores, statuses = columns.T
    expected, expected_cleaning = Interactions.from_columns(users, anime, scores, statuses)
    _assert_same(table, expected)
    assert cleaning == expected_cleaning


@given(st.lists(_ROW, max_size=40))
def test_huge_ids_and_a_word_too_small_for_the_sort_change_nothing(drawn):
    columns = np.array(drawn, float).reshape(-1, 4)
    users, anime, scores, statuses = columns.T
    expected, _ = Interactions.from_columns(users, anime, scores, statuses)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TABLE", 10)
        patch.setattr(module, "_BLOCK", 3)
        rows = Rows(first_user=1)
        rows.add(*columns.T)
        _assert_same(rows.table()[0], expected)

        patch.setattr(module, "_WORD_BITS", 4)
        rows = Rows(first_user=1)
        rows.add(*columns.T)
        _assert_same(rows.table()[0], expected)


def test_person_zero_counts_where_a_set_begins_at_zero():
    rows = Rows()
    rows.add([0, 0, -1], [5, 6, 5], [9, 0, 3], Status.COMPLETED)
    table, cleaning = rows.table("set")
    assert table.user_ids.tolist() == [0]
    assert table.scores.tolist() == [9, 0]
    assert table.statuses.tolist() == [Status.COMPLETED] * 2
    assert table.sources == ("set",)
    assert cleaning.without_ids == 1


def test_a_table_over_given_people_and_anime_has_them_with_and_without_rows():
    rows = Rows(first_anime=0)
    rows.add([2, 0], [1, 3])
    table, _ = rows.table(user_ids=np.arange(4), anime_ids=np.arange(5, dtype=np.int32))
    assert table.n_users == 4
    assert table.n_items == 5
    assert table.indptr.tolist() == [0, 1, 1, 2, 2]
    assert table.items.tolist() == [3, 1]


def test_a_row_outside_the_given_people_is_an_error_and_not_somebody_else():
    rows = Rows()
    rows.add([3], [1])
    with pytest.raises(ValueError, match="not among the 2 given"):
        rows.table(user_ids=np.array([1, 5]))
    rows.add([9], [1])
    with pytest.raises(ValueError, match="not among the 2 given"):
        rows.table(user_ids=np.array([1, 5]))
