import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.picks import Dials, Filters
from recsys.profile import Entry, Profile
from recsys.ranking.dials import Surprise, adjust
from recsys.ranking.diversity import calibrated
from recsys.recommender import Recommender


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


# Two thirds mecha and a third romance, all loved.
MIXED = Profile(tuple(Entry(i, 9) for i in (100, 102, 104, 106, 200, 202)))


def genres(picks):
    return [pick.anime.genres[0] for pick in picks]


def test_dials_at_zero_leave_every_list_as_it_is(recommender):
    plain = recommender.recommend(MIXED, k=12)
    assert recommender.recommend(MIXED, k=12, dials=Dials()) == plain


@pytest.mark.parametrize("value", [-1.01, 2, float("nan")])
def test_a_dial_turned_past_its_end_is_refused_with_a_sentence(value):
    with pytest.raises(ValueError, match="niche goes from -1 to 1"):
        Dials(niche=value)


def test_a_familiar_list_has_the_genres_in_the_proportions_of_the_taste(recommender):
    picks = recommender.recommend(MIXED, k=6, dials=Dials(varied=-1))
    counts = [genres(picks).count(genre) for genre in ("Mecha", "Romance", "Sports")]
    assert counts == [4, 2, 0]


def test_a_varied_list_is_less_alike(recommender):
    def unlike(dials):
        picks = recommender.recommend(Profile((Entry(100, 9), Entry(104, 9))), k=6, dials=dials)
        return len(set(genres(picks)))

    assert unlike(Dials(varied=1)) > unlike(Dials())


def test_a_loved_list_is_predicted_higher(recommender):
    profile = Profile((*MIXED.entries, Entry(300, 3), Entry(302, 4)))

    def predicted(loved):
        picks = recommender.recommend(profile, k=10, dials=Dials(loved=loved))
        return np.mean([pick.predicted for pick in picks])

    assert predicted(-1) <= predicted(0) <= predicted(1)
    assert predicted(-1) < predicted(1)


def test_the_safe_end_prefers_what_many_have_and_the_niche_end_what_stands_out():
    rng = np.random.default_rng(3)
    popularity = np.geomspace(1, 10_000, 240)
    scores = (np.log(popularity) + rng.normal(0, 0.3, 240)).astype(np.float32)
    scores[10] += 2  # a find: little known, and far better than others as little known

    def top(niche):
        return adjust(scores, None, Surprise(popularity), Dials(niche=niche)).argsort()[::-1]

    assert top(1)[0] == 10
    assert 10 not in top(0)[:100]

    def known(niche):
        return np.log(popularity[top(niche)[:20]]).mean()

    assert known(-1) >= known(0) > known(0.5) > known(1)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(Dials, *[st.floats(-1, 1)] * 3),
    st.lists(st.sampled_from(range(100, 120)), max_size=6, unique=True),
    st.integers(1, 20),
)
def test_however_the_dials_stand_picks_are_distinct_allowed_and_finite(recommender, dials, seen, k):
    profile = Profile(tuple(Entry(i, 8) for i in seen))
    filters = Filters(types=frozenset({"TV"}))
    picks = recommender.recommend(profile, k=k, filters=filters, dials=dials)
    assert len({p.anime.franchise for p in picks}) == len(picks) <= k
    assert not profile.anime_ids & {p.anime.id for p in picks}
    assert all(p.anime.type == "TV" and np.isfinite(p.score) for p in picks)
    assert len(picks) == len(recommender.recommend(profile, k=k, filters=filters))


@given(st.integers(0, 30), st.integers(0, 12), st.floats(0, 1), st.integers(0, 99))
def test_calibration_chooses_distinct_positions(count, k, trade_off, seed):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(4), count).astype(np.float32)
    scores, target = rng.normal(size=count).astype(np.float32), rng.random(4).astype(np.float32)
    chosen = calibrated(scores, shares, target, k, trade_off)
    assert len(set(chosen)) == len(chosen) == min(k, count)
    nothing = calibrated(scores, shares, np.zeros(4, np.float32), k, trade_off)
    assert nothing == np.argsort(-scores, kind="stable")[:k].tolist()
