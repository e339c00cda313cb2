"""Every public format, in the shape in which it is handed around, ends up as the same table."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data import delimited
from recsys.data.fixed_split import read_split
from recsys.data.interactions import Interactions
from recsys.data.readers import read_ratings
from recsys.profile import Status

UNKNOWN, WATCHING, COMPLETED, DROPPED = -1, 1, 2, 4


def entries(table: Interactions) -> list[tuple[int, int, int, int]]:
    """(person, anime, score, status) of every entry."""
    return list(
        zip(
            table.user_ids[table.users].tolist(),
            table.anime_ids[table.items].tolist(),
            table.scores.tolist(),
            table.statuses.tolist(),
            strict=True,
        )
    )


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_the_2016_set_reads_minus_one_as_completed_and_not_rated(tmp_path):
    path = write(
        tmp_path / "rating.csv", "user_id,anime_id,rating\n1,20,-1\n1,24,8\n5,20,10\n3,20,7\n"
    )
    table, cleaning = read_ratings(path)
    assert entries(table) == [
        (1, 20, 0, COMPLETED),
        (1, 24, 8, COMPLETED),
        (3, 20, 7, COMPLETED),
        (5, 20, 10, COMPLETED),
    ]
    assert (cleaning.rows, cleaning.bad_scores, cleaning.duplicates) == (4, 0, 0)
    assert table.sources == ("rating",)


def test_the_2020_set_keeps_person_zero_and_reads_what_people_watch(tmp_path):
    path = write(
        tmp_path / "animelist.csv",
        "user_id,anime_id,rating,watching_status,watched_episodes\n"
        "0,67,9,1,1\n0,6702,7,4,4\n0,242,0,6,0\n2,67,10,55,4\n",
    )
    table, cleaning = read_ratings(path)
    assert entries(table) == [
        (0, 67, 9, WATCHING),
        (0, 242, 0, Status.PLANNED),
        (0, 6702, 7, DROPPED),
        (2, 67, 10, UNKNOWN),
    ]
    assert cleaning.bad_statuses == 1


def test_the_folder_of_the_2020_set_gives_the_whole_lists_and_not_the_part_that_is_rated(tmp_path):
    write(
        tmp_path / "animelist.csv",
        "user_id,anime_id,rating,watching_status,watched_episodes\n0,67,9,1,1\n",
    )
    write(tmp_path / "rating_complete.csv", "user_id,anime_id,rating\n0,68,9\n")
    write(tmp_path / "anime.csv", "MAL_ID,Name,Score\n67,Basilisk,7.6\n")
    write(tmp_path / "watching_status.csv", "status, description\n1,Currently Watching\n")
    table, _ = read_ratings(tmp_path)
    assert entries(table) == [(0, 67, 9, WATCHING)]


REVIEWS = "uid,profile,anime_uid,text,score,scores,link\n"


def review(uid: int, profile: str, anime: int, score: object) -> str:
    out = io.StringIO()
    parts = {"Overall": str(score), "Story": "8"}
    pd.DataFrame(
        [[uid, profile, anime, '\n \n more, "much"\r\n more\n', score, str(parts), "https://x"]]
    ).to_csv(out, index=False, header=False)
    return out.getvalue()


def test_reviews_are_read_past_texts_of_many_lines_and_names_become_numbers(tmp_path):
    path = write(
        tmp_path / "reviews.csv",
        REVIEWS
        + review(1, "Ann", 34096, 8)
        + review(2, "null", 34096, 10)
        + review(1, "Ann", 34096, 8)
        + review(3, "Ann", 5, 11)
        + review(4, "", 5, 3),
    )
    table, cleaning = read_ratings(path)
    assert entries(table) == [
        (1, 5, 0, UNKNOWN),
        (1, 34096, 8, UNKNOWN),
        (2, 34096, 10, UNKNOWN),
    ]
    assert cleaning.duplicates == 1
    assert cleaning.bad_scores == 1
    assert cleaning.without_ids == 1
    assert "Ann" not in repr(table) + repr(cleaning)


def test_favourites_join_the_reviews_of_the_same_name_and_a_review_outranks_a_favourite(tmp_path):
    write(
        tmp_path / "profiles.csv",
        "profile,gender,birthday,favorites_anime,link\n"
        "Bea,Female,\"Oct 2, 1994\",\"['33352', '5']\",https://x\n"
        "Ann,,,\"['5']\",https://x\nCid,,,[],https://x\nBea,,,\"['5', '33352']\",https://x\n",
    )
    write(tmp_path / "reviews.csv", REVIEWS + review(1, "Ann", 5, 9) + review(2, "Bea", 7, 4))
    write(tmp_path / "animes.csv", "uid,title,synopsis\n5,Title,Text\n")
    table, _ = read_ratings(tmp_path)
    assert entries(table) == [
        (1, 5, 0, UNKNOWN),
        (1, 7, 4, UNKNOWN),
        (1, 33352, 0, UNKNOWN),
        (2, 5, 9, UNKNOWN),
    ]


def test_the_2023_set_is_read_past_names_and_titles_with_commas_and_quotes(tmp_path):
    path = write(
        tmp_path / "users-score-2023.csv",
        "user_id,Username,anime_id,Anime Title,rating\n"
        '1,Xinil,21,"One, ""Piece""",9\n1,Xinil,48,.hack//Sign,7\n4,nan,21,"One\nPiece",8\n',
    )
    table, _ = read_ratings(path)
    assert entries(table) == [(1, 21, 9, UNKNOWN), (1, 48, 7, UNKNOWN), (4, 21, 8, UNKNOWN)]


