"""Rows sorted in blocks give what the plain sort gives, and the last of repeated rows counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data import rows as module
from recsys.data.interactions import Cleaning, Interactions
from recsys.data.rows import Rows
from recsys.profile import Status

_ROW = st.tuples(
    st.sampled_from([1.0, 2.0, 7.0, 300.0, 2.0**31, -1.0, 1.5, np.nan]),
    st.sampled_from([1.0, 5.0, 5114.0, 0.0, np.nan]),
    st.sampled_from([0.0, -1.0, 1.0, 7.0, 10.0, 11.0, 6.5, np.nan, np.inf]),
    st.sampled_from([-1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 33.0, np.nan]),
)


def expected(drawn: list[tuple[float, ...]]) -> tuple[list[tuple[int, ...]], Cleaning]:
    """The entries (person, anime, score, status) in order and the counts, row by row."""
    lists: dict[tuple[int, int], tuple[int, int]] = {}
    without_ids = bad_scores = bad_statuses = kept = 0
    for user, anime, score, status in drawn:
        bad_scores += not (score in range(-1, 11) or np.isnan(score))
        bad_statuses += not (status in (-1, 1, 2, 3, 4, 6) or np.isnan(status))
        if not all(1 <= number < 2**31 and number % 1 == 0 for number in (user, anime)):
            without_ids += 1
            continue
        kept += 1
        lists[int(user), int(anime)] = (
            int(score) if score in range(1, 11) else 0,
            int(status) if status in (1, 2, 3, 4, 6) else -1,
        )
    cleaning = Cleaning(len(drawn), without_ids, kept - len(lists), bad_scores, bad_statuses)
    return sorted((*pair, *entry) for pair, entry in lists.items()), cleaning


def entries(table: Interactions) -> list[tuple[int, ...]]:
    people, anime = table.user_ids[table.users], table.anime_ids[table.items]
    columns = (people, anime, table.scores, table.statuses)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def read(drawn: list[tuple[float, ...]], size: int = 40) -> tuple[Interactions, Cleaning]:
    columns = np.array(drawn, float).reshape(-1, 4)
    rows = Rows(first_user=1)
    for start in range(0, len(columns), size):
        users, anime, scores, statuses = columns[start : start + size].T
        rows.add(users, anime, scores, statuses)
    return rows.table()


@given(st.lists(_ROW, max_size=40), st.integers(1, 7))
def test_rows_in_blocks_of_any_size_become_sorted_lists_in_which_the_last_repeat_counts(
    drawn, size
):
    table, cleaning = read(drawn, size)
    assert (entries(table), cleaning) == expected(drawn)
    assert len(table.indptr) == table.n_users + 1
    assert (table.lengths > 0).all()
    types = {"user_ids": "int64", "anime_ids": "int32", "indptr": "int64", "items": "int32"}
    types |= {"scores": "int8", "statuses": "int8", "source_of": "int8"}
    assert {part: str(getattr(table, part).dtype) for part in types} == types


@given(st.lists(_ROW, max_size=40))
def test_huge_ids_and_a_word_too_small_for_the_sort_change_nothing(drawn):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TABLE", 10)
        patch.setattr(module, "_BLOCK", 3)
        assert entries(read(drawn)[0]) == expected(drawn)[0]
        patch.setattr(module, "_WORD_BITS", 4)
        assert entries(read(drawn)[0]) == expected(drawn)[0]


def test_a_person_belongs_to_the_source_of_their_first_entry():
    rows = Rows()
    rows.add([5, 2], [9, 9], source_codes=[1, 0])
    rows.add([5, 2], [1, 3], source_codes=[2, 2])
    table, _ = rows.table(("a", "b", "c"))
    assert table.sources == ("a", "b", "c")
    assert table.source_of.tolist() == [2, 2]


def test_person_zero_counts_where_a_set_begins_at_zero():
    rows = Rows()
    rows.add([0, 0, -1], [5, 6, 5], [9, 0, 3], Status.COMPLETED)
    table, cleaning = rows.table(("set",))
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
