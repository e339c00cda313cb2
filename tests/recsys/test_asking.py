import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.__main__ import main
from recsys.data.interactions import Interactions
from recsys.evaluation.asking import ANSWERS, MOST_CARDS, Ways, simulate
from recsys.profile import Entry, Profile
from recsys.recommender import Recommender
from tests.recsys.conftest import HENTAI
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


def test_an_oracle_tells_more_than_chance_and_hearing_of_the_unseen_changes_what_is_asked_for(
    recommender,
):
    rng = np.random.default_rng(8)
    lists = [
        [*rng.permutation(MECHA)[:12], *rng.permutation(ROMANCE if n % 2 else SPORTS)[:6]]
        for n in range(12)
    ]
    users, anime = np.repeat(np.arange(1, 13), 18), np.concatenate(lists)
    people, _ = Interactions.from_columns(users, anime, np.full(len(anime), 8))
    ways = Ways.of(recommender)
    at_random = simulate(recommender, people, ways.any_of_list)
    oracle = simulate(recommender, people, ways.oracle)
    assert oracle.ndcg100 > at_random.ndcg100
    assert at_random.answers == at_random.cards == ANSWERS
    assert at_random.ndcg100 == at_random.unheard
    asked = simulate(recommender, people, ways.adaptive)
    assert asked.answers <= asked.cards <= MOST_CARDS
    assert asked.ndcg100 != asked.unheard


def test_the_command_compares_the_questions_with_what_is_told_unasked(tmp_path, capsys):
    ratings = write_ratings(tmp_path / "ratings.parquet")
    files = ["--ratings", str(ratings), "--bundle", str(tmp_path / "bundle")]
    out = ["--out", files[-1], "--min-lists", "5", "--no-metrics"]
    assert main(["train", *files[:2], *out]) == 0
    assert main(["ask", *files, "--people", "5"]) == 0
    printed = capsys.readouterr().out
    assert "five random of their list" in printed
    assert "an oracle's five" in printed
    assert "Recommender.ask" in printed
