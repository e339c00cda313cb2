"""Every format: what a file of it says, by its own ids, words and scale."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importing import Line, RefusedError, Source, read_list
from bot.importing.scores import guess_top, parse, to_ten
from bot.importing.statuses import status_of
from recsys.profile import Status
from tests.bot import lists


def read(data: bytes | str) -> tuple[Line, ...]:
    return read_list(data if isinstance(data, bytes) else data.encode()).lines


def refusal(data: bytes | str) -> str:
    with pytest.raises(RefusedError) as raised:
        read(data)
    return raised.value.key


def test_myanimelists_export_is_read_by_id_score_and_status() -> None:
    found = read_list(
        lists.mal_xml(
            (9253, "Steins;Gate", 9, "Completed"),
            (19, "Monster", 0, "Plan to Watch"),
            (1, "Cowboy Bebop", 10, "On-Hold"),
            (5, "Film", 1, "Dropped"),
            (6, "Trigun", 7, "Watching"),
        )
    )
    assert found.source is Source.MYANIMELIST
    assert [(x.mal_id, x.score, x.status) for x in found.lines] == [
        (9253, 9, Status.COMPLETED),
        (19, None, Status.PLANNED),
        (1, 10, Status.ON_HOLD),
        (5, 1, Status.DROPPED),
        (6, 7, Status.WATCHING),
    ]
    assert found.lines[0].title == "Steins;Gate"


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("1", Status.WATCHING),
        ("2", Status.COMPLETED),
        ("3", Status.ON_HOLD),
        ("4", Status.DROPPED),
        ("6", Status.PLANNED),
    ],
)
def test_the_older_numbers_of_myanimelists_statuses_are_known(number: str, status: Status) -> None:
    assert read(lists.mal_xml((19, "Monster", 5, number)))[0].status is status


def test_of_myanimelists_export_only_the_id_must_be_there() -> None:
    text = "<myanimelist><anime><series_animedb_id>19</series_animedb_id></anime></myanimelist>"
    assert read(text) == (Line(mal_id=19),)


def test_a_file_compressed_by_gzip_or_zip_reads_the_same() -> None:
    plain = lists.mal_xml((19, "Monster", 9, "Completed"))
    assert read(gzip.compress(plain)) == read(plain)
    assert read(gzip.compress(plain[:500]) + gzip.compress(plain[500:])) == read(plain)
    assert read(lists.zipped("animelist.xml", plain)) == read(plain)


def test_xml_in_utf_16_reads_the_same() -> None:
    plain = lists.mal_xml((19, "モンスター", 9, "Completed"))
    wide = plain.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert read(wide) == read(plain)


def test_a_manga_export_is_refused_as_such() -> None:
    assert refusal(lists.mal_xml((2, "Berserk", 10, "Reading"), kind=2)) == "import_manga"
    manga = "<myanimelist><manga><manga_mangadb_id>2</manga_mangadb_id></manga></myanimelist>"
    assert refusal(manga) == "import_manga"
    planet = json.loads(lists.anime_planet(("Berserk", 5, "read")))
    planet["export"]["type"] = "manga"
    assert refusal(json.dumps(planet)) == "import_manga"


def test_anilists_download_is_read_by_its_own_ids_numbers_and_scale() -> None:
    data = lists.anilist_download(
        (1, 85, 2), (2, 0, 1), (3, 100, 0), (4, 4, 3), (5, 50, 4), (6, 95, 5)
    )
    found = read_list(data)
    assert found.source is Source.ANILIST
    assert [(x.anilist_id, x.score, x.status) for x in found.lines] == [
        (1, 9, Status.COMPLETED),
        (2, None, Status.PLANNED),
        (3, 10, Status.WATCHING),
        (4, 1, Status.DROPPED),
        (5, 5, Status.ON_HOLD),
        (6, 10, Status.WATCHING),
    ]


@pytest.mark.parametrize(
    ("declared", "score", "ten"),
    [
        ("POINT_100", 70, 7),
        ("POINT_10_DECIMAL", 7.5, 8),
        ("POINT_10", 7, 7),
        ("POINT_5", 4, 8),
        ("POINT_3", 2, 7),
    ],
)
def test_a_backup_of_anilists_lists_says_its_scale(declared: str, score: float, ten: int) -> None:
    entry = {
        "status": "REPEATING",
        "score": score,
        "media": {"id": 7, "idMal": 19, "title": {"romaji": "Monster"}},
    }
    data = {
        "User": {"mediaListOptions": {"scoreFormat": declared}},
        "lists": [
            {"name": "Completed", "isCustomList": False, "entries": [entry]},
            {"name": "Mine", "isCustomList": True, "entries": [entry]},
        ],
    }
    assert read(json.dumps(data)) == (
        Line(mal_id=19, anilist_id=7, title="Monster", score=ten, status=Status.WATCHING),
    )


def test_anime_planets_half_stars_become_one_to_ten() -> None:
    found = read_list(
        lists.anime_planet(
            ("Monster", 4.5, "watched"),
            ("Clannad", 0.5, "dropped"),
            ("Trigun", 0, "want to watch"),
            ("Toradora!", 5, "stalled"),
            ("Nodame", 0, "won't watch"),
            ("Mushishi", 3, "watching"),
        )
    )
    assert found.source is Source.ANIME_PLANET
    assert [(x.title, x.score, x.status) for x in found.lines] == [
        ("Monster", 9, Status.COMPLETED),
        ("Clannad", 1, Status.DROPPED),
        ("Trigun", None, Status.PLANNED),
        ("Toradora!", 10, Status.ON_HOLD),
        ("Nodame", None, Status.NOT_INTERESTED),
        ("Mushishi", 6, Status.WATCHING),
    ]


def test_simkls_backup_gives_its_anime_and_leaves_films_out() -> None:
    found = read_list(
        lists.simkl(
            (19, "Monster", 9, "completed"),
            (None, "Clannad", None, "plantowatch"),
            (5, "Film", None, "notinteresting"),
        )
    )
    assert found.source is Source.SIMKL
    assert found.lines == (
        Line(19, None, "Monster", 9, Status.COMPLETED, 2006),
        Line(None, None, "Clannad", None, Status.PLANNED, 2006),
        Line(5, None, "Film", None, Status.DROPPED, 2006),
    )
    table = read_list(lists.SAMPLES["simkl.csv"])
    assert table.source is Source.SIMKL
    assert [(x.title, x.score, x.year) for x in table.lines] == [("Monster", 9, 2004)]


def test_our_own_exports_are_read_back_line_by_line() -> None:
    entries = [
        (19, "Monster", 9, "completed"),
        (1, 'Cowboy "Bebop", again', None, "planned"),
        (5, "=1+1", 1, "not_interested"),
        (6, "Trigun", None, "unknown"),
        (7, "Witch", None, "on_hold"),
        (8, "x", 10, "watching"),
        (9, "y", 3, "dropped"),
    ]
    statuses = [Status[status.upper()] for *_, status in entries]
    for write in (lists.ours_json, lists.ours_csv):
        found = read(write(*entries))
        assert [(x.mal_id, x.title, x.score) for x in found] == [e[:3] for e in entries]
        assert [x.status for x in found] == statuses
    newer = json.dumps({"format": "osusume", "version": 2, "entries": []})
    assert refusal(newer) == "import_newer_export"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("MAL ID,Score\n19,8\n", Line(mal_id=19, score=8)),
        ("mal_id\tmy_score\tmy_status\n19\t8\tDropped\n", Line(19, score=8, status=Status.DROPPED)),
        ("\ufeffTitle;Rating (1-5)\nMonster;4\n", Line(title="Monster", score=8)),
        ("Title|rating/100\nMonster|85\n", Line(title="Monster", score=9)),
        ("sep=;\nTitle;Score\nMonster;7,5\n", Line(title="Monster", score=8)),
        ("name,rating\nMonster,4/5\n", Line(title="Monster", score=8)),
        (
            "タイトル,評価,状態\nモンスター,8,視聴中\n",
            Line(None, None, "モンスター", 8, Status.WATCHING),
        ),
        (
            "título;puntuación;estado\nMonster;8;visto\n",
            Line(None, None, "Monster", 8, Status.COMPLETED),
        ),
        ("titre;note;statut\nMonster;8;à voir\n", Line(None, None, "Monster", 8, Status.PLANNED)),
        ("id\n19\n", Line(mal_id=19)),
        ("id,title\n4,Monster\n", Line(title="Monster")),
        ("title,link\nx,https://myanimelist.net/anime/19/Monster\n", Line(mal_id=19, title="x")),
        ("title,url\nx,https://anilist.co/anime/19\n", Line(anilist_id=19, title="x")),
        ("title,year\nMonster,2004\n", Line(title="Monster", year=2004)),
    ],
)
def test_a_table_is_read_by_the_names_of_its_columns(text: str, line: Line) -> None:
    assert read(text) == (line,)


def test_a_table_in_excels_unicode_is_read() -> None:
    assert read("title\tscore\nMonster\t8\n".encode("utf-16"))[0].title == "Monster"


def test_scores_without_a_declared_scale_say_what_they_were_taken_for() -> None:
    assert read_list(b"title,score\na,8\nb,5\n").guessed_scale == 10
    assert read_list(b"title,score\na,80\nb,5\n").guessed_scale == 100
    assert read_list(b"title,score /5\na,4\n").guessed_scale is None
    assert [x.score for x in read("title,score\na,80\nb,45\n")] == [8, 5]


@pytest.mark.parametrize(
    "rows",
    [
        [{"target_title": "Monster", "target_id": 19, "target_type": "Anime", "score": 8}],
        {"data": [{"node": {"id": 19, "title": "Monster"}, "list_status": {"score": 8}}]},
        {"anime": [{"anime_id": 19, "anime_title": "Monster", "score": 8}]},
    ],
)
def test_rows_of_json_are_read_by_the_names_of_their_fields(rows: object) -> None:
    (line,) = read(json.dumps(rows))
    assert (line.title, line.score) == ("Monster", 8)


def test_lines_that_name_no_anime_are_counted_and_passed_over() -> None:
    found = read_list(b"title,score\nMonster,8\n,5\n,,\n")
    assert (len(found.lines), found.passed_over) == (1, 1)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ("", "import_empty"),
        ("{}", "import_empty"),
        ("[]", "import_empty"),
        ('{"anime": []}', "import_empty"),
        ('{"hello": 1}', "import_unknown_file"),
        ("hello", "import_unknown_file"),
        ("colour,size\nred,5\n", "import_no_columns"),
        ("title,score\n", "import_empty"),
        ("<!DOCTYPE html><html></html>", "import_web_page"),
        ("<html><body>log in</body></html>", "import_web_page"),
        ("<rss></rss>", "import_unknown_file"),
        ("<myanimelist></myanimelist>", "import_empty"),
        ("<myanimelist><anime>", "import_xml"),
        ('{"format": "osusume",', "import_json"),
    ],
)
def test_what_is_no_list_is_refused_by_its_own_sentence(data: str, key: str) -> None:
    assert refusal(data) == key


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([3, 5, 10, 20, 100]))
def test_every_score_becomes_one_to_ten_or_none(score: float, top: float) -> None:
    ten = to_ten(score, top)
    assert ten is None or 1 <= ten <= 10
    assert (ten is None) == (not 0 < score <= top)


@given(st.integers(1, 10))
def test_a_score_of_ten_stays_what_it_is(score: int) -> None:
    assert to_ten(score, 10) == score
    assert to_ten(score * 10, 100) == score


@given(st.text(max_size=30))
def test_any_word_is_a_status_or_none_and_any_text_a_score_or_none(text: str) -> None:
    assert status_of(text) is None or isinstance(status_of(text), Status)
    found = parse(text)
    assert found is None or found[0] >= 0


def test_the_usual_scale_that_fits_is_taken() -> None:
    assert [guess_top(x) for x in ([], [5], [10.0], [11], [21], [101])] == [
        10, 10, 10, 20, 100, None,
    ]  # fmt: skip
