"""Finding titles in a small catalog made here: every rule by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recsys.catalog import Anime, Catalog
from recsys.titles import TitleIndex
from recsys.titles.names import read_nicknames

if TYPE_CHECKING:
    from pathlib import Path

ONE_PIECE, STEINS_GATE, K_ON, K_ON_2, K = 21, 9253, 5680, 7791, 14467
WORKING, WORKING_2, WORKING_3 = 6956, 10521, 25879
TITAN, TITAN_2, TITAN_3, TITAN_3_2, TITAN_OVA = 16498, 25777, 35760, 38524, 18397
BASKET, BASKET_2019, HUNTER, HUNTER_2011, FRIEREN, MONSTER = 120, 38680, 136, 11061, 52991, 19
PSYCHO, PSYCHO_2, PSYCHO_MOVIE = 13601, 23281, 21339
LOGH, KONOSUBA, SHIPPUUDEN, BANGS = 820, 30831, 1735, 999_001


def _titan(anime_id: int, title: str, order: int, year: int, **facts: object) -> Anime:
    return Anime(
        anime_id,
        title,
        type=str(facts.get("type", "TV")),
        year=year,
        members=2_500_000 - 200_000 * order,
        english="Attack on Titan" if order == 0 else None,
        aliases=("進擊的巨人", "进击的巨人") if order == 0 else (),
        franchise=TITAN,
        order=order,
        episodes=12,
    )


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex(
        Catalog(
            [
                Anime(ONE_PIECE, "One Piece", aliases=("海賊王",), type="TV", members=1_352_724),
                Anime(
                    STEINS_GATE, "Steins;Gate", japanese="シュタインズ・ゲート", members=1_771_162
                ),
                Anime(K_ON, "K-On!", type="TV", members=700_000, franchise=K_ON, episodes=13),
                Anime(
                    K_ON_2,
                    "K-On!!",
                    type="TV",
                    members=500_000,
                    franchise=K_ON,
                    order=1,
                    episodes=26,
                ),
                Anime(K, "K", type="TV", members=500_000),
                Anime(WORKING_2, "Working'!!", type="TV", members=200_000),
                Anime(WORKING, "Working!!", type="TV", members=400_000),
                Anime(WORKING_3, "Working!!!", type="TV", members=150_000),
                _titan(TITAN, "Shingeki no Kyojin", 0, 2013),
                _titan(TITAN_OVA, "Shingeki no Kyojin OVA", 1, 2013, type="OVA"),
                _titan(TITAN_2, "Shingeki no Kyojin Season 2", 2, 2017),
                _titan(TITAN_3, "Shingeki no Kyojin Season 3", 3, 2018),
                _titan(TITAN_3_2, "Shingeki no Kyojin Season 3 Part 2", 4, 2019),
                Anime(BASKET, "Fruits Basket", type="TV", year=2001, members=370_000),
                Anime(
                    BASKET_2019,
                    "Fruits Basket 1st Season",
                    english="Fruits Basket (2019)",
                    type="TV",
                    year=2019,
                    members=570_000,
                ),
                Anime(HUNTER, "Hunter x Hunter", type="TV", year=1999, members=350_000),
                Anime(
                    HUNTER_2011, "Hunter x Hunter (2011)", type="TV", year=2011, members=1_600_000
                ),
                Anime(
                    FRIEREN, "Sousou no Frieren", japanese="葬送のフリーレン", year=2023, type="TV"
                ),
                Anime(MONSTER, "Monster", type="TV", year=2004, members=600_000),
                Anime(PSYCHO, "Psycho-Pass", type="TV", members=1_200_000, franchise=PSYCHO),
                Anime(
                    PSYCHO_2, "Psycho-Pass 2", members=500_000, franchise=PSYCHO, order=1, type="TV"
                ),
                Anime(
                    PSYCHO_MOVIE,
                    "Gekijouban Psycho-Pass",
                    members=200_000,
                    franchise=PSYCHO,
                    order=2,
                    type="Movie",
                ),
                Anime(
                    LOGH,
                    "Ginga Eiyuu Densetsu",
                    english="Legend of the Galactic Heroes",
                    members=240_000,
                    type="OVA",
                ),
                Anime(
                    KONOSUBA, "Kono Subarashii Sekai ni Shukufuku wo!", members=1_300_000, type="TV"
                ),
                Anime(SHIPPUUDEN, "Naruto: Shippuuden", members=1_500_000, type="TV"),
                Anime(BANGS, "!?", members=10, type="TV"),
            ]
        )
    )


@pytest.mark.parametrize(
    ("typed", "anime_id"),
    [
        # Spaces, punctuation, letter case.
        ("onepiece", ONE_PIECE),
        ("ONE-PIECE", ONE_PIECE),
        ("k on", K_ON),
        # Typing errors: changed, swapped, doubled, left out.
        ("one peice", ONE_PIECE),
        ("stiens gate", STEINS_GATE),
        ("monnster", MONSTER),
        ("shigeki no kyojin", TITAN),
        # Romanisation.
        ("naruto shippuden", SHIPPUUDEN),
        ("kono subarashi sekai ni shukufuku o", KONOSUBA),
        ("ginga eiyu densetsu", LOGH),
        # Half typed, one letter, punctuation alone.
        ("shing", TITAN),
        ("mon", MONSTER),
        ("k", K),
        ("!?", BANGS),
        # Native scripts.
        ("海贼王", ONE_PIECE),
        ("進撃no巨人", TITAN),
        ("ｼｭﾀｲﾝｽﾞ ｹﾞｰﾄ", STEINS_GATE),
        ("しゅたいんずげーと", STEINS_GATE),
        ("もんすたー", MONSTER),
        ("しんげきのきょじん", TITAN),
        # Initials and clipped names, by rule.
        ("snk", TITAN),
        ("aot", TITAN),
        ("lotgh", LOGH),
        ("logh", LOGH),
        ("konosuba", KONOSUBA),
        # Newer than the member counts.
        ("frieren", FRIEREN),
    ],
)
def test_a_title_is_found_however_it_is_typed(index: TitleIndex, typed: str, anime_id: int) -> None:
    assert index.search(typed)[0].anime_id == anime_id


@pytest.mark.parametrize(
    ("typed", "anime_id"),
    [
        ("Working!!", WORKING),
        ("working!!!", WORKING_3),
        ("Working'!!", WORKING_2),
        ("working", WORKING),
        ("k-on!!", K_ON_2),
        ("k-on!", K_ON),
    ],
)
def test_a_title_as_it_is_written_wins_over_one_that_only_folds_to_it(
    index: TitleIndex, typed: str, anime_id: int
) -> None:
    assert index.search(typed)[0].anime_id == anime_id


@pytest.mark.parametrize(
    ("typed", "anime_id"),
    [
        ("shingeki no kyojin", TITAN),
        ("attack on titan", TITAN),
        ("psycho pass", PSYCHO),
        ("hunter x hunter", HUNTER_2011),
        ("fruits basket", BASKET_2019),
    ],
)
def test_a_bare_name_means_the_best_known_start(
    index: TitleIndex, typed: str, anime_id: int
) -> None:
    assert index.search(typed)[0].anime_id == anime_id


@pytest.mark.parametrize(
    ("typed", "anime_id"),
    [
        ("attack on titan season 2", TITAN_2),
        ("attack on titan 2nd season", TITAN_2),
        ("attack on titan II", TITAN_2),
        ("attack on titan season two", TITAN_2),
        ("aot s2", TITAN_2),
        ("snk2", TITAN_2),
        ("进击的巨人 第二季", TITAN_2),
        ("進擊的巨人 第3季", TITAN_3),
        ("atack on titan season 3", TITAN_3),
        ("attack on titan season 3 part 2", TITAN_3_2),
        ("aot s3p2", TITAN_3_2),
        ("attack on titan ova", TITAN_OVA),
        ("attack on titan 2017", TITAN_2),
        ("k on season 2", K_ON_2),
        ("psycho pass 2", PSYCHO_2),
        ("psycho pass movie", PSYCHO_MOVIE),
        ("fruits basket 2001", BASKET),
        ("fruits basket 2019", BASKET_2019),
        ("hunter x hunter the one from 1999", HUNTER),
        ("hxh 2011", HUNTER_2011),
    ],
)
def test_season_part_kind_and_year_choose_the_entry(
    index: TitleIndex, typed: str, anime_id: int
) -> None:
    assert index.search(typed)[0].anime_id == anime_id


def test_a_season_that_does_not_exist_is_asked_about(index: TitleIndex) -> None:
    resolution = index.resolve("psycho pass season 9")
    assert resolution.answer is None
    assert PSYCHO in {guess.anime_id for guess in resolution.guesses}


@pytest.mark.parametrize(
    "typed", ["zxqvwkj", "🎉" * 500, "", "   ", "\n", "what is for dinner", "aaaaaaaaaaaaaaaa"]
)
def test_nonsense_finds_nothing(index: TitleIndex, typed: str) -> None:
    assert index.search(typed) == []
    resolution = index.resolve(typed)
    assert resolution.answer is None
    assert resolution.guesses == ()


def test_a_clear_name_is_answered_and_a_vague_one_asked_about(index: TitleIndex) -> None:
    clear = index.resolve("steins gate")
    assert clear.answer is not None
    assert clear.answer.anime_id == STEINS_GATE
    assert clear.answer.confidence > 0.6
    assert clear.guesses == ()
    vague = index.resolve("s")
    assert vague.answer is None
    assert vague.guesses


def test_the_alias_of_a_match_is_the_name_that_was_meant(index: TitleIndex) -> None:
    assert index.search("attack on titn")[0].alias == "Attack on Titan"
    assert index.search("海贼王")[0].alias == "海賊王"


def test_an_index_of_nothing_finds_nothing() -> None:
    index = TitleIndex(Catalog([]))
    assert index.search("naruto") == []
    assert index.resolve("naruto season 2").answer is None


def test_a_nickname_of_an_anime_outside_the_catalog_is_passed_over(index: TitleIndex) -> None:
    nicknames = dict(read_nicknames())
    assert nicknames["ttgl"] == 2001
    assert 2001 not in {match.anime_id for match in index.search("ttgl")}


def test_a_damaged_line_of_nicknames_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nicknames.tsv"
    path.write_text("# comment\nfmab\t5114\tx\nsao eleven\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"nicknames\.tsv, line 3"):
        read_nicknames(path)


def test_an_owner_can_add_names() -> None:
    catalog = Catalog([Anime(ONE_PIECE, "One Piece", type="TV", members=1_352_724)])
    assert TitleIndex(catalog).search("rubber pirate") == []
    index = TitleIndex(catalog, aliases=[("rubber pirate", ONE_PIECE), ("nobody", 404)])
    answer = index.resolve("Rubber Pirate").answer
    assert answer is not None
    assert answer.anime_id == ONE_PIECE
    assert index.search("rubber pir")[0].anime_id == ONE_PIECE
    assert index.search("nobody") == []
