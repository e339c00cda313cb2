from __future__ import annotations

import pytest

from recsys.catalog import Anime, Catalog
from recsys.titles import TitleIndex


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex(
        Catalog(
            [
                Anime(
                    21, "One Piece", aliases=("海賊王",), type="TV", year=1999, members=1_352_724
                ),
                Anime(
                    9253,
                    "Steins;Gate",
                    japanese="シュタインズ・ゲート",
                    type="TV",
                    members=1_771_162,
                ),
                Anime(5680, "K-On!", type="TV", members=700_000, franchise=5680),
                Anime(7791, "K-On!!", type="TV", members=500_000, franchise=5680, order=1),
                Anime(14467, "K", type="TV", members=500_000),
                Anime(10521, "Working'!!", type="TV", members=200_000),
                Anime(6956, "Working!!", type="TV", members=400_000),
                Anime(25879, "Working!!!", type="TV", members=150_000),
            ]
        )
    )


@pytest.mark.parametrize(
    ("typed", "anime_id"),
    [
        ("onepiece", 21),
        ("stiens gate", 9253),
        ("k on", 5680),
        ("k", 14467),
        ("ｼｭﾀｲﾝｽﾞ ｹﾞｰﾄ", 9253),
        ("海贼王", 21),
        ("Working!!", 6956),
        ("working!!!", 25879),
        ("Working`!!", 6956),
        ("k-on season 2", 7791),
    ],
)
def test_a_title_is_found_however_it_is_typed(index: TitleIndex, typed: str, anime_id: int) -> None:
    assert index.search(typed)[0].anime_id == anime_id


def test_nonsense_finds_nothing(index: TitleIndex) -> None:
    assert index.search("zxqvwkj") == []
    resolution = index.resolve("🎉" * 500)
    assert resolution.answer is None
    assert resolution.guesses == ()
