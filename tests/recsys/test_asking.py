import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.__main__ import main
from recsys.data.interactions import Interactions
from recsys.evaluation.asking import CARDS, SIZES, cards, measure, newcomers
from recsys.models.copresence import NOISE
from recsys.profile import Entry, Profile
from recsys.ranking.asking import TITLES, Left
from recsys.recommender import Recommender
from tests.recsys.conftest import GENRES, HENTAI
from tests.recsys.training_data import write_ratings

MECHA, ROMANCE, SPORTS = (range(start, start + 20) for start in (100, 200, 300))


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def genre(anime):
    return anime.genres[0]


def test_the_first_questions_tell_the_tastes_apart(recommender):
    first, second = recommender.ask(Profile(), k=2)
    assert genre(first) != genre(second)


def test_what_was_not_seen_turns_the_questions_elsewhere(recommender):
    asked = recommender.ask(Profile(), k=1)[0]
    mecha = [i for i in range(100, 120, 4) if i != asked.id]
    told = Profile((Entry(200, 9),))
    later = recommender.ask(told, mecha, k=1)[0]
    assert genre(later) != "Mecha"
    assert later.franchise != 200


def test_nothing_is_left_to_ask_of_somebody_who_was_asked_everything(recommender):
    everything = [a.id for a in recommender.catalog]
    assert recommender.ask(Profile(), everything, k=5) == []
    assert recommender.ask(Profile(), k=0) == []
    assert len(recommender.ask(Profile(), k=1000)) == 30  # every franchise that somebody has


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(range(100, 120)), max_size=5, unique=True),
    st.lists(st.sampled_from([*range(200, 220), HENTAI, 424242]), max_size=8, unique=True),
    st.integers(1, 12),
)
def test_questions_are_distinct_new_and_fit_for_everybody(recommender, seen, unseen, k):
    profile = Profile(tuple(Entry(i, 8) for i in seen))
    asked = recommender.ask(profile, unseen, k)
    known = {recommender.catalog[i].franchise for i in (*seen, *unseen) if i != 424242}
    assert 0 < len(asked) <= k
    assert len({a.franchise for a in asked}) == len(asked)
    assert not known & {a.franchise for a in asked}
    assert not any(a.adult for a in asked)
    assert asked == recommender.ask(profile, unseen, k)


def people_of(*lists):
    users = np.repeat(np.arange(1, len(lists) + 1), [len(one) for one in lists])
    anime = np.concatenate(lists)
    return Interactions.from_columns(users, anime, np.arange(len(anime)) % 10 + 1)[0]


def some_people():
    rng = np.random.default_rng(8)
    return people_of(
        *(
            [*rng.permutation(MECHA)[:16], *rng.permutation(ROMANCE if n % 2 else SPORTS)[:14]]
            for n in range(12)
        )
    )


def test_a_card_holds_something_of_every_taste_for_its_titles_are_chosen_together(recommender):
    for k in (6, 9, 12):
        assert {genre(one) for one in recommender.ask(Profile(), k=k)} == set(GENRES)


def test_what_imagined_answers_leave_open_is_what_the_answers_themselves_would(recommender):
    pairs = recommender._scorer.model.copresence
    seen, imagined = np.array([3, 21]), [4, 11, 17]
    guess = pairs.guess(pairs.asked[seen], np.array([], int))
    left = Left(pairs.left(guess), pairs.place, np.ones(len(pairs.targets), np.float32))
    for place in imagined:
        left.answer(place)
    after = pairs.left(pairs.guess(pairs.asked[[*seen, *imagined]], np.array([], int)))
    every = np.arange(len(pairs.asked))
    assert left.rows(every) == pytest.approx(after, abs=1e-3)
    assert left.variance == pytest.approx(after[every, pairs.place] + NOISE, abs=1e-3)
    assert left.narrowed == pytest.approx((after**2).sum(axis=1), abs=1e-3)


def test_what_was_ticked_is_told_and_the_rest_of_the_card_was_not_seen(recommender):
    (person,) = newcomers(recommender, people_of([*range(100, 120)]))

    def choose(told, missed, _person, size):
        return [*range(100, 103), *range(200, 203)] if not told.entries else []

    (known,) = cards(person, choose, 6)
    assert [entry.anime_id for entry in known.told] == [100, 101, 102]
    assert known.missed == (200, 201, 202)
    assert all(entry.score is None for entry in known.told)
    # Six titles at half a second, a menu opened, ticked three times and closed, and on.
    assert known.seconds == 6 / 2 + 6
    (loved,) = cards(person, choose, 6, feelings=True)
    given = [person.entries[one].score for one in (100, 101, 102)]
    assert given == [1, 2, 3]
    assert [entry.score for entry in loved.told] == [4, 4, 4]
    assert loved.seconds == known.seconds + 5


def test_a_way_to_ask_is_measured_on_what_neither_it_nor_five_anime_came_to_know(recommender):
    found = measure(recommender, some_people())
    five = found["told: five random of their list"]
    assert (five.random, five.elsewhere, five.titles, five.seen, five.seconds) == (1, 1, 5, 5, 0)
    sizes = [found[f"{CARDS} cards of {size}"] for size in SIZES]
    # There are thirty franchises to ask about.
    assert [of.titles for of in sizes] == sorted(of.titles for of in sizes)
    assert all(0 < of.seen <= of.titles <= 30 for of in sizes)
    assert sizes[0].titles == CARDS
    after = [found[f"{n} card{'s' * (n > 1)} of {TITLES}"] for n in range(1, 3)]
    assert after[0].seconds < after[1].seconds


def test_nobody_of_whom_nothing_is_left_to_be_found_counts(recommender):
    found = measure(recommender, people_of([*range(100, 116)]))
    assert "told: twenty random of their list" not in found
    assert measure(recommender, people_of([*range(100, 110)])) == {}


def test_the_command_compares_the_cards_with_what_is_told_unasked(tmp_path, capsys):
    ratings = write_ratings(tmp_path / "ratings.parquet")
    files = ["--ratings", str(ratings), "--bundle", str(tmp_path / "bundle")]
    out = ["--out", files[-1], "--min-lists", "5", "--no-metrics"]
    assert main(["train", *files[:2], *out]) == 0
    assert main(["ask", *files, "--people", "5"]) == 0
    printed = capsys.readouterr().out
    assert "five random of their list" in printed
    assert "seconds" in printed
