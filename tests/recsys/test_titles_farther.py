"""Texts that are no one name: a series and other words, words of asking, an article, a number."""

import pytest

from recsys.catalog import SHIPPED, Anime, Catalog
from recsys.titles import TitleIndex
from recsys.titles.fold import compact, words
from recsys.titles.request import asked_for


def one(id_, title, order=0, *, franchise=1, **facts):
    known = {"type": "TV", "members": 900_000 - 100_000 * order, "episodes": 12, "year": 2000 + id_}
    return Anime(id_, title, franchise=franchise, order=order, **(known | facts))


@pytest.fixture(scope="module")
def index():
    return TitleIndex(
        Catalog([
            one(1, "Full Metal Panic!", aliases=("Furumeta",)),
            one(2, "Full Metal Panic? Fumoffu", 1),
            one(3, "Full Metal Panic! The Second Raid", 2),
            one(10, "Naruto", franchise=10),
            one(20, "The Big O", franchise=20, members=200_000),
            one(21, "Big Order", franchise=21, members=300_000),
            one(30, "No. 6", franchise=30),
            one(31, "Number 24", franchise=31),
            one(40, "K-On!", franchise=40),
            one(41, "K-On!!", 1, franchise=40, aliases=("K-On! 2nd Season",)),
            one(50, "Mew New", franchise=50, members=600),
            one(51, "Mew New Season 2", 1, franchise=50, english="Mew New", members=900),
            one(60, "Kizu I: Blood", 1, franchise=60, type="Movie"),
            one(61, "Kizu II: Warm", 2, franchise=60, type="Movie"),
            one(62, "Bake", 0, franchise=60),
            one(63, "Nise", 3, franchise=60),
            one(70, "Ranma 1/2", franchise=70, members=900_000, year=1989),
            one(71, "Ranma 1/2 (2024)", 1, franchise=70, members=100, year=2024),
            one(80, "Attack on Titan", franchise=80),
            one(81, "Attack on Titan Season2", 1, franchise=80, members=600_000),
            one(90, "Kono Subarashii Sekai", franchise=90, aliases=("Konosuba",)),
            one(91, "Kurenai Densetsu", 1, franchise=90, aliases=("Legend of Crimson",)),
        ]),
        # Nicknames of the shipped file name other ids, which this catalog has not.
        [("fmp", 1)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "anime_id"),
    [
        ("fmp second raid", 3),  # a short name, and words of the entry
        ("second raid fmp", 3),
        ("fmp secnd rad", 3),  # misspelt
        ("furumeta fumoffu", 2),  # another name of the series
        ("konosuba legend of crimson", 91),  # a name of each: the later entry is meant
        ("anime naruto", 10),
        ("i want to watch naruto", 10),
        ("can you recommend something like naruto", 10),
        ("similar to naruto", 10),
        ("big o", 20),
        ("the naruto", 10),
        ("number 6", 30),
        ("number 24", 31),
        ("k on!!", 41),  # the marks tell which
        ("k on", 40),
        ("mew new", 50),  # the first of two with the same name
        ("kizu 2", 61),  # a numeral of the name, and not the second season of the franchise
        ("ranma 1/2", 70),
        ("ranma 1/2 2024", 71),
        ("attak on titans", 80),  # a plural, and no second season
        ("attack on titan s2", 81),
    ],
)
def test_what_is_meant_is_found_first(index, text, anime_id):
    assert [match.anime_id for match in index.search(text, 1)] == [anime_id]


@pytest.mark.parametrize(
    "text", ["mmmm mmm mm", "watch the stars tonight", "please help me find something", "fmp qwxz"]
)
def test_words_around_nothing_find_nothing(index, text):
    assert index.resolve(text).answer is None


def test_words_of_asking_are_taken_off_the_start_alone():
    assert asked_for("anime like naruto") == "naruto"
    assert asked_for("what is clannad") == "clannad"
    assert asked_for("naruto") is None
    assert asked_for("anime") is None  # nothing is left
    assert asked_for("animegataris") is None  # the start of a word
    assert asked_for("naruto anime") is None


def test_a_spelt_out_number_sign_is_the_same_key():
    assert compact(words("Kaiju Number 8")) == compact(words("Kaiju No. 8"))
    assert compact(words("Number Girl")) != compact(words("No Girl"))


@pytest.mark.skipif(not SHIPPED.exists(), reason="no catalog is built yet")
def test_in_the_catalog_that_ships_series_and_subtitle_meet():
    index = TitleIndex(Catalog.load())
    meant = {
        "gits arise": {17187, 19191, 19193, 19195, 29325},
        "haikyuu vs shiratorizawa": {32935},
        "made in abyss golden city": {41084},
        "fmp second raid": {73},
        "kny yuukaku": {47778},
        "hxh phantom rouge": {13271},
        "nge death and rebirth": {31},
        "seven deadly sins revival of the commandments": {34577},
        "umineko when they cry": {4896},
        "anime naruto": {20},
        "tell me about vinland saga": {37521},
        "el viaje de chihiro": {199},
        "l'attaque des titans": {16498},
        "진격의 거인": {16498},
    }
    found = {text: index.search(text, 1)[0].anime_id for text in meant}
    assert {text for text, ids in meant.items() if found[text] not in ids} == set()
