"""What a person types, chooses or pastes becomes an anime, or a question, never a wrong guess."""

from __future__ import annotations

import pytest

from bot.services.titles import Resolved, TitleService
from tests.bot.builders import (
    ADULT,
    ANIME,
    EIGHTY_SIX,
    MONSTER,
    SHAMAN_KING,
    STEINS_GATE,
    UNKNOWN,
    engine,
)


@pytest.fixture
def titles() -> TitleService:
    return TitleService(engine().catalog, engine().titles)


def resolved(titles: TitleService, value: str) -> int | None:
    anime = titles.resolve(value).anime
    return None if anime is None else anime.id


@pytest.mark.parametrize(
    ("value", "anime_id"),
    [
        ("Steins;Gate", STEINS_GATE),
        ("  steins gate ", STEINS_GATE),
        ("stiens gate", STEINS_GATE),
        (str(STEINS_GATE), STEINS_GATE),
        (f"id:{SHAMAN_KING}", SHAMAN_KING),
        (f"https://myanimelist.net/anime/{MONSTER}/Monster", MONSTER),
        (f"<https://anilist.co/anime/{MONSTER + 100_000}/Monster/>", MONSTER),
    ],
)
def test_a_title_an_id_or_a_link_is_found(titles: TitleService, value: str, anime_id: int) -> None:
    assert resolved(titles, value) == anime_id


@pytest.mark.parametrize(
    "value", ["", "   ", "🍙" * 500, "zzzzqqqq", str(UNKNOWN), f"id:{UNKNOWN}", "\0", "٣" * 9]
)
def test_nonsense_finds_nothing_and_raises_nothing(titles: TitleService, value: str) -> None:
    assert titles.resolve(value) == Resolved()


def test_a_number_that_is_a_title_and_another_animes_id_is_asked_back(
    titles: TitleService,
) -> None:
    found = titles.resolve("86")
    assert found.anime is None
    assert [anime.id for anime in found.guesses] == [EIGHTY_SIX, SHAMAN_KING]


@pytest.mark.parametrize("anime", ANIME, ids=lambda anime: anime.title)
def test_the_value_of_every_suggestion_means_that_anime(titles: TitleService, anime) -> None:
    assert titles.resolve(titles.value(anime)).anime == anime


def test_before_anything_is_typed_the_best_known_are_offered(titles: TitleService) -> None:
    offered = titles.suggest("", limit=3)
    assert [anime.title for anime in offered] == ["Death Note", "Steins;Gate", "Cowboy Bebop"]


def test_suggestions_begin_with_the_likeliest_and_are_at_most_so_many(
    titles: TitleService,
) -> None:
    offered = titles.suggest("thriller of", limit=5)
    assert len(offered) == 5
    assert all("Thriller" in anime.title for anime in offered)
    assert titles.suggest("mons")[0].id == MONSTER


def test_adult_titles_are_offered_only_when_asked_for(titles: TitleService) -> None:
    assert ADULT not in {anime.id for anime in titles.suggest("")}
    assert ADULT not in {anime.id for anime in titles.suggest("grown-up")}
    assert titles.suggest("grown-up", adult=True)[0].id == ADULT
    assert resolved(titles, "Grown-up Nights") == ADULT
    assert ADULT not in {anime.id for anime in titles.resolve("nights").guesses}
