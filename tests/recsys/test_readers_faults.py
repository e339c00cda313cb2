"""A wrong, truncated or foreign file is refused with the line and with what was expected."""

from pathlib import Path

import numpy as np
import pytest

from recsys.data.fixed_split import read_split
from recsys.data.interactions import DataError
from recsys.data.readers import read_ratings

HEADER = "user_id,anime_id,rating\n"
REVIEWS = "uid,profile,anime_uid,text,score,scores,link\n"
# Three lines of the file.
REVIEW = '1,ann,5,"\n  nice, ""really""\n more",8,{},http://x\n'
# More than two blocks of the reader, so the fault lies behind what was read already.
MANY = "".join(f"{row},{row % 7 + 1},{row % 10 + 1}\n" for row in range(1, 700_001))


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        read_ratings(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            HEADER + "1,2,3\n1,2\n3,4,5\n",
            "line 3 of rating.csv: expected 3 fields (user_id, anime_id, rating) but found 2.",
        ),
        (
            HEADER + "1,2,3\n1,2",
            "fields (user_id, anime_id, rating) but found 2; the file seems cut short. Fetch it ",
        ),
        (
            HEADER + "1,2,3\n1,2,",
            "line 3 of rating.csv: the file stops before the field rating; it seems cut short. Fet",
        ),
        (
            HEADER + "\n1,2,3\n\n1,2,3,4\n",
            "line 5 of rating.csv: expected 3 fields (user_id, anime_id, rating) but found 4.",
        ),
        (
            HEADER + "1,2,3\n1,2,good\n",
            "line 3 of rating.csv: expected a number for rating but found 'good'.",
        ),
        (
            HEADER.encode() + b"1,2,3\n1,\xff,3\n",
            "line 3 of rating.csv: expected a number for anime_id but found '\ufffd'.",
        ),
        (
            "user_id,anime_id,rating,rating\n1,2,3,4\n",
            "line 1 of rating.csv: the column rating is there 2 times; keep one.",
        ),
        (HEADER + MANY + "7,1", "line 700,002 of rating.csv: expected 3 fields"),
        (HEADER + MANY + "7,x,1\n" + MANY, "line 700,002 of rating.csv: expected a number for ani"),
        (HEADER, "rating.csv holds no usable row: 0 rows read."),
        (HEADER + "0,0,5\n-3,4,5\n", "2 without a usable person or anime left out"),
        ("", "rating.csv is empty. Fetch it again"),
        ("\n" + HEADER, "rating.csv begins with an empty line."),
    ],
    ids=lambda value: "" if len(value) > 1000 else None,
)
def test_a_fault_in_three_columns_is_named_with_its_line(tmp_path, content, sentence):
    assert sentence in refusal(tmp_path / "rating.csv", content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (REVIEW.replace(",8,", ",eight,"), "line 8 of reviews.csv: expected a number for score"),
        ('2,bob,6,"a\nb",7\n' + REVIEW, "line 8 of reviews.csv: expected 7 fields"),
        ('2,bob,6,"and then the line broke', "the file seems cut short. Fetch it again."),
        ('2,bob,6,"' + "long " * 300_000, "line 8 of reviews.csv: a quoted text begins here"),
    ],
    ids=["a word for a score", "fields missing", "cut inside a text", "a quote without end"],
)
def test_a_fault_behind_texts_of_many_lines_is_named_with_the_line_where_its_record_begins(
    tmp_path, content, sentence
):
    said = refusal(tmp_path / "reviews.csv", REVIEWS + REVIEW * 2 + content)
    assert sentence in said
    assert said.startswith("line 8 of reviews.csv")


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path):
    content = (REVIEWS + REVIEW).encode() + REVIEW.encode().replace(b"ann", b"\xe9nn")
    said = refusal(tmp_path / "reviews.csv", content)
    assert said.startswith("line 5 of reviews.csv: expected text in UTF-8 for profile")


