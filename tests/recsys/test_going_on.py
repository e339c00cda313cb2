"""What to go on with, what is closed, and what speaks against a pick."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.bundle import Bundle
from recsys.models.linear import LinearModel
from recsys.picks import Filters, Relaxation
from recsys.profile import Entry, Profile, Status
from recsys.recommender import Recommender
from tests.recsys.conftest import HENTAI, NEW_MECHA


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def franchises(picks):
    return {pick.anime.franchise for pick in picks}


def loves_mecha(*more):
    return Profile((Entry(100, 9), Entry(104, 10), Entry(108, 8), *more))


@pytest.mark.parametrize(
    "entry", [Entry(112, None, Status.DROPPED), Entry(112, None, Status.NOT_INTERESTED)]
)
def test_one_refused_entry_closes_its_whole_franchise(recommender, entry):
    assert 112 in franchises(recommender.recommend(loves_mecha(), k=100, started=True))
    refused = loves_mecha(entry)
    for picks in (
        recommender.recommend(refused, k=100, started=True),
        recommender.recommend(refused, k=100, planned=True),
        recommender.next(refused, k=100),
        recommender.similar([110], k=100, profile=refused),
    ):
        assert picks
        assert 112 not in franchises(picks)


def test_what_is_planned_comes_up_by_choice_alone(recommender):
    profile = loves_mecha(Entry(112, None, Status.PLANNED))
    assert 112 not in franchises(recommender.recommend(profile, k=100))
    chosen = recommender.recommend(profile, k=100, planned=True)
    assert 112 in {pick.anime.id for pick in chosen}


def test_what_was_dropped_is_never_the_reason(recommender):
    profile = loves_mecha(Entry(112, None, Status.DROPPED))
    for pick in recommender.recommend(profile, k=10):
        assert 112 not in {reason.anime_id for reason in pick.reasons}


def test_what_was_liked_goes_on_the_newest_of_equals_first(recommender):
    picks = recommender.next(loves_mecha(), k=10)
    assert {pick.anime.id for pick in picks} == {101, 105, 109}
    assert [p.score for p in picks] == sorted((p.score for p in picks), reverse=True)
    for pick in picks:
        assert pick.predicted <= pick.score <= pick.predicted + 1
        assert pick.reasons
    old, new = (
        recommender.next(Profile(order), k=10)
        for order in ((Entry(100, 9), Entry(104, 9)), (Entry(104, 9), Entry(100, 9)))
    )
    assert {p.anime.id: p.score for p in new}[101] > {p.anime.id: p.score for p in old}[101]


def test_what_was_disliked_or_put_aside_does_not_go_on(recommender):
    profile = loves_mecha(Entry(200, 3), Entry(202, None, Status.ON_HOLD), Entry(204, None))
    assert {pick.anime.id for pick in recommender.next(profile)} == {101, 105, 109, 205}


def test_a_planned_sequel_is_what_to_go_on_with(recommender):
    profile = loves_mecha(Entry(101, None, Status.PLANNED))
    assert 101 in {pick.anime.id for pick in recommender.next(profile)}
    assert recommender.next(profile, filters=Filters(types=frozenset({"TV"}))) == []
    assert recommender.next(Profile()) == []


def test_a_filter_that_leaves_nothing_says_what_to_give_up(recommender):
    stern = Filters(genres=frozenset({"Mecha"}), year_from=2090)
    assert recommender.recommend(loves_mecha(), filters=stern) == []
    # Ten franchises of mecha and a new one, less the three that were started.
    assert recommender.relax(loves_mecha(), stern) == Relaxation("year_from", None, 8)
    assert recommender.relax([100], stern) == Relaxation("year_from", None, 10)
    assert recommender.relax(loves_mecha(), Filters()) is None


def test_what_was_disliked_speaks_against_with_its_exact_term(recommender, bundle_path):
    profile = Profile((Entry(100, 9), Entry(200, 9), Entry(104, 2), Entry(108, 1)))
    model = LinearModel.load(Bundle.load(bundle_path))
    items = np.array([model.index_of(e.anime_id) for e in profile.entries])
    scores = np.array([e.score for e in profile.entries], np.float32)
    level = model.biases.mean + model.biases.of_user(items, scores) + model.biases.anime
    spoken = 0
    for pick in recommender.recommend(profile, k=20):
        target = model.index_of(pick.anime.id)
        if target is None:
            assert pick.against == ()
            continue
        (terms,) = model.answer(items, scores).rating_terms(np.arange(4), np.array([target]))
        whole = float(np.clip(level[target] + terms.sum(), 1, 10))
        assert whole == pytest.approx(pick.predicted, abs=1e-4)
        exact = dict(zip([e.anime_id for e in profile.entries], terms.tolist(), strict=True))
        for reason in pick.against:
            assert reason.anime_id in {104, 108}
            assert reason.contribution == pytest.approx(exact[reason.anime_id])
            assert reason.contribution < 0
            spoken += 1
    assert spoken


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from([*range(100, 120), *range(200, 220), NEW_MECHA, HENTAI, 424242]),
        st.one_of(st.none(), st.integers(1, 10)),
        st.sampled_from(Status),
    ),
    max_size=25,
    unique_by=lambda e: e.anime_id,
)


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.integers(1, 30))
def test_any_profile_goes_on_only_with_what_it_started_and_has_not_seen(recommender, entries, k):
    profile = Profile(tuple(entries))
    picks = recommender.next(profile, k=k)
    seen = {e.anime_id for e in entries if e.is_seen}
    catalog = recommender.catalog
    started = {catalog[i].franchise for i in seen if i in catalog}
    refused = {
        catalog[e.anime_id].franchise
        for e in entries
        if e.anime_id in catalog and e.status in (Status.DROPPED, Status.NOT_INTERESTED)
    }
    assert len(franchises(picks)) == len(picks) <= k
    assert franchises(picks) <= started - refused
    assert not seen & {pick.anime.id for pick in picks}
    for pick in recommender.recommend(profile, k=k, started=True, planned=True):
        assert pick.anime.franchise not in refused
        assert pick.anime.id not in seen
