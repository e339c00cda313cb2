"""What may be shown of a franchise to somebody who has seen none of it, and what is no anime."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.catalog import SHIPPED, Anime, Catalog
from recsys.picks import Dials, Filters, Relaxation
from recsys.profile import Entry, Profile, Status
from recsys.ranking.facts import Facts
from recsys.ranking.franchise import continuations, entry_point
from recsys.ranking.listed import Listed
from recsys.ranking.selection import Selection, relax
from recsys.ranking.standing import stands_alone
from recsys.recommender import Recommender

FILMS = Filters(types=frozenset({"Movie"}))


def shelf(*titles, **facts):
    """A franchise, in order, the first entry the best known; a title may be an `Anime`."""
    entries = [
        one
        if isinstance(one, Anime)
        else Anime(
            10 + i, one, type="TV" if i == 0 else "Movie", members=9000 - 1000 * i, year=2000 + i
        )
        for i, one in enumerate(titles)
    ]
    return Facts([replace(one, franchise=10, order=i, **facts) for i, one in enumerate(entries)])


@pytest.mark.parametrize(
    ("start", "other", "alone"),
    [
        ("Violet", "Violet Movie", False),
        ("Kaguya-sama: Tensai-tachi no Zunousen", "Kaguya-sama: First Kiss", False),
        ("Heaven", "Fate: Heaven's Feel - II. Lost Butterfly", False),
        ("Attack", "Movie 1: Soushuuhen", False),
        ("Aria the Animation", "Aria the Natural", False),
        ("Fruits", "Fruits (2019)", True),  # told anew
        ("Boogie (TV)", "Boogie", True),
        ("Ayakashi", "Mononoke", True),
        ("Lupin III", "Mystery of Lupin III", False),  # the numeral is part of the name
        ("Lupin", "Fujiko III", False),
    ],
)
def test_a_name_that_goes_on_from_the_start_does_not_stand_alone(start, other, alone):
    facts = shelf(start, other)
    assert stands_alone(facts, facts.row(11)) is alone
    assert stands_alone(facts, facts.row(10))


def test_what_people_watch_without_the_start_stands_alone_whatever_its_name():
    facts = shelf("Pocket", "Pocket Movie", "Other Name")
    facts.began[:] = [float("nan"), 0.65, 0.95]
    assert stands_alone(facts, facts.row(11))
    assert not stands_alone(facts, facts.row(12))


def test_a_sequel_of_the_second_telling_is_none_of_the_first_but_still_a_sequel():
    facts = shelf(
        "Alchemist: Brotherhood",
        Anime(11, "Alchemist", type="TV", members=8000),
        Anime(12, "Alchemist: The Conqueror", type="Movie", members=5000),
    )
    facts.began[:] = [float("nan"), 0.6, 0.65]
    assert stands_alone(facts, facts.row(11))
    assert not stands_alone(facts, facts.row(12))


def test_films_of_which_there_are_many_are_for_everybody():
    facts = shelf("Conan", *[f"Conan Movie: Case {i}" for i in "abcdefghijk"])
    assert stands_alone(facts, facts.row(15))


def test_a_newcomer_who_wants_films_gets_no_sequel_film():
    facts = shelf("Violet", "Violet Movie")
    assert entry_point(facts, facts.row(11), facts.mask(FILMS), frozenset()) is None
    assert entry_point(facts, facts.row(11), facts.mask(FILMS), {facts.row(10)}) == facts.row(11)


def test_a_recap_alone_is_no_place_to_begin():
    facts = shelf(Anime(10, "Gekijou Soushuuhen: Tale", type="Movie", members=500))
    assert entry_point(facts, 0, facts.shown(Filters()) | True, frozenset()) is None


@pytest.mark.parametrize(
    ("title", "facts", "begins"),
    [
        ("Ninja: The Cross Roads", {"type": "Special"}, False),
        ("Ninja Specials", {"type": "Special"}, False),
        ("Ninja x Clothes", {"type": "OVA", "episodes": 1}, False),
        ("Ninja: The Lost Story", {"type": "OVA", "episodes": 12}, True),
        ("Ninja to Kaoru", {"type": "OVA", "episodes": 1}, True),  # another name
        ("Ninja: The Cross Roads", {"type": "Special", "members": 9000}, True),  # as well known
        ("Sea: Waves", {"type": "Special"}, True),
    ],
)
def test_an_extra_is_no_place_to_begin_though_the_catalog_keeps_it_apart(title, facts, begins):
    series = Anime(1, "Ninja", type="TV", members=9000, franchise=1)
    extra = Anime(2, title, **({"members": 100, "franchise": 2} | facts))
    shown = Facts([series, extra])
    entry = entry_point(shown, 1, np.ones(2, np.bool_), frozenset())
    assert (entry == 1) is begins


def test_recaps_come_behind_what_is_new():
    facts = shelf(
        "Story",
        Anime(11, "Story Recap", type="Special", members=500, mean=9.0),
        Anime(12, "Story: Beach", type="Special", members=400, mean=6.0),
    )
    rows = facts.rows_of_franchise[0]
    assert [int(facts.ids[row]) for row in continuations(facts, rows, {rows[0]})] == [12, 11]


@pytest.mark.parametrize(
    ("anime", "shown"),
    [
        (Anime(1, "To Come", type="TV"), False),  # announced: neither date, length nor score
        (Anime(1, "Told", type="TV", mean=7.0), True),
        (Anime(1, "New", type="TV", year=2026), True),
        (Anime(1, "Redline Pilot", type="Special", mean=7.0), False),
        (Anime(1, "Pilot Candidate", type="TV", mean=7.0), True),
        (Anime(1, "Soup CMs", type="Special", mean=7.0), False),
        (Anime(1, "A Love of 10 cm", type="OVA", mean=7.0), True),
        (Anime(1, "Story - Manner Movie", type="Movie", mean=7.0), False),
        (Anime(1, "The Commercial", type="TV", mean=7.0), True),
    ],
)
def test_what_is_announced_or_advertises_is_never_shown(anime, shown):
    assert bool(Facts([anime]).shown(Filters())[0]) is shown


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    song = Anime(950, "A Song", type="Music", year=2010, episodes=1, genres=("Mecha", "Drama"))
    other = replace(song, id=951, title="Another Song")
    return Recommender.load(bundle_path, Catalog([*catalog, song, other]))


def ids(picks):
    return {pick.anime.id for pick in picks}


def test_music_videos_come_up_only_for_who_asks_or_has_one(recommender):
    mecha = (Entry(100, 9), Entry(104, 10))
    plain, fan = Profile(mecha), Profile((*mecha, Entry(951, 9)))
    asked = Filters(types=frozenset({"Music"}))
    for dials in (Dials(), Dials(niche=1)):
        assert 950 not in ids(recommender.recommend(plain, k=100, dials=dials))
        assert 950 in ids(recommender.recommend(fan, k=100, dials=dials))
        assert 950 in ids(recommender.recommend(plain, k=100, filters=asked, dials=dials))
    assert 950 not in ids(recommender.similar([100], k=100))
    assert 950 in ids(recommender.similar([951], k=100))
    planned = Profile((*mecha, Entry(951, None, Status.PLANNED)))
    assert 950 not in ids(recommender.recommend(planned, k=100))


def test_what_to_give_up_is_told_where_only_sequels_pass():
    facts = shelf("Violet", "Violet Movie")
    selection = Selection.of(facts, Listed.of(facts), FILMS)
    assert relax(facts, selection, FILMS, 1) == Relaxation("types", None, 1)


shipped = pytest.mark.skipif(not SHIPPED.exists(), reason="no catalog is built yet")


@pytest.fixture(scope="module")
def real():
    return Recommender.load()


@shipped
def test_of_the_catalog_that_ships_no_film_is_shown_before_its_series(real):
    """Sequels in all but their titles, beside films that people watch by themselves."""
    seen = Profile(tuple(Entry(i, 9) for i in (199, 431, 32281)))
    films = ids(real.recommend(seen, k=400, filters=FILMS))
    sequels = {11577, 37987, 31765, 11981, 31758, 40456, 33049, 430, 36862, 48561}
    assert not films & sequels
    assert {1430, 528} <= ids(real.recommend(seen, k=1500, filters=FILMS))  # Lupin III, Pokemon


@shipped
def test_of_the_catalog_that_ships_only_the_few_new_tellings_pass_for_new(real):
    seen = Profile(tuple(Entry(i, 9) for i in (1535, 9253, 32281)))
    new = ids(real.recommend(seen, k=300, filters=Filters(year_from=2021)))
    assert not new & {41467, 47778, 3786, 39247, 40174, 53998}  # Bleach and others go on