def test_a_wide_matrix_with_a_strange_column_or_a_short_row_is_refused(tmp_path):
    path = tmp_path / "wide.csv"
    assert "line 1 of wide.csv: column 2 is named 'Title'" in refusal(
        path, "Gender,Title,5,20,31\n0,x,1,,9\n"
    )
    assert "line 3 of wide.csv: expected 4 fields (Gender, 5, 20, 31) but found 2" in refusal(
        path, "Gender,5,20,31\n0,1,,9\n0,1\n"
    )


def test_an_inter_file_with_words_for_ids_is_refused(tmp_path):
    header = "user_id:token\titem_id:token\trating:float\n"
    said = refusal(tmp_path / "a.inter", header + "1\t2\t3\n1\tB00A\t3\n")
    assert said.startswith("line 3 of a.inter: expected a number for item_id:token")
    said = refusal(tmp_path / "a.inter", "user_id:token\tage:float\n1\t2\n")
    assert said.startswith("line 1 of a.inter: expected the fields user_id:token and item_id:token")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rating.csv", "a,b,c\n1,2,3\n", "line 1 of rating.csv: found the columns a, b, c"),
        ("rating.csv", "<html>\n<body>\n", "line 1 of rating.csv: found the columns <html>"),
        ("rating.csv", HEADER.encode("utf-16"), "rating.csv is not a text file in UTF-8."),
        ("archive.zip", b"PK\x03\x04rest", "archive.zip is an archive. Unpack it"),
        ("anime.csv", "anime_id,name,genre\n1,a,b\n", "is a list of anime, and not of ratings"),
        ("ratings.parquet", b"PAR1cut", "is not a whole parquet file"),
        ("train_list.npy", b"\x93NUMPY\x01\x00v\x00", "is not a whole numpy file of numbers"),
    ],
)
def test_a_foreign_file_is_refused_with_what_it_is(tmp_path, name, content, sentence):
    assert sentence in refusal(tmp_path / name, content)


def test_a_foreign_table_is_refused_with_the_list_of_what_can_be_read(tmp_path):
    said = refusal(tmp_path / "x.csv", "title,views\na,1\n")
    for name in ("rating.csv", "animelist.csv", "users-score-2023.csv", "reviews.csv", ".inter"):
        assert name in said


def test_nothing_there_and_a_folder_without_ratings_are_named(tmp_path):
    with pytest.raises(DataError, match=r"There are no ratings at .*nowhere"):
        read_ratings(tmp_path / "nowhere")
    with pytest.raises(DataError, match="It is empty"):
        read_ratings(tmp_path)
    (tmp_path / "archive.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match=r"It has archive\.zip"):
        read_ratings(tmp_path)


def test_a_folder_with_two_candidates_asks_which_one(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEADER + "1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"several ratings files \(a\.csv, b\.csv\)"):
        read_ratings(tmp_path)


def test_a_split_with_a_part_missing_or_of_another_shape_is_refused(tmp_path):
    np.save(tmp_path / "train_list.npy", np.array([[0, 1]]))
    with pytest.raises(DataError, match=r"There is no valid_list\.npy"):
        read_split(tmp_path)
    for wrong, sentence in (
        (np.array([[0, 1, 5]]), r"holds \(1, 3\); expected \[pairs, 2\]"),
        (np.array([[0.5, 1.0]]), "holds float64; expected whole numbers"),
        (np.array([[0, 1], [0, -1]]), r"row 2 of valid_list\.npy is \[0, -1\]"),
        (np.array([[{}, 1]], object), "is not a whole numpy file"),
    ):
        np.save(tmp_path / "valid_list.npy", wrong)
        with pytest.raises(DataError, match=sentence):
            read_split(tmp_path)


@pytest.mark.parametrize("row", ["1,20,8", "0,67,9,2,1", "1;20;-1"])
def test_a_table_without_its_first_line_is_not_taken_for_a_wide_matrix(tmp_path, row):
    said = refusal(tmp_path / "rating.csv", f"{row}\n" * 20)
    assert said.startswith("line 1 of rating.csv: found the numbers")
    assert "user_id,anime_id,rating" in said


def test_lines_that_end_as_on_old_macs_are_named(tmp_path):
    said = refusal(tmp_path / "rating.csv", HEADER.replace("\n", "\r") + "1,20,8\r")
    assert "carriage returns" in said
