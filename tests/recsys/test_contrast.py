import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.picks import Filters
from recsys.profile import Entry, Profile, Status
from recsys.recommender import Recommender
from tests.recsys.conftest import HENTAI, NEW_MECHA

IDS = [*range(100, 120), *range(200, 220), *range(300, 320), NEW_MECHA]


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def genres(picks):
    return {pick.anime.genres[0] for pick in picks}


def test_the_opposite_is_of_another_kind_and_well_loved(recommender):
    picks = recommender.opposite([100], k=5)
    assert "Mecha" not in genres(picks)
    usual = np.quantile([a.mean for a in recommender.catalog if a.mean], 0.25)
    assert all(pick.anime.mean >= usual for pick in picks)
    assert [p.score for p in picks] == sorted((p.score for p in picks), reverse=True)


def test_something_nobody_has_yet_has_an_opposite_too(recommender):
    assert "Mecha" not in genres(recommender.opposite([NEW_MECHA], k=3))


def test_a_blend_has_something_of_each_and_less_of_what_is_not_wanted(recommender):
    both = recommender.blend([100, 200], k=40)
    assert {"Mecha", "Romance"} <= genres(both[:12])
    less = recommender.blend([100, 200], [300], k=10)
    assert "Sports" not in genres(less)

    def romance(picks):
        return sum(genres([pick]) == {"Romance"} for pick in picks)

    assert romance(recommender.blend([100, 200], [206], k=6)) < romance(both[:6])


def test_neither_shows_what_was_given_or_refused(recommender):
    refused = Profile((Entry(210, None, Status.NOT_INTERESTED), Entry(310, 2, Status.DROPPED)))
    for picks in (
        recommender.opposite([100], k=100, profile=refused),
        recommender.blend([100, 200], [300], k=100, profile=refused),
    ):
        assert not {100, 210, 310} & {p.anime.franchise for p in picks}
    shown = {p.anime.franchise for p in recommender.blend([100, 200], [300], k=100)}
    assert not {100, 200, 300} & shown


def test_nothing_given_gives_nothing_and_strangers_are_key_errors(recommender):
    assert recommender.opposite([]) == recommender.blend([], [100]) == []
    with pytest.raises(KeyError):
        recommender.opposite([424242])
    with pytest.raises(KeyError):
        recommender.blend([100], [424242])


@given(
    st.lists(st.sampled_from(IDS), min_size=1, max_size=3),
    st.lists(st.sampled_from(IDS), max_size=2),
    st.integers(1, 30),
)
def test_picks_are_finite_distinct_and_fit_for_everybody(recommender, like, less, k):
    filters = Filters(types=frozenset({"TV"}))
    for picks in (
        recommender.opposite(like, k, filters),
        recommender.blend(like, less, k, filters),
    ):
        ids = [pick.anime.id for pick in picks]
        assert len(ids) == len(set(ids)) <= k
        assert HENTAI not in ids
        assert not set(like) & set(ids)
        assert all(np.isfinite(p.score) and p.anime.type == "TV" for p in picks)