@pytest.mark.parametrize("person", ["Gender,Category2,Category3,Category4,Category5", "Gender"])
def test_a_wide_matrix_gives_what_is_filled_in_and_never_who_the_person_is(tmp_path, person):
    about = ",".join("1" for _ in person.split(","))
    path = write(
        tmp_path / "inputFormater.csv",
        f"{person},5114,1,30\n{about},,9,0\n{about},0.0,,\n{about},10,3.0,12\n{about},,,",
    )
    table, cleaning = read_ratings(path)
    assert entries(table) == [
        (1, 1, 9, UNKNOWN),
        (3, 1, 3, UNKNOWN),
        (3, 30, 0, UNKNOWN),
        (3, 5114, 10, UNKNOWN),
    ]
    assert cleaning.bad_scores == 1


def test_a_wide_matrix_of_many_people_and_columns_keeps_every_cell(tmp_path):
    rng = np.random.default_rng(4)
    cells = rng.integers(1, 11, (700, 300)) * (rng.random((700, 300)) < 0.05)
    frame = pd.DataFrame(cells, columns=[str(i) for i in range(1, 301)])
    frame.insert(0, "Gender", 1)
    path = tmp_path / "wide.csv"
    frame.to_csv(path, index=False)
    table, _ = read_ratings(path)
    person, column = np.nonzero(cells)
    expected = zip(person + 1, column + 1, cells[person, column], strict=True)
    assert [(u, a, s) for u, a, s, _ in entries(table)] == [(*map(int, e),) for e in expected]


def test_this_projects_parquet_is_read_by_the_same_door(tmp_path):
    path = tmp_path / "ratings.parquet"
    frame = {"user_id": [3, 3], "anime_id": [1, 5], "score": [0, 8], "status": [6, 2]}
    pd.DataFrame(frame).to_parquet(path)
    table, _ = read_ratings(path)
    assert entries(table) == [(3, 1, 0, Status.PLANNED), (3, 5, 8, COMPLETED)]


def test_an_inter_file_of_recbole_keeps_its_own_scale(tmp_path):
    header = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    write(tmp_path / "ml.inter", header + "196\t242\t3\t881250949\n186\t302\t5.0\t891717742\n")
    write(tmp_path / "ml.item", "item_id:token\tmovie_title:token_seq\n242\tKolya\n")
    table, _ = read_ratings(tmp_path)
    assert entries(table) == [(186, 302, 5, UNKNOWN), (196, 242, 3, UNKNOWN)]


def test_a_fixed_split_has_its_three_parts_over_the_same_people_and_items(tmp_path):
    parts = {"train": [(0, 0), (1, 2), (3, 1)], "valid": [(0, 2)], "test": [(3, 4)]}
    for part, pairs in parts.items():
        np.save(tmp_path / f"{part}_list.npy", np.array(pairs))
    split = read_split(tmp_path)
    for part, pairs in parts.items():
        table = getattr(split, part)
        assert (table.n_users, table.n_items) == (4, 5)
        assert [(u, i) for u, i, _, _ in entries(table)] == pairs

    table, _ = read_ratings(tmp_path)
    assert [(u, i) for u, i, _, _ in entries(table)] == parts["train"]


@pytest.mark.parametrize(
    ("delimiter", "newline", "start"),
    [(",", "\r\n", ""), (";", "\n", ""), ("\t", "\n", "\ufeff"), (",", "\n", "\ufeff")],
)
def test_spreadsheets_habits_change_nothing(tmp_path, delimiter, newline, start):
    lines = [["user_id", " anime_id", "rating"], ["1", "2", "9"], [], ["4", "2", "NaN"]]
    text = newline.join(delimiter.join(line) for line in lines)
    table, cleaning = read_ratings(write(tmp_path / "saved.csv", start + text))
    assert entries(table) == [(1, 2, 9, COMPLETED), (4, 2, 0, COMPLETED)]
    assert cleaning.rows == 2


def test_columns_in_another_order_and_further_ones_change_nothing(tmp_path):
    text = ',rating,extra,anime_id,user_id\n0,9,"a,b",2,1\n1,3,,5,1\n'
    table, _ = read_ratings(write(tmp_path / "saved.csv", text))
    assert entries(table) == [(1, 2, 9, COMPLETED), (1, 5, 3, COMPLETED)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(1, 60000)), st.integers(0, 10), min_size=1
    ),
    st.integers(40, 200),
)
def test_what_was_written_is_what_is_read_however_small_the_blocks(tmp_path, ratings, block):
    path = tmp_path / "rating.csv"
    frame = pd.DataFrame([(*pair, score) for pair, score in ratings.items()])
    frame.to_csv(path, index=False, header=["user_id", "anime_id", "rating"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_BLOCK_BYTES", block)
        table, cleaning = read_ratings(path)
    assert {(u, a): s for u, a, s, _ in entries(table)} == ratings
    assert cleaning.rows == len(ratings)


def test_the_readers_keep_nothing_of_a_person_but_a_number(tmp_path):
    path = write(
        tmp_path / "users-score-2023.csv",
        "user_id,Username,anime_id,Anime Title,rating\n1,SecretName,21,One Piece,9\n",
    )
    table, cleaning = read_ratings(path)
    assert "SecretName" not in json.dumps([repr(table), str(cleaning)])


PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public"


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public benchmark sets are not here")
def test_the_public_benchmark_sets_have_the_sizes_that_are_published():
    table, _ = read_ratings(PUBLIC / "ml-100k")
    assert (table.n_users, table.n_items, len(table)) == (943, 1682, 100_000)
    split = read_split(PUBLIC / "ml-1m-clean")
    assert [len(part) for part in split[:3]] == [403_277, 110_722, 57_532]
    assert (split.test.n_users, split.test.n_items) == (5_949, 2_810)
