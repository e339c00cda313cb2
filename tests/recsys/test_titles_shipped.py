"""Finding titles in the catalog that ships: shares of the public queries, and what always holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.catalog import SHIPPED, Catalog
from recsys.titles import TitleIndex, fold
from recsys.titles.index import MOST
from recsys.titles.names import read_nicknames

QUERIES = Path(__file__).parent / "data" / "title_queries.tsv"
pytestmark = pytest.mark.skipif(not SHIPPED.exists(), reason="no catalog is built yet")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture(scope="module")
def index(catalog: Catalog) -> TitleIndex:
    return TitleIndex(catalog)


def _queries() -> list[tuple[str, str, frozenset[int]]]:
    rows = [
        line.split("\t")
        for line in QUERIES.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    return [
        (kind, text, frozenset(int(i) for i in ids.split("|") if i))
        for kind, _, text, ids in rows[1:]
    ]


# Floors a little under what benchmarks/titles.py prints, so that a changed catalog does not break
# the tests and a broken index does.
@pytest.mark.parametrize(
    ("kind", "first", "in_five"),
    [
        ("typo", 0.92, 0.96),
        ("spacing", 0.93, 0.97),
        ("romaji", 0.88, 0.9),
        ("prefix", 0.75, 0.95),
        ("acronym", 0.88, 0.93),
        ("nickname", 0.94, 0.97),
        ("english", 0.94, 0.97),
        ("native", 0.93, 0.97),
        ("bare", 0.93, 0.97),
        ("season", 0.9, 0.95),
        ("year", 0.88, 0.95),
        ("kind", 0.85, 0.93),
    ],
)
def test_most_of_what_people_type_is_found_first(
    index: TitleIndex, kind: str, first: float, in_five: float
) -> None:
    ranks = []
    for _, text, right in (row for row in _queries() if row[0] == kind):
        ids = [match.anime_id for match in index.search(text, 5)]
        ranks.append(next((rank for rank, found in enumerate(ids) if found in right), 5))
    assert len(ranks) >= 30
    assert sum(rank == 0 for rank in ranks) / len(ranks) >= first
    assert sum(rank < 5 for rank in ranks) / len(ranks) >= in_five


def test_nonsense_is_refused_and_answers_are_seldom_wrong(index: TitleIndex) -> None:
    refused, answers = [], []
    for _, text, right in _queries():
        resolution = index.resolve(text)
        if not right:
            refused.append(resolution.answer is None and not resolution.guesses)
        elif resolution.answer:
            answers.append(resolution.answer.anime_id in right)
    assert sum(refused) / len(refused) >= 0.9
    assert sum(answers) / len(answers) >= 0.96


def test_every_nickname_finds_its_anime_first(catalog: Catalog, index: TitleIndex) -> None:
    missed = [
        (nickname, anime_id)
        for nickname, anime_id in read_nicknames()
        if anime_id in catalog and index.search(nickname, 1)[0].anime_id != anime_id
    ]
    assert missed == []


def test_every_title_finds_itself_unless_a_better_known_anime_has_the_name(
    catalog: Catalog, index: TitleIndex
) -> None:
    fame = {
        anime.id: float(known)
        for anime, known in zip(index.names.anime, index.names.popularity, strict=True)
    }
    for anime in list(catalog)[::7]:
        found = index.look_up(anime.title)
        assert found, anime
        best = found[0].anime_id
        if best == anime.id:
            continue
        assert fame[best] >= fame[anime.id], anime
        assert _key(found[0].alias) == _key(anime.title), (anime, found[0])


def _key(title: str) -> str:
    return fold.compact(fold.words(title))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=600), k=st.integers(-2, 70))
def test_any_text_at_all_gives_a_sound_list(index: TitleIndex, text: str, k: int) -> None:
    found = index.search(text, k)
    assert len(found) <= max(0, min(k, MOST))
    assert len({match.anime_id for match in found}) == len(found)
    chances = [match.confidence for match in found]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
    resolution = index.resolve(text)
    assert resolution.answer is None or resolution.guesses == ()


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=80))
def test_folding_twice_is_folding_once_and_lines_stay_lines(text: str) -> None:
    text = " ".join(text.split())
    words = fold.words(text)
    assert fold.raw(fold.raw(text)) == fold.raw(text)
    assert "\n" not in words
    assert "  " not in words
    together = fold.words(f"{text}\nNaruto\n{text}").split("\n")
    assert together == [words, "naruto", words]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    piece=st.sampled_from([
        "naruto", "season", "2", "ii", "s3", "part", "第二季", "の", "movie", "2011", "kimi", "k",
    ]),
    more=st.lists(st.sampled_from(["season 2", "part 2", "movie", "ova", "final season", "第3期"])),
)  # fmt: skip
def test_any_heap_of_season_words_is_read_without_complaint(
    index: TitleIndex, piece: str, more: list[str]
) -> None:
    assert isinstance(index.search(" ".join([piece, *more])), list)


def test_five_hundred_emoji_find_nothing(index: TitleIndex) -> None:
    assert index.search("🎉" * 500) == []


def test_the_answer_is_among_five_after_three_letters(index: TitleIndex) -> None:
    for typed, anime_id in {"nar": 20, "dea": 1535, "ble": 269, "ste": 9253, "fri": 52991}.items():
        assert anime_id in {match.anime_id for match in index.search(typed, 5)}, typed
