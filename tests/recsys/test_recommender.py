import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.bundle import Bundle, BundleError
from recsys.catalog import Anime, Catalog
from recsys.models.linear import LinearModel
from recsys.picks import Filters
from recsys.profile import Entry, Profile, Status
from recsys.recommender import Recommender
from tests.recsys.conftest import HENTAI, NEW_MECHA, NEW_ROMANCE


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def genre(pick):
    return pick.anime.genres[0]


def loves_mecha(*more):
    return Profile((Entry(100, 9), Entry(104, 10), Entry(108, 8), *more))


def test_similar_anime_share_the_taste_of_those_who_watched(recommender):
    picks = recommender.similar([202], k=5)
    assert [genre(p) for p in picks] == ["Romance"] * 5
    assert all("Romance" in p.shared for p in picks)


def test_similar_shows_one_entry_a_franchise_and_none_of_the_query(recommender):
    picks = recommender.similar([202, 104], k=30)
    franchises = [p.anime.franchise for p in picks]
    assert len(set(franchises)) == len(franchises)
    assert not {202, 104} & set(franchises)


def test_something_is_similar_to_an_anime_nobody_has_yet(recommender):
    picks = recommender.similar([NEW_ROMANCE], k=5)
    assert [genre(p) for p in picks] == ["Romance"] * 5


def test_an_anime_nobody_has_yet_can_be_picked_and_says_so(recommender):
    picks = recommender.recommend(loves_mecha(), k=3, filters=Filters(year_from=2020))
    assert picks[0].anime.id == NEW_MECHA
    assert picks[0].is_new
    assert {r.anime_id for r in picks[0].reasons} <= {100, 104, 108}
    assert {p.anime.id for p in picks} == {NEW_MECHA, NEW_ROMANCE}


def test_an_unknown_id_is_a_key_error(recommender):
    with pytest.raises(KeyError):
        recommender.similar([424242])
    with pytest.raises(KeyError):
        recommender.predict(Profile(), 424242)


def test_personal_picks_follow_the_taste_and_are_rated_high(recommender):
    picks = recommender.recommend(loves_mecha(), k=5)
    assert [genre(p) for p in picks] == ["Mecha"] * 5
    assert all(p.predicted is not None and p.predicted > 7 for p in picks)


def test_nothing_that_the_profile_has_is_picked_whatever_its_status(recommender):
    more = [Entry(102, None, s) for s in (Status.PLANNED,)]
    more += [Entry(110, None, Status.NOT_INTERESTED), Entry(112, 3, Status.DROPPED)]
    profile = loves_mecha(*more)
    picks = recommender.recommend(profile, k=100, started=True)
    assert not profile.anime_ids & {p.anime.id for p in picks}


def test_a_started_franchise_comes_up_only_when_asked_for(recommender):
    started = {100, 104, 108}
    plain = recommender.recommend(loves_mecha(), k=100)
    assert not started & {p.anime.franchise for p in plain}
    sequels = recommender.recommend(loves_mecha(), k=100, started=True)
    assert started <= {p.anime.franchise for p in sequels}


def test_a_newcomer_is_sent_to_the_beginning_of_a_franchise(recommender):
    for pick in recommender.recommend(loves_mecha(), k=10):
        assert pick.anime.order == 0


def test_the_reasons_are_the_exact_parts_of_the_models_score(recommender, bundle_path):
    profile = loves_mecha(Entry(205, 4))
    model = LinearModel.load(Bundle.load(bundle_path))
    items = np.array([model.index_of(e.anime_id) for e in profile.entries])
    for pick in recommender.recommend(profile, k=5):
        parts = model.contributions(items, model.index_of(pick.anime.id))
        exact = dict(zip([e.anime_id for e in profile.entries], parts.tolist(), strict=True))
        assert pick.reasons
        for reason in pick.reasons:
            assert reason.contribution == pytest.approx(exact[reason.anime_id])
        assert sum(parts) == pytest.approx(
            float(model.presence(items)[model.index_of(pick.anime.id)]), rel=1e-4
        )


def test_what_was_disliked_is_never_given_as_the_reason(recommender):
    profile = loves_mecha(Entry(200, 2), Entry(203, 3))
    for pick in recommender.recommend(profile, k=10):
        assert not {200, 203} & {r.anime_id for r in pick.reasons}
    only_bad = Profile((Entry(200, 2), Entry(203, 3)))
    assert all(pick.reasons == () for pick in recommender.recommend(only_bad, k=10))


def test_leaving_a_reason_out_changes_the_picks_score(recommender):
    profile = loves_mecha()
    first = recommender.recommend(profile, k=1)[0]
    without = profile.without(frozenset({first.reasons[0].anime_id}))
    assert len(without.entries) == len(profile.entries) - 1
    again = {p.anime.id: p.score for p in recommender.recommend(without, k=50)}
    assert again.get(first.anime.id) != first.score


