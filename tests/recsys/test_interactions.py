from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.interactions import DataError, Interactions
from recsys.data.parquet import read_parquet
from tests.recsys.training_data import made_up_lists, write_ratings


def test_entries_are_sorted_into_lists_by_person_and_anime():
    table, cleaning = Interactions.from_columns([7, 3, 7], [50, 20, 10], [9, 0, 4])
    assert table.user_ids.tolist() == [3, 7]
    assert table.anime_ids.tolist() == [10, 20, 50]
    assert table.indptr.tolist() == [0, 1, 3]
    assert table.anime_ids[table.items].tolist() == [20, 10, 50]
    assert table.scores.tolist() == [0, 4, 9]
    assert str(cleaning) == "3 rows read."


def test_of_repeated_entries_the_last_one_counts_and_the_others_are_counted():
    table, cleaning = Interactions.from_columns([1, 1, 1], [5, 5, 6], [3, 8, 0])
    assert table.scores.tolist() == [8, 0]
    assert cleaning.duplicates == 1
    assert "1 repeated" in str(cleaning)


def test_scores_outside_one_to_ten_are_read_as_not_rated_and_counted():
    scores = [np.nan, 0, -1, 11, -7, 7.5, 10, np.inf]
    table, cleaning = Interactions.from_columns(np.ones(8), np.arange(1, 9), scores)
    assert table.scores.tolist() == [0, 0, 0, 0, 0, 0, 10, 0]
    # NaN, 0 and -1 are how files say "not rated": nothing was wrong with them.
    assert cleaning.bad_scores == 4


def test_rows_without_a_usable_id_are_left_out_and_counted():
    table, cleaning = Interactions.from_columns(
        [1, np.nan, 0, -4, 2.5, 2], [5, 5, 5, 5, 5, np.nan], [8, 8, 8, 8, 8, 8]
    )
    assert len(table) == 1
    assert cleaning.without_ids == 5


def test_an_unknown_status_is_read_as_not_known():
    table, cleaning = Interactions.from_columns([1, 1, 1], [1, 2, 3], [0, 0, 0], [2, 33, 6])
    assert table.statuses.tolist() == [2, -1, 6]
    assert cleaning.bad_statuses == 1


def test_what_is_only_planned_was_not_seen_but_a_rated_plan_was():
    table, _ = Interactions.from_columns([1] * 4, [1, 2, 3, 4], [0, 7, 0, 0], [6, 6, -1, 4])
    assert table.seen().items.tolist() == [1, 2, 3]


def test_anime_that_the_model_does_not_know_are_left_out_and_people_stay():
    table, _ = Interactions.from_columns([1, 1, 2], [10, 20, 20], [1, 2, 3])
    part = table.on_anime(np.array([5, 10]))
    assert part.anime_ids.tolist() == [5, 10]
    assert part.lengths.tolist() == [1, 0]
    assert part.items.tolist() == [1]
    assert table.on_anime(np.array([], np.int64)).lengths.tolist() == [0, 0]


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 10)),
        min_size=1,
        unique_by=lambda row: row[:2],
    ),
    st.randoms(),
)
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, _ = Interactions.from_columns(*zip(*rows, strict=True))
    second, _ = Interactions.from_columns(*zip(*shuffled, strict=True))
    assert first.fingerprint == second.fingerprint


def test_the_fingerprint_changes_with_one_score():
    first, _ = Interactions.from_columns([1, 2], [1, 1], [5, 6])
    second, _ = Interactions.from_columns([1, 2], [1, 1], [5, 7])
    assert first.fingerprint != second.fingerprint


@given(st.lists(st.booleans(), min_size=30, max_size=30))
def test_two_halves_of_the_people_hold_all_entries(mask):
    lists = made_up_lists(users=30, anime=12)
    mask = np.resize(np.array(mask), lists.n_users)
    halves = lists.of_users(mask), lists.of_users(~mask)
    assert sum(len(half) for half in halves) == len(lists)
    assert sorted([*halves[0].user_ids, *halves[1].user_ids]) == lists.user_ids.tolist()


def test_a_parquet_file_reads_as_its_columns_say(tmp_path):
    path = write_ratings(
        tmp_path / "r.parquet",
        user_id=[1, 1, 2],
        anime_id=[5, 6, 5],
        score=[8, None, 3],
        status=[2, 6, None],
        source=pa.array(["a", "a", "b"]).dictionary_encode(),
    )
    table, cleaning = read_parquet(path)
    assert table.scores.tolist() == [8, 0, 3]
    assert table.statuses.tolist() == [2, 6, -1]
    assert [table.sources[code] for code in table.source_of] == ["a", "b"]
    assert str(cleaning) == "3 rows read."


def test_a_file_in_many_row_groups_reads_like_one_in_a_single_group(tmp_path):
    path = write_ratings(tmp_path / "one.parquet")
    pq.write_table(pq.read_table(path), tmp_path / "many.parquet", row_group_size=97)
    one, many = read_parquet(path)[0], read_parquet(tmp_path / "many.parquet")[0]
    assert one.fingerprint == many.fingerprint
    assert one.sources == ("mal-2022", "bangumi-2018")


def test_a_file_without_status_and_source_is_enough(tmp_path):
    table, _ = read_parquet(
        write_ratings(tmp_path / "r.parquet", user_id=[1], anime_id=[5], score=[8])
    )
    assert table.statuses.tolist() == [-1]
    assert table.sources == ("",)


def test_a_missing_file_says_how_to_pass_one(tmp_path):
    with pytest.raises(DataError, match="--ratings"):
        read_parquet(tmp_path / "nothing.parquet")


def test_a_foreign_file_is_named(tmp_path):
    (tmp_path / "r.parquet").write_text("user_id,anime_id,score\n1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="not a whole parquet file"):
        read_parquet(tmp_path / "r.parquet")


def test_a_file_that_was_cut_short_is_named(tmp_path):
    path = write_ratings(tmp_path / "r.parquet")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="not a whole parquet file"):
        read_parquet(path)


def test_damage_in_the_middle_of_a_file_is_named(tmp_path):
    path = tmp_path / "r.parquet"
    columns = {name: list(range(1, 3001)) for name in ("user_id", "anime_id", "score")}
    pq.write_table(pa.table(columns), path, compression="gzip", use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[300:600] = bytes(300)
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a whole parquet file"):
        read_parquet(path)


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path):
    path = write_ratings(tmp_path / "r.parquet", user=[1], anime_id=[5], score=[8])
    with pytest.raises(DataError, match=r"no column user_id; it has user, anime_id, score"):
        read_parquet(path)


def test_a_column_of_words_is_named(tmp_path):
    path = write_ratings(tmp_path / "r.parquet", user_id=[1], anime_id=[5], score=["ten"])
    with pytest.raises(DataError, match=r"score .* not numbers"):
        read_parquet(path)
