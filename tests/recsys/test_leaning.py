import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.profile import Entry, Hints, Profile
from recsys.recommender import Recommender
from tests.recsys.conftest import NEW_MECHA

IDS = [*range(100, 120), *range(200, 220), *range(300, 320), NEW_MECHA]
# Somebody who likes mecha and romance about equally.
BOTH = Profile(tuple(Entry(i, 9) for i in (100, 102, 104, 200, 202, 204)))


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def count(picks, genre):
    return sum(genre in pick.anime.genres for pick in picks)


def ids(picks):
    return [pick.anime.id for pick in picks]


def test_more_like_something_brings_up_what_is_like_it_and_less_takes_it_down(recommender):
    plain = recommender.recommend(BOTH, 8)
    more = recommender.recommend(BOTH, 8, hints=Hints(more=(206,)))
    less = recommender.recommend(BOTH, 8, hints=Hints(less=(206,)))
    assert count(more, "Romance") > count(less, "Romance")
    assert count(less, "Mecha") >= count(plain, "Mecha") > count(more, "Mecha")


def test_a_wish_is_named_beside_the_picks_it_moved(recommender):
    picks = recommender.recommend(BOTH, 8, hints=Hints(more=(206,), less=(106,)))
    moved = {pick.anime.genres[0]: pick.hinted for pick in picks if pick.hinted}
    assert moved["Romance"][0].anime_id == 206
    assert moved["Romance"][0].contribution > 0
    assert all(reason.contribution < 0 for reason in moved.get("Mecha", ()))
    assert all(not pick.hinted for pick in recommender.recommend(BOTH, 8))


def test_more_like_an_anime_is_not_that_anime_again_and_less_is_less_of_it(recommender):
    plain = ids(recommender.recommend(BOTH, 30))
    last = plain[-1]
    more = ids(recommender.recommend(BOTH, 30, hints=Hints(more=(last,))))
    assert last not in more[:3]
    first = plain[0]
    less = ids(recommender.recommend(BOTH, 30, hints=Hints(less=(first,))))
    assert first not in less[:1]


def test_wishes_move_a_newcomers_starting_points_too(recommender):
    more = recommender.recommend(Profile(), 6, hints=Hints(more=(306,)))
    plain = recommender.recommend(Profile(), 6)
    assert count(plain[:1], "Sports") == 0
    assert count(more[:1], "Sports") == 1


def test_what_is_switched_off_is_no_reason_and_is_never_picked(recommender):
    muted = Hints(muted=frozenset({200, 202, 204}))
    picks = recommender.recommend(BOTH, 60, hints=muted)
    assert not {200, 202, 204} & set(ids(picks))
    assert not {r.anime_id for p in picks for r in (*p.reasons, *p.against)} & muted.muted
    assert count(picks[:8], "Mecha") > count(recommender.recommend(BOTH, 8), "Mecha")
    # Nothing left to go by: places to start, less what was seen.
    everything = Hints(muted=BOTH.anime_ids)
    start = recommender.recommend(BOTH, 60, hints=everything)
    assert start
    assert not set(ids(start)) & BOTH.anime_ids


def test_an_explanation_has_every_reason_and_adds_the_wishes(recommender):
    alike = recommender.similar([108], 1)[0].anime.id
    pick = recommender.explain(BOTH, alike, Hints(more=(108,)))
    assert len(pick.reasons) > 1
    assert pick.low <= pick.predicted <= pick.high
    assert [r.anime_id for r in pick.hinted] == [108]
    assert set(pick.reasons) >= set(recommender.explain(BOTH, alike, most=1).reasons)
    seen = recommender.explain(BOTH, 100)
    assert 100 not in {r.anime_id for r in seen.reasons}
    assert recommender.explain(Profile(), 106).reasons == ()
    with pytest.raises(KeyError):
        recommender.explain(BOTH, 10**8)


def test_similar_anime_say_what_this_person_would_give_them(recommender):
    picks = recommender.similar([106], 5, profile=BOTH)
    assert ids(picks) == ids(recommender.similar([106], 5, profile=Profile(BOTH.entries[:1])))
    assert all(pick.low <= pick.predicted <= pick.high for pick in picks if not pick.is_new)
    assert all(pick.predicted is None for pick in recommender.similar([106], 5))


@given(
    more=st.lists(st.sampled_from([*IDS, 10**8]), max_size=20),
    less=st.lists(st.sampled_from([*IDS, 10**8]), max_size=20),
    muted=st.frozensets(st.sampled_from(IDS), max_size=6),
)
def test_any_wishes_give_picks_in_order_and_nothing_seen(recommender, more, less, muted):
    hints = Hints(tuple(more), tuple(less), muted)
    picks = recommender.recommend(BOTH, 8, hints=hints)
    assert len(picks) == 8
    assert not set(ids(picks)) & BOTH.anime_ids
    if muted < BOTH.anime_ids:
        scores = [pick.score for pick in picks]
        assert scores == sorted(scores, reverse=True)