def test_adult_titles_appear_only_when_asked_for(recommender):
    profile = loves_mecha()
    assert HENTAI not in {p.anime.id for p in recommender.recommend(profile, k=100)}
    asked = recommender.recommend(profile, k=100, filters=Filters(adult=True))
    assert HENTAI in {p.anime.id for p in asked}


def test_a_newcomer_gets_loved_starting_points_that_differ(recommender):
    picks = recommender.recommend(Profile(), k=6)
    assert {genre(p) for p in picks[:3]} == {"Mecha", "Romance", "Sports"}
    assert all(p.predicted is None and p.reasons == () for p in picks)


def test_starting_points_are_everybodys_own_and_heed_the_filters(recommender):
    picks = recommender.recommend(Profile(), k=6)
    kept = list(picks)
    picks.clear()  # whoever shuffles their list leaves the next newcomer's alone
    assert recommender.recommend(Profile(), k=6) == kept
    assert recommender.recommend(Profile(), k=2) == kept[:2]
    found = recommender.recommend(Profile(), k=6, filters=Filters(genres=frozenset({"Romance"})))
    assert {genre(pick) for pick in found} == {"Romance"}
    assert recommender.recommend(Profile(), k=6) == kept


def test_a_profile_of_plans_alone_gets_starting_points_without_them(recommender):
    plans = Profile(tuple(Entry(100 + i, None, Status.PLANNED) for i in range(0, 20, 2)))
    picks = recommender.recommend(plans, k=5)
    assert picks
    assert not plans.anime_ids & {p.anime.id for p in picks}


def test_a_profile_of_anime_nobody_has_yet_gets_picks_like_it(recommender):
    picks = recommender.recommend(Profile((Entry(NEW_ROMANCE, 10),)), k=4)
    assert [genre(p) for p in picks] == ["Romance"] * 4


def test_predictions_tell_the_loved_genre_from_the_other(recommender):
    profile = loves_mecha(Entry(200, 3), Entry(204, 4))
    assert recommender.predict(profile, 110) > recommender.predict(profile, 210)
    assert 1 <= recommender.predict(profile, NEW_MECHA) <= 10


def test_entries_that_the_catalog_does_not_have_are_passed_over(recommender):
    odd = Profile((Entry(424242, 10), *loves_mecha().entries))
    assert recommender.recommend(odd, k=5) == recommender.recommend(loves_mecha(), k=5)


def test_filters_that_leave_nothing_give_nothing(recommender):
    nothing = Filters(year_from=2090)
    assert recommender.recommend(loves_mecha(), filters=nothing) == []
    assert recommender.recommend(Profile(), filters=nothing) == []
    assert recommender.similar([100], filters=nothing) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            Entry,
            st.sampled_from([*range(100, 120), *range(200, 220), NEW_MECHA, HENTAI, 424242]),
            st.one_of(st.none(), st.integers(1, 10)),
            st.sampled_from(Status),
        ),
        max_size=25,
        unique_by=lambda e: e.anime_id,
    ),
    st.integers(1, 30),
)
def test_any_profile_gets_distinct_fresh_finite_picks_best_first(recommender, entries, k):
    profile = Profile(tuple(entries))
    picks = recommender.recommend(profile, k=k)
    ids = [p.anime.id for p in picks]
    assert len(ids) == len(set(ids)) <= k
    assert not profile.anime_ids & set(ids)
    assert all(np.isfinite(p.score) for p in picks)
    assert all(p.predicted is None or 1 <= p.predicted <= 10 for p in picks)
    if any(e.is_seen for e in entries if e.anime_id != 424242):
        scores = [p.score for p in picks]
        assert scores == sorted(scores, reverse=True)


def test_equal_requests_get_equal_answers(recommender):
    assert recommender.recommend(loves_mecha(), k=9) == recommender.recommend(loves_mecha(), k=9)


def test_anime_that_only_the_bundle_knows_are_never_shown(bundle_path, catalog):
    few = Catalog([a for a in catalog if a.id not in {102, 106}])
    picks = Recommender.load(bundle_path, few).recommend(loves_mecha(), k=100)
    assert not {102, 106} & {p.anime.id for p in picks}


def test_a_bundle_with_one_flipped_byte_is_refused_with_a_sentence(bundle_path, catalog, tmp_path):
    for file in bundle_path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = max(tmp_path.glob("*.safetensors"), key=lambda f: f.stat().st_size)
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with pytest.raises(BundleError, match="damaged"):
        Recommender.load(tmp_path, catalog)


def test_a_catalog_of_strangers_still_answers(bundle_path):
    lonely = Catalog(
        [Anime(5000, "Alone", genres=("Drama",), mean=7), Anime(5001, "Also alone", mean=7)]
    )
    recommender = Recommender.load(bundle_path, lonely)
    assert [p.anime.id for p in recommender.similar([5000])] == [5001]
    assert [p.anime.id for p in recommender.recommend(Profile((Entry(5000, 9),)))] == [5001]
