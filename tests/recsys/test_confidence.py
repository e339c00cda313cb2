import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.__main__ import main
from recsys.profile import Entry, Profile
from recsys.ranking.confidence import (
    COVERAGE,
    FEATURES,
    SHIPPED,
    Confidence,
    fit_ends,
    fit_spread,
)
from recsys.recommender import Recommender
from tests.recsys.conftest import NEW_MECHA
from tests.recsys.training_data import write_ratings


@pytest.fixture(scope="session")
def recommender(bundle_path, catalog):
    return Recommender.load(bundle_path, catalog)


def described(m, seed):
    x = np.random.default_rng(seed).normal(size=(m, FEATURES))
    x[:, 0] = 1
    return x


def test_the_spread_of_errors_is_found_again():
    true = np.array([0.5, -0.3, 0.8, 0.0, -0.2, 0.1])
    x = described(20_000, 1)
    errors = np.random.default_rng(2).normal(size=len(x)) * np.exp(x @ true / 2)
    assert fit_spread(x, errors) == pytest.approx(true, abs=0.06)


def test_four_of_five_errors_fall_within_whatever_their_shape():
    rng = np.random.default_rng(3)
    x, weights = described(40_000, 4), (0.2, 0.3, 0.0, -0.4, 0.0, 0.0)
    spreads = np.exp(x @ np.array(weights) / 2)
    errors = (rng.exponential(size=len(x)) - 1) * spreads  # far from normal, and one-sided
    half = len(x) // 2
    below, above = fit_ends(spreads[:half], errors[:half])
    assert below < above
    inside = (errors > -below * spreads) & (errors < above * spreads)
    assert inside[half:].mean() == pytest.approx(COVERAGE, abs=0.01)


def test_numbers_of_another_version_are_refused():
    with pytest.raises(ValueError, match="2 weights"):
        Confidence((1.0, 2.0), 1.0, 1.0)


@given(
    st.lists(
        st.builds(Entry, st.sampled_from(range(100, 140)), st.integers(1, 10)),
        max_size=20,
        unique_by=lambda e: e.anime_id,
    )
)
def test_a_range_holds_its_prediction_and_lies_on_the_scale(recommender, entries):
    profile = Profile(tuple(entries))
    low, high = recommender.predict_range(profile, 310)
    assert 1 <= low <= recommender.predict(profile, 310) <= high <= 10
    for pick in recommender.recommend(profile, k=8):
        assert (pick.low is None) == (pick.high is None)
        if pick.low is not None:
            assert 1 <= pick.low <= pick.predicted <= pick.high <= 10


def test_a_range_narrows_as_more_is_known(recommender):
    def width(count):
        profile = Profile(tuple(Entry(100 + i, 9 - i % 2) for i in range(count)))
        low, high = recommender.predict_range(profile, 210)
        return high - low

    assert width(20) < width(2)


def test_what_nobody_has_rated_has_no_range(recommender):
    profile = Profile((Entry(100, 9),))
    assert recommender.predict_range(profile, NEW_MECHA) is None
    picks = recommender.recommend(profile, k=100)
    assert [p.low for p in picks if p.anime.id == NEW_MECHA] == [None]


def test_the_shipped_numbers_are_ranges():
    assert SHIPPED.below > 0
    assert SHIPPED.above > 0


def test_the_commands_print_what_dials_cost_and_how_many_ratings_fall_within(tmp_path, capsys):
    ratings = write_ratings(tmp_path / "ratings.parquet")
    files = ["--ratings", str(ratings), "--bundle", str(tmp_path / "bundle")]
    out = ["--out", files[-1], "--min-lists", "5", "--no-metrics"]
    assert main(["train", *files[:2], *out]) == 0
    assert main(["confidence", *files, "--learn"]) == 0
    printed = capsys.readouterr().out
    assert "SHIPPED = Confidence(weights=(" in printed
    assert "predicted from 5" in printed
    assert main(["dials", *files, "--people", "5"]) == 0
    assert "niche, half" in capsys.readouterr().out
